"""Knows the photos handed over with a form: those that wait in one's tray, and files sent along."""

from uuid import NAMESPACE_OID, uuid5

from flask import request

from tracker.access.gate import current_actor, demand
from tracker.access.permissions import Permission
from tracker.errors import Invalid
from tracker.evidence import operations as evidence
from tracker.evidence.images import MAX_BYTES
from tracker.storage.receipts import parse_uuid
from tracker.tasks.photo_views import store

#: Photos of one form and kind.
MAX_PHOTOS = 9


def listed(name: str) -> list[str]:
    """The photos' UUIDs under `name`, each once, in order; what is no UUID is left out."""
    found = []
    for text in request.form.getlist(name)[: 4 * MAX_PHOTOS]:
        try:
            found.append(parse_uuid(text))
        except Invalid:
            continue
    return list(dict.fromkeys(found))


def take_files(name: str, uuids: list[str], *, request_uuid: str) -> None:
    """Put files that came with the form itself (a browser without scripts) into the tray.

    Their UUIDs are added to `uuids` one by one, so that those before a refused file stay.
    Raises what `evidence.operations.take` raises.
    """
    owner_id = current_actor().user_id
    files = [file for file in request.files.getlist(f"{name}_files") if file.filename]
    if not files or owner_id is None:
        return
    demand(Permission.PHOTO_ADD)
    for file in files[:MAX_PHOTOS]:
        data = file.stream.read(MAX_BYTES + 1)
        # made from the request, so that a resend finds the photos of the first try
        uuid = str(uuid5(NAMESPACE_OID, f"{request_uuid} {name} {len(uuids)}"))
        uuids.append(evidence.take(data, uuid=uuid, owner_id=owner_id, store=store()).uuid)

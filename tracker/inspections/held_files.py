"""Knows how an outbox file that somebody brings to the office is taken in: each item once, photos checked."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.audit import operations as audit
from tracker.errors import Fault, Invalid, StorageFull, Unavailable
from tracker.evidence.images import MAX_BYTES, decode
from tracker.evidence.store import PhotoStore
from tracker.inspections import deposits, intake
from tracker.inspections.held import FROM_FILE, NOT_PROVEN
from tracker.inspections.intake_reading import Item, is_hash, parse, read_item
from tracker.inspections.uploads import PhotoFacts, facts_of
from tracker.people.models import User
from tracker.storage.db import db
from tracker.storage.receipts import Receipt
from tracker.storage.unit_of_work import unit_of_work
from tracker.texts import N_

#: The form of the file, and its largest size in bytes.
FORMAT = "tracker-outbox/1"
MAX_FILE = 64 * 1024 * 1024
#: Items of one file.
MAX_ITEMS = 2000


@dataclass
class Taken:
    """What became of a file; `refused` pairs a place in the file with the fault."""

    person: str = ""
    proven: bool = False
    held: int = 0
    known: int = 0
    refused: list[tuple[int, Fault]] = field(default_factory=list)


def take_in(data: bytes, *, actor: Actor, store: PhotoStore) -> Taken:
    """Hold every item of an outbox file under its person's name, once.

    Each item stands for itself: one that is unusable does not keep out the others. Raises Invalid
    for a file that is none, or names no known account; StorageFull, Unavailable.
    """
    sent = _outbox(data)
    session = db.session()
    user = _person(session, sent.get("user"))
    digests = [_digest(one) for one in sent["items"]]
    seal = sent.get("seal")
    taken = Taken(person=user.name)
    taken.proven = isinstance(seal, str) and deposits.proves(session, user.id, digests, seal)
    photos = _Photos(sent["photos"], store)
    reason, user_id = FROM_FILE if taken.proven else NOT_PROVEN, user.id
    for place, one in enumerate(sent["items"], 1):
        try:
            _take(read_item(one), user_id, reason, photos, taken)
        except (StorageFull, Unavailable):
            raise
        except Fault as fault:
            db.session.rollback()
            taken.refused.append((place, fault))
    with unit_of_work():
        audit.record(
            "held.import", actor=actor, object=taken.person, rows=taken.held, proven=taken.proven
        )
    return taken


def _take(item: Item, user_id: int, reason: str, photos: "_Photos", taken: Taken) -> None:
    if db.session.get(Receipt, item.uuid) is None:
        for photo in item.photos:
            photos.keep(photo.sha256)
        intake.leave(item, user_id=user_id, facts_of=photos.facts, reason=reason, came_by="file")
        taken.held += 1
    else:
        intake.leave(item, user_id=user_id, facts_of=photos.facts, reason=reason, came_by="file")
        taken.known += 1


def _outbox(data: bytes) -> dict[str, Any]:
    refused = Invalid(N_("这不是手机导出的文件，请重新选择。"), field="file")
    if len(data) > MAX_FILE:
        raise Invalid(N_("文件超过 64 MB，请在手机上分批导出。"), field="file")
    sent = parse(data)
    if not isinstance(sent, dict) or sent.get("format") != FORMAT:
        raise refused
    sent.setdefault("photos", {})
    if not isinstance(sent.get("items"), list) or not isinstance(sent["photos"], dict):
        raise refused
    if not sent["items"] or len(sent["items"]) > MAX_ITEMS:
        raise Invalid(N_("文件里没有可补录的内容，或内容过多。"), field="file")
    return sent


def _person(session: Session, said: Any) -> User:
    given: Mapping[str, Any] = said if isinstance(said, dict) else {}
    name = given.get("username")
    user = session.scalar(select(User).where(User.username == str(name)[:50])) if name else None
    if user is None or given.get("id") != user.id:
        raise Invalid(N_("文件里的账号在本系统中不存在，请核对文件来源。"), field="file")
    return user


def _digest(item: Any) -> str:
    """SHA-256 of the item as a script writes it: `JSON.stringify`, keys in the order sent."""
    text = json.dumps(item, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class _Photos:
    """The photos of a file, decoded and kept when an item asks for them."""

    def __init__(self, sent: Mapping[str, Any], store: PhotoStore) -> None:
        self._sent, self._store = sent, store
        self._known: dict[str, PhotoFacts] = {}

    def facts(self, sha256: str) -> PhotoFacts | None:
        return self._known.get(sha256)

    def keep(self, sha256: str) -> None:
        """Check and store one photo; a missing one stays missing. Raises Invalid."""
        text = self._sent.get(sha256)
        if sha256 in self._known or not isinstance(text, str) or not is_hash(sha256):
            return
        if len(text) > MAX_BYTES * 4 // 3 + 4:
            raise Invalid(N_("照片文件超过 20 MB 或长度不符。请缩小后重新上传。"), field="photo")
        try:
            data = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            data = b""
        if hashlib.sha256(data).hexdigest() != sha256:
            raise Invalid(N_("文件里有一张照片已损坏。"), field="photo")
        picture = decode(data)
        self._store.keep(picture, data)
        self._known[sha256] = facts_of(picture, len(data))

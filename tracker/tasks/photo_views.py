"""Photos over HTTP: into one's tray, out of it, and shown to whoever may see their task."""

from flask import Blueprint, Response, abort, current_app, jsonify, make_response, request, url_for
from sqlalchemy import or_, select

from tracker.access.gate import current_actor, demand, requires
from tracker.access.permissions import Permission
from tracker.errors import Invalid, NotFound
from tracker.evidence import operations, queries
from tracker.evidence.images import MAX_BYTES
from tracker.evidence.models import Phase, Photo
from tracker.evidence.store import PhotoStore, Size, open_store
from tracker.storage.db import db
from tracker.storage.receipts import parse_uuid
from tracker.tasks import after_photos
from tracker.tasks.models import Task
from tracker.tasks.queries import visible, visible_to
from tracker.texts import N_
from tracker.web.filters import moment

blueprint = Blueprint("photos", __name__, url_prefix="/photos")

#: Nothing inside an answered picture may run or load anything, whatever a browser takes it for.
_SEALED = "sandbox; default-src 'none'"


def store() -> PhotoStore:
    """The photo store of this installation."""
    opened = current_app.extensions.get("photo_store")
    if opened is None:
        opened = open_store(current_app.config["SETTINGS"].effective_photo_url)
        current_app.extensions["photo_store"] = opened
    kept: PhotoStore = opened
    return kept


@blueprint.post("/")
@requires(Permission.PHOTO_ADD)
def add() -> Response:
    """Take one photo (field `photo`, the client's `uuid`) into one's tray."""
    sent = request.files.get("photo")
    if sent is None:
        raise Invalid(N_("没有收到照片文件，请重新选择。"), field="photo")
    uuid = parse_uuid(request.form.get("uuid"))
    photo = operations.take(
        sent.stream.read(MAX_BYTES + 1), uuid=uuid, owner_id=_own_id(), store=store()
    )
    return jsonify({**described(photo), "evidence": _evidence(photo)})


def _evidence(photo: Photo) -> dict[str, object] | None:
    """What speaks for or against the photo as proof for the task (`task`, `phase`) it is meant for."""
    number, phase = request.form.get("task"), request.form.get("phase")
    if not number or phase not in after_photos.PROOF:
        return None
    actor, session = current_actor(), db.session()
    task = session.scalar(visible_to(actor).where(Task.number == number))
    if task is None:
        return None
    found = after_photos.check_new(session, task, photo, phase=Phase(phase), actor=actor)
    return {"level": found.level.value, "label": found.label, "reasons": list(found.reasons)}


@blueprint.delete("/<uuid>")
@requires(Permission.PHOTO_ADD)
def remove(uuid: str) -> Response:
    """Take a photo out of one's own tray."""
    operations.discard(uuid, owner_id=_own_id())
    return make_response("", 204)


@blueprint.get("/<uuid>/<size>")
@requires(Permission.SIGNED_IN)
def show(uuid: str, size: str) -> Response:
    """One form of a photo, to whoever may see its task; the original to evidence keepers only."""
    if size not in tuple(Size):
        abort(404)
    photo, task = _visible(uuid)
    if size == Size.ORIGINAL:
        demand(Permission.PHOTO_ORIGINAL, task if task is not None else _Nowhere)
    return served(photo, size)


def served(photo: Photo, size: str) -> Response:
    """One form of a photo that the caller has found visible; 304 when the browser has it."""
    response = make_response()
    response.set_etag(photo.sha256)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Security-Policy"] = _SEALED
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.make_conditional(request)
    if response.status_code == 304:
        return response
    response.set_data(store().read(photo.sha256, size))
    response.headers["Content-Type"] = "image/jpeg"
    if size == Size.ORIGINAL:
        response.headers["Content-Type"] = "application/octet-stream"
        response.headers["Content-Disposition"] = f'attachment; filename="{_file_name(photo)}"'
    return response


class _Nowhere:
    """Where a photo in a tray lies: in no area, so that no jurisdiction covers it."""

    grid_code = community_code = town_code = district_code = None


def described(photo: Photo) -> dict[str, object]:
    """A photo of one's own tray as the picker reads it; positions WGS-84 degrees.

    `seen_before` names the visible tasks that already show the same file, `seen_elsewhere`
    says whether others do: a hint for the person, never a refusal.
    """
    elsewhere = queries.tasks_with(db.session(), photo.sha256, besides=photo.uuid)
    numbers = list(
        db.session.scalars(
            select(Task.number)
            .where(Task.id.in_(elsewhere), visible(current_actor()))
            .order_by(Task.number)
        )
    )
    return {
        "uuid": photo.uuid,
        "thumb_url": url_for("photos.show", uuid=photo.uuid, size=Size.THUMB.value),
        "taken_at": photo.taken_at.isoformat() if photo.taken_at else None,
        "taken_text": moment(photo.taken_at) if photo.taken_at else None,
        "lon": photo.taken_lon,
        "lat": photo.taken_lat,
        "width": photo.width,
        "height": photo.height,
        "seen_before": numbers,
        "seen_elsewhere": len(elsewhere) > len(numbers),
    }


def _own_id() -> int:
    owner_id = current_actor().user_id
    assert owner_id is not None
    return owner_id


def _visible(uuid: str) -> tuple[Photo, Task | None]:
    """A photo of a visible task or of one's own tray. Raises NotFound for everything else."""
    actor = current_actor()
    row = db.session.execute(
        select(Photo, Task)
        .outerjoin(Task, Task.id == Photo.task_id)
        .where(
            Photo.uuid == uuid,
            or_(
                Photo.task_id.is_not(None) & visible(actor),
                queries.in_tray() & (Photo.owner_id == actor.user_id),
            ),
        )
    ).first()
    if row is None:
        raise NotFound(N_("没有这张照片，或您无权查看。"))
    return row[0], row[1]


_EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/heic": "heic"}


def _file_name(photo: Photo) -> str:
    return f"{photo.sha256[:16]}.{_EXTENSIONS.get(photo.mime, 'bin')}"

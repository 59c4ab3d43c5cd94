"""Knows how a photo enters its owner's tray and leaves it again."""

import hashlib

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker import clock
from tracker.errors import Conflict, Invalid, NotFound
from tracker.evidence.images import Picture, decode
from tracker.evidence.models import Photo
from tracker.evidence.queries import in_tray
from tracker.evidence.store import PhotoStore
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.texts import N_

#: Photos that may wait in one person's tray: several forms of nine, and no store of one's own.
MAX_WAITING = 60

_REUSED = N_("这个照片编号已用于另一张照片。请移除后重新添加。")
_GONE = N_("没有这张照片，或您无权操作。")


def take(data: bytes, *, uuid: str, owner_id: int, store: PhotoStore) -> Photo:
    """Keep a photo in the owner's tray; a resend of the same UUID and bytes finds the first row.

    The file is durable before the row exists, so no row ever names a missing file. Decoding
    happens before the database is locked. Raises Invalid, StorageFull, or Conflict when the UUID
    stands for another photo or another owner.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    kept = _earlier(db.session(), uuid, sha256, owner_id)
    if kept is not None:
        return kept
    picture = decode(data)
    store.keep(picture, data)
    try:
        with unit_of_work() as session:
            kept = _earlier(session, uuid, sha256, owner_id)
            if kept is None:
                _check_room(session, owner_id)
                kept = _row(picture, uuid, owner_id)
                session.add(kept)
    except IntegrityError as race:
        kept = _earlier(db.session(), uuid, sha256, owner_id)
        if kept is None:
            raise Conflict(_REUSED, code="photo_reused") from race
    return kept


def discard(uuid: str, *, owner_id: int) -> None:
    """Take a photo out of the owner's tray. The file stays: others may show the same bytes.

    Raises NotFound when there is no such photo in this tray, Conflict when a task has it.
    """
    with unit_of_work() as session:
        photo = session.get(Photo, uuid)
        if photo is None or photo.owner_id != owner_id:
            raise NotFound(_GONE)
        if photo.task_id is not None or photo.answer_id is not None:
            raise Conflict(N_("照片已随任务或检查提交，不能删除。"), code="photo_attached")
        session.delete(photo)


def _check_room(session: Session, owner_id: int) -> None:
    waiting = session.scalar(
        select(func.count()).select_from(Photo).where(Photo.owner_id == owner_id, in_tray())
    )
    if (waiting or 0) >= MAX_WAITING:
        raise Invalid(
            N_("您还有 %(n)d 张未提交的照片，请先提交或移除后再添加。"),
            field="photo",
            n=MAX_WAITING,
        )


def _earlier(session: Session, uuid: str, sha256: str, owner_id: int) -> Photo | None:
    photo = session.get(Photo, uuid)
    if photo is not None and (photo.sha256 != sha256 or photo.owner_id != owner_id):
        raise Conflict(_REUSED, code="photo_reused")
    return photo


def _row(picture: Picture, uuid: str, owner_id: int) -> Photo:
    position = picture.position
    return Photo(
        uuid=uuid,
        sha256=picture.sha256,
        owner_id=owner_id,
        mime=picture.mime,
        width=picture.width,
        height=picture.height,
        phash=picture.phash,
        taken_at=picture.taken_at,
        taken_lon=position.lon if position else None,
        taken_lat=position.lat if position else None,
        received_at=clock.now(),
    )

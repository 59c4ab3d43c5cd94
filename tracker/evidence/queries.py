"""Names the SELECTs on photos."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from tracker.evidence.models import Photo


def in_tray() -> ColumnElement[bool]:
    """Photos that neither a task nor an answer of an inspection has: their owner's alone."""
    return and_(Photo.task_id.is_(None), Photo.answer_id.is_(None))


def tray(session: Session, uuids: Sequence[str], *, owner_id: int | None) -> list[Photo]:
    """Those of `uuids` that wait in the owner's tray, in the order given."""
    if not uuids or owner_id is None:
        return []
    found = {
        photo.uuid: photo
        for photo in session.scalars(
            select(Photo).where(Photo.uuid.in_(list(uuids)), Photo.owner_id == owner_id, in_tray())
        )
    }
    return [found[uuid] for uuid in uuids if uuid in found]


def tasks_with(session: Session, sha256: str, *, besides: str = "") -> list[int]:
    """Ids of the tasks that already show this very file; `besides` is a photo not to count."""
    rows = session.scalars(
        select(Photo.task_id)
        .where(Photo.sha256 == sha256, Photo.task_id.is_not(None), Photo.uuid != besides)
        .distinct()
        .order_by(Photo.task_id)
    )
    return [task_id for task_id in rows if task_id is not None]

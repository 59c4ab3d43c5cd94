"""Knows how a database from before the quarters of hashes comes to have them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from tracker.evidence.models import Photo, PhotoBand, quarters
from tracker.storage.unit_of_work import unit_of_work

#: Photos read at once.
_BATCH = 1000
_WHOLE = (1 << 64) - 1


def fill_missing() -> int:
    """Cut the hashes of a database that is older than the quarters; how many photos.

    It does nothing once there is any quarter, and is one transaction: all photos or none. A hash
    that is not half ones comes from a picture without content (black, one colour): it is taken
    back, as `likeness` gives such a picture none today.
    """
    filled, last = 0, ""
    with unit_of_work() as session:
        if session.scalar(select(PhotoBand.key).limit(1)) is not None:
            return 0
        while found := _after(session, last):
            last = found[-1].uuid
            session.execute(
                update(Photo)
                .where(Photo.uuid.in_([row.uuid for row in found if not _is_telling(row.phash)]))
                .values(phash=None)
            )
            rows = [
                quarter
                for row in found
                if _is_telling(row.phash)
                for quarter in quarters(row.uuid, row.phash)
            ]
            if rows:
                session.execute(insert(PhotoBand), rows)
            filled += len(rows) // 4
    return filled


def _after(session: Session, uuid: str) -> Sequence[Row[*tuple[Any, ...]]]:
    return session.execute(
        select(Photo.uuid, Photo.phash)
        .where(Photo.uuid > uuid, Photo.phash.is_not(None))
        .order_by(Photo.uuid)
        .limit(_BATCH)
    ).all()


def _is_telling(phash: int) -> bool:
    return (phash & _WHOLE).bit_count() == _WHOLE.bit_count() // 2

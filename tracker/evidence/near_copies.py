"""Finds the earlier photos that a photo repeats: the same file, or a picture that looks the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, or_, select
from sqlalchemy.orm import Session

from tracker.evidence.bands import LIMIT, probes_of
from tracker.evidence.likeness import difference
from tracker.evidence.models import Photo, PhotoBand

#: Photos compared bit by bit for one photo at most. Chance brings about 68 candidates per 65,536
#: photos kept, so only a flood of one picture comes near it, and then enough of it is found.
MAX_CANDIDATES = 2000

#: What is read of an earlier photo.
_COLUMNS = (
    Photo.uuid, Photo.task_id, Photo.event_id, Photo.answer_id, Photo.phase, Photo.sha256,
    Photo.phash,
)  # fmt: skip


@dataclass(frozen=True)
class Copy:
    """An earlier photo that shows the same; of a task, or of an answer of an inspection."""

    uuid: str
    task_id: int | None
    event_id: int | None
    answer_id: int | None
    phase: str | None
    #: the very same bytes
    is_same_file: bool
    #: bits of 64 that differ, 0 to `bands.LIMIT`
    bits: int


def copies_of(session: Session, photo: Photo) -> list[Copy]:
    """Earlier photos in use that repeat `photo`, the likest first; photos in trays do not count.

    Photos of the same step do not repeat each other: a person takes several of one scene. The
    same file counts only with the same moment of taking, which lies in its bytes; rows whose
    moments differ are drawings that stand for many photos (the demo's).
    """
    earlier = _in_use_before(photo)
    same = select(*_COLUMNS).where(
        Photo.sha256 == photo.sha256, Photo.taken_at.is_not_distinct_from(photo.taken_at), earlier
    )
    found = [
        _copy(row, 0, is_same_file=True) for row in session.execute(same.limit(MAX_CANDIDATES))
    ]
    if photo.phash is not None:
        for row in session.execute(candidates(photo.phash).where(earlier)):
            bits = difference(photo.phash, row.phash)
            if bits <= LIMIT and row.sha256 != photo.sha256:
                found.append(_copy(row, bits, is_same_file=False))
    return sorted(found, key=lambda copy: (not copy.is_same_file, copy.bits, copy.uuid))


def copies_of_each(session: Session, photos: Sequence[Photo]) -> dict[str, list[Copy]]:
    """What `copies_of` finds for each photo, by its uuid, in two queries however many they are."""
    columns = (*_COLUMNS, Photo.taken_at, Photo.received_at)
    in_use = or_(Photo.task_id.is_not(None), Photo.answer_id.is_not(None))
    most = MAX_CANDIDATES * len(photos)
    same = select(*columns).where(Photo.sha256.in_({one.sha256 for one in photos}), in_use)
    keys = {key for one in photos if one.phash is not None for key in probes_of(one.phash)}
    near = select(PhotoBand.photo_uuid).where(PhotoBand.key.in_(keys)).distinct().limit(most)
    like = select(*columns).where(Photo.uuid.in_(near), Photo.phash.is_not(None), in_use)
    alike = session.execute(same.limit(most)).all() if photos else []
    looking = session.execute(like).all() if keys else []
    return {
        one.uuid: sorted(
            [_copy(row, 0, is_same_file=True) for row in alike if _is_same(one, row)]
            + [
                _copy(row, bits, is_same_file=False)
                for row in looking
                if one.phash is not None
                and row.sha256 != one.sha256
                and (bits := difference(one.phash, row.phash)) <= LIMIT
                and _is_before(one, row)
            ],
            key=lambda copy: (not copy.is_same_file, copy.bits, copy.uuid),
        )
        for one in photos
    }


def _is_same(photo: Photo, row: Row[*tuple[Any, ...]]) -> bool:
    same = row.sha256 == photo.sha256 and row.taken_at == photo.taken_at
    return same and _is_before(photo, row)


def _is_before(photo: Photo, row: Row[*tuple[Any, ...]]) -> bool:
    """What `_in_use_before` asks, of a row in use."""
    of_own_step = photo.event_id is not None and row.event_id == photo.event_id
    return row.uuid != photo.uuid and row.received_at <= photo.received_at and not of_own_step


def candidates(phash: int) -> Select[*tuple[Any, ...]]:
    """Photos that share a quarter with `phash` but for one bit at most: 68 looks into one index."""
    near = (
        select(PhotoBand.photo_uuid)
        .where(PhotoBand.key.in_(probes_of(phash)))
        .distinct()
        .limit(MAX_CANDIDATES)
    )
    return select(*_COLUMNS).where(Photo.uuid.in_(near), Photo.phash.is_not(None))


def _in_use_before(photo: Photo) -> ColumnElement[bool]:
    """Not this one, not of its step, no later, and shown by a task or an answer."""
    clause = (Photo.uuid != photo.uuid) & (Photo.received_at <= photo.received_at)
    clause &= or_(Photo.task_id.is_not(None), Photo.answer_id.is_not(None))
    if photo.event_id is not None:
        clause &= or_(Photo.event_id.is_(None), Photo.event_id != photo.event_id)
    return clause


def _copy(row: Row[*tuple[Any, ...]], bits: int, *, is_same_file: bool) -> Copy:
    return Copy(
        uuid=row.uuid,
        task_id=row.task_id,
        event_id=row.event_id,
        answer_id=row.answer_id,
        phase=row.phase,
        is_same_file=is_same_file,
        bits=bits,
    )

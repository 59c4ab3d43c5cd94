"""Knows the before/after wall: rectified tasks with both photos, the newest closing first, paged by key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from tracker.access.actor import Actor
from tracker.clock import CITY_ZONE
from tracker.errors import Invalid
from tracker.evidence.models import Phase, Photo
from tracker.places.models import Area, Level
from tracker.progress.chosen import Chosen
from tracker.tasks import after_photos, filters, presenting
from tracker.tasks.evidence_checks import Level as Weight
from tracker.tasks.models import Task
from tracker.tasks.presenting import TaskRow
from tracker.tasks.queries import COLUMN_OF
from tracker.tasks.states import RECTIFIED
from tracker.texts import N_
from tracker.web.paging import Page, pack, unpack

#: Two printed pages of six.
PAGE_SIZE = 12
#: So many closings of a kind are looked through before a page ends, however few it found.
SCAN = 5000
#: Longest period, days.
LONGEST = 366

#: A task as its index of closings has it: its photos are looked for before its row is read.
_WALKED = aliased(Task)


@dataclass(frozen=True)
class WallCard:
    """One task with the first photo before the work and the newest after it."""

    task: TaskRow
    before: str
    after: str
    closed_at: datetime
    #: from the report to the closing
    took: timedelta
    #: how much speaks against the photo after the work as proof
    evidence: Weight


def page(
    session: Session,
    actor: Actor,
    area: Area | None,
    chosen: Chosen,
    *,
    after: str | None = None,
    english: bool = False,
) -> Page[WallCard]:
    """One page of what the actor may see. Raises Invalid for a key that is none of the wall.

    Each way of being rectified is walked along its own index of closing moments, and the two
    are merged. A page without pairs can have a next one: older closings were not looked at yet.
    """
    if (chosen.days.last - chosen.days.first).days >= LONGEST:
        raise Invalid(N_("对比墙一次最多看一年，请缩短日期范围。"), field="from")
    span = _closed_in(chosen)
    if after:
        span.append(_behind(after))
    horizon = _horizon(session, span)
    if horizon is not None:
        span.append(_WALKED.closed_at >= horizon)
    wanted = [*span, *filters.clauses(chosen.wanted, chosen.at, actor.user_id)]
    if area is not None:
        wanted.append(COLUMN_OF[Level(area.level)] == area.code)
    found: list[Row[Any]] = []
    for closing in RECTIFIED:
        query = (
            presenting.rows_visible_to(actor)
            .add_columns(Task.closed_at, Task.accuracy_m)
            .join(_WALKED, _WALKED.id == Task.id)
            .where(_WALKED.closing == closing.value, *wanted, _has(Phase.AFTER), _has(Phase.BEFORE))
            .order_by(_WALKED.closed_at.desc(), _WALKED.id.desc())
        )
        found += session.execute(query.limit(PAGE_SIZE + 1)).all()
    found.sort(key=lambda row: (row.closed_at, row.id), reverse=True)
    rows = found[:PAGE_SIZE]
    next_key = None
    if len(found) > PAGE_SIZE:
        next_key = pack([rows[-1].closed_at, rows[-1].id])
    elif horizon is not None:
        next_key = pack([horizon, 0])
    return Page(_cards(session, rows, chosen.at, english=english), next_key)


def _horizon(session: Session, span: Sequence[ColumnElement[bool]]) -> datetime | None:
    """Until when this page looks; None when it looks at all of the span. Reads the index alone."""
    ends = []
    for closing in RECTIFIED:
        walk = (
            select(_WALKED.closed_at)
            .where(_WALKED.closing == closing.value, *span)
            .order_by(_WALKED.closed_at.desc(), _WALKED.id.desc())
        )
        ends.append(session.scalar(walk.offset(SCAN - 1).limit(1)))
    return max((end for end in ends if end is not None), default=None)


def _closed_in(chosen: Chosen) -> list[ColumnElement[bool]]:
    first = datetime.combine(chosen.days.first, time(), CITY_ZONE)
    end = datetime.combine(chosen.days.last + timedelta(days=1), time(), CITY_ZONE)
    return [_WALKED.closed_at >= first, _WALKED.closed_at < end]


def _has(phase: Phase) -> ColumnElement[bool]:
    return exists().where(Photo.task_id == _WALKED.id, Photo.phase == phase.value)


def _behind(key: str) -> ColumnElement[bool]:
    closed_at, row_id = unpack(key, size=2)
    try:
        at = datetime.fromisoformat(closed_at)
        if at.tzinfo is None or not 1900 < at.year < 9000 or row_id < 0:
            raise ValueError
    except (TypeError, ValueError):
        raise Invalid(N_("翻页位置无效，请从第一页重新打开列表。"), field="after") from None
    closed = _WALKED.closed_at
    return and_(closed <= at, or_(closed < at, and_(closed == at, _WALKED.id < row_id)))


def _cards(
    session: Session, rows: Sequence[Row[Any]], now: datetime, *, english: bool
) -> list[WallCard]:
    before, after = _photos(session, [row.id for row in rows])
    weights = after_photos.levels(session, [(row, after[row.id]) for row in rows])
    return [
        WallCard(
            task=presenting.row_of(row, now=now, english=english),
            before=before[row.id].uuid,
            after=after[row.id].uuid,
            closed_at=row.closed_at,
            took=row.closed_at - row.reported_at,
            evidence=weights[after[row.id].uuid],
        )
        for row in rows
    ]


def _photos(session: Session, ids: Sequence[int]) -> tuple[dict[int, Photo], dict[int, Photo]]:
    """The first photo before the work and the newest after it, by task."""
    before: dict[int, Photo] = {}
    after: dict[int, Photo] = {}
    for photo in session.scalars(
        select(Photo)
        .where(Photo.task_id.in_(ids), Photo.phase.in_([Phase.BEFORE.value, Phase.AFTER.value]))
        .order_by(Photo.received_at, Photo.uuid)
    ):
        assert photo.task_id is not None
        if photo.phase == Phase.BEFORE:
            before.setdefault(photo.task_id, photo)
        else:
            after[photo.task_id] = photo
    return before, after

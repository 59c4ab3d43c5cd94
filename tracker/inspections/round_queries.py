"""Names the SELECTs on rounds; each that a person sees starts from `visible_rounds`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select, true
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.access.actor import Actor
from tracker.access.predicates import WATCHERS
from tracker.access.roles import FOR_UNIT
from tracker.clock import CITY_ZONE, in_city
from tracker.errors import NotFound
from tracker.inspections.round_models import (
    ROUND_KIND_LABELS,
    ROUND_STATE_LABELS,
    Round,
    RoundInspector,
    RoundPoint,
)
from tracker.points.models import InspectionPoint
from tracker.points.queries import visible_clause
from tracker.tasks.models import Task
from tracker.tasks.queries import visible as visible_tasks
from tracker.tasks.states import OPEN, VOID
from tracker.texts import N_
from tracker.web.paging import PAGE_SIZE, Page, pack, unpack

#: Ids beyond this are no ids; PostgreSQL would refuse to compare them.
_HIGHEST_ID = 2**31 - 1
#: Days of the daily count of open issues.
COUNTED_DAYS = 14


def visible(actor: Actor) -> ColumnElement[bool]:
    """The policy line of round.view as SQL; a test keeps it equal to `policy.allows`."""
    codes = actor.areas_as(WATCHERS)
    if actor.is_system or None in codes:
        return true()
    clauses: list[ColumnElement[bool]] = []
    if codes:
        wanted = sorted(code for code in codes if code is not None)
        clauses += [
            column.in_(wanted)
            for column in (Round.district_code, Round.town_code, Round.community_code, Round.grid_code)
        ]  # fmt: skip
    units = actor.units_as(FOR_UNIT)
    if units:
        clauses.append(Round.unit_id.in_(sorted(units)))
    if actor.user_id is not None:
        named = select(RoundInspector.round_id).where(RoundInspector.user_id == actor.user_id)
        clauses.append(Round.id.in_(named))
    return or_(*clauses) if clauses else false()


def visible_rounds(actor: Actor) -> Select[Round]:
    """Every round the actor may see, and nothing else."""
    return select(Round).where(visible(actor))


def find(session: Session, round_id: int, actor: Actor) -> Round:
    """One visible round. Raises NotFound for an unknown and for a foreign one."""
    query = visible_rounds(actor).where(Round.id == min(round_id, _HIGHEST_ID))
    found = session.scalar(
        query.options(
            joinedload(Round.area), joinedload(Round.unit), selectinload(Round.inspectors)
        )
    )
    if found is None:
        raise NotFound(N_("没有这个督查批次，或您无权查看。"))
    return found


def locked(session: Session, round_id: int, actor: Actor) -> Round:
    """As `find`, and nobody else changes it until the unit of work ends."""
    found = session.scalar(
        visible_rounds(actor)
        .where(Round.id == min(round_id, _HIGHEST_ID))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound(N_("没有这个督查批次，或您无权查看。"))
    return found


@dataclass(frozen=True)
class RoundFilter:
    """What the list of rounds is narrowed to; empty text means all."""

    state: str = ""
    kind: str = ""
    month: str = ""

    @classmethod
    def of(cls, args: Mapping[str, str]) -> "RoundFilter":
        """Read the address bar; an unknown value narrows nothing."""
        state, kind = args.get("state", ""), args.get("kind", "")
        month = args.get("month", "")
        return cls(
            state if state in set(ROUND_STATE_LABELS) else "",
            kind if kind in set(ROUND_KIND_LABELS) else "",
            month if len(month) == 7 and month.isprintable() else "",
        )

    def as_args(self) -> dict[str, str]:
        return {name: value for name, value in vars(self).items() if value}

    def conditions(self) -> list[ColumnElement[bool]]:
        pairs = ((Round.state, self.state), (Round.kind, self.kind), (Round.month, self.month))
        return [column == value for column, value in pairs if value]


@dataclass(frozen=True)
class Progress:
    """Points of a round and how many of them were visited."""

    all: int = 0
    visited: int = 0

    @property
    def percent(self) -> float | None:
        """Visited of all; None when there is nothing to visit."""
        return 100 * self.visited / self.all if self.all else None


_VISITED = func.coalesce(func.sum(case((RoundPoint.visited_at.is_not(None), 1), else_=0)), 0)


def page(
    session: Session, actor: Actor, wanted: RoundFilter, after: str | None = None
) -> Page[tuple[Round, Progress]]:
    """One page of rounds, the newest first. Raises Invalid for a broken page key."""
    matching = visible_rounds(actor).where(*wanted.conditions())
    total = session.scalar(select(func.count()).select_from(matching.with_only_columns(Round.id).subquery()))  # fmt: skip
    query = matching.options(joinedload(Round.area), joinedload(Round.unit))
    if after:
        (last,) = unpack(after, size=1)
        query = query.where(Round.id < (last if isinstance(last, int) else 0))
    rows = session.scalars(query.order_by(Round.id.desc()).limit(PAGE_SIZE + 1)).all()
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    counts = progress_of(session, [row.id for row in rows])
    shown = [(row, counts.get(row.id, Progress())) for row in rows]
    return Page(shown, pack([rows[-1].id]) if more else None, total)


def progress_of(session: Session, round_ids: Sequence[int]) -> dict[int, Progress]:
    """Progress of rounds by id; a round without points is left out."""
    rows = session.execute(
        select(RoundPoint.round_id, func.count(), _VISITED)
        .where(RoundPoint.round_id.in_(round_ids))
        .group_by(RoundPoint.round_id)
    )
    return {round_id: Progress(count, int(visited)) for round_id, count, visited in rows}


def progress_by(
    session: Session, round_id: int, column: ColumnElement[Any]
) -> dict[str | None, Progress]:
    """Progress of one round by community or by site type: never by person (国办函〔2026〕12号)."""
    rows = session.execute(
        select(column, func.count(), _VISITED)
        .select_from(RoundPoint)
        .join(InspectionPoint, InspectionPoint.id == RoundPoint.point_id)
        .where(RoundPoint.round_id == round_id)
        .group_by(column)
    )
    return {key: Progress(count, int(visited)) for key, count, visited in rows}


def point_rows(
    session: Session,
    round_: Round,
    actor: Actor,
    *,
    visited: str = "",
    after: int = 0,
    limit: int | None = None,
) -> Sequence[Any]:
    """Points of a round in the order of its route, each with whether the actor may open its page.

    `visited` "yes" or "no" narrows; `after` is the position of the last row of the page before.
    """
    named = round_.inspector_ids
    openable = true() if actor.user_id in named else visible_clause(actor)
    query = (
        select(
            RoundPoint.position, RoundPoint.point_id, RoundPoint.visited_at, RoundPoint.inspector_id,
            InspectionPoint.code, InspectionPoint.name, InspectionPoint.site_type_code,
            InspectionPoint.community_code, InspectionPoint.address, InspectionPoint.unit_id,
            InspectionPoint.person, InspectionPoint.lon, InspectionPoint.lat,
            InspectionPoint.last_visit_at, InspectionPoint.last_score, openable.label("openable"),
        )
        .join(InspectionPoint, InspectionPoint.id == RoundPoint.point_id)
        .where(RoundPoint.round_id == round_.id, RoundPoint.position > after)
        .order_by(RoundPoint.position, RoundPoint.point_id)
    )  # fmt: skip
    if visited == "yes":
        query = query.where(RoundPoint.visited_at.is_not(None))
    elif visited == "no":
        query = query.where(RoundPoint.visited_at.is_(None))
    return session.execute(query.limit(limit) if limit else query).all()


def _at_points_of(round_id: int, actor: Actor) -> ColumnElement[bool]:
    points = select(RoundPoint.point_id).where(RoundPoint.round_id == round_id)
    return and_(visible_tasks(actor), Task.point_id.in_(points))


def open_issues(session: Session, round_id: int, actor: Actor) -> dict[int, int]:
    """Open tasks that the actor may see, by point of the round."""
    rows = session.execute(
        select(Task.point_id, func.count())
        .where(_at_points_of(round_id, actor), Task.state.in_(sorted(OPEN)))
        .group_by(Task.point_id)
    )
    return {point_id: count for point_id, count in rows if point_id is not None}


def daily_open_issues(
    session: Session, round_id: int, actor: Actor, now: datetime
) -> list[tuple[Any, int]]:
    """Open tasks at the round's points at the end of each of the last days: (day, count).

    Counted from the tasks themselves, so that any past day comes out the same again. Those that
    never became a case (rejected, merged, cancelled) are left out of every day.
    """
    today = in_city(now).date()
    days = [today - timedelta(days=back) for back in reversed(range(COUNTED_DAYS))]
    counts = []
    for day in days:
        end = datetime.combine(day + timedelta(days=1), time(), tzinfo=CITY_ZONE)
        was_open = and_(
            Task.reported_at < end, or_(Task.closed_at.is_(None), Task.closed_at >= end)
        )
        counts.append(func.coalesce(func.sum(case((was_open, 1), else_=0)), 0))
    row = session.execute(
        select(*counts).where(_at_points_of(round_id, actor), Task.state.not_in(sorted(VOID)))
    ).one()
    return [(day, int(count)) for day, count in zip(days, row, strict=True)]

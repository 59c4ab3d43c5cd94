"""Counts the tasks themselves, for those who see few: the same measures as the counters."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal_column, or_, select, true
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.clock import CITY_ZONE, in_city
from tracker.counters.measures import DATED, STEPS, Measure, of_step
from tracker.counters.queries import Counts, Days
from tracker.counters.reading import dialect_of
from tracker.places.models import LEVELS
from tracker.places.tree import tree
from tracker.tasks import filters
from tracker.tasks.filter_due import in_days, of_due, on_time
from tracker.tasks.filters import TaskFilter
from tracker.tasks.models import SENT_BACK, Task, TaskEvent
from tracker.tasks.queries import overdue, rectified, visible
from tracker.tasks.states import OPEN, VOID, Action, Closing, State

_Found = dict[str, Counts]
_Clauses = list[ColumnElement[bool]]
#: Measures with what each asks besides, and what is asked of all of them.
_Group = tuple[Mapping[str, _Clauses], _Clauses]
#: What is summed over the days of a period.
FLOWS = (*DATED, Measure.REWORK, Measure.RETURN)
_SENT_BACK = frozenset((Measure.REWORK, Measure.RETURN))
#: Whose deadlines count; named one by one, an index by state and deadline serves.
_DUE_STATES = sorted(frozenset(State) - VOID - {State.SUSPENDED})
#: By measure and day.
Happened = dict[str, Counter[date]]
#: The moments whose days `_dated` tells of, in its order.
_MOMENTS = (Task.reported_at, Task.closed_at, Task.due_at)
#: So many hours is the city ahead of UTC, all the year.
_EAST_H = 8
#: Ways to end that close no case.
_NO_END = (Closing.REJECTED, Closing.MERGED, Closing.CANCELLED)


def counts(
    session: Session,
    actor: Actor,
    column: Any,
    codes: Collection[str],
    wanted: TaskFilter,
    days: Days | None,
    at: datetime,
    *,
    flows: Collection[str] = FLOWS,
) -> _Found:
    """Every measure of visible tasks by a column of Task that holds area codes; without days the stocks.

    Of what happened in these days more may be told than `flows`.
    """
    is_grid = column is Task.grid_code
    if wanted.action and not is_grid:
        # found by their points or their days: never by an index on areas, which holds all there ever were
        column = column.concat(literal_column("''"))
    narrow = [visible(actor), *filters.clauses(wanted, at, actor.user_id)]
    seen = [*narrow, column.in_(sorted(codes))]
    found: _Found = defaultdict(Counts)
    # what the state or one day of a task decides is told in one pass, by the index that suits it
    stocks = {state.value: [Task.state == state.value] for state in OPEN}
    stocks[Measure.OVERDUE.value] = [overdue(at)]
    groups = [(stocks, [Task.state.in_(sorted(OPEN))]), *(_dated(days, flows) if days else ())]
    # by the index of what was sent back on these days, not by the events of each task of an area
    within = column.concat(literal_column("''")).in_(sorted(codes))
    if is_grid:
        around = _communities_around(session, codes, flows if days else ())
        if around:
            seen = [*narrow, within, Task.community_code.in_(around)]
        else:
            groups = [_together(groups)]
    for measures, among in groups:
        _sum(session, found, column, [*seen, *among], measures)
    if days and not _SENT_BACK.isdisjoint(flows):
        _steps(session, found, column, [*narrow, within], days)
    return found


def _communities_around(
    session: Session, grids: Collection[str], flows: Collection[str]
) -> list[str]:
    """The communities by whose indexes the tasks of these grids are found; none where that will not do.

    No index has what ended in a community by its day. A grid may have come to another community,
    its tasks stayed with the one they were in: this asks an index alone.
    """
    if Measure.ENDED in flows:
        return []
    paths = tree(session).paths
    found = sorted({paths[code][-2] for code in grids if len(paths.get(code, ())) == len(LEVELS)})
    elsewhere = select(Task.id).where(
        Task.grid_code.in_(sorted(grids)), func.coalesce(Task.community_code, "").not_in(found)
    )
    return [] if session.scalar(select(elsewhere.exists())) else found


def by_day(
    session: Session, clauses: Sequence[ColumnElement[bool]], days: Days, at: datetime
) -> tuple[Counts, Happened]:
    """What stands now of the tasks of some clauses, and what happened on each of the days."""
    stocks: dict[str, _Clauses] = {state.value: [Task.state == state.value] for state in OPEN}
    stocks[Measure.OVERDUE.value] = [overdue(at)]
    query = select(*_sums(stocks)).where(*clauses, Task.state.in_(sorted(OPEN)))
    row = session.execute(query).one()
    now = Counts({name: int(n or 0) for name, n in zip(stocks, row, strict=True)})
    happened: Happened = defaultdict(Counter)
    for moment, (measures, among) in zip(_MOMENTS, _dated(days), strict=True):
        day = _day_of(moment, dialect_of(session))
        each_day: Any = select(day, *_sums(measures)).where(*clauses, *among).group_by(day)
        for on, *numbers in session.execute(each_day):
            known = date.fromisoformat(on) if isinstance(on, str) else on
            for name, n in zip(measures, numbers, strict=True):
                happened[name][known] += int(n)
    for _code, measure, on, n in _sent_back(session, Task.district_code, clauses, days):
        happened[measure][on] += n
    return now, happened


def _day_of(moment: Any, dialect: str) -> ColumnElement[Any]:
    """The day of the city: a date, or on SQLite its text."""
    found: ColumnElement[Any] = (
        func.date(moment, f"+{_EAST_H} hours")
        if dialect == "sqlite"
        else func.date(func.timezone(str(CITY_ZONE), moment))
    )
    return found


def _together(groups: Sequence[_Group]) -> _Group:
    """All measures of grids in one pass over their tasks, by the only index that begins with a grid.

    Asked one by one, a database without statistics reads all overdue or closed tasks instead.
    """
    return {
        name: [*own, *among] for measures, among in groups for name, own in measures.items()
    }, []


def _sum(
    session: Session,
    found: _Found,
    column: Any,
    clauses: _Clauses,
    measures: Mapping[str, _Clauses],
) -> None:
    """How many of the tasks of some clauses each measure counts."""
    query = select(column, *_sums(measures)).where(*clauses).group_by(column)
    for code, *numbers in session.execute(query):
        found[code].update(dict(zip(measures, map(int, numbers), strict=True)))


def _sums(measures: Mapping[str, _Clauses]) -> list[ColumnElement[int]]:
    return [func.sum(case((and_(true(), *own), 1), else_=0)) for own in measures.values()]


def _dated(days: Days, flows: Collection[str] = FLOWS) -> list[_Group]:
    """The dated figures of `counters.measures` as SQL, those of one column together."""
    ended = [closing.value for closing in Closing if closing not in _NO_END]
    groups: list[_Group] = [
        (
            {
                Measure.FOUND: [],
                Measure.VALID: [Task.state.not_in(sorted(VOID))],
                Measure.RECTIFIED: [rectified()],
                Measure.WAITING: [Task.state.in_(sorted(OPEN))],
            },
            in_days(Task.reported_at, days.first, days.last),
        ),
        (
            {Measure.ENDED: [Task.state == State.CLOSED.value]},
            [Task.closing.in_(ended), *in_days(Task.closed_at, days.first, days.last)],
        ),
        (
            {
                Measure.DUE: [],
                Measure.ON_TIME: [on_time()],
            },
            [Task.state.in_(_DUE_STATES), *of_due(days.first, days.last)],
        ),
    ]  # fmt: skip
    return [group for group in groups if not group[0].keys().isdisjoint(flows)]


def _steps(session: Session, found: _Found, column: Any, seen: _Clauses, days: Days) -> None:
    for code, measure, _day, n in _sent_back(session, column, seen, days):
        found[code][measure] += n


def _sent_back(
    session: Session, column: Any, seen: Sequence[ColumnElement[bool]], days: Days
) -> Iterator[tuple[Any, str, date, int]]:
    """(code, measure, day, how many) of the steps that sent tasks back, and their reasons.

    What was undone counts on the day of the step: it may have been undone after midnight.
    """
    undone = TaskEvent.payload["undone"].as_string()
    rows = session.execute(
        select(column, TaskEvent.action, TaskEvent.at, TaskEvent.payload)
        .join(Task, Task.id == TaskEvent.task_id)
        .where(
            *seen, SENT_BACK, *in_days(TaskEvent.at, days.first, days.last + timedelta(days=1)),
            or_(
                TaskEvent.action.in_(sorted(STEPS)),
                and_(TaskEvent.action == Action.UNDO.value, undone.in_(sorted(STEPS))),
            ),
        )
    )  # fmt: skip
    for code, action, at, payload in rows:
        for (measure, day), n in of_step(action, payload, in_city(at).date()).items():
            if days.first <= day <= days.last:
                yield code, measure, day, n

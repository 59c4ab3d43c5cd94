"""Figures of areas by the counters against GROUP BY over the tasks on covering indexes, at three sizes, checked equal."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import select, text

from bench.installations import LARGE, MIDDLE, SMALL, installation
from bench.report import Section
from bench.timing import in_turn
from tracker import clock
from tracker.access.actor import SYSTEM
from tracker.clock import CITY_ZONE, in_city
from tracker.counters import queries as counters
from tracker.counters.measures import DATED, STATES, Measure
from tracker.counters.models import EVERYWHERE
from tracker.counters.queries import Days
from tracker.places.models import Area, Level
from tracker.progress.figures import Asked, of_areas
from tracker.storage.db import db
from tracker.tasks.filters import TaskFilter
from tracker.tasks.states import State

ROUNDS = 5
SIZES = (SMALL, MIDDLE, LARGE)
#: What the plain way has to help it: they stand in the measured copy alone. That of open tasks by
#: community and state is the product's own.
_INDEXES = {
    "bench_ended": "task (state, closed_at, community_code)",
    "bench_found": "task (reported_at, community_code, state, closing)",
    "bench_due": "task (due_at, community_code, state, closing, submitted_at, was_overdue)",
    "bench_events": "task_event (at, source_state, target_state)",
}
_OPEN = "state IN ('reported', 'filed', 'dispatched', 'handling', 'submitted', 'suspended')"
_LATE = "state IN ('dispatched', 'handling') AND due_at < :now"
_VOID = "state IN ('rejected', 'merged', 'cancelled')"


def measure() -> Section:
    """Each size in turn; the ratios are plain way over counters at the same size."""
    rows: list[tuple[str, ...]] = []
    flat: dict[str, list[float]] = {}
    for count in SIZES:
        with installation(count) as app, app.app_context():
            _make_indexes()
            for words, ours, plain in _questions():
                _same(words, ours(), plain())
                took = in_turn({"ours": ours, "plain": plain}, ROUNDS)
                ms = {name: seconds * 1000 for name, seconds in took.items()}
                flat.setdefault(words, []).append(ms["ours"])
                rows.append(
                    (words, f"{count:,}", f"{ms['plain']:.1f}", f"{ms['ours']:.1f}", f"{ms['plain'] / ms['ours']:.1f} ×")
                )  # fmt: skip
            _drop_indexes()
            db.session.remove()
    notes = [
        f"{words}: {seen[-1] / seen[0]:.2f} × from {SIZES[0]:,} to {SIZES[-1]:,} tasks."
        for words, seen in flat.items()
    ]
    notes += [
        f"Medians of {ROUNDS} rounds in turn, SQLite; both ways answer the same question with the same Python values, compared before they are timed.",
        "The plain way has covering indexes that the product does not need.",
    ]
    return Section(
        "Figures of areas",
        ("question", "tasks", "GROUP BY, ms", "counters, ms", "ratio"),
        sorted(rows, key=lambda row: list(flat).index(row[0])),
        notes,
    )


def _make_indexes() -> None:
    for name, columns in _INDEXES.items():
        db.session.execute(text(f"CREATE INDEX IF NOT EXISTS {name} ON {columns}"))
        db.session.execute(text(f"ANALYZE {name}"))
    db.session.commit()


def _drop_indexes() -> None:
    for name in _INDEXES:
        db.session.execute(text(f"DROP INDEX {name}"))
    db.session.commit()


def _questions() -> list[tuple[str, Callable[[], Any], Callable[[], Any]]]:
    now = clock.now()
    today = in_city(now).date()
    month, year = (Days(today - timedelta(days=n - 1), today) for n in (30, 365))
    towns, communities = _codes(Level.TOWN), _codes(Level.COMMUNITY)
    return [
        ("Q1: open, closed and overdue of 625 communities",
         lambda: _standing(communities, Level.COMMUNITY, now), lambda: _standing_plain("community_code", now)),
        ("Q1 of 26 towns",
         lambda: _standing(towns, Level.TOWN, now), lambda: _standing_plain("town_code", now)),
        ("Q2: closed a day, 30 days, each of 625 communities",
         lambda: _closed(communities, month), lambda: _closed_plain(month)),
        ("Q3: change of every state a day, a year, over all events",
         lambda: _trend(year), lambda: _trend_plain(year)),
        ("all figures of a review map, 30 days, 625 communities",
         lambda: _review(communities, month, now), lambda: _review_plain(month, now)),
    ]  # fmt: skip


def _codes(level: Level) -> list[str]:
    return list(
        db.session.scalars(select(Area.code).where(Area.level == level).order_by(Area.code))
    )


def _standing(codes: Sequence[str], level: Level, now: datetime) -> dict[str, tuple[int, int, int]]:
    found = of_areas(db.session(), SYSTEM, codes, level, Asked(TaskFilter(), None, now))
    figures = {code: (one.open, one[State.CLOSED], one.overdue) for code, one in found.items()}
    return {code: line for code, line in figures.items() if any(line)}


def _standing_plain(column: str, now: datetime) -> dict[str, tuple[int, int, int]]:
    rows = _rows(
        f"SELECT {column}, sum({_OPEN}), sum(state = 'closed'), sum({_LATE}) FROM task"  # noqa: S608
        f" WHERE {column} IS NOT NULL GROUP BY 1",
        now=_moment(now),
    )
    return {row[0]: (row[1], row[2], row[3] or 0) for row in rows if any(row[1:])}


def _closed(codes: Sequence[str], month: Days) -> dict[str, list[tuple[int, int]]]:
    found = counters.changes(db.session(), codes, [Measure.ENDED], month)
    return {code: days for (code, _measure), days in found.items() if days}


def _closed_plain(month: Days) -> dict[str, list[tuple[int, int]]]:
    rows = _rows(
        "SELECT community_code, julianday(date(closed_at, '+8 hours')) - julianday(:first), count(*)"
        " FROM task WHERE state = 'closed' AND closed_at >= :since AND closed_at < :until"
        " AND community_code IS NOT NULL GROUP BY 1, 2",
        first=month.first.isoformat(), **_ends(month),
    )  # fmt: skip
    found: dict[str, list[tuple[int, int]]] = {}
    for code, day, n in rows:
        found.setdefault(code, []).append((int(day), n))
    return found


def _trend(year: Days) -> dict[tuple[str, str], int]:
    found = counters.daily(db.session(), [EVERYWHERE], [state.value for state in STATES], year)
    return {
        (state, day.isoformat()): n for state, days in found.items() for day, n in days.items() if n
    }


def _trend_plain(year: Days) -> dict[tuple[str, str], int]:
    rows = _rows(
        "SELECT source_state, target_state, date(at, '+8 hours'), count(*) FROM task_event"
        " WHERE at >= :since AND at < :until GROUP BY 1, 2, 3",
        **_ends(year),
    )
    found: dict[tuple[str, str], int] = {}
    for source, target, day, n in rows:
        for state, by in ((source, -n), (target, n)):
            if state:
                found[state, day] = found.get((state, day), 0) + by
    return {key: n for key, n in found.items() if n}


_REVIEWED = (*DATED, Measure.OVERDUE)


def _review(codes: Sequence[str], month: Days, now: datetime) -> dict[str, list[int]]:
    found = of_areas(db.session(), SYSTEM, codes, Level.COMMUNITY, Asked(TaskFilter(), month, now))
    figures = {
        code: [one.open, one[State.CLOSED], *(one[name] for name in _REVIEWED)]
        for code, one in found.items()
    }
    return {code: line for code, line in figures.items() if any(line)}


def _review_plain(month: Days, now: datetime) -> dict[str, list[int]]:
    """In the order of `_REVIEWED`: found, valid, rectified, waiting; ended; due, on time; overdue."""
    ends = _ends(month)
    found = {
        code: [still_open, closed, *[0] * len(DATED), late]
        for code, (still_open, closed, late) in _standing_plain("community_code", now).items()
    }
    for at, statement in (
        (2, f"SELECT community_code, count(*), sum(NOT {_VOID}), total(closing IN ('passed', 'self_handled')), sum({_OPEN})"  # noqa: S608
            " FROM task WHERE reported_at >= :since AND reported_at < :until GROUP BY 1"),
        (6, "SELECT community_code, count(*)"
            " FROM task WHERE state = 'closed' AND closed_at >= :since AND closed_at < :until GROUP BY 1"),
        (7, "SELECT community_code, count(*), total(submitted_at <= due_at AND NOT was_overdue)"  # noqa: S608
            f" FROM task WHERE due_at >= :since AND due_at < :until AND NOT {_VOID} AND state <> 'suspended'"
            " AND (closing IS NULL OR closing <> 'by_notice') GROUP BY 1"),
    ):  # fmt: skip
        for code, *figures in _rows(statement, **ends):
            if code in found:
                found[code][at : at + len(figures)] = [int(n) for n in figures]
    return found


def _ends(days: Days) -> dict[str, str]:
    since, until = (
        _moment(datetime.combine(day, time(), CITY_ZONE))
        for day in (days.first, days.last + timedelta(days=1))
    )
    return {"since": since, "until": until}


def _moment(at: datetime) -> str:
    """As SQLite keeps a moment."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def _rows(statement: str, **given: Any) -> Sequence[Any]:
    return db.session.execute(text(statement), given).all()


def _same(words: str, ours: Any, plain: Any) -> None:
    if ours != plain:
        raise RuntimeError(f"{words}: the counters and the tasks differ")

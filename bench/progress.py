"""Figures of areas by the counters against GROUP BY over the tasks on a covering index, at three sizes, checked equal."""

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select, text

from bench.installations import LARGE, MIDDLE, SMALL, installation
from bench.report import Section
from bench.timing import in_turn
from tracker import clock
from tracker.access.actor import SYSTEM
from tracker.clock import CITY_ZONE, in_city
from tracker.counters import queries as counters
from tracker.counters.measures import OPEN_STOCKS, Measure
from tracker.counters.queries import Days
from tracker.places.models import Area, Level
from tracker.progress.figures import Asked, of_areas
from tracker.storage.db import db
from tracker.tasks.filters import TaskFilter
from tracker.tasks.models import Task

ROUNDS = 5
SIZES = (SMALL, MIDDLE, LARGE)
#: What the plain way has to help it: it stands in the measured copy alone.
_INDEX = "CREATE INDEX IF NOT EXISTS bench_covering ON task (community_code, town_code, state, due_at, closed_at)"


def measure() -> Section:
    """Each size in turn; the ratios are plain way over counters at the same size."""
    rows: list[tuple[str, ...]] = []
    flat: dict[str, list[float]] = {}
    for count in SIZES:
        with installation(count) as app, app.app_context():
            db.session.execute(text(_INDEX))
            db.session.commit()
            for words, ours, plain in _questions():
                _same(words, ours(), plain())
                took = in_turn({"ours": ours, "plain": plain}, ROUNDS)
                ms = {name: seconds * 1000 for name, seconds in took.items()}
                flat.setdefault(words, []).append(ms["ours"])
                rows.append(
                    (words, f"{count:,}", f"{ms['plain']:.1f}", f"{ms['ours']:.1f}", f"{ms['plain'] / ms['ours']:.1f} ×")
                )  # fmt: skip
            db.session.execute(text("DROP INDEX bench_covering"))
            db.session.commit()
            db.session.remove()
    notes = [
        f"{words}: {seen[-1] / seen[0]:.2f} × from {SIZES[0]:,} to {SIZES[-1]:,} tasks."
        for words, seen in flat.items()
    ]
    notes += [
        f"Medians of {ROUNDS} rounds in turn, SQLite; every answer was compared with the plain one before it was timed.",
        "The plain way has a covering index that the product does not need.",
    ]
    return Section(
        "Figures of areas",
        ("question", "tasks", "GROUP BY, ms", "counters, ms", "ratio"),
        rows,
        notes,
    )


def _questions() -> list[tuple[str, Callable[[], Any], Callable[[], Any]]]:
    now = clock.now()
    today = in_city(now).date()
    month = Days(today - timedelta(days=29), today)
    towns, communities = _codes(Level.TOWN), _codes(Level.COMMUNITY)
    return [
        (words, lambda a=(codes, level, month, now): _open(*a), lambda c=(column, now): _open_plain(*c))
        for words, codes, level, column in (
            ("open and overdue of 26 towns", towns, Level.TOWN, Task.town_code),
            ("open and overdue of 625 communities", communities, Level.COMMUNITY, Task.community_code),
        )
    ] + [
        ("closed a day, 30 days, 625 communities", lambda: _closed(communities, month), lambda: _closed_plain(month)),
    ]  # fmt: skip


def _codes(level: Level) -> list[str]:
    return list(
        db.session.scalars(select(Area.code).where(Area.level == level).order_by(Area.code))
    )


def _open(
    codes: Sequence[str], level: Level, month: Days, now: datetime
) -> dict[str, tuple[int, int]]:
    found = of_areas(db.session(), SYSTEM, codes, level, Asked(TaskFilter(), month, now))
    return {code: (one.open, one.overdue) for code, one in found.items() if one.open}


def _open_plain(column: Any, now: datetime) -> dict[str, tuple[int, int]]:
    found: dict[str, list[int]] = {}
    late = func.sum(func.iif(Task.due_at < now, 1, 0))
    for code, state, n, overdue in db.session.execute(
        select(column, Task.state, func.count(), late)
        .where(Task.state.in_(OPEN_STOCKS), column.is_not(None))
        .group_by(column, Task.state)
    ):
        figures = found.setdefault(code, [0, 0])
        figures[0] += n
        figures[1] += overdue if state in ("dispatched", "handling") else 0
    return {code: (figures[0], figures[1]) for code, figures in found.items()}


def _closed(codes: Sequence[str], month: Days) -> int:
    daily = counters.daily(db.session(), codes, [Measure.ENDED], month)
    return sum(daily[Measure.ENDED].values())


def _closed_plain(month: Days) -> int:
    first, last = (
        datetime.combine(day, time(), CITY_ZONE)
        for day in (month.first, month.last + timedelta(days=1))
    )
    day = func.date(Task.closed_at, "+8 hours")
    rows = db.session.execute(
        select(Task.community_code, day, func.count())
        .where(
            Task.state == "closed",
            Task.closed_at >= first,
            Task.closed_at < last,
            Task.community_code.is_not(None),
        )
        .group_by(Task.community_code, day)
    )
    return sum(row[2] for row in rows)


def _same(words: str, ours: Any, plain: Any) -> None:
    if ours != plain:
        raise RuntimeError(f"{words}: the counters and the tasks differ")

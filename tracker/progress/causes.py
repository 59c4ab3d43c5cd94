"""Knows why an area stands as it does: what its open tasks are about, who holds them, why they came back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.catalogue.models import Category
from tracker.counters import kinds as counters
from tracker.places.models import Area, Level, Organization
from tracker.progress.chosen import Chosen
from tracker.progress.scope import is_watched, kinds_of
from tracker.tasks import filters, presenting
from tracker.tasks.chips import back_words
from tracker.tasks.filter_back import BACK_LABELS, NO_REASON, stands
from tracker.tasks.filters import TaskFilter
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.queries import COLUMN_OF, visible
from tracker.tasks.states import OPEN_STATES, Action

#: Open tasks of an area that are looked through for its causes; more are told by its parts.
MOST_TASKS = 20_000
#: Causes shown of each kind.
SHOWN = 3


@dataclass(frozen=True)
class Cause:
    """One thing that many of the open tasks share, and the list of them."""

    words: str
    n: int
    wanted: TaskFilter


@dataclass(frozen=True)
class Causes:
    """The largest causes of each kind, the most first."""

    categories: list[Cause]
    units: list[Cause]
    sent_back: list[Cause]


def of(session: Session, actor: Actor, area: Area, chosen: Chosen, *, english: bool) -> Causes:
    """Why the open tasks of an area are open, now. Reads each of them by the area's index."""
    wanted = replace(chosen.wanted, area=area.code, states=OPEN_STATES)
    here = _here(actor, area, chosen)
    units = _top(session, Task.unit_id, [*here, Task.unit_id.is_not(None)])
    names = _names(session, [unit for unit, _n in units])
    return Causes(
        [
            Cause(words, n, replace(wanted, category=code))
            for code, words, n in categories(session, actor, area, chosen, english=english)
        ][:SHOWN],
        [Cause(names[unit], n, replace(wanted, unit_id=unit)) for unit, n in units],
        _sent_back(session, here, wanted),
    )


def categories(
    session: Session, actor: Actor, area: Area, chosen: Chosen, *, english: bool
) -> list[tuple[str, str, int]]:
    """(code, words, open tasks) of every category in an area, the most first; by the counters where they know."""
    columns = (Category.code, Category.kind, Category.name, Category.name_en)
    kinds = kinds_of(session, chosen.wanted)
    if kinds and area.level != Level.GRID and is_watched(session, actor, [area.code]):
        query = select(Category.id, *columns)
        if kinds.categories is not None:
            query = query.where(Category.id.in_(sorted(kinds.categories)))
        known = {row.id: row for row in session.execute(query)}
        counted = counters.open_by_category(session, area.code, kinds, known)
        found = [
            (known[one].code, _words(known[one], english=english), n)
            for one, n in counted.items()
            if n
        ]
        return sorted(found, key=lambda line: (-line[2], line[0]))
    rows = session.execute(
        select(*columns, func.count().label("n"))
        .join(Task, Task.category_id == Category.id)
        .where(*_here(actor, area, chosen))
        .group_by(Category.id, *columns)
        .order_by(func.count().desc(), Category.code)
    )
    return [(row.code, _words(row, english=english), row.n) for row in rows]


def _words(row: Any, *, english: bool) -> str:
    return presenting.matter(row.kind, row.name, row.name_en, english=english)


def _here(actor: Actor, area: Area, chosen: Chosen) -> list[ColumnElement[bool]]:
    return [
        visible(actor),
        COLUMN_OF[Level(area.level)] == area.code,
        Task.state.in_([state.value for state in OPEN_STATES]),
        *filters.clauses(chosen.wanted, chosen.at, actor.user_id),
    ]


def _top(session: Session, column: Any, here: Sequence[ColumnElement[bool]]) -> list[Any]:
    rows = session.execute(
        select(column, func.count())
        .where(*here)
        .group_by(column)
        .order_by(func.count().desc(), column)
        .limit(SHOWN)
    )
    return [(value, n) for value, n in rows]


def _names(session: Session, units: Sequence[int]) -> dict[int, str]:
    rows = session.execute(
        select(Organization.id, Organization.name).where(Organization.id.in_(units))
    )
    return {unit: name for unit, name in rows}  # noqa: C416 - a row is no pair to dict()


def _sent_back(
    session: Session, here: Sequence[ColumnElement[bool]], wanted: TaskFilter
) -> list[Cause]:
    """Those reworked and those returned, by the reason that was given."""
    reason = TaskEvent.payload["reason_code"].as_string()
    found: list[Cause] = []
    for name, action, times in (
        ("rework", Action.REWORK, Task.rework_count),
        ("return", Action.RETURN, Task.return_count),
    ):
        rows = session.execute(
            select(reason, func.count(func.distinct(Task.id)))
            .join(TaskEvent, TaskEvent.task_id == Task.id)
            .where(*here, times > 0, *stands(action))
            .group_by(reason)
        )
        for code, n in rows:
            value = f"{name}.{code or NO_REASON}"
            if value in BACK_LABELS:
                found.append(Cause(back_words(value), n, replace(wanted, back=value)))
    return sorted(found, key=lambda cause: -cause.n)[:SHOWN]

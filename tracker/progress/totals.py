"""Says how many tasks a person finds under a plain filter, from the counters: states, overdue, an area."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select, true
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.access.roles import FOR_UNIT
from tracker.clock import in_city
from tracker.counters import queries as counters
from tracker.counters.measures import STATES, Measure
from tracker.counters.models import EVERYWHERE
from tracker.counters.watching import grids_of, watched
from tracker.places.levels import levels_of
from tracker.places.models import Level
from tracker.places.tree import tree
from tracker.places.versions import Version, version
from tracker.storage.plain import NOW, fetched
from tracker.tasks import filters, listing
from tracker.tasks.filters import Due, TaskFilter
from tracker.tasks.models import Task
from tracker.tasks.queries import in_areas


@dataclass(frozen=True)
class _Asked:
    """A filter that the counters know."""

    areas: tuple[str, ...]
    measures: tuple[str, ...]
    is_overdue: bool


def totals(
    session: Session, actor: Actor, wanted: Mapping[str, TaskFilter], *, at: datetime
) -> dict[str, int]:
    """How many tasks each filter finds, of those that the counters can say; four queries in all.

    Nobody who acts for a unit is answered: such a person sees tasks by unit too.
    """
    own = watched(session, actor)
    if not own or grids_of(own) or actor.units_as(FOR_UNIT):
        return {}
    asked = {name: known for name, one in wanted.items() if (known := _known(session, one, own))}
    if not asked:
        return {}
    codes = {code for one in asked.values() for code in one.areas}
    stocks = counters.stocks(session, codes, on=in_city(at).date())
    for code in codes if any(one.is_overdue for one in asked.values()) else ():
        later = counters.due_later_today(session, Task.state, at, [_within(code)])
        stocks[code][Measure.OVERDUE] -= sum(later.values())
    found = {
        name: sum(stocks[code][measure] for code in one.areas for measure in one.measures)
        for name, one in asked.items()
    }
    for name, n in elsewhere(session, actor, own, {n: wanted[n] for n in asked}, at).items():
        found[name] += n
    return found


def install() -> None:
    """Let the list of tasks say the totals that the counters know."""
    listing.tell_totals(_total)


def _total(session: Session, actor: Actor, wanted: TaskFilter, at: datetime) -> int | None:
    return totals(session, actor, {"list": wanted}, at=at).get("list")


def _known(session: Session, wanted: TaskFilter, own: tuple[str, ...]) -> _Asked | None:
    rest = replace(wanted, states=(), due=None, area="", sort=TaskFilter().sort)
    if not rest.is_empty or (wanted.due and (wanted.states or wanted.due is not Due.OVERDUE)):
        return None
    areas = (wanted.area,) if wanted.area else own
    if wanted.area and own != (EVERYWHERE,) and not tree(session).is_within(wanted.area, own):
        return None
    if wanted.area and levels_of([wanted.area]).get(wanted.area) is Level.GRID:
        return None
    if wanted.due:
        return _Asked(areas, (Measure.OVERDUE.value,), is_overdue=True)
    states = wanted.states or STATES
    return _Asked(areas, tuple(state.value for state in states), is_overdue=False)


def _within(code: str) -> ColumnElement[bool]:
    return in_areas(frozenset({code or None}))


def elsewhere(
    session: Session,
    actor: Actor,
    own: tuple[str, ...],
    wanted: Mapping[str, TaskFilter],
    at: datetime,
) -> dict[str, int]:
    """Of these lists, how many of the person's own tasks lie outside of `own`, the watched areas."""
    if own == (EVERYWHERE,) or actor.user_id is None:
        return {}
    asked = _elsewhere(actor, own, tuple(wanted.values()), version(session))
    [found] = fetched(session, asked, now=at)
    return {name: int(n) for name, n in zip(wanted, found, strict=True)}


@lru_cache(256)
def _elsewhere(
    actor: Actor, own: tuple[str, ...], wanted: tuple[TaskFilter, ...], _known: Version
) -> Any:
    """Written once a person; areas are found by their levels."""
    columns: list[Any] = []
    for one in wanted:
        hit = case((and_(true(), *filters.clauses(one, NOW, actor.user_id)), 1), else_=0)
        columns.append(func.coalesce(func.sum(hit), 0))
    return select(*columns).where(
        or_(
            *(
                Task.id.in_(select(Task.id).where(person == actor.user_id).correlate(None))
                for person in (Task.reporter_id, Task.assignee_id)
            )
        ),
        func.coalesce(in_areas(frozenset(own)), false()).is_(False),
    )

"""Knows how often the proposed unit was the one a task was dispatched to, month by month."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, false, func, or_, select, true
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.access.predicates import WATCHERS
from tracker.access.roles import FOR_UNIT
from tracker.places.models import Organization
from tracker.progress.proposal_counts import held_by
from tracker.progress.proposal_models import ProposalCount
from tracker.progress.totals import watched
from tracker.tasks import queries
from tracker.tasks.models import Task

#: Months that a page shows.
MONTHS = 12


@dataclass(frozen=True)
class Share:
    """Standing dispatches of one month to whatever units were proposed, or of one proposed unit."""

    #: with a note of what was proposed
    dispatched: int = 0
    #: of those, with a proposal at all
    proposed: int = 0
    #: of those, to the unit that was proposed
    taken: int = 0

    @property
    def share(self) -> float | None:
        """Per cent of the proposals that were taken."""
        return 100 * self.taken / self.proposed if self.proposed else None


@dataclass(frozen=True)
class Shares:
    """The months, newest first, and (name, share) of the units that were proposed most."""

    months: Sequence[tuple[date, Share]]
    units: Sequence[tuple[str, Share]]


def months(today: date, many: int = MONTHS) -> list[date]:
    """First days of the last months, this one first."""
    found = [today.replace(day=1)]
    while len(found) < many:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found


def shares(session: Session, actor: Actor, today: date, *, most: int = 20) -> Shares:
    """Of tasks the actor may see, the dispatches that stand: by month, and by proposed unit.

    A dispatch or redispatch stands while no later one, and no return, followed it, and it was not
    taken back. A month is that of the dispatch by the city's clock. Dispatches from before
    proposals were noted are left out.
    """
    wanted = months(today)
    by_month: dict[str, Counter[str]] = defaultdict(Counter)
    by_unit: dict[int, Counter[str]] = defaultdict(Counter)
    for month, unit, dispatched, taken in _counted(session, actor, f"{wanted[-1]:%Y-%m}"):
        proposed = dispatched if unit else 0
        part = {"dispatched": dispatched, "proposed": proposed, "taken": taken}
        by_month[month].update(part)
        by_unit[unit].update(part)
    first = sorted(
        (unit for unit, sums in by_unit.items() if sums["proposed"]),
        key=lambda unit: (-by_unit[unit]["proposed"], unit),
    )[:most]
    names = select(Organization.id, Organization.name).where(Organization.id.in_(first))
    named = {row.id: row.name for row in session.execute(names)} if first else {}
    return Shares(
        [(month, Share(**by_month[f"{month:%Y-%m}"])) for month in wanted],
        [(named[unit], Share(**by_unit[unit])) for unit in first if unit in named],
    )


def _counted(session: Session, actor: Actor, since: str) -> list[Any]:
    """(month, proposed unit or 0, dispatched, taken): the counts, and what the person sees besides."""
    codes = _codes(session, actor)
    if codes is None:
        return list(session.execute(_of_tasks(since, queries.visible(actor))))
    sums = (func.sum(ProposalCount.dispatched), func.sum(ProposalCount.taken))
    found = list(
        session.execute(
            select(ProposalCount.month, ProposalCount.unit_id, *sums)
            .where(ProposalCount.area_code.in_(codes), ProposalCount.month >= since)
            .group_by(ProposalCount.month, ProposalCount.unit_id)
        )
    )
    own = queries.own(actor)
    if own:
        few = or_(*(Task.id.in_(select(Task.id).where(one).correlate(None)) for one in own))
        counted = func.coalesce(or_(false(), *queries.held_for(actor)), false())
        found += session.execute(_of_tasks(since, few, counted.is_(False)))
    return found


def _codes(session: Session, actor: Actor) -> list[str] | None:
    """The areas whose counts are what the actor sees for an area or a unit; None when no counts say that."""
    units, areas = actor.units_as(FOR_UNIT), actor.areas_as(WATCHERS)
    if units and not areas and not actor.is_system:
        return [held_by(unit) for unit in sorted(units)]
    own = watched(session, actor)
    return None if (areas and not own) or (units and areas) else list(own)


def _of_tasks(since: str, *clauses: ColumnElement[bool]) -> Select[Any]:
    unit: Any = func.coalesce(Task.proposed_unit_id, 0).label("unit")
    taken = func.sum(case((Task.proposal_taken.is_(true()), 1), else_=0))
    columns: list[Any] = [Task.proposed_month, unit, func.count(), taken]
    query: Select[Any] = select(*columns).where(Task.proposed_month >= since, *clauses)
    return query.group_by(Task.proposed_month, "unit")

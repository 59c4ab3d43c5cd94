"""Knows which figures the counters can give: for whom, and under which filter."""

from collections.abc import Collection
from dataclasses import fields, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.access.predicates import WATCHERS
from tracker.catalogue.models import Category
from tracker.counters.models import EVERYWHERE
from tracker.counters.queries import Kinds
from tracker.places.models import Area
from tracker.places.queries import areas_visible_to
from tracker.places.tree import tree
from tracker.tasks.filter_category import category_clauses
from tracker.tasks.filters import TaskFilter


def is_watched(session: Session, actor: Actor, codes: Collection[str]) -> bool:
    """Whether the actor sees every task of these areas, by area and not by unit."""
    if actor.is_system:
        return True
    granted = actor.areas_as(WATCHERS)
    if None in granted:
        return True
    known = tree(session)
    return bool(granted) and all(
        code != EVERYWHERE and known.is_within(code, granted) for code in codes
    )


def roots(session: Session, actor: Actor) -> list[Area]:
    """The largest areas in force that the actor sees, in code order; none for nobody."""
    known = tree(session)
    visible = list(session.scalars(areas_visible_to(actor)))
    codes = {area.code for area in visible}
    return [area for area in visible if not codes.intersection(known.paths[area.code][:-1])]


def kinds_of(session: Session, wanted: TaskFilter) -> Kinds | None:
    """The filter as the counters know it; None when it holds anything else.

    The order and the area are no matter of a figure: the area is what it is asked for.
    """
    rest = replace(
        wanted, unit_id=None, category="", tag="", sources=(), area="", sort=TaskFilter().sort
    )
    if any(getattr(rest, one.name) != getattr(TaskFilter(), one.name) for one in fields(rest)):
        return None
    categories = category_clauses(wanted.category, wanted.tag)
    chosen = (
        frozenset(session.scalars(select(Category.id).where(*categories))) if categories else None
    )
    units = frozenset() if wanted.unit_id is None else frozenset({wanted.unit_id})
    return Kinds(units, chosen, frozenset(source.value for source in wanted.sources))

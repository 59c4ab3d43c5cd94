"""Knows which figures the counters can give: for whom, and under which filter."""

from dataclasses import fields, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.access.roles import BY_AREA
from tracker.catalogue.models import Category
from tracker.counters.queries import Kinds
from tracker.counters.watching import is_watched as is_watched
from tracker.places.models import Area, Organization
from tracker.places.queries import areas_visible_to
from tracker.places.tree import tree
from tracker.tasks.filter_category import category_clauses
from tracker.tasks.filters import TaskFilter


def roots(session: Session, actor: Actor) -> list[Area]:
    """The largest areas in force that the actor sees, in code order; none for nobody."""
    known, seen = tree(session), areas_visible_to(actor)
    named = _named(session, actor)
    visible = list(session.scalars(seen.where(Area.code.in_(sorted(named)))))
    if len(visible) < len(named):  # one is retired: what lies in it is seen nevertheless
        visible = list(session.scalars(seen))
    codes = {area.code for area in visible}
    return [area for area in visible if not codes.intersection(known.paths[area.code][:-1])]


def _named(session: Session, actor: Actor) -> set[str]:
    """Areas that the jurisdiction of an actor begins with: granted ones, and homes of units."""
    granted = actor.areas_as(BY_AREA)
    if actor.is_system or None in granted:
        return {code for code, path in tree(session).paths.items() if len(path) == 1}
    units = [grant.organization_id for grant in actor.grants if grant.organization_id is not None]
    homes = select(Organization.area_code).where(Organization.id.in_(units)) if units else None
    found = set(session.scalars(homes)) if homes is not None else set()
    return {code for code in (*granted, *found) if code is not None}


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

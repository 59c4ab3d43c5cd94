"""Knows where the jurisdiction of a person begins, and which figures the counters can give."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.access.roles import BY_AREA
from tracker.counters.kinds import kinds_of as kinds_of
from tracker.counters.watching import is_watched as is_watched
from tracker.places.models import Area, Organization
from tracker.places.queries import areas_visible_to
from tracker.places.tree import tree


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

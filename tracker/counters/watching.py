"""Knows whose tasks the counters may speak of: those that a person sees by area and not by unit."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.access.predicates import WATCHERS
from tracker.counters.models import EVERYWHERE
from tracker.places.tree import tree


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

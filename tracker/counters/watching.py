"""Knows whose tasks the counters may speak of: those that a person sees by area and not by unit."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.access.predicates import WATCHERS
from tracker.counters.models import EVERYWHERE
from tracker.places.levels import levels_of
from tracker.places.models import Level
from tracker.places.tree import Tree, tree


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


def watched(session: Session, actor: Actor) -> tuple[str, ...]:
    """The largest areas whose tasks the actor sees by area; the whole is EVERYWHERE, () is nobody."""
    return largest(actor, tree(session))


def largest(actor: Actor, known: Tree) -> tuple[str, ...]:
    """The same, by a tree at hand."""
    codes = actor.areas_as(WATCHERS)
    if actor.is_system or None in codes:
        return (EVERYWHERE,)
    return tuple(
        sorted(code for code in codes if code and codes.isdisjoint(known.paths.get(code, ())[:-1]))
    )


def grids_of(codes: Collection[str]) -> list[str]:
    """Those of the areas that have no counters: grids, whose tasks are few."""
    levels = levels_of([code for code in codes if code])
    return sorted(code for code, level in levels.items() if level is Level.GRID)

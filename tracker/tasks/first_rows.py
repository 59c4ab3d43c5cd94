"""Knows how the first rows of a list come by their indexes, for each reason to see them apart (see ADR 35)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true

from tracker.access.actor import Actor
from tracker.access.predicates import WATCHERS
from tracker.access.roles import FOR_UNIT
from tracker.places.levels import levels_of
from tracker.places.models import Level
from tracker.tasks import queries
from tracker.tasks.filter_area import in_area
from tracker.tasks.filters import Due, TaskFilter, clauses
from tracker.tasks.models import Task
from tracker.tasks.states import RUNNING


def first_of(
    query: Select[Any],
    actor: Actor,
    wanted: TaskFilter,
    now: datetime,
    order: Sequence[Any],
    limit: int,
    *behind: ColumnElement[bool],
) -> Select[Any]:
    """The first `limit` rows of `query` (on Task, unsorted) that the actor may see and wants, in order.

    Who sees tasks for several reasons gets the first of each, by the index of each, and the first of
    these: one condition with OR would read and sort all that there is.
    """
    narrow = [*clauses(replace(wanted, area=""), now, actor.user_id), *_wide(wanted), *behind]
    return (
        query.where(*_found_by(actor, wanted, narrow, order, limit)).order_by(*order).limit(limit)
    )


def some_of(
    actor: Actor, wanted: TaskFilter, now: datetime, limit: int, *more: ColumnElement[bool]
) -> Select[Any]:
    """Ids of what the actor may see and wants, at most `limit`, in no order: to be counted."""
    narrow = [*clauses(wanted, now, actor.user_id), *more]
    if not actor.units_as(FOR_UNIT):
        return select(Task.id).where(visible(actor, wanted), *narrow).limit(limit)
    return select(Task.id).where(*_found_by(actor, wanted, narrow, (), limit)).limit(limit)


def _wide(wanted: TaskFilter) -> list[ColumnElement[bool]]:
    """The wanted area; of a town the newest rows come sooner by their date than by the town's index."""
    if not wanted.area:
        return []
    level = levels_of([wanted.area]).get(wanted.area)
    if level is Level.TOWN and not wanted.states and wanted.due is None:
        return [Task.town_code.concat("") == wanted.area]
    return [in_area(wanted.area)]


def _each_state(wanted: TaskFilter) -> list[list[ColumnElement[bool]]]:
    """The wanted states one by one: each has its rows in the order of an index, all together do not."""
    # what was on time is submitted or has ended: it has no such states
    is_running = wanted.due is not None and wanted.due is not Due.ON_TIME
    states = wanted.states or (RUNNING if is_running else ())
    return [[Task.state == state.value] for state in sorted(states)] or [[]]


def _found_by(
    actor: Actor,
    wanted: TaskFilter,
    narrow: Sequence[ColumnElement[bool]],
    order: Sequence[Any],
    limit: int,
) -> list[ColumnElement[bool]]:
    states = _each_state(wanted)
    is_enough = says_enough(actor, wanted)
    if is_enough and (not order or len(states) == 1):
        return [*narrow]
    many: Sequence[ColumnElement[bool]] = [true()] if is_enough else queries.held_for(actor)
    few = [] if is_enough else queries.own(actor)
    if len(many) == 1 and not few and not order:
        return [*many, *narrow]
    # the few come first by their own index, whatever else is asked of them
    of = select(Task.id).correlate(None)
    parts: list[ColumnElement[bool]] = [
        Task.id.in_(of.where(one, *state, *narrow).order_by(*order).limit(limit))
        for one in many
        for state in states
    ]
    parts += [and_(Task.id.in_(of.where(one)), *narrow) for one in few]
    return [or_(false(), *parts)]


def says_enough(actor: Actor, wanted: TaskFilter) -> bool:
    """What a person's own unit holds, or is the person's own, needs no second look whether it is visible."""
    own_unit = wanted.unit_id is not None and wanted.unit_id in actor.units_as(FOR_UNIT)
    return own_unit or (wanted.mine is not None and actor.user_id is not None)


def sees_a_district(actor: Actor) -> bool:
    """Whether what the actor may see is no narrower than the list of a whole district."""
    codes = actor.areas_as(WATCHERS)
    known = levels_of([code for code in codes if code]).values()
    return actor.is_system or None in codes or Level.DISTRICT in known


def visible(actor: Actor, wanted: TaskFilter) -> ColumnElement[bool]:
    """What is left to ask of a wanted task, so that the actor may see it."""
    return true() if says_enough(actor, wanted) else queries.visible(actor)

"""Knows which rows of a register a person sees: those of the areas watched and of the units acted for."""

from typing import Any

from sqlalchemy import ColumnElement, false, or_, true

from tracker.access.actor import Actor
from tracker.access.predicates import WATCHERS
from tracker.access.roles import FOR_UNIT


def watched_or_own(actor: Actor, table: type[Any]) -> ColumnElement[bool]:
    """The predicates in_watched_area and for_own_unit as SQL, on a table with areas and a unit."""
    if actor.is_system:
        return true()
    codes = actor.areas_as(WATCHERS)
    if None in codes:
        return true()
    clauses: list[ColumnElement[bool]] = []
    if codes:
        wanted = sorted(code for code in codes if code is not None)
        clauses += [column.in_(wanted) for column in _areas_of(table)]
    units = actor.units_as(FOR_UNIT)
    if units:
        clauses.append(table.unit_id.in_(sorted(units)))
    return or_(*clauses) if clauses else false()


def lies_in(table: type[Any], code: str) -> ColumnElement[bool]:
    """Rows in the area of whatever level that has this code, on a table with areas."""
    return or_(*(column == code for column in _areas_of(table)))


def _areas_of(table: type[Any]) -> tuple[Any, ...]:
    return table.community_code, table.grid_code, table.town_code, table.district_code

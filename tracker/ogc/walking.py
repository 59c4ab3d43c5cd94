"""Writes the SELECT of a page of features that walks over ranges of cells, once per person and shape of what is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Float,
    Integer,
    and_,
    bindparam,
    false,
    func,
    or_,
    select,
    tuple_,
    union_all,
)

from gis.cells import Range
from tracker.access.actor import Actor
from tracker.ogc.asked import Asked, Key
from tracker.ogc.kinds import Collection
from tracker.places.models import Level
from tracker.storage.types import UTCDateTime

#: Of the areas of a person's grants: they say in which column an area is looked for.
Levels = tuple[tuple[str, Level], ...]
_SIDES = ("west", "south", "east", "north")


@dataclass(frozen=True)
class Shape:
    """All that decides the words of a statement; equal ones are written once."""

    collection: Collection
    actor: Actor
    levels: Levels
    ranges: int
    has_box: bool = False
    #: the box crosses the 180th meridian
    is_across: bool = False
    has_since: bool = False
    has_until: bool = False


def walk(
    collection: Collection,
    actor: Actor,
    levels: Levels,
    asked: Asked,
    ranges: Sequence[Range],
) -> tuple[Any, dict[str, Any]] | None:
    """The statement of a page, one row more than its limit, and its values; None when nothing is left."""
    starts = _starts(ranges, asked.after)
    if not starts:
        return None
    values: dict[str, Any] = {"most": asked.limit + 1}
    for place, (low, row_id, high) in enumerate(starts):
        values[f"low{place}"], values[f"id{place}"], values[f"high{place}"] = low, row_id, high
    if asked.box:
        values.update(zip(_SIDES, asked.box, strict=True))
    for name, at in (("since", asked.since), ("until", asked.until)):
        if at is not None:
            values[name] = at
    shape = Shape(
        collection, actor, levels, len(starts), asked.box is not None,
        asked.box is not None and asked.box[0] > asked.box[2],
        asked.since is not None, asked.until is not None,
    )  # fmt: skip
    return _statement(shape), values


def _starts(ranges: Sequence[Range], after: Key | None) -> list[tuple[int, int, int]]:
    """(cell, id, last cell) of what is left of each range behind a key."""
    if after is None:
        return [(low, 0, high) for low, high in ranges]
    return [
        (after.cell, after.row_id, high) if low <= after.cell else (low, 0, high)
        for low, high in ranges
        if after.cell <= high
    ]


def _given(name: str, kind: Any) -> Any:
    """A value that each page brings."""
    return bindparam(name, type_=kind, required=False)


@lru_cache(512)
def _statement(shape: Shape) -> Any:
    """The rows of each range in the order of the index, merged as they are read."""
    table = shape.collection.table
    # put so that no index of areas or people is taken instead: that would read and sort all there is
    sees = func.coalesce(shape.collection.visible(shape.actor), false()).is_(True)
    clauses = [sees, *_within(shape)]
    # each range sorted by itself: else PostgreSQL sorts all that lies in them; SQLite merges either way
    parts = [
        shape.collection.rows.where(
            tuple_(table.cell, table.id)
            > tuple_(_given(f"low{n}", BigInteger), _given(f"id{n}", Integer)),
            table.cell <= _given(f"high{n}", BigInteger),
            *clauses,
        ).order_by(table.cell, table.id)
        for n in range(shape.ranges)
    ]
    most = _given("most", Integer)
    if len(parts) == 1:
        return parts[0].limit(most)
    merged = union_all(*(select(part.subquery()) for part in parts))
    return merged.order_by("row_cell", "row_id").limit(most)


def _within(shape: Shape) -> list[ColumnElement[bool]]:
    """In the box and between the moments."""
    table, moment = shape.collection.table, shape.collection.moment
    clauses: list[ColumnElement[bool]] = []
    if shape.has_box:
        west, south, east, north = (_given(name, Float) for name in _SIDES)
        together = or_ if shape.is_across else and_
        clauses = [together(table.lon >= west, table.lon <= east), table.lat.between(south, north)]
    if shape.has_since:
        clauses.append(moment >= _given("since", UTCDateTime))
    if shape.has_until:
        clauses.append(moment <= _given("until", UTCDateTime))
    return clauses

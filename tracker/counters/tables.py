"""Lists the tables that are projections of the events: what a rebuild fills and a check compares."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

from sqlalchemy import Table

from tracker.counters.models import (
    AreaMonth,
    AreaStamp,
    AreaTotal,
    CellCount,
    CounterTail,
    KindCount,
    KindTotal,
)


@dataclass(frozen=True)
class Tables:
    """The counters, as they are kept or as a check recounts them."""

    months: Table
    totals: Table
    kinds: Table
    kind_totals: Table
    cells: Table

    def __iter__(self) -> Iterator[Table]:
        return (getattr(self, one.name) for one in fields(self))


def table_of(model: type) -> Table:
    """The table of a model, for statements without objects."""
    table = model.__table__  # type: ignore[attr-defined]
    assert isinstance(table, Table)
    return table


TABLES = Tables(
    table_of(AreaMonth), table_of(AreaTotal), table_of(KindCount), table_of(KindTotal),
    table_of(CellCount),
)  # fmt: skip
AREA_STAMPS = table_of(AreaStamp)
TAIL = table_of(CounterTail)

"""Lists the tables that are projections of the events: what a rebuild fills and a check compares."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

from sqlalchemy import Table

from tracker.counters.models import AreaCount, AreaStamp, AreaTotal, CellCount, KindCount


@dataclass(frozen=True)
class Tables:
    """The four counters, as they are kept or as a check recounts them."""

    areas: Table
    totals: Table
    kinds: Table
    cells: Table

    def __iter__(self) -> Iterator[Table]:
        return (getattr(self, one.name) for one in fields(self))


def _table(model: type) -> Table:
    table = model.__table__  # type: ignore[attr-defined]
    assert isinstance(table, Table)
    return table


TABLES = Tables(_table(AreaCount), _table(AreaTotal), _table(KindCount), _table(CellCount))
AREA_STAMPS = _table(AreaStamp)

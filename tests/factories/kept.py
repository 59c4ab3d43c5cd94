"""The small district's rows, kept from its first making in a process and put in again as they were.

Making it through the models takes ten times as long, and two thousand tests begin with it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, Table, exists, insert, or_, select, text

from tracker import clock
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work

#: In the order in which they refer to each other.
NAMES = ("area", "area_boundary", "area_epoch", "organization", "user_account", "role_grant")
Rows = list[dict[str, Any]]


def tables() -> list[Table]:
    return [db.metadata.tables[name] for name in NAMES]


def is_bare() -> bool:
    """Whether there is no place and nobody yet, so that the ids will be those of the first making."""
    found = (exists(_of_district(table)) for table in tables())
    return not db.session.scalar(select(or_(*found)))


def rows() -> list[Rows]:
    """What the tables hold, table by table."""
    return [
        [
            dict(row)
            for row in db.session.execute(
                _of_district(table).order_by(*table.primary_key)
            ).mappings()
        ]
        for table in tables()
    ]


def _of_district(table: Table) -> Select[Any]:
    """Its rows; the version of names (places.versions) is there from the catalogue on."""
    query = select(table)
    return query.where(table.c.id == 1) if table.name == "area_epoch" else query


def put(kept: list[Rows]) -> None:
    """Commit the rows again; every moment in them is now."""
    now = clock.now()
    with unit_of_work() as work:
        for table, found in zip(tables(), kept, strict=True):
            work.execute(insert(table), [_dated(row, now) for row in found])
            _go_on_after(table)


def _dated(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {name: now if isinstance(value, datetime) else value for name, value in row.items()}


def _go_on_after(table: Table) -> None:
    """PostgreSQL numbers the next row after the last one it numbered itself."""
    key = table.autoincrement_column
    if key is None or db.engine.dialect.name != "postgresql":
        return
    db.session.execute(
        text(
            f"SELECT setval(pg_get_serial_sequence(:table, :key), max({key.name})) FROM {table.fullname}"
        ),
        {"table": table.fullname, "key": key.name},
    )

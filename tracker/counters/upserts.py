"""Knows how rows are added to counters: a new key begins, a known one grows."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def add(
    session: Session, table: Table, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Add each row's figures to those of its key. Keys may not come twice in `rows`.

    Counters hold texts, whole numbers and days: they go to the driver as they are, which takes a
    third of the time when millions are recounted.
    """
    if not rows:
        return
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        given: list[Any] = [dict(zip(columns, row, strict=True)) for row in rows]
    elif "day" in columns:
        given = [_as_text(row, columns.index("day")) for row in rows]
    else:
        given = list(rows)
    connection.exec_driver_sql(_upsert(table, columns, connection.dialect), given)


def _as_text(row: tuple[Any, ...], day: int) -> tuple[Any, ...]:
    """SQLite keeps a day as its ISO text."""
    return (*row[:day], row[day].isoformat(), *row[day + 1 :])


@cache
def _upsert(table: Table, columns: tuple[str, ...], dialect: Dialect) -> str:
    statement: Any = _INSERT[dialect.name](table).values(dict.fromkeys(columns))
    keys = [column.name for column in table.primary_key]
    grown = {
        column.name: column + statement.excluded[column.name]
        for column in table.columns
        if column.name not in keys
    }
    return str(
        statement.on_conflict_do_update(index_elements=keys, set_=grown).compile(
            dialect=dialect, column_keys=list(columns)
        )
    )

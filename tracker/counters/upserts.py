"""Knows how rows are added to counters: a new key begins, a known one grows."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Insert, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def add(session: Session, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Add each row's figures to those of its key. Keys may not come twice in `rows`."""
    if rows:
        connection = session.connection()
        connection.execute(_upsert(table, connection.dialect.name), list(rows))


@cache
def _upsert(table: Table, dialect: str) -> Insert:
    statement: Any = _INSERT[dialect](table)
    keys = [column.name for column in table.primary_key]
    grown = {
        column.name: column + statement.excluded[column.name]
        for column in table.columns
        if column.name not in keys
    }
    upsert: Insert = statement.on_conflict_do_update(index_elements=keys, set_=grown)
    return upsert

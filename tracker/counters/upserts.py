"""Knows how rows are added to counters: a new key begins, a known one grows, an empty one may go."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Date, Dialect, Table, bindparam, delete, literal_column
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

#: Rows of one statement on PostgreSQL; a step has fewer, an import or a recount more.
_AT_ONCE = 5_000


def add(session: Session, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Add each row's figures to those of its key; columns in the table's order, each key once.

    Counters hold texts, whole numbers and days: they go to the driver as they are, which takes a
    third of the time when millions are recounted.
    """
    if rows:
        _execute(session, table, _upsert, tuple(column.name for column in table.columns), rows)


def drop_empty(session: Session, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Take away those of the rows just added, from which something was taken, that are all 0 now."""
    # in the order of the columns, which need not be that of the key
    keys = tuple(column.name for column in table.columns if column.primary_key)
    taken = [row[: len(keys)] for row in rows if min(row[len(keys) :]) < 0]
    if taken:
        _execute(session, table, _drop, keys, taken)


@contextmanager
def at_once(session: Session) -> Iterator[None]:
    """Within, PostgreSQL is sent everything before it is waited for: rows of a district are locked meanwhile."""
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        yield
        return
    driver: Any = connection.connection.driver_connection
    with _refused_as_ever(connection), driver.pipeline():
        yield


def _execute(
    session: Session,
    table: Table,
    statement: Any,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    connection = session.connection()
    written = statement(table, columns, connection.dialect)
    # six tables are written while others wait: straight to the driver, which is half of the time
    cursor = connection.connection.cursor()
    with _refused_as_ever(connection):
        if connection.dialect.name == "sqlite":
            cursor.executemany(written, _with_texts(table, columns, rows))
        else:
            for some in _pieces(rows):
                # a list for each column, in the order of the keys: nobody waits crosswise
                cursor.execute(written, [_listed(column) for column in zip(*some, strict=True)])
    cursor.close()


def _listed(column: Sequence[Any]) -> Any:
    """A list for PostgreSQL; one of numbers is written here, which is most of the client's time."""
    if isinstance(column[0], int):
        return "{" + ",".join(map(str, column)) + "}"
    return list(column)


@contextmanager
def _refused_as_ever(connection: Connection) -> Iterator[None]:
    """What the driver says when the database refuses is said as for every other statement."""
    refused: Any = connection.dialect.dbapi.OperationalError  # type: ignore[union-attr]
    try:
        yield
    except refused as error:
        raise OperationalError("counters", None, error) from error


def _with_texts(
    table: Table, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
) -> Sequence[tuple[Any, ...]]:
    """SQLite keeps a day as its ISO text."""
    days = [n for n, name in enumerate(columns) if isinstance(table.c[name].type, Date)]
    if not days:
        return rows
    at = days[0]
    return [(*row[:at], row[at].isoformat(), *row[at + 1 :]) for row in rows]


def _pieces(rows: Sequence[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    left = iter(rows)
    while some := list(islice(left, _AT_ONCE)):
        yield some


@cache
def _upsert(table: Table, columns: tuple[str, ...], dialect: Dialect) -> str:
    if dialect.name == "sqlite":
        return _upsert_of_one(table, columns, dialect)
    keys = [column.name for column in table.primary_key]
    grown = (
        f"{name} = {table.name}.{name} + excluded.{name}" for name in columns if name not in keys
    )
    return (
        f"INSERT INTO {table.name} ({', '.join(columns)})"  # noqa: S608 - names of our own tables
        f" SELECT * FROM {_lists(table, columns, dialect)}"
        f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {', '.join(grown)}"
    )


def _upsert_of_one(table: Table, columns: tuple[str, ...], dialect: Dialect) -> str:
    insert: Any = sqlite.insert(table).values(dict.fromkeys(columns))
    keys = [column.name for column in table.primary_key]
    grown = {
        column.name: column + insert.excluded[column.name]
        for column in table.columns
        if column.name not in keys
    }
    statement = insert.on_conflict_do_update(index_elements=keys, set_=grown)
    return str(statement.compile(dialect=dialect, column_keys=list(columns)))


@cache
def _drop(table: Table, columns: tuple[str, ...], dialect: Dialect) -> str:
    figures = [column for column in table.columns if column.name not in columns]
    if dialect.name != "sqlite":
        same = (f"{table.name}.{name} = given.{name}" for name in columns)
        empty = (f"{column.name} = 0" for column in figures)
        return (
            f"DELETE FROM {table.name}"  # noqa: S608 - names of our own tables
            f" USING {_lists(table, columns, dialect)} AS given ({', '.join(columns)})"
            f" WHERE {' AND '.join((*same, *empty))}"
        )
    keys = [table.c[name] == bindparam(name) for name in columns]
    nothing: Any = literal_column("0")
    return str(
        delete(table)
        .where(*keys, *(column == nothing for column in figures))
        .compile(dialect=dialect)
    )


def _lists(table: Table, columns: tuple[str, ...], dialect: Dialect) -> str:
    """Rows out of a list for each column."""
    kinds = (table.c[name].type.compile(dialect=dialect) for name in columns)
    return f"unnest({', '.join(f'%s::{kind}[]' for kind in kinds)})"

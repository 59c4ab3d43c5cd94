"""Hands rows of counters over as the driver gives them: they hold texts and whole numbers alone.

A map asks for hundreds of areas at once. Their codes are one value, and the statements are written
once, so that what is left is the reading.
"""

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Dialect,
    SelectBase,
    String,
    any_,
    bindparam,
    func,
    select,
)
from sqlalchemy.orm import Session


def among_codes(column: Any, dialect: str) -> ColumnElement[bool]:
    """The column holds one of the codes that `rows` is given."""
    if dialect == "sqlite":
        listed = func.json_each(bindparam("codes", type_=String, required=False)).table_valued(
            "value"
        )
        found: ColumnElement[bool] = column.in_(select(listed.c.value))
    else:
        found = column == any_(bindparam("codes", type_=ARRAY(String), required=False))
    return found


def dialect_of(session: Session) -> str:
    """The name of the database's kind."""
    return session.get_bind().dialect.name


def rows(
    session: Session, statement: SelectBase, codes: Sequence[str], **given: Any
) -> Sequence[Any]:
    """The rows of a statement that is kept between calls, with its codes and other values."""
    connection = session.connection()
    string, names, params, bound = _written(statement, connection.dialect)
    listed: Any = json.dumps(codes) if connection.dialect.name == "sqlite" else list(codes)
    values = {**params, **given, "codes": listed}
    for name, as_stored in bound:
        values[name] = as_stored(values[name])
    result = connection.exec_driver_sql(
        string, tuple(values[name] for name in names) if names else values
    )
    assert result.cursor is not None, "it selects"
    found: Sequence[Any] = result.cursor.fetchall()
    result.close()
    return found


#: Turns a value into what the driver takes, a moment above all.
_AsStored = Callable[[Any], Any]


@lru_cache(512)
def _written(
    statement: SelectBase, dialect: Dialect
) -> tuple[str, list[str], dict[str, Any], list[tuple[str, _AsStored]]]:
    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    params = dict(compiled.params)
    bound: list[tuple[str, _AsStored]] = [
        (name, as_stored)
        for bind, name in compiled.bind_names.items()
        if name in params
        and (as_stored := bind.type.dialect_impl(dialect).bind_processor(dialect)) is not None
    ]
    return str(compiled), list(compiled.positiontup or ()), params, bound

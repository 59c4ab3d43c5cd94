"""Hands rows of counters over as the driver gives them: they hold texts and whole numbers alone.

A map asks for hundreds of areas at once. Their codes are one value, and the statements are written
once, so that what is left is the reading.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, SelectBase, String, any_, bindparam, func, select
from sqlalchemy.orm import Session

from tracker.storage.plain import fetched


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
    listed: Any = json.dumps(codes) if dialect_of(session) == "sqlite" else list(codes)
    return fetched(session, statement, codes=listed, **given)

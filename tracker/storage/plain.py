"""Hands over rows as the driver gives them, for what is asked again and again."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session


def fetched(
    session: Session, statement: Select[Any], values: Mapping[str, Any]
) -> Sequence[tuple[Any, ...]]:
    """The rows of a statement that is kept between calls: texts and numbers alone, no moments.

    The values of its parameters are given each time. Changes that wait in the session are not
    written first.
    """
    result = session.connection().execute(statement, dict(values))
    assert result.cursor is not None, "it selects"
    found: Sequence[tuple[Any, ...]] = result.cursor.fetchall()
    result.close()
    return found

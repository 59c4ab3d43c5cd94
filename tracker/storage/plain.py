"""Hands over rows as the driver gives them, for statements that are kept between calls and asked again and again.

The text of such a statement is written once: SQLAlchemy would write its lists anew each time, which
costs more than to ask.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Dialect, bindparam
from sqlalchemy.orm import Session

from tracker.storage.types import UTCDateTime

#: The present moment in a kept statement: given with each call.
NOW: Any = bindparam("now", type_=UTCDateTime(), required=False)


def fetched(session: Session, statement: Any, **given: Any) -> Sequence[tuple[Any, ...]]:
    """The rows of a kept SELECT with the values of its open parameters, as the driver gives them.

    What a type would make of a column (a moment above all) is left to the caller.
    Changes that wait in the session are not written first.
    """
    connection = session.connection()
    written = _written(statement, connection.dialect)
    values = {**written.values, **given}
    for name, as_stored in written.processors:
        values[name] = as_stored(values[name])
    result = connection.exec_driver_sql(
        written.text, tuple(values[name] for name in written.order) if written.order else values
    )
    assert result.cursor is not None, "it selects"
    found: Sequence[tuple[Any, ...]] = result.cursor.fetchall()
    result.close()
    return found


class _Written(NamedTuple):
    text: str
    #: names of the values in the order of their marks, where a driver counts them
    order: tuple[str, ...]
    values: dict[str, Any]
    #: what turns a value into what the driver takes, a moment above all
    processors: tuple[tuple[str, Callable[[Any], Any]], ...]


@lru_cache(1024)
def _written(statement: Any, dialect: Dialect) -> _Written:
    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    values = dict(compiled.params)
    processors = tuple(
        (name, processor)
        for bind, name in compiled.bind_names.items()
        if name in values
        and (processor := bind.type.dialect_impl(dialect).bind_processor(dialect)) is not None
    )
    return _Written(str(compiled), tuple(compiled.positiontup or ()), values, processors)

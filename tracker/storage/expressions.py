"""Expressions that SQLite and PostgreSQL write differently."""

from typing import Any

from sqlalchemy import BigInteger, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class unsought(FunctionElement[str]):  # noqa: N801 - a function of SQL
    """A column of words as a condition for which no index is begun with; it costs the row nothing."""

    type = String()
    inherit_cache = True


@compiles(unsought, "sqlite")
def _on_sqlite(element: unsought, compiler: Any, **kw: Any) -> str:
    return f"+({compiler.process(element.clauses, **kw)})"


@compiles(unsought)
def _on_postgresql(element: unsought, compiler: Any, **kw: Any) -> str:
    return f"({compiler.process(element.clauses, **kw)} || '')"


class whole_seconds(FunctionElement[int]):  # noqa: N801 - a function of SQL
    """A moment in whole seconds since 1970, the rest cut off."""

    type = BigInteger()
    inherit_cache = True


@compiles(whole_seconds, "sqlite")
def _seconds_on_sqlite(element: whole_seconds, compiler: Any, **kw: Any) -> str:
    return f"CAST(STRFTIME('%s', {compiler.process(element.clauses, **kw)}) AS INTEGER)"


@compiles(whole_seconds)
def _seconds_on_postgresql(element: whole_seconds, compiler: Any, **kw: Any) -> str:
    # a cast alone would round
    return f"CAST(FLOOR(EXTRACT(EPOCH FROM {compiler.process(element.clauses, **kw)})) AS BIGINT)"

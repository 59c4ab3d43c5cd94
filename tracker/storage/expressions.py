"""Expressions that SQLite and PostgreSQL write differently."""

from typing import Any

from sqlalchemy import String
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

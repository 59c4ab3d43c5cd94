"""Expressions that SQLite and PostgreSQL write differently."""

from typing import Any

from sqlalchemy import BigInteger, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


def written(element: type[FunctionElement[Any]], *, sqlite: str, postgresql: str) -> None:
    """Say how a function of SQL is written, `{}` being what it is given."""

    def form(text: str) -> Any:
        return lambda given, compiler, **kw: text.format(compiler.process(given.clauses, **kw))

    compiles(element, "sqlite")(form(sqlite))
    compiles(element)(form(postgresql))


class unsought(FunctionElement[str]):  # noqa: N801 - a function of SQL
    """A column of words as a condition for which no index is begun with; it costs the row nothing."""

    type = String()
    inherit_cache = True


written(unsought, sqlite="+({})", postgresql="({} || '')")


class whole_seconds(FunctionElement[int]):  # noqa: N801 - a function of SQL
    """A moment in whole seconds since 1970, the rest cut off."""

    type = BigInteger()
    inherit_cache = True


written(
    whole_seconds,
    sqlite="CAST(STRFTIME('%s', {}) AS INTEGER)",
    # a cast alone would round
    postgresql="CAST(FLOOR(EXTRACT(EPOCH FROM {})) AS BIGINT)",
)

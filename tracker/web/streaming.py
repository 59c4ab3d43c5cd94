"""Knows how rows stream out of a database without keeping its connection."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from flask import stream_with_context
from sqlalchemy.orm import Session

#: Text or bytes.
Piece = TypeVar("Piece", str, bytes)


def streamed(session: Session, pieces: Iterable[Piece]) -> Iterator[Piece]:
    """`pieces` within the request; `session` gives its connection back however the answer ends.

    They are read after the request's own clean-up: a connection taken there would stay taken, and
    fifteen exports would leave none for anybody.
    """

    def released() -> Iterator[Piece]:
        try:
            yield from pieces
        finally:
            session.close()

    return stream_with_context(released())

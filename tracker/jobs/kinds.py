"""Knows what a kind of job is, when a repeated one is due, and how a job says "not yet"."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

Payload = Mapping[str, Any]

#: After this many failures a job is given up, unless its kind says otherwise.
MAX_ATTEMPTS = 8


class Later(Exception):
    """Not now: the job is to be taken up again at `at`; this was no failure."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at)
        self.at = at


def _nothing(_session: Session, _payload: Payload) -> None:
    """A kind that has nothing to add."""


def _no_words(_session: Session, _payload: Payload, _reason: str, _is_last: bool) -> None:
    """A kind whose failures are told by the job's row alone."""


@dataclass(frozen=True)
class Kind:
    """One kind of job.

    `run` does it inside the transaction that ends the job: its effect in the database happens
    exactly once. What leaves the house cannot be rolled back: `send` does that outside any
    transaction, at least once, and `run` then writes down that it was done. `failed` writes down
    each failure, the last one included.
    """

    name: str
    run: Callable[[Session, Payload], None] = _nothing
    send: Callable[[Payload], None] | None = None
    failed: Callable[[Session, Payload, str, bool], None] = _no_words
    max_attempts: int = MAX_ATTEMPTS


@dataclass(frozen=True)
class Periodic:
    """A kind that is asked for once in each span of `every`, if `is_due` finds something to do."""

    kind: str
    every: timedelta
    is_due: Callable[[Session, datetime], bool]

    def slot(self, now: datetime) -> datetime:
        """The start of the span in which `now` lies, counted from 1970 (UTC)."""
        length = self.every.total_seconds()
        return datetime.fromtimestamp(now.timestamp() // length * length, UTC)


@dataclass(frozen=True)
class Jobs:
    """Every kind of job of the product, and which of them come again by themselves."""

    kinds: Sequence[Kind] = ()
    periodics: Sequence[Periodic] = ()

    def __post_init__(self) -> None:
        names = [kind.name for kind in self.kinds]
        if len(set(names)) != len(names):
            raise RuntimeError("two kinds of job have the same name")
        if unknown := {one.kind for one in self.periodics} - set(names):
            raise RuntimeError(f"no such kind of job: {sorted(unknown)}")

    def kind(self, name: str) -> Kind | None:
        """The kind of that name."""
        return next((kind for kind in self.kinds if kind.name == name), None)

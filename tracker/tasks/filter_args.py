"""Knows how one argument of a query string is read strictly: its kind, or refused by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tracker.catalogue.data import load_tags

#: Longest search text.
MAX_TEXT = 80
#: The largest id a row can have (a 32-bit column on PostgreSQL).
_MAX_ID = 2**31 - 1


@dataclass(frozen=True)
class Refused:
    """An argument that could not be understood and was left out."""

    name: str
    value: str


@dataclass
class Reading:
    """The arguments of a request, and those that were not understood."""

    args: Mapping[str, Any]
    refused: list[Refused] = field(default_factory=list)

    def every(self, name: str) -> list[str]:
        """The values of an argument that are not blank."""
        given = self.args.getlist(name) if hasattr(self.args, "getlist") else [self.args.get(name)]
        return [text.strip() for text in given if text and text.strip()]

    def values(self, name: str, kind: Callable[[str], Any]) -> tuple[Any, ...]:
        """The understood values, each once."""
        found: dict[Any, None] = {}
        for text in self.every(name):
            try:
                found[kind(text)] = None
            except ValueError:
                self.refused.append(Refused(name, text))
        return tuple(found)

    def one(self, name: str, kind: Callable[[str], Any], default: Any = None) -> Any:
        """The only value, or `default`."""
        found = self.values(name, kind)
        if len(found) > 1:
            self.refused += [Refused(name, str(extra)) for extra in found[1:]]
        return found[0] if found else default

    def days(self, first: str, last: str) -> tuple[date | None, date | None]:
        """Two days of a range; the last one is refused when it lies before the first."""
        since, until = self.one(first, day), self.one(last, day)
        if since and until and since > until:
            self.refused.append(Refused(last, until.isoformat()))
            until = None
        return since, until


def code(text: str) -> str:
    """A code of an area or a category, up to 32 characters. Raises ValueError."""
    if len(text) > 32 or not all(char.isalnum() or char in "-_." for char in text):
        raise ValueError(text)
    return text


def identity(text: str) -> int:
    """The id of a row. Raises ValueError."""
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and 0 < int(text) <= _MAX_ID):
        raise ValueError(text)
    return int(text)


def flag(text: str) -> bool:
    """1 and nothing else. Raises ValueError."""
    if text != "1":
        raise ValueError(text)
    return True


def tag(text: str) -> str:
    """A tag of the 七乱一占 bundle. Raises ValueError."""
    if text not in {row.code for row in load_tags()}:
        raise ValueError(text)
    return text


def words(text: str) -> str:
    """Search text without control characters. Raises ValueError."""
    if len(text) > MAX_TEXT or any(ord(char) < 32 for char in text):
        raise ValueError(text)
    return text


def day(text: str) -> date:
    """A day as 2026-11-22 and no other spelling of it. Raises ValueError."""
    found = date.fromisoformat(text)
    if not 1990 <= found.year <= 2100 or found.isoformat() != text:
        raise ValueError(text)
    return found

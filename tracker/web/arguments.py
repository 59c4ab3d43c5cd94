"""Knows how the arguments of an address are read strictly: each by its kind, or refused by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, ClassVar, NamedTuple, Self, TypeVar

from tracker.errors import Invalid
from tracker.texts import N_

#: Longest search text.
MAX_TEXT = 80
#: The largest id a row can have (a 32-bit column on PostgreSQL).
_MAX_ID = 2**31 - 1

_Read = TypeVar("_Read")

#: Reads one text, or raises ValueError.
Kind = Callable[[str], Any]


class Refused(NamedTuple):
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

    def values(self, name: str, kind: Kind) -> tuple[Any, ...]:
        """The understood values, each once."""
        found: dict[Any, None] = {}
        for text in self.every(name):
            try:
                found[kind(text)] = None
            except ValueError:
                self.refused.append(Refused(name, text))
        return tuple(found)

    def one(self, name: str, kind: Kind, default: Any = None) -> Any:
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

    def fields(self, kinds: Mapping[str, tuple[str, Kind]]) -> dict[str, Any]:
        """What was understood by attribute; `kinds` says argument → (attribute, kind)."""
        read = {attribute: self.one(name, kind) for name, (attribute, kind) in kinds.items()}
        return {attribute: value for attribute, value in read.items() if value is not None}


class Addressed:
    """A frozen dataclass that stands in the address bar: what is as usual is left out."""

    #: argument of the address bar → (attribute, how it is read); `str` writes what it reads
    ARGUMENTS: ClassVar[Mapping[str, tuple[str, Kind]]]

    @classmethod
    def read(cls, args: Mapping[str, Any]) -> tuple[Self, list[Refused]]:
        """The object in a query string, and what in it could not be understood."""
        reading = Reading(args)
        return cls(**reading.fields(cls.ARGUMENTS)), reading.refused

    def to_args(self) -> dict[str, str]:
        """Query-string arguments from which `read` makes an equal object."""
        usual = type(self)()
        held = {name: getattr(self, attribute) for name, (attribute, _) in self.ARGUMENTS.items()}
        return {
            name: "1" if value is True else str(value)
            for name, value in held.items()
            if value != getattr(usual, self.ARGUMENTS[name][0])
        }

    def without(self, name: str) -> Self:
        """The same with one argument taken away."""
        attribute = self.ARGUMENTS[name][0]
        return replace(self, **{attribute: getattr(type(self)(), attribute)})  # type: ignore[type-var]


def one_of(args: Mapping[str, Any], name: str, kind: Callable[[str], _Read], usual: _Read) -> _Read:
    """One of a few values, `usual` when none is given. Raises Invalid with the argument's name."""
    text = args.get(name, "")
    if not text:
        return usual
    try:
        return kind(text[:MAX_TEXT])
    except ValueError:
        raise unknown(name, text) from None


def unknown(name: str, value: str) -> Invalid:
    """What is answered to a value that is none of those offered."""
    return Invalid(
        N_("“%(name)s=%(value)s”无法识别，请重新选择。"), field=name, name=name, value=value[:40]
    )


def code(text: str) -> str:
    """A code of an area, a category or a type, up to 40 characters. Raises ValueError."""
    if len(text) > 40 or not all(char.isalnum() or char in "-_." for char in text):
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

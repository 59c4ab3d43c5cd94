"""Knows what the list and the map of posts can be narrowed by, and how it stands in the address bar."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from tracker.places.models import Organization
from tracker.points.filters import MAX_TEXT, MAX_WORDS
from tracker.responsibility.checking import EARLIEST, LATEST
from tracker.responsibility.models import Kind, Responsibility, ResponsibilityScope
from tracker.responsibility.scopes import Scope, ScopeKind
from tracker.texts import N_


class Standing(StrEnum):
    """Which posts besides those that answer today or will."""

    ENDED = "ended"  #: 已结束 only
    ALL = "all"  #: both


STANDING_LABELS = {Standing.ENDED: N_("已结束"), Standing.ALL: N_("在任和已结束")}


@dataclass(frozen=True)
class PostFilter:
    """What is wanted; an empty one wants every visible post that has not ended."""

    kind: Kind | None = None
    #: code of a district, town, community or grid
    area: str = ""
    unit_id: int | None = None
    #: posts that answer for exactly this
    scope: Scope | None = None
    standing: Standing | None = None
    text: str = ""

    def to_args(self) -> dict[str, str]:
        """Query-string arguments from which `from_args` makes an equal filter."""
        found = {
            name: getattr(self, attribute)
            for name, attribute in _NAMES.items()
            if getattr(self, attribute)
        }
        return {
            name: value.token if isinstance(value, Scope) else str(value)
            for name, value in found.items()
        }

    def without(self, name: str) -> "PostFilter":
        """The filter with one argument taken away."""
        return replace(self, **{_NAMES[name]: getattr(PostFilter(), _NAMES[name])})

    @property
    def is_empty(self) -> bool:
        return self == PostFilter()


#: argument of the address bar → attribute
_NAMES = {
    "kind": "kind", "area": "area", "unit": "unit_id", "scope": "scope", "standing": "standing",
    "q": "text",
}  # fmt: skip


def from_args(args: Mapping[str, Any]) -> tuple[PostFilter, list[tuple[str, str]]]:
    """The filter in a query string, and (name, value) of what in it was not understood."""
    found: dict[str, Any] = {}
    refused: list[tuple[str, str]] = []
    for name, attribute in _NAMES.items():
        text = (args.get(name) or "").strip()
        if not text:
            continue
        try:
            found[attribute] = _READERS[name](text)
        except ValueError:
            refused.append((name, text[:40]))
    return PostFilter(**found), refused


def _code(text: str) -> str:
    if len(text) > 40 or not all(char.isalnum() or char in "-_." for char in text):
        raise ValueError(text)
    return text


def _identity(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise ValueError(text)
    return int(text)


def _words(text: str) -> str:
    if len(text) > MAX_TEXT or not text.isprintable():
        raise ValueError(text)
    return text


_READERS: dict[str, Callable[[str], Any]] = {
    "kind": Kind, "area": _code, "unit": _identity, "scope": Scope.of_token,
    "standing": Standing, "q": _words,
}  # fmt: skip


def clauses(wanted: PostFilter, today: date) -> list[ColumnElement[bool]]:
    """The conditions on the newest terms; what may be seen is asked elsewhere."""
    found = [Responsibility.is_latest.is_(True), *narrowing(wanted)]
    going_on = Responsibility.valid_to.is_(None) | (Responsibility.valid_to >= today)
    if wanted.standing is None:
        found.append(going_on)
    elif wanted.standing is Standing.ENDED:
        found.append(~going_on)
    return found


def narrowing(wanted: PostFilter) -> list[ColumnElement[bool]]:
    """The conditions that any term can be asked."""
    found: list[ColumnElement[bool]] = []
    if wanted.kind:
        found.append(Responsibility.kind == wanted.kind)
    if wanted.area:
        columns = (
            Responsibility.community_code, Responsibility.grid_code, Responsibility.town_code,
            Responsibility.district_code,
        )  # fmt: skip
        found.append(or_(*(column == wanted.area for column in columns)))
    if wanted.unit_id is not None:
        found.append(Responsibility.unit_id == wanted.unit_id)
    if wanted.scope is not None:
        carriers = select(ResponsibilityScope.responsibility_id).where(
            ResponsibilityScope.kind == wanted.scope.kind,
            ResponsibilityScope.value == wanted.scope.value,
        )
        found.append(Responsibility.id.in_(carriers))
    return found + _of_text(wanted.text)


def _of_text(text: str) -> list[ColumnElement[bool]]:
    """Every word in the code, the name, the post, the person or the unit."""
    columns = (
        Responsibility.code, Responsibility.name, Responsibility.post, Responsibility.person,
    )  # fmt: skip
    return [
        or_(
            *(column.icontains(word, autoescape=True) for column in columns),
            Responsibility.unit_id.in_(
                select(Organization.id).where(Organization.name.icontains(word, autoescape=True))
            ),
        )
        for word in text.split()[:MAX_WORDS]
    ]


@dataclass(frozen=True)
class Question:
    """Who answers here, for what, on which day."""

    lon: float | None = None
    lat: float | None = None
    #: what is asked about; None for anything
    scope: Scope | None = None
    #: None for today
    on: date | None = None

    @property
    def has_place(self) -> bool:
        return self.lon is not None

    @property
    def category(self) -> str | None:
        if self.scope is None or self.scope.kind not in (ScopeKind.CATEGORY, ScopeKind.MAJOR):
            return None
        return self.scope.value

    @property
    def site_type(self) -> str | None:
        is_site = self.scope is not None and self.scope.kind is ScopeKind.SITE_TYPE
        return self.scope.value if self.scope is not None and is_site else None


def question(args: Mapping[str, Any]) -> tuple[Question, list[tuple[str, str]]]:
    """The question in a query string (`lon`, `lat`, `for`, `on`), and what was not understood."""
    found: dict[str, Any] = {}
    refused: list[tuple[str, str]] = []
    readers: dict[str, tuple[str, Callable[[str], Any]]] = {
        "lon": ("lon", _degrees(180)), "lat": ("lat", _degrees(85)),
        "for": ("scope", Scope.of_token), "on": ("on", day),
    }  # fmt: skip
    for name, (attribute, read) in readers.items():
        text = (args.get(name) or "").strip()
        if not text:
            continue
        try:
            found[attribute] = read(text)
        except ValueError:
            refused.append((name, text[:40]))
    if ("lon" in found) != ("lat" in found):
        found.pop("lon", None)
        found.pop("lat", None)
    return Question(**found), refused


def day(text: str) -> date:
    """A day as 2026-11-22. Raises ValueError."""
    found = date.fromisoformat(text)
    if not EARLIEST <= found <= LATEST:
        raise ValueError(text)
    return found


def _degrees(most: int) -> Callable[[str], float]:
    def read(text: str) -> float:
        found = float(text[:24])
        if not abs(found) <= most:
            raise ValueError(text)
        return round(found, 6)

    return read

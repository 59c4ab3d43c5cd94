"""Knows what the list and the map of posts can be narrowed by, and how it stands in the address bar."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, or_, select

from tracker.places.jurisdiction import lies_in
from tracker.places.models import Organization
from tracker.points.filters import MAX_WORDS
from tracker.responsibility.checking import EARLIEST, LATEST
from tracker.responsibility.models import Kind, Responsibility, ResponsibilityScope
from tracker.responsibility.scopes import Scope, ScopeKind
from tracker.texts import N_
from tracker.web import arguments as kinds
from tracker.web.arguments import Addressed, Reading, Refused


class Standing(StrEnum):
    """Which posts besides those that answer today or will."""

    ENDED = "ended"  #: 已结束 only
    ALL = "all"  #: both


STANDING_LABELS = {Standing.ENDED: N_("已结束"), Standing.ALL: N_("在任和已结束")}


@dataclass(frozen=True)
class PostFilter(Addressed):
    """What is wanted; an empty one wants every visible post that has not ended."""

    kind: Kind | None = None
    #: code of a district, town, community or grid
    area: str = ""
    unit_id: int | None = None
    #: posts that answer for exactly this
    scope: Scope | None = None
    standing: Standing | None = None
    text: str = ""

    ARGUMENTS: ClassVar[Mapping[str, tuple[str, kinds.Kind]]] = {
        "kind": ("kind", Kind), "area": ("area", kinds.code), "unit": ("unit_id", kinds.identity),
        "scope": ("scope", Scope.of_token), "standing": ("standing", Standing), "q": ("text", kinds.words),
    }  # fmt: skip

    @property
    def is_empty(self) -> bool:
        return self == PostFilter()


from_args = PostFilter.read


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
        found.append(lies_in(Responsibility, wanted.area))
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


def question(args: Mapping[str, Any]) -> tuple[Question, list[Refused]]:
    """The question in a query string (`lon`, `lat`, `for`, `on`), and what was not understood."""
    reading = Reading(args)
    found = reading.fields({
        "lon": ("lon", _degrees(180)), "lat": ("lat", _degrees(85)),
        "for": ("scope", Scope.of_token), "on": ("on", day),
    })  # fmt: skip
    if ("lon" in found) != ("lat" in found):
        found.pop("lon", None)
        found.pop("lat", None)
    return Question(**found), reading.refused


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

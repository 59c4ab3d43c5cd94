"""Knows what a form or a file says about a post of the responsibility map, parsed and typed."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from tracker.responsibility.models import Kind, Responsibility
from tracker.responsibility.scopes import EVERYTHING, Scope, ScopeKind

#: How far a segment reaches to either side when nobody says, metres.
DEFAULT_REACH_M = 20


@dataclass(frozen=True)
class PostGiven:
    """The whole of a post as it shall be; an empty code gives a new one a number.

    `geometry` is GeoJSON (lon, lat) WGS-84 of a line (路段) or polygon (片区); without one the post
    is the fallback (兜底) of `community_code`.
    """

    code: str = ""
    name: str = ""
    geometry: dict[str, Any] | None = None
    reach_m: int = DEFAULT_REACH_M
    community_code: str | None = None
    scopes: tuple[Scope, ...] = EVERYTHING
    unit_id: int | None = None
    post: str = ""
    person: str = ""
    phone: str = ""
    hours: str = ""
    grade: str = ""
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def kind(self) -> Kind:
        if self.geometry is None:
            return Kind.COMMUNITY
        return Kind.SEGMENT if "Line" in str(self.geometry.get("type")) else Kind.POLYGON

    @classmethod
    def of(cls, row: Responsibility) -> "PostGiven":
        """What is known of a post now: a form or a file replaces what it names."""
        plain = {one.name: getattr(row, one.name) for one in fields(cls) if one.name != "scopes"}
        return cls(**plain, scopes=scopes_of(row))


def scopes_of(row: Responsibility) -> tuple[Scope, ...]:
    """The scopes of a stored term."""
    return tuple(sorted(Scope(ScopeKind(one.kind), one.value) for one in row.scopes))

"""Knows which posts answer at a position: one spatial index per version of the map, shared by all threads."""

import threading
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.responsibility.models import Kind, Responsibility, ResponsibilityScope
from tracker.responsibility.queries import epoch
from tracker.responsibility.scopes import Scope, ScopeKind
from tracker.storage.db import db

if TYPE_CHECKING:
    from gis.reach import Reach


@dataclass(frozen=True)
class Term:
    """What of a stored term decides whether it answers."""

    id: int
    code: str
    name: str
    kind: Kind
    scopes: tuple[Scope, ...]
    valid_from: date
    valid_to: date | None
    community_code: str | None
    reach_m: int
    #: shapely, WGS-84 (lon, lat); None for a community
    shape: Any = field(default=None, repr=False, compare=False)

    def is_valid(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True)
class Index:
    """Every term that ever was, by place."""

    terms: dict[int, Term]
    reach: "Reach[int]"
    #: fallbacks by community
    fallbacks: dict[str, list[Term]]


_lock = threading.Lock()
_built: dict[tuple[str, str], Index] = {}


def index(session: Session) -> Index:
    """The index of the map as it is, built once per version of it."""
    key = (str(db.engine.url), epoch(session))
    found = _built.get(key)
    if found is not None:
        return found
    with _lock:
        if key not in _built:
            made = _build(_read(session))
            _built.clear()
            _built[key] = made
        return _built[key]


def _read(session: Session) -> list[Term]:
    from shapely.geometry import shape

    scopes: dict[int, list[Scope]] = defaultdict(list)
    for row_id, kind, value in session.execute(
        select(
            ResponsibilityScope.responsibility_id,
            ResponsibilityScope.kind,
            ResponsibilityScope.value,
        )
    ):
        scopes[row_id].append(Scope(ScopeKind(kind), value))
    rows = session.execute(
        select(
            Responsibility.id, Responsibility.code, Responsibility.name, Responsibility.kind,
            Responsibility.valid_from, Responsibility.valid_to, Responsibility.community_code,
            Responsibility.reach_m, Responsibility.geometry,
        ).order_by(Responsibility.code, Responsibility.term)
    )  # fmt: skip
    return [
        Term(
            row.id, row.code, row.name, Kind(row.kind), tuple(sorted(scopes[row.id])),
            row.valid_from, row.valid_to, row.community_code, row.reach_m,
            shape(row.geometry) if row.geometry else None,
        )
        for row in rows
    ]  # fmt: skip


def _build(terms: Iterable[Term]) -> Index:
    from gis.reach import Reach

    known = {one.id: one for one in terms}
    fallbacks: dict[str, list[Term]] = defaultdict(list)
    for one in known.values():
        if one.kind is Kind.COMMUNITY and one.community_code:
            fallbacks[one.community_code].append(one)
    drawn = [(one.id, one.shape, one.reach_m) for one in known.values() if one.shape is not None]
    return Index(known, Reach.from_shapes(drawn), dict(fallbacks))

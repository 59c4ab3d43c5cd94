"""Knows who answers for a place, in which order, and why: segment, then polygon, then community."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker import clock
from tracker.places.locating import Located, locate
from tracker.responsibility.index import Term, index
from tracker.responsibility.models import Kind, Responsibility
from tracker.responsibility.scopes import fit
from tracker.texts import N_

#: Answers of one question; the first ones are those that matter.
MOST = 12
_ORDER = {kind: rank for rank, kind in enumerate(Kind)}
REASONS = {
    Kind.SEGMENT: N_("责任路段“%(name)s”，距路线 %(m)d 米"),
    Kind.POLYGON: N_("在责任片区“%(name)s”内"),
    Kind.COMMUNITY: N_("社区兜底“%(name)s”"),
}


@dataclass(frozen=True)
class Match:
    """A term that answers, and how it came to."""

    term: Term
    #: how narrowly its scope fits, 0 the narrowest
    fit: int
    #: from the position to its ground, metres
    distance_m: float = 0.0
    size_m2: float = 0.0

    @property
    def reason(self) -> str:
        """A message id, filled with `facts`."""
        return REASONS[self.term.kind]

    @property
    def facts(self) -> Mapping[str, Any]:
        return {"name": self.term.name, "m": round(self.distance_m)}

    @property
    def _rank(self) -> tuple[Any, ...]:
        """Kind of ground, narrower scope, nearer, smaller; of equals the lowest code."""
        return (
            _ORDER[self.term.kind], self.fit, round(self.distance_m), round(self.size_m2),
            self.term.code,
        )  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """A post that answers, with the row to show."""

    row: Responsibility
    match: Match = field(repr=False)

    @property
    def reason(self) -> str:
        return self.match.reason

    @property
    def facts(self) -> Mapping[str, Any]:
        return self.match.facts


def matches(
    session: Session,
    *,
    lon: float | None,
    lat: float | None,
    place: Located,
    category: str | None = None,
    site_type: str | None = None,
    on: date | None = None,
) -> list[Match]:
    """The terms that answer, best first; asks the database for the version of the map alone.

    `lon`, `lat` are WGS-84 degrees, None where only the community is known; `place` holds the areas
    of the position. `category` is a code of the catalogue; `on` is today when not given.
    """
    known, day = index(session), on or clock.today()
    found = []
    if lon is not None and lat is not None:
        for hit in known.reach.at(lon, lat):
            term = known.terms[hit.key]
            rank = fit(term.scopes, category, site_type)
            if rank is not None and term.is_valid(day):
                found.append(Match(term, rank, hit.distance_m, hit.size_m2))
    for term in known.fallbacks.get(place.community_code or "", []):
        rank = fit(term.scopes, category, site_type)
        if rank is not None and term.is_valid(day):
            found.append(Match(term, rank))
    return sorted(found, key=lambda match: match._rank)


def who_answers(
    session: Session,
    lon: float,
    lat: float,
    *,
    category: str | None = None,
    site_type: str | None = None,
    on: date | None = None,
) -> list[Answer]:
    """Who answers for a WGS-84 position, best first, each with the reason; at most `MOST`.

    `category` is the code of a category, `site_type` that of a point's type; `on` is the day asked
    about, today when not given.
    """
    found = matches(
        session, lon=lon, lat=lat, place=locate(session, lon, lat), category=category,
        site_type=site_type, on=on,
    )[:MOST]  # fmt: skip
    rows = {
        row.id: row
        for row in session.scalars(
            select(Responsibility)
            .where(Responsibility.id.in_([match.term.id for match in found]))
            .options(
                joinedload(Responsibility.unit),
                joinedload(Responsibility.community),
                selectinload(Responsibility.scopes),
            )
        )
    }
    return [Answer(rows[match.term.id], match) for match in found if match.term.id in rows]

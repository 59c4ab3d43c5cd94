"""Knows coverage: points inspected of all points in use, by community and site type.

One grouped query stands behind the tables, the map and the export; only the list of points behind
a figure is another, made of the same clauses.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.clock import CITY_ZONE, in_city
from tracker.errors import Invalid
from tracker.inspections import round_queries
from tracker.inspections.models import Visit
from tracker.inspections.round_candidates import in_area
from tracker.inspections.round_given import check_month
from tracker.inspections.round_models import Round, RoundKind, RoundPoint
from tracker.inspections.round_queries import Progress
from tracker.points.models import InspectionPoint
from tracker.points.queries import visible_clause
from tracker.texts import N_
from tracker.web.paging import PAGE_SIZE, Page, pack, unpack

#: How many days back may be asked for.
SPANS = (7, 30, 90)
#: In an address: the points that lie in no community.
NOWHERE = "none"

Counts = dict[tuple[str, str], Progress]


@dataclass(frozen=True)
class Scope:
    """Which visits count: of a month, of the last days, or of one round."""

    kind: str = "days"
    days: int = 30
    month: str = ""
    round: Round | None = field(default=None, compare=False)

    def as_args(self) -> dict[str, str]:
        """As the address bar holds it."""
        if self.kind == "round" and self.round is not None:
            return {"scope": "round", "round": str(self.round.id)}
        if self.kind == "month":
            return {"scope": "month", "month": self.month}
        return {"scope": "days", "days": str(self.days)}


@dataclass(frozen=True)
class Wanted:
    """A scope and what of it is looked at."""

    scope: Scope
    community: str = ""
    site_type: str = ""

    def as_args(self) -> dict[str, str]:
        more = {"community": self.community, "type": self.site_type}
        return {**self.scope.as_args(), **{name: value for name, value in more.items() if value}}


def read(session: Session, args: Mapping[str, str], actor: Actor, now: datetime) -> Wanted:
    """What an address asks for; by default the last thirty days.

    Raises Invalid for a month that is none, NotFound for a foreign round.
    """
    kind, month = args.get("scope", ""), args.get("month", "")
    scope = Scope()
    if kind == "month":
        month = month or f"{in_city(now):%Y-%m}"
        check_month(month)
        scope = Scope("month", month=month)
    elif kind == "round" and args.get("round"):
        text = args["round"]
        if not (text.isascii() and text.isdecimal() and len(text) < 10):
            raise Invalid(N_("请选择批次。"), field="round")
        scope = Scope("round", round=round_queries.find(session, int(text), actor))
    elif args.get("days", "").isascii() and args.get("days") in {str(days) for days in SPANS}:
        scope = Scope(days=int(args["days"]))
    return Wanted(scope, _code(args.get("community", "")), _code(args.get("type", "")))


def _code(text: str) -> str:
    return text[:40] if text.isprintable() else ""


def span(scope: Scope, now: datetime) -> tuple[datetime, datetime]:
    """The moments from which and before which a visit counts, by the city's calendar."""
    if scope.kind == "month":
        year, month = map(int, scope.month.split("-"))
        first = date(year, month, 1)
        after = date(year + month // 12, month % 12 + 1, 1)
    else:
        after = in_city(now).date() + timedelta(days=1)
        first = after - timedelta(days=scope.days)
    return tuple(datetime.combine(day, time(), tzinfo=CITY_ZONE) for day in (first, after))  # type: ignore[return-value]


def inspected(scope: Scope, now: datetime) -> ColumnElement[bool]:
    """The point was visited within the scope."""
    if scope.round is not None:
        return (
            select(RoundPoint.point_id)
            .where(
                RoundPoint.round_id == scope.round.id,
                RoundPoint.point_id == InspectionPoint.id,
                RoundPoint.visited_at.is_not(None),
            )
            .correlate(InspectionPoint)
            .exists()
        )
    first, after = span(scope, now)
    return (
        select(Visit.id)
        .where(Visit.point_id == InspectionPoint.id, Visit.at >= first, Visit.at < after)
        .correlate(InspectionPoint)
        .exists()
    )


def counted(scope: Scope, actor: Actor) -> ColumnElement[bool]:
    """The points that should be inspected: in use, visible; for a round those of its area (or unit)."""
    clause = and_(visible_clause(actor), InspectionPoint.is_active)
    if scope.round is None:
        return clause
    clause = and_(clause, in_area(scope.round.area.level, scope.round.area_code))
    if scope.round.kind == RoundKind.SELF:
        clause = and_(clause, InspectionPoint.unit_id == scope.round.unit_id)
    return clause


def query(scope: Scope, actor: Actor, now: datetime) -> Select[Any]:
    """Points and inspected points by community and site type."""
    figures: Any = (
        select(
            InspectionPoint.community_code, InspectionPoint.site_type_code, func.count(),
            func.sum(case((inspected(scope, now), 1), else_=0)),
        )
        .where(counted(scope, actor))
        .group_by(InspectionPoint.community_code, InspectionPoint.site_type_code)
    )  # fmt: skip
    return figures


def of(session: Session, scope: Scope, actor: Actor, now: datetime) -> Counts:
    """What `query` finds, by (community, site type); a point outside every community has ""."""
    rows = session.execute(query(scope, actor, now))
    return {
        (community or "", kind): Progress(count, int(visited))
        for community, kind, count, visited in rows
    }


def by_community(counts: Counts, site_type: str = "") -> dict[str, Progress]:
    """Coverage of each community, of one site type or of all."""
    return _folded(counts, 0, lambda key: not site_type or key[1] == site_type)


def by_site_type(counts: Counts, community: str = "") -> dict[str, Progress]:
    """Coverage of each site type, in one community or in all."""
    place = "" if community == NOWHERE else community
    return _folded(counts, 1, lambda key: not community or key[0] == place)


def total(parts: Mapping[Any, Progress]) -> Progress:
    """All of the parts together."""
    return Progress(sum(p.all for p in parts.values()), sum(p.visited for p in parts.values()))


def _folded(counts: Counts, by: int, wanted: Any) -> dict[str, Progress]:
    found: dict[str, Progress] = {}
    for key, part in counts.items():
        if wanted(key):
            known = found.get(key[by], Progress())
            found[key[by]] = Progress(known.all + part.all, known.visited + part.visited)
    return found


def points(
    session: Session, wanted: Wanted, actor: Actor, now: datetime, *, state: str, after: str | None
) -> Page[Any]:
    """The points behind a figure, by code: `state` "yes" inspected, "no" not, "" all.

    Raises Invalid for a broken page key.
    """
    seen = inspected(wanted.scope, now)
    clause = counted(wanted.scope, actor)
    if wanted.community:
        place = None if wanted.community == NOWHERE else wanted.community
        clause = and_(clause, InspectionPoint.community_code == place)
    if wanted.site_type:
        clause = and_(clause, InspectionPoint.site_type_code == wanted.site_type)
    if state in ("yes", "no"):
        clause = and_(clause, seen if state == "yes" else ~seen)
    count = session.scalar(select(func.count()).select_from(InspectionPoint).where(clause))
    rows = select(
        InspectionPoint.code, InspectionPoint.name, InspectionPoint.site_type_code,
        InspectionPoint.community_code, InspectionPoint.last_visit_at, InspectionPoint.last_score,
        InspectionPoint.address, seen.label("inspected"),
    ).where(clause)  # fmt: skip
    if after:
        rows = rows.where(InspectionPoint.code > str(unpack(after, size=1)[0]))
    found = session.execute(rows.order_by(InspectionPoint.code).limit(PAGE_SIZE + 1)).all()
    more, found = len(found) > PAGE_SIZE, found[:PAGE_SIZE]
    return Page(found, pack([found[-1].code]) if more else None, count)

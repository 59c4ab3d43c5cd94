"""Names the SELECTs on the points of a day's route: what a person may inspect and has still to visit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from gis.coordinates import LonLat
from tracker.access.actor import Actor
from tracker.inspections import site_type_words
from tracker.inspections.package_points import is_channel
from tracker.inspections.queries import inspectable, own_rounds
from tracker.inspections.round_models import Round, RoundPoint, RoundState
from tracker.places.jurisdiction import lies_in
from tracker.places.models import Area
from tracker.points.models import InspectionPoint, SiteType

#: Points of rounds that are looked at; a phone carries no more either.
MOST_OF_ROUNDS = 3000


@dataclass(frozen=True)
class Stop:
    """A point that is to be visited; `late_days` since its cycle ran out (negative: still to come)."""

    id: int
    code: str
    name: str
    address: str
    community: str
    kind: str
    lon: float | None
    lat: float | None
    #: None for a point that was never visited
    late_days: int | None

    @property
    def place(self) -> LonLat | None:
        """WGS-84; None for a point without a position."""
        return None if self.lon is None or self.lat is None else LonLat(self.lon, self.lat)


def _mine(actor: Actor) -> ColumnElement[bool]:
    """Points in use that this person may inspect: nothing else ever reaches a route."""
    return and_(inspectable(actor), InspectionPoint.is_active)


def _stops() -> Select[Any]:
    return (
        select(
            InspectionPoint.id, InspectionPoint.code, InspectionPoint.name, InspectionPoint.address,
            InspectionPoint.lon, InspectionPoint.lat, InspectionPoint.last_visit_at,
            InspectionPoint.cycle_days, Area.name.label("community"),
            site_type_words.column(SiteType).label("kind"),
        )
        .join(SiteType, SiteType.code == InspectionPoint.site_type_code)
        .outerjoin(Area, Area.code == InspectionPoint.community_code)
        .where(~SiteType.is_channel)
    )  # fmt: skip


def _made(row: Any, now: datetime) -> Stop:
    last = row.last_visit_at
    late = None if last is None else (now - last).days - row.cycle_days
    return Stop(
        row.id, row.code, row.name, row.address, row.community or "", row.kind, row.lon, row.lat, late
    )  # fmt: skip


def by_ids(session: Session, actor: Actor, ids: Sequence[int], now: datetime) -> list[Stop]:
    """Those of `ids` that this person may inspect, in that order."""
    rows = session.execute(_stops().where(_mine(actor), InspectionPoint.id.in_(ids)))
    found = {row.id: _made(row, now) for row in rows}
    return [found[one] for one in ids if one in found]


def of_rounds(session: Session, actor: Actor, round_id: int | None, now: datetime) -> list[Stop]:
    """What is left to visit in open rounds for this person, the round due first, in its own order.

    `round_id` names one round, which must be visible; None takes the person's own.
    """
    own = own_rounds(actor).with_only_columns(Round.id).order_by(None)
    wanted = Round.id.in_(own) if round_id is None else Round.id == round_id
    rows = session.execute(
        _stops()
        .join(RoundPoint, RoundPoint.point_id == InspectionPoint.id)
        .join(Round, Round.id == RoundPoint.round_id)
        .where(
            _mine(actor), wanted, Round.state == RoundState.OPEN, RoundPoint.visited_at.is_(None),
            or_(RoundPoint.inspector_id.is_(None), RoundPoint.inspector_id == actor.user_id),
        )
        .order_by(Round.due_on, Round.id, RoundPoint.position, InspectionPoint.id)
        .limit(MOST_OF_ROUNDS)
    )  # fmt: skip
    return list({row.id: _made(row, now) for row in rows}.values())


def longest_unvisited(
    session: Session, actor: Actor, area: str, limit: int, now: datetime
) -> list[Stop]:
    """The points with a position that owe the most: never visited, then the longest over their cycle.

    Of each cycle the `limit` oldest are read, so that no date is computed in SQL.
    """
    here = and_(_mine(actor), ~is_channel(), InspectionPoint.lon.is_not(None))
    if area:
        here = and_(here, lies_in(InspectionPoint, area))
    rank = func.row_number().over(
        partition_by=InspectionPoint.cycle_days,
        order_by=(
            InspectionPoint.last_visit_at.is_not(None), InspectionPoint.last_visit_at,
            InspectionPoint.code,
        ),
    )  # fmt: skip
    ranked = select(InspectionPoint.id, rank.label("rank")).where(here).subquery()
    first = select(ranked.c.id).where(ranked.c.rank <= limit)
    rows = session.execute(_stops().where(InspectionPoint.id.in_(first)))
    found = sorted((_made(row, now) for row in rows), key=_debt)
    return found[:limit]


def _debt(stop: Stop) -> tuple[bool, int, str]:
    return (stop.late_days is not None, -(stop.late_days or 0), stop.code)


def due_in_area(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """(code, name) of the communities in which this person may inspect points."""
    codes = select(InspectionPoint.community_code).where(_mine(actor)).distinct()
    rows = session.execute(
        select(Area.code, Area.name).where(Area.code.in_(codes)).order_by(Area.code)
    )
    return [(row.code, row.name) for row in rows]

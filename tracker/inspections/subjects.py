"""Knows what the policy asks of a point: its areas, its unit, and whom the rounds name for it."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tracker.inspections.round_models import Round, RoundInspector, RoundPoint, RoundState
from tracker.points.models import InspectionPoint


@dataclass(frozen=True)
class PointSubject:
    """A point as the policy judges it; `inspector_ids` are the accounts that open rounds name."""

    district_code: str | None
    town_code: str | None
    community_code: str | None
    grid_code: str | None
    unit_id: int | None
    inspector_ids: frozenset[int]


def of_point(session: Session, point: InspectionPoint) -> PointSubject:
    """One point with its rounds' inspectors."""
    return of_points(session, [point])[point.id]


def of_points(session: Session, points: Iterable[InspectionPoint]) -> dict[int, PointSubject]:
    """Many points by id, in one query.

    A point of a round that is given to one inspector names that one, else all of the round's.
    """
    rows = list(points)
    named: dict[int, set[int]] = {point.id: set() for point in rows}
    pairs = session.execute(
        select(RoundPoint.point_id, RoundInspector.user_id)
        .join(Round, Round.id == RoundPoint.round_id)
        .join(RoundInspector, RoundInspector.round_id == Round.id)
        .where(
            RoundPoint.point_id.in_(list(named)),
            Round.state == RoundState.OPEN,
            or_(
                RoundPoint.inspector_id.is_(None),
                RoundPoint.inspector_id == RoundInspector.user_id,
            ),
        )
    )
    for point_id, user_id in pairs:
        named[point_id].add(user_id)
    return {point.id: _subject(point, frozenset(named[point.id])) for point in rows}


def _subject(point: InspectionPoint, inspector_ids: frozenset[int]) -> PointSubject:
    return PointSubject(
        district_code=point.district_code,
        town_code=point.town_code,
        community_code=point.community_code,
        grid_code=point.grid_code,
        unit_id=point.unit_id,
        inspector_ids=inspector_ids,
    )

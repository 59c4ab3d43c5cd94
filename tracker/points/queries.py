"""Names the SELECTs on inspection points; each that a person sees starts from `visible_points`."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, joinedload

from tracker.access.actor import Actor
from tracker.errors import NotFound
from tracker.places.jurisdiction import watched_or_own
from tracker.places.models import Level
from tracker.points.filters import of_action
from tracker.points.models import InspectionPoint, PointChange, SiteType
from tracker.texts import N_

#: Newest changes that a page shows.
HISTORY_SHOWN = 50


def visible_clause(actor: Actor) -> ColumnElement[bool]:
    """The policy line of point.view as SQL, without those whom a round names.

    A test keeps it equal to `policy.allows`; inspections add the points of a person's rounds.
    """
    return watched_or_own(actor, InspectionPoint)


def visible_points(actor: Actor) -> Select[InspectionPoint]:
    """Every point the actor may see by area or unit, retired ones too, and nothing else."""
    return select(InspectionPoint).where(visible_clause(actor))


def find(session: Session, code: str, actor: Actor) -> InspectionPoint:
    """One visible point by its code. Raises NotFound for an unknown and for a foreign one."""
    point = session.scalar(
        visible_points(actor)
        .where(InspectionPoint.code == code)
        .options(
            joinedload(InspectionPoint.site_type),
            joinedload(InspectionPoint.unit),
            joinedload(InspectionPoint.community),
        )
    )
    if point is None:
        raise NotFound(N_("没有这个点位，或您无权查看。"))
    return point


def history(session: Session, point: InspectionPoint) -> Sequence[PointChange]:
    """The newest changes of a point, newest first."""
    return session.scalars(
        select(PointChange)
        .where(PointChange.point_id == point.id)
        .order_by(PointChange.at.desc(), PointChange.id.desc())
        .limit(HISTORY_SHOWN)
    ).all()


def site_types(session: Session, *, channels: bool = False) -> Sequence[SiteType]:
    """The kinds of points in the order of the handbook; those without a place only when asked."""
    query = select(SiteType).order_by(SiteType.sort, SiteType.code)
    return session.scalars(query if channels else query.where(SiteType.is_channel.is_(False))).all()


def active_by_area(
    session: Session, actor: Actor, level: Level, codes: Collection[str], action: str = ""
) -> dict[str, int]:
    """How many visible points in use lie in each area of one level, of an action when one is given."""
    column = {
        Level.DISTRICT: InspectionPoint.district_code,
        Level.TOWN: InspectionPoint.town_code,
        Level.COMMUNITY: InspectionPoint.community_code,
        Level.GRID: InspectionPoint.grid_code,
    }[level]
    rows = session.execute(
        select(column, func.count())
        .where(
            visible_clause(actor), column.in_(sorted(codes)), InspectionPoint.is_active.is_(True),
            *([of_action(action)] if action else []),
        )
        .group_by(column)
    )  # fmt: skip
    return {code: n for code, n in rows if code is not None}

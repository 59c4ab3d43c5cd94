"""Inspection points in the small world, made through the real operations."""

from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.world import INSIDE, SANZAO, World
from tracker import clock
from tracker.points.given import PointGiven
from tracker.points.models import InspectionPoint, SiteType
from tracker.points.operations import put
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work

#: A few kinds of points for a database that was not seeded with all of them.
_KINDS = (
    ("market", "集贸（农贸）市场", "Market", "市场商业", "Markets and shops"),
    ("main_road", "主次干道", "Main or secondary road", "道路", "Roads"),
    ("estate", "居民小区", "Residential estate", "社区生活", "Community life"),
)


def ensure_site_types(work: Session) -> None:
    """Add the kinds that are missing."""
    for sort, (code, name, name_en, group, group_en) in enumerate(_KINDS):
        if work.get(SiteType, code) is None:
            work.add(
                SiteType(
                    code=code, name=name, name_en=name_en, group_name=group,
                    group_name_en=group_en, sort=sort,
                )
            )  # fmt: skip
    work.flush()


def given_point(community: str | None = SANZAO, **changes: Any) -> PointGiven:
    """A complete market inside a community; without a position when None."""
    lon, lat = INSIDE[community] if community else (None, None)
    given = PointGiven(
        name="唐人街市场", site_type_code="market", address="三灶镇金海岸大道 1 号",
        lon=lon, lat=lat, raw_x=lon, raw_y=lat, coord_sys="wgs84",
    )  # fmt: skip
    return replace(given, **changes)


def make_point(world: World, community: str | None = SANZAO, **changes: Any) -> str:
    """Commit a point; returns its code. `changes` are fields of PointGiven, or columns of the row."""
    given_names = PointGiven.__dataclass_fields__
    given = {name: value for name, value in changes.items() if name in given_names}
    columns = {name: value for name, value in changes.items() if name not in given_names}
    actor = world.actor("dispatcher")
    with unit_of_work() as work:
        ensure_site_types(work)
        point, _ = put(work, given_point(community, **given), actor=actor, at=clock.now())
        for name, value in columns.items():
            setattr(point, name, value)
        return point.code


def point(code: str) -> InspectionPoint:
    """The point as the database has it now."""
    db.session.rollback()
    return db.session.scalars(select(InspectionPoint).where(InspectionPoint.code == code)).one()

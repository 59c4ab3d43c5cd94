"""Knows where areas would not fit together after an import: gaps, overlaps, pieces outside."""

from typing import Any

from shapely.geometry import shape
from sqlalchemy import select
from sqlalchemy.orm import Session

from gis.topology import check
from tracker.places.importing_plan import Plan
from tracker.places.importing_report import Misfit
from tracker.places.models import Area, AreaBoundary


def misfits(session: Session, plan: Plan) -> list[Misfit]:
    """Check each group of siblings that the plan touches, with their parent; the largest first."""
    groups = {
        (planned.area.parent_code, planned.area.level)
        for planned in plan.areas
        if planned.record.polygon is not None
    }
    found: list[Misfit] = []
    for parent_code, level in sorted(groups, key=lambda group: (group[0] or "", group[1])):
        found += _of_group(session, plan, parent_code, level)
    return sorted(found, key=lambda misfit: -misfit.area_m2)


def _of_group(session: Session, plan: Plan, parent_code: str | None, level: str) -> list[Misfit]:
    siblings = _stored(session, Area.parent_code == parent_code, Area.level == level)
    parents = _stored(session, Area.code == parent_code) if parent_code else {}
    for planned in plan.areas:
        area, polygon = planned.area, planned.record.polygon
        if area.parent_code != parent_code or area.level != level:
            siblings.pop(area.code, None)
        elif polygon is not None:
            siblings[area.code] = (area.name, polygon)
        if area.code == parent_code and polygon is not None:
            parents[area.code] = (area.name, polygon)
    name, polygon = parents.get(parent_code or "", ("", None))
    return [
        Misfit(
            problem.code,
            name,
            problem.name,
            problem.other,
            problem.area_m2 or 0.0,
            round(problem.where.lon, 6) if problem.where else None,
            round(problem.where.lat, 6) if problem.where else None,
        )
        for problem in check([siblings[code] for code in sorted(siblings)], polygon)
    ]


def _stored(session: Session, *conditions: Any) -> dict[str, tuple[str, Any]]:
    rows = session.execute(
        select(Area.code, Area.name, AreaBoundary.geometry)
        .join(AreaBoundary, AreaBoundary.area_code == Area.code)
        .where(AreaBoundary.version == Area.boundary_version, Area.valid_to.is_(None), *conditions)
    )
    return {code: (name, shape(geometry)) for code, name, geometry in rows}

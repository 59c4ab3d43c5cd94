"""Knows how areas and organizations are found: by code, by parent, by level, by who may see them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, false, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from gis.projection import DEGREE_M
from tracker.access.actor import Actor
from tracker.access.roles import BY_AREA
from tracker.errors import NotFound
from tracker.places.models import LEVELS, Area, AreaBoundary, Organization
from tracker.texts import N_


@dataclass(frozen=True)
class Border:
    """One area with one version of its boundary, GeoJSON geometry in WGS-84 (lon, lat)."""

    code: str
    name: str
    level: str
    version: int
    is_schematic: bool
    is_pilot: bool
    geometry: dict[str, Any] = field(repr=False)

    def as_feature(self) -> dict[str, Any]:
        """A GeoJSON feature; codes stay text."""
        return {
            "type": "Feature",
            "id": self.code,
            "properties": {
                "code": self.code,
                "name": self.name,
                "level": self.level,
                "version": self.version,
                "is_schematic": self.is_schematic,
                "is_pilot": self.is_pilot,
            },
            "geometry": self.geometry,
        }


def find_area(session: Session, code: str) -> Area:
    """The area of a code, retired ones too. Raises NotFound."""
    area = session.get(Area, code)
    if area is None:
        raise NotFound(N_("没有代码为 %(area)s 的区域。"), area=code)
    return area


def in_force() -> ColumnElement[bool]:
    """Areas that were not retired (已停用)."""
    return Area.valid_to.is_(None)


def boundary_of(session: Session, code: str, *, version: int | None = None) -> Border | None:
    """The boundary in force (or of a given version), None when the area or version has none."""
    wanted = AreaBoundary.version == (Area.boundary_version if version is None else version)
    row = session.execute(_borders().where(Area.code == code, wanted)).first()
    return _border(row, None) if row else None


def children(session: Session, code: str | None) -> Sequence[Area]:
    """Areas in force directly below `code`, in code order; None gives the districts."""
    parent = Area.parent_code.is_(None) if code is None else Area.parent_code == code
    return session.scalars(select(Area).where(parent, in_force()).order_by(Area.code)).all()


def children_with_boundaries(
    session: Session, code: str | None, *, simplify_m: float | None = None
) -> list[Border]:
    """The boundaries in force of the areas directly below `code`, those without one left out.

    `simplify_m` is how far a border may be moved for a smaller answer, metres on the ground; rings
    stay valid, but neighbours may part by as much.
    """
    parent = Area.parent_code.is_(None) if code is None else Area.parent_code == code
    rows = session.execute(
        _borders()
        .where(parent, in_force(), AreaBoundary.version == Area.boundary_version)
        .order_by(Area.code)
    )
    return [_border(row, simplify_m) for row in rows]


def areas_within(session: Session, area: Area, level: str) -> Sequence[Area]:
    """Areas in force of one level inside an area, itself included when it is one, in code order."""
    inside = func.substr(Area.path, 1, len(area.path)) == area.path
    return session.scalars(
        select(Area).where(Area.level == level, inside, in_force()).order_by(Area.code)
    ).all()


def boundaries_of(session: Session, codes: Sequence[str]) -> dict[str, Border]:
    """The boundaries in force by code, areas without one left out."""
    rows = session.execute(
        _borders().where(
            Area.code.in_(sorted(codes)), AreaBoundary.version == Area.boundary_version
        )
    )
    return {row.code: _border(row, None) for row in rows}


def ancestors(session: Session, area: Area) -> list[Area]:
    """The areas above an area, the district first."""
    codes = [code for code in area.path.split("/") if code and code != area.code]
    found = {row.code: row for row in session.scalars(select(Area).where(Area.code.in_(codes)))}
    return [found[code] for code in codes if code in found]


def child_counts(session: Session, codes: Sequence[str]) -> dict[str, int]:
    """How many areas in force lie directly below each code."""
    rows = session.execute(
        select(Area.parent_code, func.count())
        .where(Area.parent_code.in_(codes), in_force())
        .group_by(Area.parent_code)
    )
    return {parent: count for parent, count in rows if parent is not None}


@lru_cache(maxsize=256)
def visible_areas(actor: Actor) -> ColumnElement[bool]:
    """Areas inside the actor's jurisdiction: the subtrees of the grants, the home of the units."""
    if actor.is_system:
        return true()
    codes = actor.areas_as(BY_AREA)
    if None in codes:
        return true()
    units = {grant.organization_id for grant in actor.grants if grant.organization_id is not None}
    if not codes and not units:
        return false()
    root = aliased(Area)
    homes = select(Organization.area_code).where(Organization.id.in_(sorted(units)))
    return exists().where(
        or_(root.code.in_(sorted(code for code in codes if code)), root.code.in_(homes)),
        # the prefix is compared as text: LIKE would read a code's "_" as a wildcard
        func.substr(Area.path, 1, func.length(root.path)) == root.path,
    )


def areas_visible_to(actor: Actor) -> Select[Area]:
    """Areas in force inside the actor's jurisdiction, in code order; nothing for nobody.

    Area roles see the subtree of each granted area; unit roles the subtree of the organization's
    home area (nothing when it has none).
    """
    return select(Area).where(in_force(), visible_areas(actor)).order_by(Area.code)


def visible_area(session: Session, code: str, actor: Actor) -> Area:
    """An area in force inside the actor's jurisdiction. Raises NotFound for any other."""
    area = session.scalar(areas_visible_to(actor).where(Area.code == code))
    if area is None:
        raise NotFound(N_("没有这个区域，或不在您的辖区内。"))
    return area


def level_counts(session: Session) -> dict[str, int]:
    """How many areas in force each level has, all four levels there."""
    rows = session.execute(select(Area.level, func.count()).where(in_force()).group_by(Area.level))
    found: dict[str, int] = dict.fromkeys(LEVELS, 0)
    for level, count in rows:
        found[level] = count
    return found


def _borders() -> Select[Any]:
    return select(
        Area.code,
        Area.name,
        Area.level,
        AreaBoundary.version,
        Area.is_schematic,
        Area.is_pilot,
        AreaBoundary.geometry,
    ).join(AreaBoundary, AreaBoundary.area_code == Area.code)


def _border(row: Any, simplify_m: float | None) -> Border:
    code, name, level, version, is_schematic, is_pilot, geometry = row
    if simplify_m:
        geometry = _simplified(geometry, simplify_m)
    return Border(code, name, level, version, is_schematic, is_pilot, geometry)


def _simplified(geometry: dict[str, Any], metres: float) -> dict[str, Any]:
    import shapely
    from shapely.geometry import mapping, shape

    plain = shapely.simplify(shape(geometry), metres / DEGREE_M, preserve_topology=True)
    return dict(mapping(plain))

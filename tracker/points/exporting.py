"""Knows the columns of an exported point and walks the points that are filtered."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session, aliased

from tracker.access.actor import Actor
from tracker.clock import in_city
from tracker.places.models import Area, Organization
from tracker.points import filters, queries
from tracker.points.campaign import action_name
from tracker.points.filters import PointFilter
from tracker.points.importing_columns import COLUMNS, TOLD
from tracker.points.models import InspectionPoint, SiteType

#: Points fetched at a time.
BATCH = 500
_Town, _Community = aliased(Area), aliased(Area)


@dataclass(frozen=True)
class Line:
    """One point with the names of what it refers to."""

    point: Row[Any]
    english: bool


def _plain(name: str) -> Callable[[Line], Any]:
    return lambda line: getattr(line.point, name)


def _flag(name: str) -> Callable[[Line], str]:
    words = {(True, True): "yes", (True, False): "no", (False, True): "是", (False, False): "否"}
    return lambda line: words[line.english, getattr(line.point, name)]


def _site_type(line: Line) -> str:
    return str(line.point.site_type_code if line.english else line.point.site_type)


def _actions(line: Line) -> str:
    if line.english:
        return ";".join(line.point.actions)
    return "；".join(action_name(code) for code in line.point.actions)


def shape_of(line: Line) -> Any:
    """The shapely geometry of a point, line or area, WGS-84 (lon, lat); None without a place."""
    from shapely.geometry import Point, shape

    if line.point.geometry is not None:
        return shape(line.point.geometry)
    return Point(line.point.lon, line.point.lat) if line.point.lon is not None else None


def _wkt(line: Line) -> str:
    """Of lines and areas; a plain point stands in its two columns."""
    import shapely

    if line.point.geometry is None:
        return ""
    return str(shapely.to_wkt(shape_of(line), rounding_precision=-1))


_VALUES: dict[str, Callable[[Line], Any]] = {
    "code": _plain("code"),
    "name": _plain("name"),
    "site_type": _site_type,
    "lon": _plain("lon"),
    "lat": _plain("lat"),
    "community_code": _plain("community_code"),
    "unit": _plain("unit"),
    "person": _plain("person"),
    "actions": _actions,
    "address": _plain("address"),
    "model_point": _flag("is_model_point"),
    "cycle_days": _plain("cycle_days"),
    "active": _flag("is_active"),
    "wkt": _wkt,
}


@dataclass(frozen=True)
class OutColumn:
    """A column of an export: its names, the one within ten characters last, and its value."""

    english: str
    chinese: str
    short: str
    value: Callable[[Any], Any]


@dataclass(frozen=True)
class Sheet:
    """How one register leaves as files: its columns, and what a map layer needs of a line of it."""

    #: of files and layers, and in Chinese of a workbook's sheet
    name: str
    title: str
    table: tuple[OutColumn, ...]
    #: the same without what the geometry of a layer says itself
    layer: tuple[OutColumn, ...]
    #: shapely, WGS-84 (lon, lat), None without a place
    shape: Callable[[Any], Any]
    code: Callable[[Any], str]
    #: GeoJSON of a line or polygon, None for a plain point or no place
    geometry: Callable[[Any], dict[str, Any] | None]


#: The native columns in the order of the contract (they reopen in the importer), then what helps.
TABLE = (
    *(OutColumn(one.name, one.chinese, one.short, _VALUES[one.name]) for one in COLUMNS),
    *(OutColumn(*names, _plain(names[0])) for names in TOLD),
)
#: The same without what the geometry of a layer says itself.
LAYER = tuple(one for one in TABLE if one.english not in ("lon", "lat", "wkt"))
POINTS = Sheet(
    name="points",
    title="点位",
    table=TABLE,
    layer=LAYER,
    shape=shape_of,
    code=lambda line: str(line.point.code),
    geometry=lambda line: line.point.geometry,
)


def file_name(now: datetime, ending: str, name: str = "points") -> str:
    """E.g. points-20261122-1430.csv, by the city's clock."""
    return f"{name}-{in_city(now):%Y%m%d-%H%M}.{ending}"


def lines(
    session: Session, actor: Actor, wanted: PointFilter, *, now: datetime, english: bool
) -> Iterator[Line]:
    """Every visible point wanted, in the order of the codes, fetched by key in batches."""
    base = _query().where(queries.visible_clause(actor), *filters.clauses(session, wanted, now))
    after: str | None = None
    while True:
        query = base if after is None else base.where(InspectionPoint.code > after)
        rows = session.execute(query.order_by(InspectionPoint.code).limit(BATCH)).all()
        for row in rows:
            yield Line(row, english)
        if len(rows) < BATCH:
            return
        after = rows[-1].code


def _query() -> Select[Any]:
    chosen = select(
        InspectionPoint.code, InspectionPoint.name, InspectionPoint.site_type_code,
        InspectionPoint.lon, InspectionPoint.lat, InspectionPoint.community_code,
        InspectionPoint.person, InspectionPoint.actions, InspectionPoint.address,
        InspectionPoint.is_model_point, InspectionPoint.cycle_days, InspectionPoint.is_active,
        InspectionPoint.geometry, InspectionPoint.last_visit_at, InspectionPoint.last_score,
        SiteType.name.label("site_type"), Organization.name.label("unit"),
        _Town.name.label("town"), _Community.name.label("community"),
    )  # fmt: skip
    return (
        cast("Select[Any]", chosen)
        .join(SiteType, SiteType.code == InspectionPoint.site_type_code)
        .outerjoin(Organization, Organization.id == InspectionPoint.unit_id)
        .outerjoin(_Town, _Town.code == InspectionPoint.town_code)
        .outerjoin(_Community, _Community.code == InspectionPoint.community_code)
    )

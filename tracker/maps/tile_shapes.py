"""Knows the borders and the drawn posts that a tile carries, cut to it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from gis.cells import box_of
from gis.tiles import EXTENT, Shape
from tracker.access.actor import Actor
from tracker.maps import borders
from tracker.maps.tile_queries import MAX_SINGLES, Tile
from tracker.places.models import Area, AreaBoundary, Level
from tracker.places.queries import in_force, visible_areas
from tracker.responsibility import filters as post_filters
from tracker.responsibility import queries as posts
from tracker.responsibility.filters import PostFilter
from tracker.responsibility.index import index
from tracker.responsibility.models import Kind, Responsibility

#: From this zoom on borders are exact and grids are drawn; below, a border is a simplified one.
EXACT_FROM = 15
#: So far outside its edge a tile goes on, in its own units: no border ends, or runs, along the edge.
_BUFFER = 64


def areas(session: Session, actor: Actor, tile: Tile) -> list[Shape]:
    """The visible communities of a tile, and from EXACT_FROM on the grids."""
    outlines, around = borders.community_outlines(session), _around(tile)
    codes = [code for code, polygon in outlines.polygons.items() if polygon.intersects(around)]
    rows = session.execute(_areas(codes, tile).where(visible_areas(actor), in_force()))
    return _cut(
        tile,
        (
            (
                row.id,
                shape(row.geometry) if "geometry" in row._fields else outlines.polygons[row.code],
                {"code": row.code, "name": row.name, "level": row.level},
            )
            for row in rows
        ),
    )


def _areas(codes: list[str], tile: Tile) -> Any:
    columns: list[Any] = [AreaBoundary.id, Area.code, Area.name, Area.level]
    wanted: ColumnElement[bool] = Area.code.in_(codes)
    if tile.z >= EXACT_FROM:
        columns.append(AreaBoundary.geometry)
        wanted |= (Area.level == Level.GRID) & Area.parent_code.in_(codes)
    return (
        select(*columns)
        .join(AreaBoundary, AreaBoundary.area_code == Area.code)
        .where(AreaBoundary.version == Area.boundary_version, wanted)
        .order_by(Area.code)
    )


def responsibilities(
    session: Session, actor: Actor, wanted: PostFilter, on: date, tile: Tile
) -> list[Shape]:
    """The visible posts with a drawn ground that answer on a day; MAX_SINGLES at most."""
    known = index(session)
    near = set(known.reach.touching(_around(tile)))
    columns = (Responsibility.id, Responsibility.code, Responsibility.kind)
    query = select(*columns).where(
        posts.visible_clause(actor),
        posts.in_force(on),
        Responsibility.kind != Kind.COMMUNITY,
        *post_filters.narrowing(wanted),
    )
    if len(near) <= MAX_SINGLES:
        query = query.where(Responsibility.id.in_(sorted(near)))
    rows = [row for row in session.execute(query.order_by(Responsibility.id)) if row.id in near]
    return _cut(
        tile,
        (
            (row.id, known.terms[row.id].shape, {"code": row.code, "kind": str(row.kind)})
            for row in rows[:MAX_SINGLES]
        ),
    )


def _around(tile: Tile) -> Any:
    """The tile and its buffer: a shapely box, WGS-84 (lon, lat)."""
    west, south, east, north = box_of(tile.z, tile.x, tile.y)
    wide, high = ((east - west) * _BUFFER / EXTENT, (north - south) * _BUFFER / EXTENT)
    return shapely.box(west - wide, south - high, east + wide, north + high)


def _cut(tile: Tile, found: Iterable[tuple[int, Any, dict[str, Any]]]) -> list[Shape]:
    """The geometries (WGS-84) within the tile, in its units; what only touches it is left out."""
    west, south, east, north = box_of(tile.z, tile.x, tile.y)
    top, bottom = _mercator(np.array([north, south]))
    around = _around(tile).bounds

    def placed(points: Any) -> Any:
        right = (points[:, 0] - west) / (east - west)
        down = (top - _mercator(points[:, 1])) / (top - bottom)
        return np.column_stack([right, down]) * EXTENT

    shapes = []
    for row_id, geometry, attributes in found:
        kind = "Polygon" if "Polygon" in geometry.geom_type else "LineString"
        pieces = shapely.get_parts(shapely.clip_by_rect(geometry, *around))
        kept = [piece for piece in pieces if piece.geom_type == kind and not piece.is_empty]
        if kept:
            together = (
                shapely.multipolygons(kept) if kind == "Polygon" else shapely.multilinestrings(kept)
            )
            shapes.append(Shape(row_id, shapely.transform(together, placed), attributes))
    return shapes


def _mercator(lat: Any) -> Any:
    return np.arctanh(np.sin(np.radians(lat)))

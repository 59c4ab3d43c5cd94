"""Brings the tasks of a kept installation into PostGIS, once a run, where the peers read them."""

import atexit
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

import numpy as np
import shapely
from sqlalchemy import select

from bench.installations import installation
from bench.peer_environment import Missing
from bench.postgis import PACKAGES, cluster
from gis.cells import BITS
from tracker.catalogue.models import Category
from tracker.maps.tile_queries import Tile
from tracker.storage.db import db
from tracker.tasks.models import Task

#: (west, south, east, north), decimal degrees, WGS-84.
Box = tuple[float, float, float, float]

#: The peers publish `public`; `flat` holds the same in EPSG:3857 for who need not turn each point.
_TABLE = "CREATE TABLE tasks (id bigint, category text, state text, geom geometry(Point, 4326))"
_INDEXES = (
    "ALTER TABLE tasks ADD PRIMARY KEY (id)",
    "CREATE INDEX ON tasks USING gist (geom)",
    "CREATE SCHEMA flat",
    "CREATE TABLE flat.tasks AS SELECT id, category, state,"
    " ST_Transform(geom, 3857)::geometry(Point, 3857) AS geom FROM tasks",
    "CREATE INDEX ON flat.tasks USING gist (geom)",
    "VACUUM ANALYZE tasks",
    "VACUUM ANALYZE flat.tasks",
)
_BATCH = 50_000


@dataclass(frozen=True)
class Tasks:
    """The tasks with a position, ordered by cell: id, 62-bit cell, (lon, lat) WGS-84, words for the peers."""

    ids: Any
    cells: Any
    lons: Any
    lats: Any
    categories: list[str]
    states: list[str]

    def within(self, tile: Tile) -> slice:
        """Those of a tile."""
        low, high = tile.cells
        first, end = np.searchsorted(self.cells, [low, high + 1])
        return slice(int(first), int(end))

    def tiles(self, z: int) -> list[Tile]:
        """Every tile of a zoom that holds a task, by its key."""
        keys = np.unique(self.cells >> 2 * (BITS - z))
        return [_tile(z, int(key)) for key in keys]


def _tile(z: int, key: int) -> Tile:
    x = sum((key >> 2 * bit & 1) << bit for bit in range(z))
    y = sum((key >> 2 * bit + 1 & 1) << bit for bit in range(z))
    return Tile(z, x, y)


@cache
def tasks_of(count: int) -> Tasks:
    """The tasks of the kept installation of `count`."""
    query = (
        select(Task.id, Task.cell, Task.lon, Task.lat, Category.code, Task.state)
        .outerjoin(Category, Category.id == Task.category_id)
        .where(Task.cell.is_not(None))
        .order_by(Task.cell)
    )
    with installation(count) as app, app.app_context():
        ids, cells, lons, lats, categories, states = zip(*db.session.execute(query), strict=True)
        db.session.remove()
    return Tasks(
        np.array(ids), np.array(cells), np.array(lons), np.array(lats),
        ["" if code is None else code for code in categories], list(states),
    )  # fmt: skip


@cache
def database(count: int) -> str:
    """The URL of a PostGIS that holds these tasks until the run ends. Raises Missing without Debian's packages."""
    stack = ExitStack()
    atexit.register(stack.close)
    url = stack.enter_context(cluster())
    if url is None:
        raise Missing(f"PostGIS is not there (Debian packages {', '.join(PACKAGES)})")
    _fill(url, tasks_of(count))
    return url


def _fill(url: str, tasks: Tasks) -> None:
    import psycopg

    points = shapely.set_srid(shapely.points(tasks.lons, tasks.lats), 4326)
    places = shapely.to_wkb(points, hex=True, include_srid=True)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_TABLE)
        with connection.cursor().copy("COPY tasks FROM STDIN") as sink:
            rows = zip(tasks.ids, tasks.categories, tasks.states, places, strict=True)
            while batch := list(islice(rows, _BATCH)):
                sink.write("".join("\t".join(map(str, row)) + "\n" for row in batch))
        for statement in _INDEXES:
            connection.execute(statement)

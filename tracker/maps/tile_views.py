"""Vector tiles of the maps: tasks, points, areas, responsibility, each under its own permission."""

from datetime import datetime

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from gis.errors import OutsideWorld
from gis.tiles import shape_layer
from tracker import clock
from tracker.access.actor import Actor
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.counters.cells import Counted
from tracker.errors import NotFound
from tracker.maps import tile_layers, tile_queries, tile_shapes
from tracker.maps.tile_queries import POINTS_FROM, TASKS_FROM, Tile
from tracker.maps.tile_statements import Question
from tracker.places import locating
from tracker.points import filters as point_filters
from tracker.responsibility import filters as post_filters
from tracker.responsibility import queries as posts
from tracker.storage.db import db
from tracker.tasks.filters import from_args
from tracker.texts import N_
from tracker.web.map_answers import kept_tile

#: The deepest zoom of a tile; the maps end two before.
MAX_ZOOM = 22

blueprint = Blueprint("tiles", __name__, url_prefix="/tiles")


def _tile(z: str, x: str, y: str) -> Tile:
    """The tile of an address. Numbers are read here: those of a router have any length."""
    if all(text.isascii() and text.isdigit() and len(text) < 9 for text in (z, x, y)):
        tile = Tile(int(z), int(x), int(y))
        try:
            if tile.z <= MAX_ZOOM and tile.cells:
                return tile
        except OutsideWorld:
            pass
    raise NotFound(
        N_("没有这块地图瓦片：层级应为 0 至 %(zoom)s，行号、列号应在该层级之内。"),
        zoom=MAX_ZOOM,
    )


@requires(Permission.MAP_VIEW)
def tasks(z: str, x: str, y: str) -> Response:
    """Tasks under the filter of a list; without wanted states the open ones."""
    tile, wanted = _tile(z, x, y), from_args(request.args)
    session, actor, now = db.session(), current_actor(), clock.now()
    epoch, stamp = tile_queries.versions(session)
    asked = Question(actor, wanted, str(db.engine.url), epoch)
    if wanted.category or wanted.tag or wanted.action or wanted.point:
        # nothing counts the changes of the catalogue and of points: the tile itself is its version
        body = _tasks(session, asked, now, tile)
        return kept_tile(lambda: body, "tasks", body)
    # how near a deadline is changes by itself
    minute = int(now.timestamp() // 60) if tile.z >= TASKS_FROM or wanted.due else None
    return kept_tile(
        lambda: _tasks(session, asked, now, tile),
        "tasks", tile, stamp, epoch,
        wanted.to_args(), _jurisdiction(actor), minute,
    )  # fmt: skip


def _tasks(session: Session, asked: Question, now: datetime, tile: Tile) -> bytes:
    if tile.z >= TASKS_FROM:
        tasks = tile_queries.singles(session, asked, now, tile)
        if not tasks.are_too_many:
            return tile_layers.of_tasks(tile, tasks)
        counted: Counted | None = tasks.counted(tile)
    else:
        counted = tile_queries.counted_cells(session, asked, now, tile)
    if counted is None:
        counted = tile_queries.task_cells(session, asked, now, tile)
    return tile_layers.of_cells(tile, counted)


@requires(Permission.POINT_LIST)
def points(z: str, x: str, y: str) -> Response:
    """Points under the filter of their list; what of it cannot be understood is left out there too."""
    tile, wanted = _tile(z, x, y), point_filters.from_args(request.args)[0]
    session, now = db.session(), clock.now()
    clauses = tile_queries.point_clauses(session, current_actor(), wanted, now)
    rows = tile_queries.point_rows(session, tile, now, clauses) if tile.z >= POINTS_FROM else None
    body = (
        tile_layers.of_cells(tile, tile_queries.point_cells(session, tile, now, clauses))
        if rows is None
        else tile_layers.of_points(tile, rows, now)
    )
    # nothing counts the changes of points: the tile itself is its version
    return kept_tile(lambda: body, "points", body)


@requires(Permission.MAP_VIEW)
def areas(z: str, x: str, y: str) -> Response:
    """Borders of the visible communities, and of their grids from near."""
    tile, session, actor = _tile(z, x, y), db.session(), current_actor()
    return kept_tile(
        lambda: shape_layer("areas", tile_shapes.areas(session, actor, tile)),
        "areas", tile, locating.epoch(session), _jurisdiction(actor),
    )  # fmt: skip


@requires(Permission.RESPONSIBILITY_LIST)
def responsibility(z: str, x: str, y: str) -> Response:
    """The drawn posts that answer on a day, under the filter of their list."""
    tile, session, actor = _tile(z, x, y), db.session(), current_actor()
    wanted, on = post_filters.from_args(request.args)[0], post_filters.question(request.args)[0].on
    day = on or clock.today()
    return kept_tile(
        lambda: shape_layer(
            "responsibility", tile_shapes.responsibilities(session, actor, wanted, day, tile)
        ),
        "responsibility", tile, posts.epoch(session), wanted.to_args(), day, _jurisdiction(actor),
    )  # fmt: skip


def _jurisdiction(actor: Actor) -> tuple[object, ...]:
    """What decides what a person sees."""
    grants = sorted(f"{one.role}/{one.area_code}/{one.organization_id}" for one in actor.grants)
    return actor.user_id, actor.is_system, *grants


for _view in (tasks, points, areas, responsibility):
    blueprint.add_url_rule(f"/{_view.__name__}/<z>/<x>/<y>.mvt", _view.__name__, _view)

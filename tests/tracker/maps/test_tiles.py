"""Tiles hold what the list under the same filter holds, for the same person, at a cost that does not grow."""

import gzip
from datetime import timedelta
from random import Random
from typing import Any
from urllib.parse import urlencode

import mapbox_vector_tile
import pytest
from flask import Flask
from sqlalchemy import select, update

from gis.cells import coarser, encode
from gis.tiles import MIMETYPE
from tests.factories.client import OfficeClient, open_session
from tests.factories.points import make_point
from tests.factories.responsibility import line_at, make_posts
from tests.factories.steps import counted
from tests.factories.world import (
    GRID,
    GUANGAN,
    HAIAN,
    INSIDE,
    SANZAO,
    TENGSHAN,
    World,
    given_for,
    given_report,
    make_task,
    make_world,
    task,
)
from tracker import clock
from tracker.access.actor import SYSTEM
from tracker.maps import tile_queries
from tracker.maps.tile_queries import Tile
from tracker.maps.tile_statements import Question, singles, task_clauses, values
from tracker.maps.tile_statements import counted as counting
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.filters import TaskFilter, from_args
from tracker.tasks.given import Place
from tracker.tasks.models import Task
from tracker.tasks.operations import apply
from tracker.tasks.states import OPEN, RUNNING, Action, Source, State

PLACES = (*INSIDE.values(), (113.9, 22.5))
STEPS = (Action.FILE, Action.DISPATCH, Action.ACKNOWLEDGE, Action.SUBMIT, Action.PASS)
#: who watches all, a town, the other one, by unit, a community
PEOPLE = ("leader", "dispatcher", "inspector", "leader_b", "clerk", "grid_worker")


def scatter(world: World, count: int) -> None:
    """Tasks around the communities, and some outside of all, each as far as chance took it."""
    chance, now = Random(11), clock.now()  # noqa: S311 - no secret
    with unit_of_work():
        for _ in range(count):
            lon, lat = (value + chance.uniform(-0.004, 0.004) for value in chance.choice(PLACES))
            given = given_report(
                code=chance.choice(("06010", "09009")),
                source=chance.choice((Source.INSPECTION, Source.GRID_PATROL)),
                place=Place(lon=lon, lat=lat, method="pin", address="依云路口"),
            )
            at = now - timedelta(days=chance.uniform(1, 30))
            found = apply(Action.REPORT, None, actor=SYSTEM, given=given, at=at).task
            db.session.flush()
            steps = [Action.REJECT] if chance.random() < 0.1 else STEPS[: chance.randint(0, 5)]
            for action in steps:
                unit = world.units[chance.choice(("sanitation", "police"))]
                given = given_for(world, action, unit_id=unit)
                apply(action, found, actor=SYSTEM, given=given, at=at)


@pytest.fixture
def world(both: Flask) -> World:
    made = make_world()
    scatter(made, 24)
    return made


def tiles_at(z: int) -> list[tuple[int, int, int]]:
    """The tiles of a zoom with any task in them."""
    keys = {coarser(cell, z) for cell in db.session.scalars(select(Task.cell)) if cell is not None}
    return [
        (z, *(sum((key >> 2 * n + axis & 1) << n for n in range(z)) for axis in (0, 1)))
        for key in keys
    ]  # type: ignore[misc]


def around(place: tuple[float, float], z: int) -> tuple[int, int, int]:
    """The tile of a zoom that holds a place (lon, lat)."""
    key = coarser(encode(*place), z)
    return (z, *(sum((key >> 2 * n + axis & 1) << n for n in range(z)) for axis in (0, 1)))  # type: ignore[return-value]


def address(layer: str, tile: tuple[int, int, int]) -> str:
    return f"/tiles/{layer}/{tile[0]}/{tile[1]}/{tile[2]}.mvt"


def features(client: OfficeClient, layer: str, tile: tuple[int, int, int], search: str = "") -> Any:
    answer = client.get(address(layer, tile) + search)
    assert (answer.status_code, answer.mimetype) == (200, MIMETYPE), answer.text
    [(name, found)] = mapbox_vector_tile.decode(
        answer.data, default_options={"y_coord_down": True}
    ).items()
    return name, found["features"]


def totals(client: OfficeClient, z: int, search: str = "") -> tuple[int, int]:
    """(open, valid) over all tiles of a zoom, however they are told."""
    still_open = valid = 0
    for tile in tiles_at(z):
        name, found = features(client, "tasks", tile, search)
        for one in (feature["properties"] for feature in found):
            still_open += one["open"] if name == "cells" else one["state"] in OPEN
            valid += one["valid"] if name == "cells" else 1
    return still_open, valid


def listed(world: World, who: str, **wanted: Any) -> set[int]:
    """What the list holds, of what stands on the map."""
    asked = from_args(wanted)
    clauses = task_clauses(world.actor(who), asked, clock.now())
    return set(db.session.scalars(select(Task.id).where(Task.cell.is_not(None), *clauses)))


def test_every_zoom_counts_what_the_list_holds_for_everyone(both: Flask, world: World) -> None:
    for who in ("leader", "inspector", "clerk", "grid_worker"):
        client, expected = open_session(both, who), listed(world, who)
        for z in (0, 9, 14):
            assert totals(client, z)[0] == len(expected), (who, z)
        ids = {one["id"] for tile in tiles_at(15) for one in features(client, "tasks", tile)[1]}
        assert ids == expected, who


FILTERS: tuple[dict[str, str], ...] = (
    {"category": "09"}, {"source": "grid_patrol"}, {"due": "overdue"}, {"area": SANZAO},
    {"action": "body"}, {"state": "closed"}, {"state": "closed", "category": "06", "area": SANZAO},
    {"q": "依云"}, {"q": "没有的词"}, {"from": "2020-01-01", "state": "rejected"},
)  # fmt: skip


def test_a_filter_narrows_the_tiles_as_it_narrows_the_list(app: Flask) -> None:
    world = make_world()
    scatter(world, 20)
    make_point(world, actions=["7"])
    with unit_of_work() as work:
        work.execute(update(Task).where(Task.id <= 9).values(point_id=1))
    assert listed(world, "leader", action="body")
    with unit_of_work():  # her own report lies outside of her town
        apply(Action.REPORT, None, actor=world.actor("inspector"), given=given_report(GUANGAN))
    for who in ("leader", "inspector"):
        client = open_session(app, who)
        for wanted in FILTERS:
            expected = len(listed(world, who, **wanted))
            search = f"?{urlencode(wanted)}"
            found = totals(client, 11, search)[1], totals(client, 15, search)[1]
            assert found == (expected, expected), (who, wanted)


def test_a_tile_names_a_task_by_number_and_tells_no_words_of_it(app: Flask) -> None:
    world = make_world()
    number = make_task(world)
    client, tile = open_session(app, "dispatcher"), around(INSIDE[SANZAO], 16)
    name, [found] = features(client, "tasks", tile)
    row = task(number)
    assert (name, found["id"]) == ("tasks", row.id)
    assert found["properties"] == {"number": number, "state": "reported", "band": "", "due": 0}
    body = client.get(address("tasks", tile)).data
    for secret in (row.title, row.description, row.address):
        assert secret.encode() not in body
    assert features(open_session(app, "inspector_b"), "tasks", tile)[1] == []


def test_a_tile_tells_of_each_task_what_its_list_tells_however_long_the_number(
    both: Flask, world: World
) -> None:
    with unit_of_work() as work:
        work.execute(update(Task).where(Task.id % 3 == 0).values(number="督" + Task.number))
        work.execute(update(Task).where(Task.id % 5 == 0).values(due_at=None, due_soon_at=None))
        late = clock.now() - timedelta(hours=1)
        work.execute(
            update(Task).where(Task.id % 4 == 0, Task.due_at.is_not(None)).values(due_at=late)
        )
    client, search = (
        open_session(both, "leader"),
        f"?{urlencode([('state', one) for one in State])}",
    )
    told = {
        feature["id"]: tuple(feature["properties"][name] for name in ("number", "state", "band", "due"))
        for tile in tiles_at(15) for feature in features(client, "tasks", tile, search)[1]
    }  # fmt: skip
    rows = db.session.scalars(select(Task).where(Task.cell.is_not(None))).all()
    assert told == {row.id: (row.number, row.state, *deadline(row)) for row in rows}
    assert {band for _number, _state, band, _due in told.values()} >= {"", "overdue"}


def deadline(row: Task) -> tuple[str, int]:
    """How near it is and when, as a tile tells it."""
    if row.state not in RUNNING or row.due_at is None:
        return "", 0
    now = clock.now()
    soon = row.due_soon_at is not None and row.due_soon_at <= now
    return "overdue" if row.due_at < now else "due_soon" if soon else "on_time", int(
        row.due_at.timestamp()
    )


def test_too_many_for_one_tile_are_counted_in_cells(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world()
    for _ in range(3):
        make_task(world)
    client, tile = open_session(app, "dispatcher"), around(INSIDE[SANZAO], 18)
    monkeypatch.setattr(tile_queries, "MAX_SINGLES", 2)
    name, [cell] = features(client, "tasks", tile)
    assert (name, cell["properties"]) == ("cells", {"valid": 3, "open": 3})


def test_a_browser_asks_again_and_is_told_that_nothing_changed(app: Flask) -> None:
    world = make_world()
    make_task(world)
    client, tile = open_session(app, "dispatcher"), address("tasks", around(INSIDE[SANZAO], 12))
    first = client.get(tile)
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" in first.headers["Vary"]
    known = {"If-None-Match": first.headers["ETag"]}
    again = client.get(tile, headers=known)
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(tile + "?category=06", headers=known).status_code == 200
    assert open_session(app, "dispatcher_2").get(tile, headers=known).status_code == 200
    make_task(world, community=GUANGAN, reporter="inspector_b")
    assert client.get(tile, headers=known).status_code == 200


def test_a_tile_travels_compressed_and_is_known_again(app: Flask) -> None:
    make_world()
    with unit_of_work():
        for _ in range(20):
            apply(Action.REPORT, None, actor=SYSTEM, given=given_report())
    client, tile = open_session(app, "leader"), address("tasks", around(INSIDE[SANZAO], 16))
    plain = client.get(tile, headers={"Accept-Encoding": "identity"}).data
    packed = client.get(tile, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain
    again = client.get(
        tile, headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]}
    )
    assert again.status_code == 304


NOWHERE = (
    "1/2/0", "23/0/0", "-1/0/0", "a/0/0", "15/1e3/0", f"{'9' * 5000}/0/0", "٣/0/0", "3/1/%00", "3/1/",
)  # fmt: skip


def test_a_tile_that_is_not_there_is_refused_in_words(app: Flask) -> None:
    make_world()
    client = open_session(app, "dispatcher")
    for layer in ("tasks", "points", "areas", "responsibility", "users"):
        for place in NOWHERE:
            answer = client.get(f"/tiles/{layer}/{place}.mvt")
            assert answer.status_code == 404, (layer, place)
            assert answer.get_json()["message"].startswith("没有这")


def test_a_filter_that_is_not_understood_and_a_visitor_are_refused(app: Flask) -> None:
    make_world()
    tile = address("tasks", around(INSIDE[SANZAO], 12))
    answer = open_session(app, "dispatcher").get(tile + "?state=nonsense")
    assert (answer.status_code, answer.get_json()["field"]) == (422, "state")
    assert open_session(app, "sysadmin").get(tile).status_code == 403
    assert app.test_client().get(tile).status_code in (302, 401)


def plan_of(query: Any) -> str:
    sql = query.compile(db.engine, compile_kwargs={"literal_binds": True})
    with db.engine.connect() as connection:
        return " ".join(row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}"))


def test_a_tile_is_a_few_queries_by_index(app: Flask) -> None:
    world = make_world()
    scatter(world, 5)
    for who in PEOPLE:
        client = open_session(app, who)
        for z in (8, 14, 16):
            with counted() as seen:
                client.get(address("tasks", around(INSIDE[SANZAO], z)))
            assert len(seen) <= 11, seen
        tile = Tile(*around(INSIDE[SANZAO], 15))
        given = values(tile.cells, tile.level, clock.now())
        for wanted in (TaskFilter(), TaskFilter(category="06"), TaskFilter(unit_id=1)):
            asked = Question(world.actor(who), wanted, str(db.engine.url), 1)
            for query in (singles(asked), counting(asked)):
                plan = plan_of(query.params(given))
                # the tasks of some states in the tile, or those of one unit: never all there ever were
                assert "SCAN task" not in plan
                assert (
                    "COVERING INDEX ix_task_state_cell" in plan
                    or "ix_task_unit_id_state_due_at" in plan
                ), plan


def test_points_are_counted_from_far_and_named_from_near(app: Flask) -> None:
    world = make_world()
    here = make_point(world, last_visit_at=clock.now(), cycle_days=7)
    make_point(world, GUANGAN)
    client = open_session(app, "dispatcher")
    name, cells = features(client, "points", around(INSIDE[SANZAO], 8))
    assert name == "cells"
    assert sum(cell["properties"]["valid"] for cell in cells) == 2
    name, [point] = features(client, "points", around(INSIDE[SANZAO], 15))
    assert point["properties"] == {"code": here, "group": "市场商业", "overdue": 0, "active": 1}
    assert features(client, "points", around(INSIDE[SANZAO], 15), "?type=estate")[1] == []
    assert features(open_session(app, "leader_b"), "points", around(INSIDE[SANZAO], 15))[1] == []


def test_borders_are_those_of_the_jurisdiction_with_grids_from_near(app: Flask) -> None:
    make_world()
    everything = features(open_session(app, "leader"), "areas", around(INSIDE[SANZAO], 11))[1]
    assert {one["properties"]["code"] for one in everything} >= {SANZAO, HAIAN}
    assert all(one["geometry"]["type"] in ("Polygon", "MultiPolygon") for one in everything)
    near = around((113.350, 22.045), 16)
    found = {
        one["properties"]["code"] for one in features(open_session(app, "leader"), "areas", near)[1]
    }
    assert found == {SANZAO, GRID}
    assert features(open_session(app, "leader_b"), "areas", near)[1] == []
    whole = {one["properties"]["level"] for one in everything}
    assert whole == {"community"}


def test_posts_are_drawn_without_the_person_who_answers(app: Flask) -> None:
    world = make_world()
    [code, *_] = make_posts(world, {}, {"geometry": line_at(*INSIDE[TENGSHAN]), "name": "另一条路"})
    client, tile = open_session(app, "dispatcher"), around(INSIDE[SANZAO], 15)
    name, [post] = features(client, "responsibility", tile)
    assert (name, post["properties"]) == ("responsibility", {"code": code, "kind": "segment"})
    body = client.get(address("responsibility", tile)).data
    assert "林志强".encode() not in body
    assert b"13800001234" not in body
    assert features(client, "responsibility", tile, "?kind=polygon")[1] == []
    assert features(open_session(app, "leader_b"), "responsibility", tile)[1] == []

"""Pages of GeoJSON hold together what the list holds, for the same person, at a cost that does not grow."""

import gzip
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select, update

from gis.cells import box_ranges
from tests.conftest import on_sqlite
from tests.factories.client import OfficeClient, open_session
from tests.factories.points import make_point
from tests.factories.steps import counted
from tests.factories.world import (
    GUANGAN,
    HAIAN,
    INSIDE,
    SANZAO,
    TENGSHAN,
    World,
    given_report,
    make_task,
    make_world,
    task,
)
from tracker import clock
from tracker.access.actor import SYSTEM
from tracker.ogc import kinds, pages
from tracker.ogc.asked import Asked, Key
from tracker.ogc.walking import walk
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.given import Place
from tracker.tasks.models import Task
from tracker.tasks.operations import apply
from tracker.tasks.queries import visible
from tracker.tasks.states import Action, State

ITEMS = "/ogc/collections/tasks/items"
#: who watches all, a town, the other one, by unit, a community
PEOPLE = ("leader", "inspector", "leader_b", "clerk", "grid_worker")
#: around the communities of the first town
WEST_TOWN = (113.34, 22.03, 113.39, 22.07)


def box(sides: tuple[float, ...]) -> str:
    return ",".join(map(str, sides))


def scatter(count: int = 5) -> None:
    """Reports in each community, two at one place, one outside of all, one without any."""
    now = clock.now()
    places = [*INSIDE.values(), INSIDE[SANZAO], (113.9, 22.5)]
    places += [(113.346 + n / 1000, 22.04 + n / 900) for n in range(count)]
    with unit_of_work():
        for n, (lon, lat) in enumerate(places):
            given = given_report(place=Place(lon=lon, lat=lat, method="pin", address="依云路口"))
            apply(Action.REPORT, None, actor=SYSTEM, given=given, at=now - timedelta(hours=n))
        apply(Action.REPORT, None, actor=SYSTEM, given=given_report(None), at=now)


@pytest.fixture
def world(both: Flask) -> World:
    made = make_world()
    scatter()
    for community, reporter in ((SANZAO, "inspector"), (GUANGAN, "inspector_b")):
        make_task(made, State.HANDLING, community, reporter=reporter)
    make_task(made, community=TENGSHAN, reporter="inspector")
    return made


def collected(client: OfficeClient, address: str) -> list[dict[str, Any]]:
    """The features of all pages, by the links to the next."""
    found: list[dict[str, Any]] = []
    for _ in range(40):
        answer = client.get(address)
        assert (answer.status_code, answer.mimetype) == (200, "application/geo+json"), answer.text
        page = answer.get_json()
        assert page["numberReturned"] == len(page["features"])
        found += page["features"]
        following = [one["href"] for one in page["links"] if one["rel"] == "next"]
        if not following:
            return found
        address = following[0].removeprefix("http://localhost")
    raise AssertionError("the pages do not end")


def listed(world: World, who: str, *more: Any) -> list[str]:
    """The numbers of what the list holds, of what stands on the map."""
    query = select(Task.number).where(visible(world.actor(who)), Task.cell.is_not(None), *more)
    return sorted(db.session.scalars(query))


def in_box(west: float, south: float, east: float, north: float) -> Any:
    return Task.lon.between(west, east) & Task.lat.between(south, north)


@pytest.mark.parametrize("few", [5_000, 0], ids=["walked by place", "walked by time"])
def test_the_pages_hold_what_the_list_holds_for_everyone(
    both: Flask, world: World, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(pages, "FEW", few)
    middle = clock.now() - timedelta(hours=5)
    days = f"datetime={middle.isoformat().replace('+', '%2B')}/.."
    for who in PEOPLE:
        client = open_session(both, who)
        for search, clauses in (
            ("", []),
            (f"&bbox={box(WEST_TOWN)}", [in_box(*WEST_TOWN)]),
            (f"&bbox=113.34,22.03,0,113.39,22.07,99&{days}", [in_box(*WEST_TOWN), Task.reported_at >= middle]),
            (f"&{days}", [Task.reported_at >= middle]),
            (f"&bbox={box((170, -10, 113.36, 30))}", [Task.lon <= 113.36]),
            ("&bbox=1,1,2,2", [Task.lon < 2]),
        ):  # fmt: skip
            found = [one["id"] for one in collected(client, f"{ITEMS}?limit=3{search}")]
            assert sorted(found) == listed(world, who, *clauses), (who, search)


def test_a_feature_tells_where_and_how_far_and_no_words(both: Flask, world: World) -> None:
    number = listed(world, "inspector", Task.state == "handling")[0]
    row, client = task(number), open_session(both, "inspector")
    answer = client.get(f"{ITEMS}/{number}")
    found = answer.get_json()
    assert found["geometry"] == {"type": "Point", "coordinates": list(INSIDE[SANZAO])}
    assert row.due_at is not None
    assert found["properties"] == {
        "number": number,
        "state": "handling",
        "category_code": "06010",
        "reported_at": f"{row.reported_at:%Y-%m-%dT%H:%M:%SZ}",
        "due_at": f"{row.due_at:%Y-%m-%dT%H:%M:%SZ}",
        "community_code": SANZAO,
        "grid_code": row.grid_code,
    }
    [page] = [one["href"] for one in found["links"] if one["rel"] == "alternate"]
    assert client.get(page.removeprefix("http://localhost")).status_code == 200
    bodies = answer.text + client.get(ITEMS).text
    for secret in (row.title, row.description, row.address, "inspector"):
        assert secret not in bodies
    [same] = [one for one in collected(client, ITEMS) if one["id"] == number]
    assert same["properties"] == found["properties"]


@on_sqlite
def test_a_foreign_feature_is_as_little_there_as_an_unknown_one(both: Flask, world: World) -> None:
    client = open_session(both, "leader_b")
    foreign = listed(world, "leader", Task.community_code == SANZAO)[0]
    answers = [client.get(f"{ITEMS}/{number}") for number in (foreign, "JW-0", "%00", "9" * 900)]
    assert [one.status_code for one in answers] == [404] * 4
    assert answers[0].get_json() == answers[1].get_json()
    assert set(answers[0].get_json()) == {"code", "description"}
    assert open_session(both, "sysadmin").get(ITEMS).status_code == 403
    visitor = both.test_client().get(ITEMS)
    assert (visitor.status_code, visitor.get_json()["code"]) == (401, "signed_out")


@on_sqlite
def test_a_right_that_ends_is_gone_from_the_next_page(both: Flask, world: World) -> None:
    from tracker.people.models import RoleGrant

    client = open_session(both, "leader_b")
    assert collected(client, ITEMS)
    with unit_of_work() as work:
        mine = RoleGrant.user_id == world.users["leader_b"]
        work.execute(update(RoleGrant).where(mine).values(area_code=HAIAN))
    found = {one["properties"]["community_code"] for one in collected(client, ITEMS)}
    assert found == {HAIAN}


@on_sqlite
def test_points_are_pages_too(both: Flask, world: World) -> None:
    at = clock.now() - timedelta(days=2)
    here = make_point(world, last_visit_at=at)
    make_point(world, HAIAN)
    make_point(world, GUANGAN)
    address = "/ogc/collections/points/items?limit=1"
    client = open_session(both, "inspector")
    found = collected(client, address)
    assert len(found) == 2
    [one] = [feature for feature in found if feature["id"] == here]
    assert one["properties"]["last_visit_at"] == f"{at:%Y-%m-%dT%H:%M:%SZ}"
    assert one["properties"]["active"] is True
    assert "person" not in one["properties"]
    seen = collected(client, f"{address}&datetime=../{clock.now():%Y-%m-%dT%H:%M:%SZ}")
    assert [feature["id"] for feature in seen] == [here]
    assert client.get(f"/ogc/collections/points/items/{here}").get_json()["id"] == here
    assert len(collected(open_session(both, "leader_b"), address)) == 1


def plan_of(kind: str, query: Any) -> str:
    sql = query.compile(db.engine, compile_kwargs={"literal_binds": True})
    with db.engine.begin() as connection:
        if kind == "sqlite":
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}")
        else:
            # a few rows are read anyhow: what is asked is whether the index can give them in order
            for way in ("seqscan", "bitmapscan", "sort"):
                connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
            rows = connection.exec_driver_sql(f"EXPLAIN {sql}")
        return "\n".join(row[-1] for row in rows)


def test_a_page_is_few_queries_of_one_index(both: Flask, world: World) -> None:
    kind = db.engine.dialect.name
    for who in PEOPLE:
        client, actor = open_session(both, who), world.actor(who)
        for search in (f"?bbox={box(WEST_TOWN)}", "?limit=2", "?datetime=2020-01-01T00:00:00Z/.."):
            client.get(ITEMS + search)
            with counted() as seen:
                client.get(ITEMS + search)
            # who it is, at most two looks at how much there is, the page
            assert len(seen) <= 4, (who, search, seen)
        ranges = box_ranges(*WEST_TOWN, max_ranges=pages.RANGES)
        asked = Asked(limit=3, box=WEST_TOWN, after=Key(5, cell=ranges[0][0] + 1))
        walked = walk(kinds.TASKS, actor, pages.levels_for(actor), asked, ranges)
        assert walked is not None
        plan = plan_of(kind, walked[0].params(walked[1]))
        if kind == "sqlite":
            assert plan.count("COVERING INDEX ix_task_cell (cell>? AND cell<?)") == len(ranges)
            assert "TEMP B-TREE" not in plan
            assert "SCAN task" not in plan
        else:
            assert plan.count("Index Only Scan using ix_task_cell") == len(ranges), plan
            assert "Merge Append" in plan, plan


@on_sqlite
def test_a_page_travels_compressed(both: Flask, world: World) -> None:
    client = open_session(both, "leader")
    packed = client.get(ITEMS, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert b"FeatureCollection" in gzip.decompress(packed.data)
    assert packed.headers["Cache-Control"] == "no-store"


BAD = {
    "bbox": ("", "1,2,3", "a,b,c,d", "113,22,114,21", "181,0,1,1", "0,0,1,91", "nan,0,1,1", "1,2,3,4,5", "1,1,1,1e999", "9" * 500),
    "limit": ("", "0", "-1", "1.5", "十", "1e3", "9" * 300, "%00"),
    "datetime": ("", "..", "2026-11-01", "2026-11-01T00:00:00", "2026-13-01T00:00:00Z", "x/..",
                 "2026-11-02T00:00:00Z/2026-11-01T00:00:00Z", "0001-01-01T00:00:00%2B14:00", "../../.."),
    "after": ("", "1", "x-1", "1-99999999999", "9999999999999999999-1", "2026-11-01T00:00:00,1", "-1,-1"),
    "f": ("html", ""),
    "bbox-crs": ("x",),
    "state": ("closed",),
}  # fmt: skip


@on_sqlite
def test_what_cannot_be_understood_is_refused_by_name_and_with_how_to_mend_it(
    both: Flask, world: World
) -> None:
    client = open_session(both, "dispatcher")
    for name, values in BAD.items():
        for value in values:
            for collection in ("tasks", "points"):
                answer = client.get(f"/ogc/collections/{collection}/items?{name}={value}")
                assert answer.status_code == 400, (name, value, answer.text)
                assert set(answer.get_json()) == {"code", "description"}
                assert name in answer.get_json()["description"] or value == "%00", answer.text
    for search in ("?limit=1&limit=2", "?f=json&f=json"):
        assert client.get(ITEMS + search).status_code == 400
    assert client.get("/ogc/collections?limit=1").status_code == 400
    for search in ("?limit=999999999", "?f=json", "?datetime=/", "?datetime=../.."):
        assert client.get(ITEMS + search).status_code == 200
    assert client.post(ITEMS).status_code in (400, 405)


@on_sqlite
def test_a_program_finds_everything_from_the_landing_page(both: Flask, world: World) -> None:
    client = open_session(both, "inspector")
    landing = client.get("/ogc/").get_json()
    relations = {one["rel"]: one["href"] for one in landing["links"]}
    assert set(relations) == {"self", "service-desc", "conformance", "data"}
    documents = {rel: client.get(urlsplit(href).path).get_json() for rel, href in relations.items()}
    assert documents["self"] == landing
    assert any(one.endswith("/conf/core") for one in documents["conformance"]["conformsTo"])
    limits = documents["service-desc"]["components"]["parameters"]["limit"]["schema"]
    assert (limits["minimum"], limits["maximum"], limits["default"]) == (1, 10_000, 100)
    for path in documents["service-desc"]["paths"]:
        if "{" not in path:
            assert client.get(f"/ogc{path}").status_code == 200, path
    assert [one["id"] for one in documents["data"]["collections"]] == ["tasks", "points"]
    for one in documents["data"]["collections"]:
        west, south, east, north = one["extent"]["spatial"]["bbox"][0]
        assert west < INSIDE[SANZAO][0] < east
        assert south < INSIDE[SANZAO][1] < north
        for link in one["links"]:
            answer = client.get(urlsplit(link["href"]).path)
            assert (answer.status_code, answer.mimetype) == (200, link["type"])
    assert client.get("/ogc/collections/users").status_code == 404
    assert client.get("/ogc/nowhere").get_json()["code"] == "not_found"
    administrator = open_session(both, "sysadmin")
    assert administrator.get("/ogc/collections").get_json()["collections"] == []
    assert administrator.get("/ogc/collections/tasks").status_code == 404

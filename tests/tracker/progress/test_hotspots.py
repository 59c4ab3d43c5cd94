"""Hot spots as people meet them: each number is that of its list, nobody sees a foreign place."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from random import Random
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import select, text
from werkzeug.datastructures import MultiDict

from tests.factories.client import open_session
from tests.factories.points import make_point
from tests.factories.rounds import note_visits
from tests.factories.spots import NOW, TOWNS, put, spread
from tests.factories.world import (
    DISTRICT,
    GUANGAN,
    HAIAN,
    INSIDE,
    SANZAO,
    TOWN_A,
    World,
    category,
    make_world,
)
from tests.tracker.maps.test_map_data import statements
from tracker import clock
from tracker.progress import hotspots, hotspots_asked, hotspots_data
from tracker.progress.hotspots import analyse
from tracker.progress.hotspots_methods import Ground, hot
from tracker.storage.db import db
from tracker.tasks import filters, listing
from tracker.tasks.models import Task
from tracker.web import crowding


@pytest.fixture(scope="module")
def planted(sqlite_module_app: Flask) -> World:
    """Noise in three communities, a crowd in 三灶, another in 广安, what came back in 金海岸."""
    world, chance = make_world(), Random(7)  # noqa: S311 - no secret
    for community in TOWNS:
        put(community, spread(chance, community, 90, 450))
    put(SANZAO, spread(chance, SANZAO, 45, 40, 300, -300), code="09009")
    put(GUANGAN, spread(chance, GUANGAN, 30, 40))
    put(SANZAO, spread(chance, SANZAO, 9, 40, 300, -300), state="rejected")
    there = [INSIDE[HAIAN]]
    day = timedelta(days=1)
    put(
        HAIAN,
        there,
        code="07001",
        state="closed",
        reported_at=NOW - 20 * day,
        closed_at=NOW - 15 * day,
    )
    put(HAIAN, there, code="07001", reported_at=NOW - 10 * day)
    visited, other = make_point(world, SANZAO), make_point(world, GUANGAN, name="广安市场")
    note_visits(world, [visited, other])
    return world


@pytest.fixture(scope="module")
def sqlite_module_app(sqlite_template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One installation for the whole module: these tests only read."""
    import shutil

    from tests.conftest import settings_for, share_compiled
    from tracker.app import create_app

    folder = tmp_path_factory.mktemp("spots")
    shutil.copy(sqlite_template, folder / "tracker.db")
    app = share_compiled(create_app(settings_for(folder)))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def wanted(world: World, who: str = "leader", **args: str) -> hotspots_asked.Wanted:
    return hotspots_asked.read(db.session(), args, world.actor(who), clock.now())


def rows_of(page: str) -> int:
    """How many tasks a list says it has."""
    found = re.search(r'task-count">共 ([\d,]+)', page)
    assert found, page[:500]
    return int(found[1].replace(",", ""))


QUERIES = (
    "size=200&category=09", "method=gi&size=200&source=inspection", "method=cluster&tag=parking",
    "method=recurrence&category=07",
)  # fmt: skip


def test_the_list_behind_each_finding_has_as_many_tasks_as_the_finding_says(
    planted: World, sqlite_module_app: Flask
) -> None:
    client = open_session(sqlite_module_app, "leader")
    for query in QUERIES:
        page = client.get(f"/progress/hotspots?{query}").text
        links = re.findall(r'class="spot-list" href="([^"]+)">打开 ([\d,]+) 件', page)
        assert links, query
        for href, n in links[:4]:
            assert rows_of(client.get(unescape(href)).text) == int(n), (query, href)
        assert "不说明" in page
        assert "建议" in page


def test_what_was_planted_is_found_and_named(planted: World) -> None:
    session, leader = db.session(), planted.actor("leader")
    first = analyse(session, wanted(planted, method="gi", size="200"), leader).findings[0]
    assert first.level >= 2
    assert first.community in (SANZAO, GUANGAN)
    assert first.n >= 30
    crowd = analyse(session, wanted(planted, method="cluster", area=SANZAO), leader).findings[0]
    assert crowd.category_id == category("09009")
    assert crowd.matched >= 40
    back = analyse(session, wanted(planted, method="recurrence", area=HAIAN, category="07"), leader)
    assert [(one.n, one.again) for one in back.findings] == [(2, 1)]
    near = analyse(session, wanted(planted, method="density", area=GUANGAN), leader).findings[0]
    assert near.point == "广安市场"


def test_of_an_action_only_its_points_are_the_ground_that_is_inspected(planted: World) -> None:
    leader = planted.actor("leader")
    every = hotspots_data.points(db.session(), wanted(planted), leader)
    carried = wanted(planted, action="7")
    assert len(every) == 2
    assert hotspots_data.points(db.session(), carried, leader) == []
    assert analyse(db.session(), carried, leader).n == 0


def test_void_reports_are_no_reports(planted: World) -> None:
    found = analyse(db.session(), wanted(planted, area=SANZAO), planted.actor("leader"))
    assert found.n == 135


def test_a_person_sees_the_spots_of_the_own_area_alone(
    planted: World, sqlite_module_app: Flask
) -> None:
    client = open_session(sqlite_module_app, "inspector_b")
    page = client.get("/progress/hotspots?method=cluster")
    assert "广安" in page.text
    assert "三灶社区</option>" not in page.text
    for address in ("hotspots", "hotspots/frame", "hotspots/spots.json"):
        assert client.get(f"/progress/{address}?area={SANZAO}").status_code == 404
        assert client.get(f"/progress/{address}?area=nowhere").status_code == 404
    clerk = analyse(db.session(), wanted(planted, "clerk"), planted.actor("clerk"))
    assert clerk.n == 0, "a unit sees its own tasks, and has none of these"


@pytest.mark.parametrize("query", ["method=magic", "size=7", "size=x", "by=money", "from=20260201"])
def test_what_cannot_be_asked_is_refused_in_words(
    planted: World, sqlite_module_app: Flask, query: str
) -> None:
    assert open_session(sqlite_module_app, "leader").get(f"/progress/hotspots?{query}").status_code == 422  # fmt: skip


def test_too_little_is_said_in_words_and_not_drawn(
    planted: World, sqlite_module_app: Flask
) -> None:
    client = open_session(sqlite_module_app, "leader")
    address = f"/progress/hotspots?method=gi&size=1000&area={HAIAN}"
    assert "不足 30 个" in client.get(address).text
    drawn = client.get(address.replace("hotspots?", "hotspots/spots.json?")).json
    assert (drawn["cells"], drawn["spots"]) == (None, [])
    empty = client.get("/progress/hotspots?from=2020-01-01&to=2020-01-31").text
    assert "没有带坐标的任务" in empty
    assert "不足 30 个" in client.get("/progress/hotspots?method=gi&by=visits").text


def test_of_too_many_the_newest_whole_days_are_analysed_and_the_page_says_so(
    planted: World, sqlite_module_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hotspots_data, "MAX_REPORTS", 200)
    client = open_session(sqlite_module_app, "leader")
    page = client.get("/progress/hotspots?method=density&size=100").text
    assert "只分析" in page
    links = re.findall(r'class="spot-list" href="([^"]+)">打开 ([\d,]+) 件', page)
    for href, n in links[:3]:
        assert rows_of(client.get(unescape(href)).text) == int(n)
    found = analyse(db.session(), wanted(planted), planted.actor("leader"))
    assert 0 < found.n <= 200
    assert found.days.first > wanted(planted).chosen.days.first


def test_the_same_question_is_counted_once_until_something_happens(
    planted: World, sqlite_module_app: Flask
) -> None:
    client = open_session(sqlite_module_app, "leader")
    address = "/progress/hotspots?method=cluster&size=50"
    client.get(address)
    with statements(sqlite_module_app) as said:
        client.get(address)
    assert not [one for one in said if "task.lon" in one]
    assert len(said) <= 30
    key = next(reversed(hotspots._kept))
    assert hotspots._kept[key].n
    tag = client.get("/progress/hotspots/spots.json?method=cluster&size=50").headers["ETag"]
    again = client.get("/progress/hotspots/spots.json?method=cluster&size=50", headers={"If-None-Match": tag})  # fmt: skip
    assert again.status_code == 304


def test_who_comes_while_two_are_served_is_asked_to_come_again(
    planted: World, sqlite_module_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crowding, "_WAIT", 0.01)
    client, inspector = (open_session(sqlite_module_app, who) for who in ("leader", "inspector"))
    addresses = (
        (client, "/progress/hotspots?method=cluster&size=200"),
        (inspector, "/inspect/route?of=debt"),
    )
    with crowding.a_place(), crowding.a_place():
        assert [one.get(address).status_code for one, address in addresses] == [429, 429]
    assert [one.get(address).status_code for one, address in addresses] == [200, 200]


@pytest.mark.parametrize(
    ("area", "index"),
    [(DISTRICT, "reported_at"), (TOWN_A, "reported_at"), (SANZAO, "community_code_reported_at")],
)
def test_the_reports_of_a_period_are_read_by_an_index(
    planted: World, area: str, index: str
) -> None:
    asked, leader = wanted(planted, area=area), planted.actor("leader")
    query = hotspots_data.reports_query(asked, leader, asked.chosen.days, watched=True).limit(100)
    plain = query.compile(db.engine, compile_kwargs={"literal_binds": True})
    plan = " ".join(str(row[3]) for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {plain}")))
    assert f"ix_task_{index}" in plan
    assert "TEMP B-TREE" not in plan


def test_every_report_counts_for_the_area_it_lies_in(planted: World) -> None:
    leader = planted.actor("leader")
    here = analyse(db.session(), wanted(planted, area=TOWN_A), leader)
    rows = select(Task.id).where(Task.town_code == TOWN_A, Task.state != "rejected")
    assert here.n == len(db.session.execute(rows.where(Task.reported_at > NOW - timedelta(days=29))).all())  # fmt: skip


def test_the_list_of_a_finding_is_read_by_the_cells_around_it(planted: World) -> None:
    found = filters.from_args(MultiDict({"near": "113.355,22.045,200"}))
    query = listing.sought(planted.actor("leader"), found, clock.now()).limit(26)
    plain = query.compile(db.engine, compile_kwargs={"literal_binds": True})
    plan = " ".join(str(row[3]) for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {plain}")))
    assert "ix_task_cell" in plan
    assert "SCAN task" not in plan


def test_more_reports_where_more_is_inspected_are_no_hot_spot_of_reports_per_visit() -> None:
    places = [SimpleNamespace(lon=113.3 + x / 500, lat=22.0 + y / 500) for x in range(8) for y in range(8)]  # fmt: skip
    visits = [9 if n in (27, 28, 35, 36) else 1 for n in range(64)]
    rows = [place for place, n in zip(places, visits, strict=True) for _ in range(2 * n)]
    ground = Ground.of((113.3, 22.0), rows, places)
    _cells, refusal, spots = hot(ground, 200, None)
    assert (refusal, len(spots) > 0) == ("", True)
    assert hot(ground, 200, visits) == (None, "all_equal", [])

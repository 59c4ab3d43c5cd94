"""A review map says what its table, its file and the lists behind it say, and only to whom it may."""

import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update

from tests.factories.client import open_session
from tests.factories.points import make_point
from tests.factories.world import (
    DISTRICT,
    GUANGAN,
    HAIAN,
    SANZAO,
    TENGSHAN,
    TOWN_A,
    TOWN_B,
    World,
    make_task,
    make_world,
)
from tests.tracker.progress.test_figures import history
from tracker import clock
from tracker.clock import in_city
from tracker.maps import shading
from tracker.places.locating import bump_epoch
from tracker.places.models import Area
from tracker.points.models import InspectionPoint
from tracker.progress.choropleths import month_before
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.models import Task
from tracker.tasks.queries import visible
from tracker.tasks.states import OPEN, State

CELL = re.compile(r'<td class="num" data-column="(\w+)" data-value="([^"]*)">(.*?)</td>', re.DOTALL)
ROW = re.compile(r'<tr data-code="(\w+)">(.*?)</tr>', re.DOTALL)
COUNT = re.compile(r'task-count">共 ([\d,]+) 条')


@pytest.fixture
def world(app: Flask) -> World:
    """Fifty days of tasks; three of them found at a market of action 7."""
    made = make_world()
    history(made, tasks=40)
    code = make_point(made, SANZAO, actions=["7"])
    make_point(made, HAIAN)
    with unit_of_work() as work:
        point = work.scalars(select(InspectionPoint.id).where(InspectionPoint.code == code)).one()
        some = select(Task.id).where(Task.community_code == SANZAO).limit(3)
        work.execute(
            update(Task).where(Task.id.in_(list(work.scalars(some)))).values(point_id=point)
        )
    return made


def number(text: str) -> float | None:
    return float(text) if text else None


def cells(page: str) -> dict[str, dict[str, tuple[float | None, str]]]:
    """(value, what stands in the cell) of the table, by area and column."""
    return {
        code: {name: (number(value), inner) for name, value, inner in CELL.findall(row)}
        for code, row in ROW.findall(page)
    }


def listed(client: Any, cell: str) -> int:
    """How many tasks the list behind a cell counts."""
    link = re.search(r'href="([^"]+)"', cell)
    assert link, cell
    found = COUNT.search(client.get(unescape(link.group(1))).text)
    assert found
    return int(found.group(1).replace(",", ""))


@contextmanager
def statements() -> Iterator[list[str]]:
    said: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        said.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


#: Areas and what they are asked for.
ASKED = (
    (DISTRICT, ""),
    (DISTRICT, "?by=community&category=06&measure=overdue"),
    (TOWN_A, "?action=body&order=best"),
    (SANZAO, "?source=inspection&measure=rectified"),
)


def test_map_table_file_and_the_lists_behind_them_say_the_same(app: Flask, world: World) -> None:
    leader = open_session(app, "leader")
    for code, query in ASKED:
        check_equal(leader, code, query)
    check_per_points(leader)


def check_equal(leader: Any, code: str, query: str) -> None:
    address = f"/progress/map/{code}"
    table = cells(leader.get(address + query).text)
    drawn = leader.get(f"{address}/figures.json{query}").get_json()["areas"]
    sheet = list(csv.reader(io.StringIO(leader.get(f"{address}/table.csv{query}").text[1:])))
    assert [row[0] for row in sheet[1:]][: len(table)] == list(table)
    for row in sheet[1 : len(table) + 1]:
        of_row = table[row[0]]
        assert [number(text) for text in row[2 : 2 + len(of_row)]] == [
            v for v, _ in of_row.values()
        ]
    assert {a: {n: one["value"] for n, one in of.items()} for a, of in drawn.items()} == {
        a: {n: value for n, (value, _) in of.items()} for a, of in table.items()
    }
    assert any(of["open"][0] for of in table.values())


def check_per_points(leader: Any) -> None:
    here = cells(leader.get(f"/progress/map/{TOWN_A}").text)[SANZAO]
    assert here["per_points"][0] == 100 * (here["open"][0] or 0)
    none = cells(leader.get(f"/progress/map/{TOWN_B}").text)[GUANGAN]
    assert none["per_points"][0] is None, "no points, no figure"


def test_two_days_stand_side_by_side_and_differ_by_what_happened_between(
    app: Flask, world: World
) -> None:
    leader = open_session(app, "leader")
    now = cells(leader.get(f"/progress/map/{TOWN_A}").text)
    today = in_city(clock.now()).date()
    day = (today - timedelta(days=20)).isoformat()
    then = cells(leader.get(f"/progress/map/{TOWN_A}?on={day}").text)
    both = cells(leader.get(f"/progress/map/{TOWN_A}?with={day}").text)
    for code in (SANZAO, HAIAN):
        of = {name: value for name, (value, _) in both[code].items()}
        assert (of["open_then"], of["open"]) == (then[code]["open"][0], now[code]["open"][0])
        assert of["open_change"] == (of["open"] or 0) - (of["open_then"] or 0)
        assert "href" not in then[code]["open"][1], "no list shows a past day"
    for frame, column in (("then", "open_then"), ("now", "open")):
        drawn = leader.get(f"/progress/map/{TOWN_A}/frame?with={day}&side={frame}").text
        assert f'"measure":"{column}"' in drawn
    measures = leader.get(f"/progress/map/{TOWN_A}/figures.json?with={day}").get_json()["measures"]
    scales = [[(s["low"], s["high"], s["colour"]) for s in measures[n]["shades"]] for n in ("open_then", "open")]  # fmt: skip
    assert scales[0] == scales[1], "one scale for both maps"
    month = cells(leader.get(f"/progress/map/{TOWN_A}?with={month_before(today)}").text)
    assert [of["month_change"][0] for of in now.values()] == [
        month[code]["open_change"][0] for code in now
    ]


def test_a_leader_goes_on_with_the_area_and_the_figure_that_are_looked_at(
    app: Flask, world: World
) -> None:
    leader = open_session(app, "leader")
    page = unescape(leader.get(f"/progress/map/{TOWN_A}?measure=overdue&area={SANZAO}").text)
    before = month_before(in_city(clock.now()).date())
    compared = f"/progress/map/{TOWN_A}?area={SANZAO}&measure=overdue_change&with={before}"
    assert f'href="{compared}"' in page
    back = f"/progress/map/{TOWN_A}?area={SANZAO}&measure=overdue_change"
    assert f'href="{back}"' in unescape(leader.get(compared).text), "不对比"
    assert '<option value="overdue" selected>' in leader.get(back).text
    for tab in ("", "timeline", "hotspots", "wall", "map"):
        assert f'href="/progress/{tab}?area={TOWN_A}"' in page
    assert leader.get(f"/progress/map?area={SANZAO}").location == f"/progress/map/{SANZAO}"
    grid = cells(leader.get(f"/progress/map/{SANZAO}").text).popitem()[0]
    assert 'href="/progress/timeline"' in leader.get(f"/progress/map/{grid}").text


def test_a_unit_sees_the_figures_of_its_own_tasks_and_no_past(app: Flask, world: World) -> None:
    clerk = open_session(app, "clerk")
    table = cells(clerk.get(f"/progress/map/{DISTRICT}").text)
    actor = world.actor("clerk")
    own = db.session.scalar(
        select(func.count()).where(visible(actor), Task.state.in_(sorted(OPEN)))
    )
    assert sum(of["open"][0] or 0 for of in table.values()) == own
    assert {of["month_change"][0] for of in table.values()} == {None}
    versus = clerk.get(f"/progress/compare?a={SANZAO}&b={HAIAN}").text
    assert "spark" not in versus.replace("review.css", "")


def test_another_town_s_areas_are_not_found(app: Flask) -> None:
    make_world()
    other = open_session(app, "leader_b")
    for page in ("", "/frame", "/figures.json", "/borders.json", "/causes", "/table.csv"):
        assert other.get(f"/progress/map/{SANZAO}{page}").status_code == 404
    assert other.get(f"/progress/map/{TOWN_B}?area={SANZAO}").status_code == 404
    for page in ("figures.json", "frame"):
        assert other.get(f"/progress/map/{TOWN_B}/{page}?beside={SANZAO}").status_code == 404
    assert other.get(f"/progress/compare?a={TENGSHAN}&b={SANZAO}").status_code == 404
    entry = other.get("/progress/map?endpoint=x&code=y&measure=overdue&_anchor=z")
    assert entry.location == f"/progress/map/{TOWN_B}?measure=overdue"


REFUSED = (
    "measure=x", "by=grid", "by=village", "with=2999-01-01", "with=x%00", "on=2025-13-01",
    "action=99", "unit=99999999999999", "from=2999-01-01", "tag=%00",
    "action=7&with=2026-01-01",
)  # fmt: skip


def test_what_cannot_be_reviewed_is_refused_with_a_reason(app: Flask) -> None:
    make_world()
    leader = open_session(app, "leader")
    for query in REFUSED:
        answer = leader.get(f"/progress/map/{DISTRICT}/figures.json?{query}")
        assert (answer.status_code, query) == (422, query)
        assert answer.get_json()["message"]


def test_the_causes_are_counted_as_the_lists_they_open_and_only_of_so_many_tasks(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    leader = open_session(app, "leader")
    for query in ("tag=", "measure=overdue"):
        piece = leader.get(f"/progress/map/{DISTRICT}/causes?{query}").text
        found = re.findall(
            r'(<a href="[^"]+"><span>[^<]+</span> <strong>([\d,]+)</strong></a>)', piece
        )
        assert len(found) >= (1 if "overdue" in query else 5)
        for link, n in found:
            assert ("due=overdue" in link) == ("overdue" in query)
            assert listed(leader, link) == int(n)
    monkeypatch.setattr("tracker.progress.causes.MOST_TASKS", 3)
    assert "请进入下一级区域" in leader.get(f"/progress/map/{DISTRICT}/causes").text


def test_two_communities_are_told_apart_in_plain_words(app: Flask) -> None:
    world = make_world()
    for _ in range(3):
        make_task(world, State.REPORTED, SANZAO)
    make_task(world, State.REPORTED, SANZAO, code="09009")
    make_task(world, State.REPORTED, HAIAN, code="09009")
    db.session.remove()
    leader = open_session(app, "leader")
    page = leader.get(f"/progress/compare?a={SANZAO}&b={HAIAN}").text
    assert re.search(r"三灶社区 未办结比金海岸社区多 3 件，主要在[^（]+（3 件）。", page)
    assert page.count('class="spark"') == 6
    scales = []
    for one, other in ((SANZAO, HAIAN), (HAIAN, SANZAO)):
        address = f"/progress/map/{one}/frame?beside={other}&amp;measure=open"
        assert address in page
        frame = leader.get(unescape(address)).text
        figures = re.search(r'"figures":"([^"]+)"', frame)
        assert figures
        open_tasks = leader.get(json.loads(f'"{figures[1]}"')).get_json()["measures"]["open"]
        scales.append([(shade["low"], shade["high"]) for shade in open_tasks["shades"]])
    assert scales[0] == scales[1], "one scale for both maps"


def test_a_town_without_a_border_of_its_own_is_joined_from_its_communities(app: Flask) -> None:
    make_world()
    with unit_of_work() as work:
        work.execute(update(Area).where(Area.code == TOWN_B).values(boundary_version=0))
        bump_epoch(work)
    leader = open_session(app, "leader")
    drawn = leader.get(f"/progress/map/{DISTRICT}/borders.json").get_json()["features"]
    assert [one["id"] for one in drawn] == [TOWN_A, TOWN_B]
    west = min(lon for lon, _lat in drawn[1]["geometry"]["coordinates"][0])
    assert west == pytest.approx(113.345, abs=1e-3), "its communities begin there"
    tag = leader.get(f"/progress/map/{DISTRICT}/borders.json").headers["ETag"]
    again = leader.get(f"/progress/map/{DISTRICT}/borders.json", headers={"If-None-Match": tag})
    assert again.status_code == 304


def test_a_page_asks_as_often_for_many_tasks_as_for_few_and_never_for_all(
    app: Flask, world: World
) -> None:
    leader = open_session(app, "leader")

    def asked(address: str) -> list[str]:
        leader.get(address)
        with statements() as said:
            leader.get(address)
        return said

    addresses = [f"/progress/map/{code}/figures.json" for code in (DISTRICT, TOWN_A, SANZAO)]
    few = [asked(address) for address in addresses]
    history(world, tasks=20, seed=9)
    many = [asked(address) for address in addresses]
    assert [len(said) for said in many] == [len(said) for said in few]
    assert max(len(said) for said in many) <= 32
    for said in many[:2]:
        for one in (text for text in said if "FROM task" in text and "task_" not in text):
            assert "due_at <" in one, "only today's deadlines are asked of the tasks"
    grids = [text for text in many[2] if "grid_code" in text and "FROM task" in text]
    assert len(grids) <= 4
    assert all("community_code" in text for text in grids), "never by an index of grids alone"


def test_an_area_with_many_cases_shares_no_class_with_those_that_have_few() -> None:
    shades = shading.rising([0, 0, 1, 2, 2, 3, 5, 6, 20, 23, 30, 32], shading.BLUES)
    assert [(s.low, s.high, s.n) for s in shades] == [
        (0, 0, 2), (1, 3, 4), (5, 6, 2), (20, 20, 1), (23, 23, 1), (30, 32, 2),
    ]  # fmt: skip
    assert (shades[0].colour, shades[-1].colour) == (shading.NONE, shading.BLUES[-1])
    assert shades[-1].is_dark
    assert not shades[0].is_dark
    change = shading.around_zero([-4, 0, 0, 9], shading.PURPLE_TO_ORANGE)
    assert [(s.low, s.n) for s in change] == [(-4, 1), (0, 2), (9, 1)]
    assert shading.index_of(None, change) is None
    assert shading.rising([], shading.BLUES) == ()
    rates = shading.of_rate([10, 20, 30, 40, 50, 60, 70, 80, 90, 100], shading.GREENS)
    assert [s.n for s in rates] == [2, 2, 2, 2, 2]

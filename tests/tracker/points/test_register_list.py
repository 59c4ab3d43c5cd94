"""The list of points: only what one may see, filtered, in order, paged by key, in few queries."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, text

from tests.factories.points import ensure_site_types, make_point
from tests.factories.steps import counted
from tests.factories.world import (
    DISTRICT,
    GUANGAN,
    HAIAN,
    SANZAO,
    TENGSHAN,
    TOWN_A,
    TOWN_B,
    World,
    make_world,
)
from tracker import clock
from tracker.errors import Invalid
from tracker.points import filters, listing
from tracker.points.filters import PointFilter, Sort, Standing
from tracker.points.models import InspectionPoint
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.web.paging import pack

ALL = PointFilter()
_TOWNS = {SANZAO: TOWN_A, HAIAN: TOWN_A, GUANGAN: TOWN_B, TENGSHAN: TOWN_B}


@pytest.fixture
def world(both: Flask) -> World:
    return make_world()


def codes(world: World, wanted: PointFilter = ALL, who: str = "dispatcher", size: int = 25) -> list[str]:  # fmt: skip
    """Every page of a list, one after the other."""
    found, after = [], None
    while True:
        page = listing.page(
            db.session(), world.actor(who), wanted, now=clock.now(), after=after, size=size
        )
        assert len(page.rows) <= size
        found += [row.code for row in page.rows]
        after = page.next_key
        if after is None:
            return found


def ago(days: int) -> datetime:
    return clock.now() - timedelta(days=days)


def fill(count: int) -> None:
    """Rows put straight into the table."""
    now = clock.now()
    rows: list[dict[str, Any]] = []
    for place in range(count):
        community = list(_TOWNS)[place % 4]
        rows.append(
            {
                "code": f"B-{place:05d}", "name": f"第 {place} 号点位",
                "site_type_code": ("market", "main_road", "estate")[place % 3],
                "district_code": DISTRICT, "town_code": _TOWNS[community],
                "community_code": community, "created_at": now, "updated_at": now,
                "actions": [], "lon": 113.35, "lat": 22.04, "cell": 1,
            }
        )  # fmt: skip
    with unit_of_work() as work:
        ensure_site_types(work)
        work.execute(insert(InspectionPoint), rows)


def test_each_filter_keeps_what_it_names(world: World):
    plain = make_point(world, code="A-1")
    road = make_point(
        world, HAIAN, code="A-2", site_type_code="main_road", name="依云路", person="李四",
        unit_id=world.units["sanitation"], actions=("1", "11"), is_model_point=True,
    )  # fmt: skip
    gone = make_point(world, GUANGAN, code="A-3", is_active=False, actions=("11",))
    wanted = {
        PointFilter(): [plain, road],
        PointFilter(standing=Standing.RETIRED): [gone],
        PointFilter(standing=Standing.ALL): [plain, road, gone],
        PointFilter(site_type="main_road"): [road],
        PointFilter(group="市场商业"): [plain],
        PointFilter(area=HAIAN): [road],
        PointFilter(area=TOWN_A): [plain, road],
        PointFilter(area=TOWN_B): [],
        PointFilter(unit_id=world.units["sanitation"]): [road],
        PointFilter(action="1"): [road],
        PointFilter(action="11", standing=Standing.ALL): [road, gone],
        PointFilter(model=True): [road],
        PointFilter(text="依云"): [road],
        PointFilter(text="李四 依云"): [road],
        PointFilter(text="a-1"): [plain],
        PointFilter(text="100%"): [],
    }
    for filtered, expected in wanted.items():
        assert codes(world, filtered) == expected, filtered


def test_a_visit_is_due_when_its_own_cycle_has_run_out(world: World):
    never = make_point(world, code="A-1")
    make_point(world, code="A-2", cycle_days=30, last_visit_at=ago(29))
    late = make_point(world, code="A-3", cycle_days=7, last_visit_at=ago(8))
    later = make_point(world, code="A-4", cycle_days=30, last_visit_at=ago(31))
    assert codes(world, PointFilter(overdue=True)) == [never, late, later]
    page = listing.page(
        db.session(), world.actor("dispatcher"), PointFilter(overdue=True), now=clock.now()
    )
    assert all(row.is_overdue for row in page.rows)


@pytest.mark.parametrize("sort", list(Sort))
def test_pages_join_without_a_gap_or_a_double_in_every_order(world: World, sort: Sort):
    for number in range(7):
        given = {"last_visit_at": ago(number % 3), "last_score": 50.5 + number % 3}
        make_point(world, code=f"A-{number}", **(given if number % 2 else {}))
    whole = codes(world, PointFilter(sort=sort))
    assert sorted(whole) == [f"A-{number}" for number in range(7)]
    assert codes(world, PointFilter(sort=sort), size=2) == whole
    if sort is not Sort.CODE:
        assert set(whole[:4]) == {"A-0", "A-2", "A-4", "A-6"}, "those never visited come first"


@pytest.mark.parametrize("key", ["x", "%%", pack([1, 2]), pack(["a"]), pack(["a", "b"]), pack(["a", -1])])  # fmt: skip
def test_a_wrong_key_of_a_page_is_refused(world: World, key: str):
    actor = world.actor("dispatcher")
    for sort in Sort:
        wanted = PointFilter(sort=sort)
        with pytest.raises(Invalid):
            listing.page(db.session(), actor, wanted, now=clock.now(), after=key)


def test_a_filter_survives_the_address_bar():
    wanted = PointFilter(
        site_type="market", group="道路", area=SANZAO, unit_id=3, action="7", model=True,
        overdue=True, standing=Standing.ALL, text="依云 路", sort=Sort.SCORE,
    )  # fmt: skip
    assert filters.from_args(wanted.to_args()) == (wanted, [])
    assert filters.from_args(PointFilter().to_args()) == (PointFilter(), [])


@pytest.mark.parametrize(
    ("name", "value"),
    [("unit", "1' or"), ("action", "16"), ("model", "yes"), ("sort", "x"), ("area", "a b"),
     ("standing", "?"), ("q", "x" * 81), ("type", "<b>"), ("unit", "9" * 40)],
)  # fmt: skip
def test_what_is_not_understood_is_left_out_and_named(name: str, value: str):
    wanted, refused = filters.from_args({name: value})
    assert wanted == PointFilter()
    assert [item[0] for item in refused] == [name]


def test_others_see_only_the_points_of_their_areas_and_units(world: World):
    here, there = make_point(world, code="A-1"), make_point(world, TENGSHAN, code="A-2")
    ours = make_point(world, GUANGAN, code="A-3", unit_id=world.units["sanitation"])
    assert codes(world, who="inspector") == [here]
    assert codes(world, who="inspector_b") == [there, ours]
    assert codes(world, who="clerk") == [ours]
    assert codes(world, who="worker") == []


def test_a_list_takes_as_many_queries_for_many_points_as_for_few(world: World):
    actor = world.actor("dispatcher")
    session = db.session()
    counts = []
    for _ in range(2):
        fill(8) if not counts else make_point(world, code="A-1")
        with counted() as sent:
            listing.page(session, actor, PointFilter(), now=clock.now(), size=5)
        counts.append(len([statement for statement in sent if "SELECT" in statement]))
    assert counts == [2, 2]


def test_a_list_of_many_points_is_read_by_an_index(app: Flask):
    world = make_world()
    fill(3000)
    session = db.session()
    for wanted in (PointFilter(), PointFilter(area=SANZAO), PointFilter(site_type="market")):
        with counted() as sent:
            listing.page(session, world.actor("dispatcher"), wanted, now=clock.now())
        assert all("LIMIT" in statement for statement in sent if "inspection_point" in statement)
    plan = session.execute(
        text(
            "EXPLAIN QUERY PLAN SELECT code FROM inspection_point WHERE community_code = 'x' OR district_code = 'y'"
        )
    ).all()
    assert all("SCAN" not in str(row) for row in plan)


def test_a_map_takes_no_more_points_than_it_can_show(world: World):
    fill(9)
    rows, is_cut = listing.first(
        db.session(), world.actor("dispatcher"), PointFilter(), now=clock.now(), limit=5
    )
    assert (len(rows), is_cut) == (5, True)


def test_lines_and_polygons_are_told_from_plain_points(world: World):
    line = {"type": "LineString", "coordinates": [[113.35, 22.04], [113.36, 22.04]]}
    make_point(world, code="A-1")
    make_point(world, code="A-2", geometry=line)
    found = listing.shapes(db.session(), world.actor("leader"), PointFilter(), now=clock.now())
    assert found == [("A-2", line)]

"""The filter of the address bar: read strictly, written back, and narrowing exactly as it says."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from gis.cells import encode
from gis.projection import metres_per_degree
from tests.factories.points import make_point
from tests.factories.steps import step
from tests.factories.world import (
    DISTRICT,
    GRID,
    GUANGAN,
    HAIAN,
    INSIDE,
    SANZAO,
    TOWN_A,
    World,
    make_task,
    make_world,
)
from tracker import clock
from tracker.errors import Invalid
from tracker.points.models import InspectionPoint
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks import filters
from tracker.tasks.filter_near import Near
from tracker.tasks.filters import Due, Mine, Sort, TaskFilter
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.states import Action, Closing, Source, State


def found(args: object, *, user_id: int | None = None) -> set[str]:
    """Numbers of the tasks a query string finds."""
    wanted = filters.from_args(MultiDict(args))  # type: ignore[arg-type]
    query = filters.apply(select(Task.number), wanted, clock.now(), user_id=user_id)
    db.session.rollback()
    return set(db.session.scalars(query))


def change(number: str, **values: object) -> None:
    with unit_of_work() as work:
        row = work.scalars(select(Task).where(Task.number == number)).one()
        for name, value in values.items():
            setattr(row, name, value)


EVERYTHING = TaskFilter(
    states=(State.REPORTED, State.HANDLING),
    area="440404100001",
    unit_id=7,
    category="06",
    tag="piling",
    action="body",
    back="return.duty",
    due_since=date(2026, 2, 1),
    due_until=date(2026, 2, 28),
    sources=(Source.INSPECTION, Source.HOTLINE),
    due=Due.OVERDUE,
    closings=(Closing.PASSED, Closing.BY_NOTICE),
    near=Near(113.355, 22.045, 200),
    outside=True,
    supervised=True,
    mine=Mine.ASSIGNED,
    text="100% 垃圾_",
    since=date(2026, 1, 2),
    until=date(2026, 3, 4),
    ended_since=date(2026, 5, 6),
    ended_until=date(2026, 7, 8),
    sort=Sort.DUE_AT,
)


def test_a_filter_written_into_the_address_bar_reads_back_equal() -> None:
    assert filters.from_args(MultiDict(EVERYTHING.to_args())) == EVERYTHING


def test_an_empty_filter_leaves_the_address_bar_empty() -> None:
    assert TaskFilter().to_args() == {}
    assert TaskFilter(sort=Sort.NUMBER).is_empty
    assert not EVERYTHING.is_empty


def test_taking_one_of_two_states_away_keeps_the_other() -> None:
    assert EVERYTHING.without("state", "reported").states == (State.HANDLING,)
    assert EVERYTHING.without("q").text == ""
    assert EVERYTHING.without("sort").sort is Sort.REPORTED_AT


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("state", "gone"), ("sort", "id; DROP TABLE task"), ("sort", "uuid"), ("due", "soon"),
        ("unit", "x"), ("unit", "99999999999999999999"), ("unit", "-1"), ("unit", "٣"),
        ("from", "yesterday"), ("from", "0001-01-01"), ("to", "9999-12-31"), ("q", "a\x00b"),
        ("q", "x" * 81), ("area", "44'--"), ("area", "4" * 41), ("action", "16"), ("action", "faces"), ("tag", "unknown"),
        ("outside", "yes"), ("mine", "all"), ("source", "sms"), ("category", "06%"),
        ("near", "113,22"), ("near", "113,22,999999"), ("near", "nan,22,50"), ("near", "1e2,22,50"),
        ("near", "113,99,50"), ("near", "113,22,1.5"), ("near", "113,22,٣"),
    ],
)  # fmt: skip
def test_an_argument_that_is_not_understood_is_named_and_left_out(name: str, value: str) -> None:
    wanted, refused = filters.read(MultiDict([(name, value)]))
    assert wanted == TaskFilter()
    assert [(item.name, item.value) for item in refused] == [(name, value)]
    with pytest.raises(Invalid):
        filters.from_args(MultiDict([(name, value)]))


def test_a_time_range_that_ends_before_it_starts_keeps_its_start_only() -> None:
    wanted, refused = filters.read(MultiDict({"from": "2026-03-02", "to": "2026-03-01"}))
    assert (wanted.since, wanted.until) == (date(2026, 3, 2), None)
    assert [item.name for item in refused] == ["to"]


@pytest.fixture
def world(both: Flask) -> World:
    return make_world()


def test_a_state_filter_takes_several_states(world: World) -> None:
    new, filed = make_task(world), make_task(world, State.FILED)
    make_task(world, State.DISPATCHED)
    assert found([("state", "reported"), ("state", "filed")]) == {new, filed}


@pytest.mark.parametrize(
    ("code", "both_towns"), [(DISTRICT, True), (TOWN_A, False), (SANZAO, False), (GRID, False)]
)
def test_an_area_filter_takes_every_level(world: World, code: str, both_towns: bool) -> None:
    here = make_task(world, community=SANZAO)
    change(here, grid_code=GRID)
    far = make_task(world, community=GUANGAN)
    assert found({"area": code}) == ({here, far} if both_towns else {here})


def test_a_place_and_a_distance_find_what_lies_within(world: World) -> None:
    lon, lat = INSIDE[SANZAO]
    near, far = make_task(world), make_task(world)
    east, north = metres_per_degree(lat)
    change(
        near,
        lon=lon + 69 / east,
        lat=lat + 70 / north,
        cell=encode(lon + 69 / east, lat + 70 / north),
    )
    change(
        far,
        lon=lon + 72 / east,
        lat=lat + 72 / north,
        cell=encode(lon + 72 / east, lat + 72 / north),
    )
    make_task(world, community=GUANGAN)
    assert found({"near": f"{lon},{lat},100"}) == {near}
    assert found({"near": f"{lon},{lat},110"}) == {near, far}
    circle = Near.of(lon + 1e-7, lat, 99.3)
    assert str(circle) == f"{lon:.6f},{lat:.6f},100"
    assert filters.from_args(MultiDict({"near": str(circle)})).near == circle


def test_a_category_filter_takes_a_code_or_its_beginning(world: World) -> None:
    rubbish = make_task(world, code="06010")
    parking = make_task(world, code="09009")
    assert found({"category": "06010"}) == {rubbish}
    assert found({"category": "09"}) == {parking}
    assert found({"category": "07"}) == set()


def test_a_tag_filter_finds_categories_that_carry_it(world: World) -> None:
    rubbish = make_task(world, code="06010")
    parking = make_task(world, code="09009")
    assert found({"tag": "littering"}) == {rubbish}
    assert found({"tag": "parking"}) == {parking}


def test_overdue_and_due_soon_are_of_tasks_a_unit_holds(world: World) -> None:
    now = clock.now()
    hour = timedelta(hours=1)
    late, soon = make_task(world, State.HANDLING), make_task(world, State.DISPATCHED)
    calm, done = make_task(world, State.HANDLING), make_task(world, State.SUBMITTED)
    change(late, due_at=now - hour, due_soon_at=now - 2 * hour)
    change(soon, due_at=now + hour, due_soon_at=now - hour)
    change(calm, due_at=now + 3 * hour, due_soon_at=now + 2 * hour)
    change(done, due_at=now - hour, due_soon_at=now - 2 * hour)
    assert found({"due": "overdue"}) == {late}
    assert found({"due": "due_soon"}) == {soon}


def test_outside_every_area_finds_open_tasks_without_a_community(world: World) -> None:
    lost = make_task(world, community=None)
    make_task(world, State.REJECTED, community=None)
    make_task(world)
    assert found({"outside": "1"}) == {lost}


def test_mine_is_what_i_reported_or_am_to_do(world: World) -> None:
    mine, other = make_task(world), make_task(world, reporter="grid_worker")
    change(other, assignee_id=world.users["worker"])
    assert found({"mine": "reported"}, user_id=world.users["inspector"]) == {mine}
    assert found({"mine": "assigned"}, user_id=world.users["worker"]) == {other}
    assert found({"mine": "reported"}) == set()


def test_unit_source_and_supervision_narrow_the_list(world: World) -> None:
    held = make_task(world, State.DISPATCHED)
    watched = make_task(world, source=Source.HOTLINE)
    change(watched, is_supervised=True)
    assert found({"unit": str(world.units["sanitation"])}) == {held}
    assert found({"source": "hotline"}) == {watched}
    assert found({"supervised": "1"}) == {watched}


def test_search_takes_a_number_or_its_beginning(world: World) -> None:
    first, second = make_task(world), make_task(world)
    assert found({"q": first.lower()}) == {first}
    assert found({"q": first[:6]}) == {first, second}
    assert found({"q": "XX-1"}) == set()


def test_search_wants_every_word_in_title_description_or_address(world: World) -> None:
    road = make_task(world, description="依云路北侧 Garbage 未清理")
    make_task(world, description="绿化带杂草")
    assert found({"q": "garbage 依云路"}) == {road}
    assert found({"q": "garbage 杂草"}) == set()


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", '"', "100%"])
def test_search_takes_wildcards_and_quotes_literally(world: World, text: str) -> None:
    hit = make_task(world, description=f"写着 {text} 字样")
    make_task(world, description="没有那个字的")
    assert found({"q": text}) == {hit}


def test_days_are_days_of_the_city(world: World) -> None:
    from datetime import datetime

    late_evening = make_task(world)
    change(late_evening, reported_at=datetime(2026, 3, 1, 23, 59, tzinfo=clock.CITY_ZONE))
    next_morning = make_task(world, community=HAIAN)
    change(next_morning, reported_at=datetime(2026, 3, 2, 0, 0, tzinfo=clock.CITY_ZONE))
    assert found({"from": "2026-03-01", "to": "2026-03-01"}) == {late_evening}
    assert found({"from": "2026-03-02", "to": "2026-03-02"}) == {next_morning}


def test_a_list_is_narrowed_by_how_and_when_tasks_ended(world: World) -> None:
    make_task(world)
    closed, void = make_task(world, State.CLOSED), make_task(world, State.REJECTED)
    today, tomorrow = clock.today().isoformat(), (clock.today() + timedelta(days=1)).isoformat()
    assert found({"closing": "passed"}) == {closed}
    assert found([("closing", "passed"), ("closing", "rejected")]) == {closed, void}
    assert found({"ended_from": today, "ended_to": today}) == {closed, void}
    assert found({"ended_from": tomorrow}) == set()
    refused = filters.read(MultiDict({"ended_from": tomorrow, "ended_to": today}))[1]
    assert [one.name for one in refused] == ["ended_to"]


def test_a_project_finds_the_tasks_of_all_its_actions_and_an_action_its_own(world: World) -> None:
    clean, fourth, market = (make_task(world) for _ in range(3))
    make_task(world)
    for number, actions in ((clean, ["1"]), (fourth, ["4", "13"]), (market, ["7", "11"])):
        code = make_point(world, actions=actions)
        point = select(InspectionPoint.id).where(InspectionPoint.code == code)
        change(number, point_id=db.session.scalars(point).one())
    assert found({"action": "face"}) == {clean, fourth}
    assert found({"action": "lasting"}) == {fourth}
    assert found({"action": "body"}) == found({"action": "7"}) == {market}
    assert found({"action": "10"}) == set()


def test_a_reason_finds_what_was_sent_back_for_it_and_not_what_was_taken_back(world: World) -> None:
    blurred, old, undone, returned = (make_task(world, State.SUBMITTED) for _ in range(4))
    for number, code in (
        (blurred, "unclear"),
        (old, "unclear"),
        (undone, "unclear"),
        (undone, "papers"),
    ):
        step(world, number, Action.REWORK, "verifier", reason_code=code)
        if number == undone and code == "unclear":
            step(world, number, Action.UNDO, "verifier")
    with unit_of_work() as work:
        said = work.scalars(
            select(TaskEvent).join(Task).where(Task.number == old, TaskEvent.action == "rework")
        ).one()
        said.payload = {
            name: value for name, value in said.payload.items() if name != "reason_code"
        }
    assert found({"back": "rework.unclear"}) == {blurred}
    assert found({"back": "rework.papers"}) == {undone}
    assert found({"back": "rework.unsaid"}) == {old}
    assert found({"back": "rework"}) == {blurred, old, undone}
    assert returned not in found({"back": "rework"})

"""The time line shows each past day as the events tell it, and what changed since a meeting."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from tests.factories.client import open_session
from tests.factories.meetings import make_meeting
from tests.factories.steps import counted
from tests.factories.world import (  # fmt: skip
    DISTRICT,
    GUANGAN,
    HAIAN,
    INSIDE,
    SANZAO,
    TENGSHAN,
    TOWN_A,
    TOWN_B,
    World,
    make_task,
    make_world,
    task,
)
from tests.tracker.progress.test_figures import DAYS, history
from tracker import clock
from tracker.access.actor import SYSTEM
from tracker.catalogue.models import Category
from tracker.clock import CITY_ZONE
from tracker.counters.queries import Days as Span
from tracker.places.models import Level
from tracker.progress import meetings
from tracker.progress.figures import Asked, of_areas
from tracker.progress.past_tasks import tasks_on
from tracker.progress.since import since
from tracker.progress.timeline import MEASURES
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks import filters
from tracker.tasks.filters import TaskFilter
from tracker.tasks.given import Given, Place
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.operations import apply
from tracker.tasks.queries import visible
from tracker.tasks.states import OPEN, RUNNING, Action, State

PLACES = (SANZAO, HAIAN, GUANGAN, TENGSHAN)
BACK = (0, 1, 3, 10, 30, DAYS + 5)


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


@pytest.fixture
def leader(app: Flask, world: World) -> Any:
    return open_session(app, "leader")


Stood = tuple[str, str, bool]


def replayed(day: date) -> dict[str, Stood]:
    """Number → (community, state, overdue) at the end of a day, told by the events alone."""
    return plainly(told(day))


def plainly(told_of: dict[str, Any]) -> dict[str, Stood]:
    return {number: stood for number, (stood, _facts, _source) in told_of.items()}


def narrowed(told_of: dict[str, Any], wanted: TaskFilter) -> dict[str, Stood]:
    """Those of a day that a filter wants, by what they were on that day."""
    of = {row.id: row for row in db.session.scalars(select(Category))}
    return {
        number: stood
        for number, (stood, facts, source) in told_of.items()
        if (not wanted.sources or source in wanted.sources)
        and (wanted.unit_id is None or facts.get("unit") == wanted.unit_id)
        and of[facts["category"]].code.startswith(wanted.category)
        and (not wanted.tag or wanted.tag in of[facts["category"]].tags)
    }


def told(day: date) -> dict[str, tuple[Stood, dict[str, Any], str]]:
    """Of every task that was there: how it stood, what the events moved until then, its source."""
    end = datetime.combine(day + timedelta(days=1), time(), CITY_ZONE).astimezone(UTC)
    moment = min(end, clock.now())
    found = {}
    for one in db.session.scalars(select(Task)):
        facts: dict[str, Any] = {}
        state = None
        for said in db.session.scalars(
            select(TaskEvent).where(TaskEvent.task_id == one.id, TaskEvent.at < end)
            .order_by(TaskEvent.sequence)
        ):  # fmt: skip
            facts |= said.payload.get("stands", {})
            state = said.target_state
        if state is not None:
            due = datetime.fromisoformat(facts["due"]) if facts.get("due") else None
            late = state in RUNNING and due is not None and due < moment
            found[one.number] = ((facts["community"], state, late), facts, one.source)
    return found


def unfolded(answer: dict[str, Any], code: str, offset: int) -> dict[str, int]:
    """A day's figures of an area as the page's script adds them up."""
    start, changes = answer["areas"][code]
    return {
        measure: first + sum(n for at, n in zip(flat[::2], flat[1::2], strict=True) if at <= offset)
        for measure, first, flat in zip(answer["measures"], start, changes, strict=True)
    }


def test_each_day_is_what_a_replay_of_the_events_says_area_by_area_and_task_by_task(
    world: World, leader: Any
) -> None:
    history(world, tasks=90)
    today = clock.today()
    first = today - timedelta(days=DAYS + 10)
    told_of = {back: told(today - timedelta(days=back)) for back in BACK}
    assert len(told_of[0]) == 90
    for town, communities in ((TOWN_A, (SANZAO, HAIAN)), (TOWN_B, (GUANGAN, TENGSHAN))):
        answer = leader.get(f"/progress/timeline.json?area={town}&from={first}&to={today}").json
        assert answer["days"] == DAYS + 11
        assert answer["measures"] == list(MEASURES)
        for back in BACK:
            offset = answer["days"] - 1 - back
            for code in communities:
                own = {n: one for n, one in plainly(told_of[back]).items() if one[0] == code}
                wanted = {m: sum(state == m for _, state, _ in own.values()) for m in MEASURES[1:]}
                wanted["overdue"] = sum(late for _, _, late in own.values())
                assert unfolded(answer, code, offset) == wanted, (code, back)
                day = today - timedelta(days=back)
                tasks = leader.get(f"/progress/timeline/{code}/tasks.json?on={day}").json["tasks"]
                stood = {n: one for n, one in own.items() if one[1] in OPEN}
                assert {row[0]: (code, row[4], bool(row[5])) for row in tasks} == stood
            total = unfolded(answer, town, offset)
            parts = [unfolded(answer, code, offset) for code in communities]
            assert total == {one: sum(part[one] for part in parts) for one in MEASURES}
    check_narrowed(world, leader, told_of)


#: One filter of each kind that the line knows, as an address says it.
NARROWED = (
    {"category": "06"},
    {"category": "09009"},
    {"tag": "parking"},
    {"source": "inspection"},
    {"source": ["inspection", "hotline", "grid_patrol"], "category": "09"},
    {"unit": "police"},
    {"unit": "sanitation", "category": "06", "source": "grid_patrol"},
)


def check_narrowed(world: World, leader: Any, told_of: dict[int, dict[str, Any]]) -> None:
    """Under each of them too a past day is what a replay says."""
    today = clock.today()
    span = {"area": TOWN_A, "from": today - timedelta(days=DAYS + 10), "to": today}
    seen = set()
    for asked in NARROWED:
        given: dict[str, Any] = {**asked}
        if "unit" in asked:
            given["unit"] = str(world.units[str(asked["unit"])])
        wanted = filters.from_args(MultiDict(given))
        address = f"/progress/timeline.json?{urlencode({**span, **given}, doseq=True)}"
        answer = leader.get(address).json
        for back in BACK:
            stood = narrowed(told_of[back], wanted)
            for code, places in ((SANZAO, {SANZAO}), (HAIAN, {HAIAN}), (TOWN_A, {SANZAO, HAIAN})):
                own = [one for one in stood.values() if one[0] in places]
                expected = {m: sum(state == m for _, state, _ in own) for m in MEASURES[1:]}
                expected["overdue"] = sum(late for _, _, late in own)
                assert unfolded(answer, code, answer["days"] - 1 - back) == expected, (asked, back)
                seen |= {(str(asked), m) for m, n in expected.items() if n}
        query = urlencode({"on": today - timedelta(days=10), **given}, doseq=True)
        shown = leader.get(f"/progress/timeline/{SANZAO}/tasks.json?{query}").json["tasks"]
        stood = narrowed(told_of[10], wanted)
        assert {row[0] for row in shown} == {
            number for number, (code, state, _) in stood.items() if code == SANZAO and state in OPEN
        }
    assert len(seen) >= 3 * len(NARROWED), "something stood under each of them"


def test_what_the_line_cannot_know_of_the_past_it_does_not_offer_and_says_why(
    world: World, leader: Any
) -> None:
    page = leader.get(f"/progress/timeline?area={TOWN_A}&source=inspection").text
    assert 'name="action"' not in page
    assert "“工程与行动”不在其中" in page
    refused = leader.get(f"/progress/timeline?area={TOWN_A}&action=7&source=inspection")
    assert refused.status_code == 422
    assert "每天的数字没有按行动分开留存" in refused.text
    assert f"area={TOWN_A}&amp;source=inspection" in refused.text, "what is known stays"
    for address in (f"timeline.json?area={TOWN_A}", f"timeline/{SANZAO}/tasks.json?on="):
        assert leader.get(f"/progress/{address}&action=7").status_code == 422
    assert leader.get("/progress/timeline/changes?action=7").status_code == 422


def test_the_last_day_is_the_figure_of_the_present_review(world: World, leader: Any) -> None:
    late = make_task(world, State.HANDLING)
    for state in (State.REPORTED, State.SUBMITTED, State.CLOSED):
        make_task(world, state, HAIAN)
    with unit_of_work():  # due later today, and not overdue before
        tonight = datetime.combine(clock.today(), time(23, 59, 59), CITY_ZONE)
        apply(Action.RECALCULATE, db.session.get_one(Task, task(late).id), actor=SYSTEM, given=Given(due_at=tonight))  # fmt: skip
    asked = Asked(TaskFilter(), Span(clock.today(), clock.today()), clock.now())
    now = of_areas(db.session(), SYSTEM, PLACES, Level.COMMUNITY, asked)
    for town in (TOWN_A, TOWN_B):
        for span in ("", f"&from={clock.today()}&to={clock.today()}"):
            answer = leader.get(f"/progress/timeline.json?area={town}{span}").json
            for code in set(answer["areas"]) - {town}:
                shown = unfolded(answer, code, answer["days"] - 1)
                assert shown == {measure: now[code][measure] for measure in MEASURES}
    page = leader.get(f"/progress/timeline?area={TOWN_A}").text
    assert f">{now[SANZAO].open}</a>" in page


def test_a_task_that_was_put_elsewhere_is_told_where_it_lay_without_its_new_position(
    both: Flask,
) -> None:
    make_world()
    now = clock.now()
    with unit_of_work() as work:
        lon, lat = INSIDE[HAIAN]
        given = Given(place=Place(lon=INSIDE[SANZAO][0], lat=INSIDE[SANZAO][1], method="pin"), category_id=None, description="走错了", no_photo_reason="无")  # fmt: skip
        made = apply(
            Action.REPORT, None, actor=SYSTEM, given=given, at=now - timedelta(days=9)
        ).task
        work.flush()
        number = made.number
        there = Given(place=Place(lon=lon, lat=lat, method="pin"))
        apply(Action.RELOCATE, made, actor=SYSTEM, given=there, at=now - timedelta(days=2))
    for back, where in ((5, SANZAO), (0, HAIAN)):
        day = clock.today() - timedelta(days=back)
        for code in (SANZAO, HAIAN):
            found = {one.number: one for one in tasks_on(db.session(), SYSTEM, code, day, now)}
            assert (number in found) == (code == where)
    before = clock.today() - timedelta(days=5)
    past = {one.number: one for one in tasks_on(db.session(), SYSTEM, SANZAO, before, now)}
    assert (past[number].lon, past[number].lat) == (None, None)


def plan_of(statement: str) -> str:
    """Which indexes SQLite reads for a statement."""
    rows = db.session.connection().exec_driver_sql(
        f"EXPLAIN QUERY PLAN {statement}", (None,) * statement.count("?")
    )
    return "; ".join(row[3] for row in rows)


def test_no_day_costs_more_because_there_are_more_tasks_elsewhere(
    world: World, leader: Any
) -> None:
    number = make_task(world, State.HANDLING)
    there = Given(place=Place(lon=INSIDE[HAIAN][0], lat=INSIDE[HAIAN][1], method="pin"))
    with unit_of_work():
        apply(Action.RELOCATE, db.session.get_one(Task, task(number).id), actor=SYSTEM, given=there)
    person, span = world.actor("leader"), f"from={clock.today() - timedelta(days=300)}"
    for address, most in (
        (f"timeline.json?area={DISTRICT}&{span}", 15),
        (f"timeline?area={DISTRICT}&{span}", 32),
        (f"timeline/changes?area={DISTRICT}", 44),
    ):
        with counted() as sent:
            assert leader.get(f"/progress/{address}").status_code == 200
        assert len(sent) <= most, address
        plans = [plan_of(one) for one in sent if "FROM task" in one or "FROM area_count" in one]
        assert [plan for plan in plans if "SCAN" in plan] == []
    tasks_on(db.session(), person, SANZAO, clock.today(), clock.now())  # the levels are known now
    with counted() as sent:
        tasks_on(db.session(), person, SANZAO, clock.today() - timedelta(days=1), clock.now())
    plans = [plan_of(one) for one in sent]
    assert len(plans) == 4  # those there now, who was put elsewhere, these, the events
    assert [plan for plan in plans if "SCAN" in plan or "district" in plan] == []
    assert "ix_task_event_relocated_at (at>?)" in plans[1]


def test_a_line_that_did_not_change_is_not_sent_again(leader: Any) -> None:
    address = f"/progress/timeline.json?area={TOWN_A}&to={clock.today() - timedelta(days=1)}"
    tag = leader.get(address).headers["ETag"]
    assert leader.get(address, headers={"If-None-Match": tag}).status_code == 304


def test_a_span_is_bounded_and_lies_in_the_past(leader: Any) -> None:
    today = clock.today()
    for wrong in (
        f"from={today - timedelta(days=400)}", f"to={today + timedelta(days=1)}", "from=2026-13-01",
        "on=9999-01-01", "from=%00", "from=20260101",
    ):  # fmt: skip
        assert leader.get(f"/progress/timeline.json?area={TOWN_A}&{wrong}").status_code == 422, (
            wrong
        )
    assert (
        leader.get(f"/progress/timeline.json?from={today - timedelta(days=399)}").status_code == 200
    )


def test_the_line_is_for_those_who_see_every_task_of_an_area(app: Flask, world: World) -> None:
    clerk, inspector = open_session(app, "clerk"), open_session(app, "inspector")
    page = clerk.get("/progress/timeline")
    assert page.status_code == 200
    assert "没有可以回看的区域" in page.text
    assert clerk.get("/progress/timeline/changes").status_code == 200
    assert clerk.get("/progress/timeline.json").status_code == 404
    for address in ("timeline?area={}", "timeline.json?area={}", "timeline/changes?area={}", "timeline/{}/tasks.json"):  # fmt: skip
        for foreign in ("NOWHERE", "%00"):
            status = inspector.get("/progress/" + address.format(foreign)).status_code
            assert status in (404, 422), address
    seen = {
        row[0] for code in PLACES
        for row in (inspector.get(f"/progress/timeline/{code}/tasks.json").json or {}).get("tasks", [])
    }  # fmt: skip
    wanted = set(db.session.scalars(select(Task.number).where(visible(world.actor("inspector")))))
    assert seen <= wanted
    assert open_session(app, "sysadmin").get("/progress/timeline").status_code == 403


def test_what_changed_since_a_meeting_is_what_the_events_and_the_lists_say(
    app: Flask, world: World, leader: Any
) -> None:
    history(world, tasks=60)
    today = clock.today()
    day = today - timedelta(days=14)
    make_meeting(world, days_ago=14)
    rows = {
        one.area.code: one
        for one in since(
            db.session(), SYSTEM,
            [db.session.get_one(meetings.Area, code) for code in PLACES], day, clock.now(),
        )
    }  # fmt: skip
    before, now = replayed(day), replayed(today)
    opened = {str(state) for state in OPEN}
    for code, one in rows.items():
        assert one.then.open == sum(p == code and s in opened for p, s, _ in before.values())
        assert one.now.open == sum(p == code and s in opened for p, s, _ in now.values())
        assert one.then.overdue == sum(p == code and late for p, _, late in before.values())
        assert one.now.overdue == sum(p == code and late for p, _, late in now.values())
    end = datetime.combine(day + timedelta(days=1), time(), CITY_ZONE)
    own = [one for one in db.session.scalars(select(Task)) if one.community_code == SANZAO]
    assert rows[SANZAO].found == sum(one.reported_at >= end for one in own)
    assert rows[SANZAO].ended == sum(
        one.state == "closed" and one.closed_at is not None and one.closed_at >= end for one in own
    )
    assert rows[SANZAO].newly_overdue == sum(
        now[one.number][2] and one.due_at is not None and one.due_at >= end for one in own
    )
    page = leader.get(f"/progress/timeline/changes?area={TOWN_A}").text
    assert "当天结束以来" in page
    assert f"from={day + timedelta(days=1)}" in page
    assert f"ended_from={day + timedelta(days=1)}" in page
    assert leader.get("/progress/timeline/changes?meeting=999").status_code == 404

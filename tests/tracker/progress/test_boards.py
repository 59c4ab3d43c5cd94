"""Each role finds its board; every number on it, and on the maps, opens a list of just as many tasks."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update
from werkzeug.datastructures import MultiDict

from tests.factories.client import open_session
from tests.factories.meetings import make_meeting
from tests.factories.points import make_point
from tests.factories.steps import step
from tests.factories.world import (
    DISTRICT,
    GRID,
    HAIAN,
    SANZAO,
    TOWN_A,
    TOWN_B,
    World,
    make_task,
    make_world,
)
from tests.tracker.progress.test_figures import asked, history
from tracker import clock
from tracker.clock import in_city
from tracker.counters.measures import DATED, STEP_REASONS
from tracker.counters.models import holding_code
from tracker.counters.queries import Days, flows
from tracker.counters.recounting import differences, rebuild
from tracker.places.models import Level
from tracker.points.models import InspectionPoint
from tracker.progress import board_scope, direct
from tracker.progress.board_parts import BOARDS, boards_of
from tracker.progress.chosen import Chosen
from tracker.progress.figures import FLOWS, of_areas
from tracker.progress.trend import each, trend
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks import filters
from tracker.tasks.filters import TaskFilter
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.queries import visible
from tracker.tasks.states import Action, Source, State

_LINK = re.compile(r'<a[^>]*href="(/tasks/\?[^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
_FIGURE = re.compile(r'data-(?:figure|stage)="[^"]*">([^<]*)<')
_HEADING = re.compile(r'<h2 id="board-(\w+)"')


@pytest.fixture
def world(app: Flask) -> World:
    made = make_world()
    history(made, tasks=40)
    for state in (State.SUSPENDED, State.DISPATCHED, State.REPORTED):
        make_task(made, state)
    make_point(made, actions=["7"])
    with unit_of_work() as work:
        point = select(InspectionPoint.id).scalar_subquery()
        work.execute(update(Task).where(Task.id % 2 == 0).values(point_id=point))
    db.session.rollback()
    return made


@contextmanager
def statements() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: object, _cur: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def linked(page: str) -> list[tuple[str, str]]:
    """(address, what is shown) of each link to a list of tasks."""
    found = []
    for address, inner in _LINK.findall(page):
        figure = _FIGURE.search(inner)
        shown = figure.group(1) if figure else re.sub(r"<[^>]*>", "", inner)
        found.append((unescape(address), shown.strip()))
    return found


def rows(world: World, who: str, address: str) -> int:
    """How many tasks the list at an address holds for a person."""
    actor, now = world.actor(who), clock.now()
    wanted = filters.from_args(MultiDict(parse_qsl(urlsplit(address).query)))
    query = select(func.count(Task.id)).where(visible(actor))
    return db.session.scalar(filters.apply(query, wanted, now, user_id=actor.user_id)) or 0


#: Who looks where, and how many numbers open a list there at least; FIRST and BEFORE are days.
ADDRESSES = (
    ("leader", "", 20),
    ("dispatcher", f"?area={TOWN_A}&from=FIRST&action=7", 20),
    ("leader_b", "?source=inspection&source=grid_patrol", 20),
    ("dispatcher", "?category=06&source=inspection&from=FIRST", 20),
    ("grid_lead", "?unit=UNIT&tag=littering", 8),
    ("grid_lead", "?board=unit", 8),
    ("grid_worker", f"?area={GRID}&category=06", 8),
    ("clerk", "?category=06&from=FIRST", 8),
    ("clerk_police", "?action=7", 8),
    ("leader", f"map/{DISTRICT}", 14),
    ("leader", f"map/{DISTRICT}?by=community&category=06&from=FIRST", 14),
    ("leader", f"map/{TOWN_A}?with=BEFORE", 20),
    ("leader", f"map/{SANZAO}?source=inspection", 6),
    ("leader", f"map/{DISTRICT}?on=BEFORE", 4),
    ("clerk", f"map/{DISTRICT}", 6),
    ("leader", f"map/{DISTRICT}/causes", 5),
    ("leader", f"compare?a={SANZAO}&b={HAIAN}", 10),
    ("leader", f"timeline?area={TOWN_A}&unit=UNIT&source=inspection", 4),
    ("leader", f"timeline/changes?area={TOWN_A}&category=06", 5),
)
#: Links that say a number of tasks in words, or lead elsewhere.
_NUMBER = re.compile(r"(?:.* )?([\d,]+)")


def test_every_number_of_boards_and_maps_is_that_of_the_list_it_opens(
    app: Flask, world: World
) -> None:
    today = in_city(clock.now()).date()
    make_meeting(world, days_ago=20)
    said_as = {
        "FIRST": str(today - timedelta(days=75)), "BEFORE": str(today - timedelta(days=20)),
        "UNIT": str(world.units["sanitation"]),
    }  # fmt: skip
    for who, query, least in ADDRESSES:
        for name, value in said_as.items():
            query = query.replace(name, value)
        page = open_session(app, who).get("/progress/" + query)
        assert page.status_code == 200, query
        counted = 0
        for address, shown in linked(page.text):
            said = _NUMBER.fullmatch(shown)
            assert said, (query, shown, "a figure that is no number opens nothing")
            assert rows(world, who, address) == int(said[1].replace(",", "")), (who, query, address)
            counted += 1
        assert counted >= least, (who, query, counted)


def test_each_role_finds_the_parts_of_its_board(app: Flask) -> None:
    world = make_world()
    parts = {
        who: _HEADING.findall(open_session(app, who).get("/progress/").text)
        for who in ("leader", "dispatcher", "grid_lead", "clerk")
    }
    assert parts["leader"][:3] == ["headlines", "trend", "ageing"]
    assert parts["dispatcher"][0] == "funnel"
    assert {"areas", "holders", "back"} <= set(parts["dispatcher"]) & set(parts["grid_lead"])
    assert "holders" not in parts["clerk"]
    assert [board.key for board in boards_of(world.actor("grid_lead"))] == ["area", "unit"]
    clerk = open_session(app, "clerk").get("/progress/").text
    assert "区环卫中心" in clerk
    assert "区交警大队" not in clerk
    assert open_session(app, "sysadmin").get("/progress/").status_code == 403
    assert {role for board in BOARDS for role in board.roles} >= world.actor("inspector").roles


def test_a_foreign_area_unit_or_board_is_not_found_and_a_wrong_day_is_refused(
    app: Flask,
) -> None:
    world = make_world()
    leader_b, clerk = open_session(app, "leader_b"), open_session(app, "clerk")
    assert leader_b.get(f"/progress/?area={SANZAO}").status_code == 404
    assert leader_b.get("/progress/?board=unit").status_code == 404
    assert leader_b.get("/progress/?area=%00").status_code == 422
    assert clerk.get(f"/progress/?unit={world.units['police']}").status_code == 404
    assert clerk.get("/progress/?unit=99999999999999").status_code == 404
    for query in ("from=2026-02-30", "from=2001-01-01", "from=2999-01-01", "to=x%00"):
        refused = leader_b.get(f"/progress/?{query}&area={TOWN_B}")
        assert refused.status_code == 422, query
        if "%00" not in query:
            assert 'role="alert"' in refused.text
            assert f'name="area" value="{TOWN_B}"' in refused.text, "the form stays"


def test_past_days_of_a_trend_are_what_the_figures_of_that_day_say(
    app: Flask, world: World
) -> None:
    leader, at = world.actor("leader"), clock.now()
    today = in_city(at).date()
    plain = board_scope.from_request(db.session(), leader, {"area": TOWN_B})
    month = Days(today - timedelta(days=29), today)
    unit = world.units["sanitation"]
    for wanted in (
        TaskFilter(),
        TaskFilter(category="06"),
        TaskFilter(unit_id=unit),
        TaskFilter(action="7"),
    ):
        scope = plain.narrowed_to(Chosen(wanted, month, at))
        found = trend(db.session(), scope, today - timedelta(days=40), at)
        for back in (0,) if wanted.action else (0, 1, 7, 30, 41):
            day = today - timedelta(days=back)
            expected = of_areas(db.session(), leader, [TOWN_B], Level.TOWN, asked(wanted, day if back else None))[TOWN_B]  # fmt: skip
            assert (found.open_at(day), found.overdue_at(day)) == (expected.open, expected.overdue)
        now = of_areas(db.session(), leader, [TOWN_B], Level.TOWN, asked(wanted))[TOWN_B]
        assert {m: found.sum(m, month) for m in FLOWS} == {m: now[m] for m in FLOWS}, wanted
        assert found.sum("found", month) > 0
        assert found.open_at(today - timedelta(days=42)) is None
    assert found.open_at(today - timedelta(days=1)) is None, "an action has no past"
    page = open_session(app, "leader").get("/progress/?action=7").text
    assert "未办结和超期只有现在的数" in page


def test_a_unit_s_board_under_a_filter_is_what_its_tasks_say(world: World) -> None:
    clerk, at = world.actor("clerk"), clock.now()
    today = in_city(at).date()
    month = Days(today - timedelta(days=29), today)
    plain = board_scope.from_request(db.session(), clerk, {})
    for wanted in (TaskFilter(category="06"), TaskFilter(sources=(Source.INSPECTION,))):
        scope = plain.narrowed_to(Chosen(wanted, month, at))
        found = trend(db.session(), scope, month.first, at)
        now, told = direct.by_day(db.session(), scope.clauses, month, at)
        assert {one: found.now[one] for one in now} == now
        for measure in DATED:
            assert found.per_day(measure, month) == [told[measure][day] for day in each(month)]


def test_what_was_sent_back_is_counted_with_its_reason_for_the_unit_that_had_it(app: Flask) -> None:
    world = make_world()
    returned = make_task(world, State.DISPATCHED)
    blurred, other, old = (make_task(world, State.SUBMITTED) for _ in range(3))
    for number, who, action, code in (
        (returned, "clerk", Action.RETURN, "ownership"), (blurred, "verifier", Action.REWORK, "unclear"),
        (other, "verifier", Action.REWORK, "other"), (old, "verifier", Action.REWORK, "other"),
    ):  # fmt: skip
        step(world, number, action, who, reason_code=code)
    with unit_of_work() as work:  # as it was written before there were reasons
        event = work.scalars(
            select(TaskEvent).join(Task).where(Task.number == old, TaskEvent.action == "rework")
        ).one()
        event.payload = {name: one for name, one in event.payload.items() if name != "reason_code"}
    rebuild()
    today = in_city(clock.now()).date()
    unit = holding_code(DISTRICT, world.units["sanitation"])
    wanted = [*STEP_REASONS, *(one for said in STEP_REASONS.values() for one in said.values())]
    found = flows(db.session(), [unit, DISTRICT], wanted, Days(today, today))
    expected = {"return": 1, "r:ownership": 1, "rework": 3, "w:unclear": 1, "w:other": 1}
    assert found[unit] == found[DISTRICT] == expected
    assert differences(db.session()) == []
    page = open_session(app, "leader").get("/progress/").text
    shown = page[page.index('data-back="rework"') :]
    rows = re.findall(r'<th scope="row">([^<]+)</th><td class="num">(\d+)</td>', shown)
    assert sorted(rows[:3]) == sorted(
        [("未说明", "1"), ("照片看不清或角度不符", "1"), ("其他（请写明）", "1")]
    )
    assert rows[3] == ("设施权属不属于本单位", "1")


def test_a_board_asks_as_much_of_many_tasks_as_of_few_and_reads_no_open_tasks_of_a_district(
    app: Flask, world: World
) -> None:
    client = open_session(app, "leader")
    client.get("/progress/")
    with statements() as few:
        client.get("/progress/")
    for state in (State.REPORTED, State.HANDLING, State.CLOSED):
        make_task(world, state)
    with statements() as many:
        client.get("/progress/")
    assert len(many) == len(few) <= 22  # ten of them for the person and the frame of the page
    assert all("due_at <" in one for one in many if "FROM task" in one)

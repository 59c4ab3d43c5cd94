"""The task page: the facts, the time line, what may be done now and why the rest may not."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.client import open_session
from tests.factories.world import GUANGAN, INSIDE, SANZAO, make_task, make_world, task
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks import presenting
from tracker.tasks.models import TaskEvent
from tracker.tasks.states import State
from tracker.tasks.timeline import entries

#: What the dispatcher can do with every open task.
OFFICE = {"supervise", "urge", "relocate", "link_recurrence", "comment"}


def forms(page: str) -> set[str]:
    """The actions a page has a form for."""
    return set(re.findall(r'action="/tasks/[^"/]+/actions/(\w+)"', page))


def test_a_page_shows_number_words_of_state_description_and_unit(app: Flask) -> None:
    world = make_world()
    number = make_task(world, State.HANDLING, description="公园入口堆放建筑垃圾")
    page = open_session(app, "dispatcher").get(f"/tasks/{number}").text
    for words in (number, "整改中", "公园入口堆放建筑垃圾", "区环卫中心", "三灶社区", "还剩"):
        assert words in page


@pytest.mark.parametrize(
    ("state", "who", "offered"),
    [
        (State.REPORTED, "dispatcher", OFFICE | {"file", "reject", "merge", "cancel"}),
        (State.REPORTED, "inspector", {"link_recurrence", "comment"}),
        (State.FILED, "dispatcher", OFFICE | {"dispatch", "merge", "cancel", "undo"}),
        (State.DISPATCHED, "clerk", {"acknowledge", "submit", "assign", "return", "comment"}),
        (State.HANDLING, "clerk", {"submit", "assign", "return", "ask_extension", "ask_suspension", "undo", "comment"}),
        (State.HANDLING, "head", {"submit", "assign", "return", "ask_extension", "ask_suspension", "comment"}),
        (State.HANDLING, "dispatcher", OFFICE | {"redispatch", "add_assist"}),
        (State.SUBMITTED, "clerk", {"withdraw", "comment"}),
        (State.SUBMITTED, "verifier", {"pass", "rework", "close_by_notice", "comment"}),
        (State.SUSPENDED, "clerk", {"comment"}),
        (State.SUSPENDED, "dispatcher", OFFICE | {"resume", "undo"}),
        (State.CLOSED, "dispatcher", {"comment"}),
        (State.HANDLING, "leader", {"supervise", "instruct", "urge", "cancel", "comment"}),
    ],
)  # fmt: skip
def test_the_forms_on_a_page_are_what_the_person_may_do_now(
    app: Flask, state: State, who: str, offered: set[str]
) -> None:
    world = make_world()
    number = make_task(world, state)
    assert forms(open_session(app, who).get(f"/tasks/{number}").text) == offered


def test_what_is_not_possible_says_who_can(app: Flask) -> None:
    world = make_world()
    number = make_task(world)
    page = open_session(app, "inspector").get(f"/tasks/{number}").text
    assert "须由辖区派遣员立案" in page


def test_a_foreign_task_answers_as_an_unknown_one(app: Flask) -> None:
    world = make_world()
    number = make_task(world, community=GUANGAN)
    client = open_session(app, "grid_lead")
    foreign, unknown = client.get(f"/tasks/{number}"), client.get("/tasks/JW-20000101-0001")
    assert foreign.status_code == unknown.status_code == 404
    assert number not in foreign.text
    assert client.get(f"/tasks/{number}/place.json").status_code == 404
    assert client.get(f"/tasks/{number}/proposal.json?category=1").status_code == 404


def test_user_text_is_shown_as_text(app: Flask) -> None:
    world = make_world()
    number = make_task(world, description="<script>alert(1)</script>${7*7}")
    for path in (f"/tasks/{number}", "/tasks/", "/tasks/?q=%3Cscript%3E"):
        page = open_session(app, "dispatcher").get(path).text
        assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in open_session(app, "dispatcher").get(f"/tasks/{number}").text


def test_the_time_line_says_how_long_a_task_lay_at_each_station(both: Flask) -> None:
    world = make_world()
    found = task(make_task(world, State.HANDLING))
    events = list(found.events)
    start = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    for event, hours in zip(events, (0, 2, 5, 29), strict=True):
        event.at = event.recorded_at = start + timedelta(hours=hours)
    shown = entries(events)
    db.session.rollback()
    assert [entry.action for entry in shown] == ["report", "file", "dispatch", "acknowledge"]
    assert [entry.lay for entry in shown] == [
        None, timedelta(hours=2), timedelta(hours=3), timedelta(hours=24),
    ]  # fmt: skip
    assert [fact.value for fact in shown[2].facts][0] == "区环卫中心"


def test_a_broken_chain_of_events_is_said_on_the_page(app: Flask) -> None:
    world = make_world()
    number = make_task(world, State.FILED)
    client = open_session(app, "dispatcher")
    assert "记录链完整" in client.get(f"/tasks/{number}").text
    with unit_of_work() as work:
        event = work.scalars(select(TaskEvent).where(TaskEvent.sequence == 1)).one()
        event.actor_name = "别人"
    assert "记录链已断开" in client.get(f"/tasks/{number}").text


def test_the_place_is_a_pin_and_the_borders_around_it(app: Flask) -> None:
    world = make_world()
    number = make_task(world)
    place = open_session(app, "inspector").get(f"/tasks/{number}/place.json").json
    assert (place["lon"], place["lat"]) == INSIDE[SANZAO]
    assert {feature["id"] for feature in place["borders"]["features"]} >= {SANZAO}


def test_similar_open_tasks_nearby_are_shown_to_those_who_may_see_them(app: Flask) -> None:
    world = make_world()
    first, second = make_task(world), make_task(world)
    other_kind = make_task(world, code="09009")
    page = open_session(app, "dispatcher").get(f"/tasks/{first}").text
    assert second in page
    assert other_kind not in page


def test_a_merged_task_leads_to_the_one_that_goes_on(app: Flask) -> None:
    world = make_world()
    first, second = make_task(world), make_task(world)
    client = open_session(app, "dispatcher")
    client.post_form(
        f"/tasks/{second}/actions/merge", {"version": "1", "other_number": first}, follow=True
    )
    assert task(second).state == State.MERGED
    assert first in client.get(f"/tasks/{second}").text
    assert "并入本案的任务" in client.get(f"/tasks/{first}").text


def test_the_share_of_time_used_runs_from_dispatch_to_deadline(app: Flask) -> None:
    world = make_world()
    held = task(make_task(world, State.HANDLING))
    assert held.dispatched_at is not None
    assert held.due_at is not None
    middle = held.dispatched_at + (held.due_at - held.dispatched_at) / 2
    assert presenting.share_used(held, middle) == 50
    assert presenting.share_used(held, held.due_at + timedelta(days=9)) == 100
    assert presenting.share_used(task(make_task(world)), middle) is None

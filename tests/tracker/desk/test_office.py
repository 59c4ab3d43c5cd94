"""The office's desk: queues of one's own areas, one request a step, the next case in its answer."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import event

from tests.factories.client import OfficeClient, open_session
from tests.factories.steps import alter, step
from tests.factories.world import GUANGAN, SANZAO, World, category, make_task, make_world, task
from tracker import clock
from tracker.access.actor import Actor, Grant
from tracker.access.roles import Role
from tracker.desk import listing
from tracker.desk.queues import QUEUES, queues_for
from tracker.storage.db import db
from tracker.tasks.states import Action, State

SCRIPT = {"X-Requested-With": "fetch", "Accept": "application/json"}


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


@contextmanager
def counting() -> Iterator[list[str]]:
    """Every SELECT that the database is asked while this holds."""
    asked: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield asked
    event.remove(db.engine, "before_cursor_execute", note)


def sends(client: OfficeClient, number: str, action: str, **data: Any) -> Any:
    """One step on the desk as the page's script sends it."""
    queue = data.pop("queue", "reported")
    sent = {
        "queue": queue,
        **({} if "version" in data else {"version": task(number).version}),
        **data,
    }
    token = client.csrf_token()
    return client.post(
        f"/desk/cases/{number}/actions/{action}",
        data={"request_uuid": str(uuid4()), "csrf_token": token, **sent},
        headers=SCRIPT,
    )


def dispatching(world: World, **more: Any) -> dict[str, Any]:
    given = {
        "category_id": category(), "unit_id": world.units["sanitation"], "limit_value": 3,
        "limit_unit": "work_day", "limit_reading": "day_count", "then": "dispatch",
    }  # fmt: skip
    return {**given, **more}


def numbers_in(world: World, who: str) -> dict[str, set[str]]:
    """What lies in each queue of a person."""
    actor = world.actor(who)
    return {
        queue.key: {
            row.number for row in listing.page(db.session(), actor, queue, at=clock.now()).rows
        }
        for queue in queues_for(actor)
    }


def test_each_kind_of_work_lies_in_its_own_queue_and_applications_only_when_endorsed(
    both: Flask,
) -> None:
    world = make_world()
    made = {state: make_task(world, state) for state in State if state is not State.MERGED}
    outside = make_task(world, State.REPORTED, None)
    asked, endorsed, late = (make_task(world, State.HANDLING) for _ in range(3))
    alter(asked, asked="extension")
    alter(endorsed, asked="extension", is_endorsed=True)
    alter(late, due_at=clock.now().replace(year=2020), due_soon_at=clock.now().replace(year=2020))
    joint, appealed = make_task(world, State.FILED), make_task(world, State.CLOSED)
    alter(joint, joint="returns")
    alter(appealed, asked="appeal")
    found = numbers_in(world, "dispatcher")
    assert found["reported"] == {made[State.REPORTED], outside}
    assert found["filed"] == {made[State.FILED]}
    assert found["joint"] == {joint}
    assert found["extension"] == {endorsed}
    assert found["submitted"] == {made[State.SUBMITTED]}
    assert found["appeal"] == {appealed}
    assert found["overdue"] == {late}
    assert found["outside"] == {outside}
    counted = listing.counts(
        db.session(),
        world.actor("dispatcher"),
        queues_for(world.actor("dispatcher")),
        at=clock.now(),
    )
    assert counted == {key: len(numbers) for key, numbers in found.items()}
    assert set(numbers_in(world, "verifier")) == {"submitted"}


def test_a_queue_shows_only_the_areas_of_the_role_that_works_it(world: World) -> None:
    here, there = (
        make_task(world),
        make_task(world, State.REPORTED, GUANGAN, reporter="inspector_b"),
    )
    actor = Actor(
        user_id=world.users["dispatcher"],
        grants=(Grant(Role.DISPATCHER, "440404100"), Grant(Role.LEADER, "440404101")),
    )
    page = listing.page(db.session(), actor, QUEUES[0], at=clock.now())
    assert [row.number for row in page.rows] == [here]
    assert there not in {row.number for row in page.rows}


def test_one_press_files_and_dispatches_and_the_answer_brings_the_next_case(
    app: Flask, world: World
) -> None:
    first, second, third = (make_task(world) for _ in range(3))
    client = open_session(app, "dispatcher")
    answer = sends(client, first, "file", next=third, **dispatching(world))
    assert answer.status_code == 200
    assert task(first).state == State.DISPATCHED
    said = answer.json
    assert said["left"] is True
    assert said["number"] == third
    assert f'data-number="{third}"' in said["case"]
    assert said["counts"]["reported"] == "2"
    assert "区环卫中心" in said["told"]
    assert second not in said["case"].split("附近同类")[0]


def test_the_last_step_is_taken_back_by_the_link_that_the_answer_holds(
    app: Flask, world: World
) -> None:
    number = make_task(world)
    client = open_session(app, "dispatcher")
    told = sends(client, number, "file", **dispatching(world)).json["told"]
    sent = dict(re.findall(r'name="([a-z_]+)" value="([^"]*)"', told))
    action = unescape(re.search(r'action="([^"]+)"', told).group(1))  # type: ignore[union-attr]
    answer = client.post(action, data=sent, headers=SCRIPT)
    assert answer.status_code == 200, answer.text
    assert answer.json["number"] == number
    assert task(number).state == State.FILED


def test_a_case_that_somebody_else_took_stays_and_says_what_changed(
    app: Flask, world: World
) -> None:
    number = make_task(world)
    client = open_session(app, "dispatcher")
    seen = task(number).version
    step(world, number, Action.FILE, "dispatcher_2")
    answer = sends(client, number, "file", version=seen, **dispatching(world, text="请尽快"))
    assert answer.status_code == 409
    assert answer.json["number"] == number
    assert "dispatcher_2" in answer.json["case"]
    assert "立案" in answer.json["case"]
    assert task(number).state == State.FILED


def test_a_step_without_its_reason_comes_back_to_be_mended_with_the_words_kept(
    app: Flask, world: World
) -> None:
    number = make_task(world)
    client = open_session(app, "dispatcher")
    answer = sends(client, number, "file", **dispatching(world, unit_id="", text="请 <b>尽快</b>"))
    assert answer.status_code == 422
    assert "请 &lt;b&gt;尽快&lt;/b&gt;" in answer.json["case"]
    assert sends(client, number, "reject", reason="").status_code == 422
    assert sends(client, number, "reject", reason="重复上报").json["told"]
    assert task(number).state == State.REJECTED


def test_a_resent_step_is_answered_and_not_repeated(app: Flask, world: World) -> None:
    number = make_task(world)
    client = open_session(app, "dispatcher")
    sent = dispatching(world, request_uuid=str(uuid4()), version=task(number).version)
    assert [sends(client, number, "file", **sent).status_code for _ in range(2)] == [200, 200]
    assert task(number).event_count == 3


def test_a_browser_without_scripts_works_the_queue_by_links_and_forms(
    app: Flask, world: World
) -> None:
    first, second = make_task(world), make_task(world)
    client = open_session(app, "dispatcher")
    page = client.get(f"/desk/?queue=reported&case={first}").text
    assert f'data-number="{first}"' in page
    sent = {"queue": "reported", "version": task(first).version, **dispatching(world)}
    answer = client.post_form(f"/desk/cases/{first}/actions/file", sent)
    assert (answer.status_code, answer.location) == (303, f"/desk/?queue=reported&case={second}")
    assert client.get(f"/desk/cases/{second}?queue=reported").status_code == 302


def test_foreign_cases_queues_and_steps_answer_as_if_there_were_none(
    app: Flask, world: World
) -> None:
    number = make_task(world)
    clerk, verifier = open_session(app, "clerk"), open_session(app, "verifier")
    assert clerk.get("/desk/").status_code == 403
    assert sends(clerk, number, "file").status_code == 404
    assert verifier.get("/desk/?queue=reported").status_code == 404
    assert verifier.get("/desk/").status_code == 200
    dispatcher = open_session(app, "dispatcher")
    assert dispatcher.get("/desk/?queue=none").status_code == 404
    assert dispatcher.get("/desk/?after=nonsense").status_code == 422
    assert sends(dispatcher, number, "comment", text="x").status_code == 404
    assert sends(dispatcher, "JW-1", "file", version=1).status_code == 404


def test_a_full_queue_costs_no_more_queries_than_one_case(app: Flask, world: World) -> None:
    def cost() -> int:
        client = open_session(app, "dispatcher")
        client.get("/desk/?queue=reported")
        with counting() as asked:
            assert client.get("/desk/?queue=reported").status_code == 200
        return len(asked)

    make_task(world, community=SANZAO)
    make_task(world, community=SANZAO)
    few = cost()
    for _ in range(8):
        make_task(world, community=SANZAO)
    assert cost() == few
    assert few < 30

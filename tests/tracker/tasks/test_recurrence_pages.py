"""A problem that came back: reported from the closed task, or linked to it."""

from datetime import timedelta

import pytest
from flask import Flask

from tests.factories.client import open_session
from tests.factories.steps import alter
from tests.factories.task_pages import LIMIT, box, done, page_of, photo_in_tray
from tests.factories.world import World, category, make_task, make_world, task
from tracker import clock
from tracker.tasks.states import State


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def test_a_problem_that_came_back_is_reported_from_the_closed_task(
    app: Flask, world: World
) -> None:
    number = make_task(world, State.CLOSED)
    inspector = open_session(app, "inspector")
    assert f"/tasks/{number}/reopen" in inspector.get(f"/tasks/{number}").text
    assert "沿用原任务" in inspector.get(f"/tasks/{number}/reopen").text
    path, version = f"/tasks/{number}/reopen", {"version": str(task(number).version)}
    lacking = inspector.post_form(path, {**version, "description": "同一处又堆了垃圾"})
    assert lacking.status_code == 422
    assert "同一处又堆了垃圾" in lacking.text
    photo = photo_in_tray(app, "inspector")
    sent = {**version, "description": "同一处又堆了垃圾", "before_photos": photo}
    answer = inspector.post_form(path, sent)
    assert answer.status_code == 303
    again = task(answer.location.rsplit("/", 1)[1])
    assert (again.state, again.recurrence_of_id, again.description) == (
        State.REPORTED,
        task(number).id,
        "同一处又堆了垃圾",
    )
    page = inspector.get(answer.location).text
    assert "复发自" in page
    assert number in page
    for bad in ({"description": "x" * 5000}, {"description": "a\x00b", "no_photo_reason": "夜间"}):
        assert inspector.post_form(path, {**version, **bad}).status_code == 422
    assert open_session(app, "clerk").get(path).status_code == 403
    assert inspector.get(f"/tasks/{again.number}/reopen").status_code == 409
    assert inspector.get("/tasks/JW-20000101-0001/reopen").status_code == 404


def test_a_closed_task_nearby_is_proposed_as_the_one_that_came_back(
    app: Flask, world: World
) -> None:
    old, other_kind = make_task(world, State.CLOSED), make_task(world, State.CLOSED, code="09009")
    long_ago = make_task(world, State.CLOSED)
    alter(long_ago, closed_at=clock.now() - timedelta(days=31))
    alter(other_kind, category_id=category("09009"))
    filed_with, on_page = make_task(world), make_task(world)
    office = open_session(app, "dispatcher")
    shown = box(office.get(f"/tasks/{filed_with}").text, "recurring")
    assert old in shown
    assert other_kind not in shown
    assert long_ago not in shown
    done(office, filed_with, "file", category_id=str(category()), recurs_from=old, **LIMIT)
    found = task(filed_with)
    assert (found.state, found.recurrence_of_id) == (State.FILED, task(old).id)
    done(open_session(app, "inspector"), on_page, "link_recurrence", other_number=old)
    assert task(on_page).recurrence_of_id == task(old).id
    assert box(office.get(f"/tasks/{on_page}").text, "recurring") == ""
    assert "recurring" not in page_of(app, "leader", make_task(world)).replace("recurring-", "")

"""A page that grew old: 409, what happened since, and the typed words for another try."""

import re

import pytest
from flask import Flask

from tests.factories.client import open_session, request_uuid_on
from tests.factories.world import World, given_for, make_task, make_world, task
from tracker.tasks.operations import Order, perform
from tracker.tasks.states import Action, State

MEASURES = "已安排两名保洁员清运"


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def step(world: World, number: str, action: Action, who: str) -> None:
    from uuid import uuid4

    perform(
        [Order(action, given_for(world, action))], number=number, actor=world.actor(who),
        version=None, request_uuid=str(uuid4()),
    )  # fmt: skip


def test_a_stale_page_shows_what_happened_and_lets_the_words_be_sent_again(
    app: Flask, world: World
) -> None:
    number = make_task(world, State.HANDLING)
    client = open_session(app, "clerk")
    old = str(task(number).version)
    step(world, number, Action.COMMENT, "leader")
    data = {"version": old, "measures": MEASURES, "no_photo_reason": "夜间"}
    answer = client.post_form(f"/tasks/{number}/actions/submit", data)
    assert answer.status_code == 409
    assert "测试内容" in answer.text  # what the leader wrote
    assert "leader" in answer.text
    assert MEASURES in answer.text
    assert task(number).state == State.HANDLING
    version = re.search(r'name="version" value="(\d+)"', answer.text)
    assert version is not None
    assert int(version.group(1)) == task(number).version
    again = {**data, "version": version.group(1), "request_uuid": request_uuid_on(answer.text)}
    assert client.post_form(f"/tasks/{number}/actions/submit", again).status_code == 303
    assert task(number).state == State.SUBMITTED


def test_only_what_happened_after_the_page_was_opened_is_shown(app: Flask, world: World) -> None:
    number = make_task(world, State.HANDLING)
    old = str(task(number).version)
    step(world, number, Action.ASSIGN, "clerk")
    answer = open_session(app, "head").post_form(
        f"/tasks/{number}/actions/comment", {"version": old, "text": "抓紧"}
    )
    assert answer.status_code == 409
    shown = re.findall(r'class="timeline-head"><strong>(.*?)</strong>', answer.text)
    assert shown == ["指派"]


def test_a_step_that_is_no_longer_possible_says_why_and_keeps_the_words(
    app: Flask, world: World
) -> None:
    number = make_task(world, State.REPORTED)
    old = str(task(number).version)
    step(world, number, Action.REJECT, "dispatcher_2")
    answer = open_session(app, "dispatcher").post_form(
        f"/tasks/{number}/actions/cancel", {"version": old, "reason": "与热线工单重复"}
    )
    assert answer.status_code == 409
    assert "现在不能再办理“作废”" in answer.text
    assert "不予立案" in answer.text
    assert "与热线工单重复" in answer.text
    assert 'name="version"' not in answer.text


def test_a_task_that_went_elsewhere_answers_as_not_found(app: Flask, world: World) -> None:
    number = make_task(world, State.DISPATCHED)
    old = str(task(number).version)
    step(world, number, Action.RETURN, "head")
    answer = open_session(app, "clerk").post_form(
        f"/tasks/{number}/actions/acknowledge", {"version": old}
    )
    assert answer.status_code == 404

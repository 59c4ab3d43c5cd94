"""A resend is answered, not repeated; the same number on other content is refused."""

from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories.steps import step, together
from tests.factories.world import GUANGAN, given_report, make_task, make_world, task
from tracker.access.actor import Actor
from tracker.errors import Conflict
from tracker.storage.db import db
from tracker.storage.receipts import Receipt
from tracker.tasks.given import Given
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.operations import Order, perform
from tracker.tasks.states import Action, State


def report(actor: Actor, uuid: str, given: Given) -> dict[str, Any]:
    return perform(
        [Order(Action.REPORT, given)], number=None, actor=actor, version=None, request_uuid=uuid
    )


def counts() -> tuple[int, int, int]:
    db.session.rollback()
    tables = (Task, TaskEvent, Receipt)
    return tuple(db.session.scalar(select(func.count()).select_from(t)) or 0 for t in tables)  # type: ignore[return-value]


def test_the_same_report_sent_twice_is_stored_once_and_answered_alike(both: Flask):
    world = make_world()
    actor, uuid, given = world.actor("inspector"), str(uuid4()), given_report()
    first = report(actor, uuid, given)
    assert report(actor, uuid, given) == first
    assert counts() == (1, 1, 1)


def test_a_resent_step_gets_the_first_answer_even_when_the_task_has_moved_on(both: Flask):
    world = make_world()
    number, uuid = make_task(world), str(uuid4())
    version = task(number).version
    first = step(world, number, Action.FILE, "dispatcher", request_uuid=uuid, version=version)
    step(world, number, Action.DISPATCH, "dispatcher")
    again = step(world, number, Action.FILE, "dispatcher", request_uuid=uuid, version=version)
    assert again == first
    assert (task(number).state, task(number).event_count) == (State.DISPATCHED, 3)


@pytest.mark.parametrize("other", ["content", "person", "task", "action"])
def test_the_same_number_on_something_else_is_a_conflict(both: Flask, other: str):
    world = make_world()
    number, second, uuid = make_task(world), make_task(world), str(uuid4())
    step(world, number, Action.COMMENT, "dispatcher", request_uuid=uuid)
    before = counts()
    with pytest.raises(Conflict) as caught:
        step(
            world,
            second if other == "task" else number,
            Action.FILE if other == "action" else Action.COMMENT,
            "dispatcher_2" if other == "person" else "dispatcher",
            request_uuid=uuid,
            **({"text": "另一段话"} if other == "content" else {}),
        )
    assert caught.value.code == "request_reused"
    assert counts() == before


def test_a_refused_request_leaves_no_receipt_and_may_be_mended(both: Flask):
    world = make_world()
    number, uuid = make_task(world), str(uuid4())
    with pytest.raises(Conflict):
        step(world, number, Action.PASS, "verifier", request_uuid=uuid)
    step(world, number, Action.FILE, "dispatcher", request_uuid=uuid)
    assert task(number).state == State.FILED


def test_eight_copies_of_a_report_at_the_same_moment_are_one_task_and_one_answer(both: Flask):
    world = make_world()
    for _ in range(5):
        actor, uuid, given = world.actor("inspector_b"), str(uuid4()), given_report(GUANGAN)
        db.session.remove()
        answers = together(both, [lambda: report(actor, uuid, given)] * 8)  # noqa: B023
        assert answers == [answers[0]] * 8
        assert isinstance(answers[0], dict), answers[0]
    assert counts() == (5, 5, 5)


def test_eight_copies_of_a_step_at_the_same_moment_are_one_event_and_one_answer(both: Flask):
    world = make_world()
    for _ in range(5):
        number, uuid = make_task(world), str(uuid4())
        version = task(number).version
        db.session.remove()

        def file() -> dict[str, Any]:
            return step(
                world, number, Action.FILE, "dispatcher", request_uuid=uuid, version=version  # noqa: B023
            )  # fmt: skip

        answers = together(both, [file] * 8)
        assert answers == [answers[0]] * 8
        assert isinstance(answers[0], dict), answers[0]
        assert task(number).event_count == 2

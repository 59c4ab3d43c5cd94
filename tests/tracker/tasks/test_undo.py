"""One's own last step is taken back whole: within five minutes, by oneself, while nobody acted on it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import inspect

from tests.factories.steps import PREPARATIONS, alter, source_of, step, task_in
from tests.factories.world import World, make_task, make_world, task
from tracker import clock
from tracker.errors import Conflict, NotPermitted
from tracker.tasks.chain import breaks
from tracker.tasks.lifecycle import TRANSITIONS
from tracker.tasks.models import Task
from tracker.tasks.states import Action, State

#: Columns that count what happened, or say what can be undone.
MOVES_ON = {"version", "event_count", "head_hash", "updated_at", "undo_by_id", "undo_until", "undo_before"}  # fmt: skip
WHO = {
    Action.ACKNOWLEDGE: "clerk", Action.ASSIGN: "clerk", Action.ASK_EXTENSION: "clerk",
    Action.ASK_SUSPENSION: "clerk", Action.APPEAL: "clerk", Action.ENDORSE: "head",
    Action.DECLINE: "head", Action.PASS: "verifier", Action.CLOSE_BY_NOTICE: "verifier",
    Action.REWORK: "verifier", Action.CANCEL: "leader",
}  # fmt: skip


def row(number: str) -> dict[str, Any]:
    found = task(number)
    names = set(inspect(Task).column_attrs.keys()) - MOVES_ON
    return {name: getattr(found, name) for name in names}


@pytest.mark.parametrize("action", [r.action for r in TRANSITIONS if r.undoable], ids=str)
def test_a_step_taken_back_leaves_the_task_as_it_was_and_both_events_in_the_chain(
    app: Flask, action: Action
):
    world = make_world()
    other = make_task(world, State.CLOSED if action is Action.LINK_RECURRENCE else State.HANDLING)
    number = task_in(world, source_of(action))
    alter(number, **PREPARATIONS.get(action, {}))
    who, before, request = WHO.get(action, "dispatcher"), row(number), str(uuid4())
    taken = step(world, number, action, who, other_number=other, request_uuid=request)
    assert row(number) != before, "the step changed nothing that could be taken back"
    step(world, number, Action.UNDO, who)
    assert row(number) == before
    found = task(number)
    assert [event.action for event in found.events[-2:]] == [action, Action.UNDO]
    assert breaks(found, found.events) == []
    again = step(world, number, action, who, other_number=other, request_uuid=request)
    assert again == taken, "a resend is answered, not carried out again"
    assert row(number) == before
    with pytest.raises(NotPermitted):
        step(world, number, Action.UNDO, who)


@pytest.fixture
def world(both: Flask) -> World:
    return make_world()


def test_after_five_minutes_a_step_stays(world: World):
    number = make_task(world, State.FILED)
    until = task(number).undo_until
    assert until is not None
    assert until - task(number).events[-1].at == timedelta(minutes=5)
    alter(number, undo_until=clock.now() - timedelta(seconds=1))
    with pytest.raises(Conflict, match="五分钟"):
        step(world, number, Action.UNDO, "dispatcher")


def test_nobody_takes_back_the_step_of_another(world: World):
    number = make_task(world, State.FILED)
    for who in ("dispatcher_2", "leader", "inspector"):
        with pytest.raises(NotPermitted):
            step(world, number, Action.UNDO, who)
    assert step(world, number, Action.UNDO, "dispatcher")["state"] == State.REPORTED


@pytest.mark.parametrize("who", ["inspector", "dispatcher"])
def test_once_anybody_did_anything_a_step_stays(world: World, who: str):
    number = make_task(world, State.FILED)
    step(world, number, Action.COMMENT, who)
    with pytest.raises(NotPermitted):
        step(world, number, Action.UNDO, "dispatcher")
    assert task(number).undo_before is None


def test_a_step_that_wrote_more_than_the_task_is_not_taken_back(world: World):
    number = make_task(world, State.HANDLING)
    step(world, number, Action.ADD_ASSIST, "dispatcher")
    with pytest.raises(NotPermitted):
        step(world, number, Action.UNDO, "dispatcher")

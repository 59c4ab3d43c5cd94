"""Of several people at the same moment exactly one wins, and the others are told."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories.racing import RACED, race
from tests.factories.steps import step, together
from tests.factories.world import GUANGAN, World, make_task, make_world, task
from tracker.errors import Conflict, Invalid
from tracker.storage.db import db
from tracker.tasks.chain import breaks
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.states import Action, State

THREADS = 16
ROUNDS = 8


def compete(
    app: Flask, world: World, number: str, action: Action, *, version: int | None
) -> list[Any]:
    who = ("dispatcher", "dispatcher_2")

    def one(place: int) -> Callable[[], Any]:
        return lambda: step(world, number, action, who[place % 2], version=version)

    db.session.remove()
    return together(app, [one(place) for place in range(THREADS)])


def test_of_sixteen_dispatches_of_a_task_exactly_one_wins(both: Flask):
    world = make_world()
    for _ in range(ROUNDS):
        number = make_task(world, State.FILED)
        answers = compete(both, world, number, Action.DISPATCH, version=task(number).version)
        won = [answer for answer in answers if isinstance(answer, dict)]
        assert len(won) == 1, answers
        assert {answer.code for answer in answers if answer not in won} == {"stale"}
        found = task(number)
        assert (found.state, found.event_count) == (State.DISPATCHED, 3)
        assert breaks(found, found.events) == []


def test_of_sixteen_who_take_the_same_step_exactly_one_wins(both: Flask):
    world = make_world()
    for action in RACED:
        assert race(both, world, action)["won"] == 1, action


def test_without_a_version_the_state_alone_lets_one_win(both: Flask):
    world = make_world()
    for _ in range(2):
        number = make_task(world, State.FILED)
        answers = compete(both, world, number, Action.DISPATCH, version=None)
        won = [answer for answer in answers if isinstance(answer, dict)]
        assert len(won) == 1, answers
        assert all(isinstance(answer, Conflict) for answer in answers if answer not in won)


def test_steps_that_do_not_exclude_each_other_are_all_kept_in_one_chain(both: Flask):
    world = make_world()
    number = make_task(world, State.HANDLING)
    answers = compete(both, world, number, Action.COMMENT, version=None)
    assert all(isinstance(answer, dict) for answer in answers), answers
    found = task(number)
    assert found.event_count == 4 + THREADS
    assert [event.sequence for event in found.events] == list(range(1, 5 + THREADS))
    assert breaks(found, found.events) == []


def test_numbers_are_unique_and_without_gaps_when_many_report_at_once(both: Flask):
    world = make_world()
    db.session.remove()

    def several() -> list[str]:
        return [make_task(world, community=GUANGAN, reporter="inspector_b") for _ in range(3)]

    answers = together(both, [several] * THREADS)
    numbers = sorted(number for answer in answers for number in answer)
    serials = [int(number.rsplit("-", 1)[1]) for number in numbers]
    assert serials == list(range(1, 3 * THREADS + 1))


def test_a_refused_report_takes_no_number(both: Flask):
    world = make_world()
    first = make_task(world)
    with pytest.raises(Invalid):
        make_task(world, category_id=987654)
    second = make_task(world)
    assert int(second[-4:]) == int(first[-4:]) + 1
    assert db.session.scalar(select(func.count()).select_from(Task)) == 2
    assert db.session.scalar(select(func.count()).select_from(TaskEvent)) == 2

"""Single steps on tasks for tests: taken for good, or tried and undone."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any
from uuid import uuid4

from flask import Flask
from sqlalchemy import event, select

from tests.factories.world import SANZAO, World, given_for, make_task
from tracker import clock
from tracker.access.actor import SYSTEM, Actor
from tracker.errors import Fault
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.given import Given
from tracker.tasks.lifecycle import BY_ACTION
from tracker.tasks.models import Task
from tracker.tasks.operations import Order, apply, perform
from tracker.tasks.states import Action, State

#: What must be true of a task besides its state before the action's own condition lets it pass.
PREPARATIONS: dict[Action, dict[str, Any]] = {
    Action.GRANT_EXTENSION: {"asked": "extension", "is_endorsed": True},
    Action.DENY_EXTENSION: {"asked": "extension"},
    Action.SUSPEND: {"asked": "suspension", "is_endorsed": True},
    Action.DENY_SUSPENSION: {"asked": "suspension"},
    Action.APPEAL: {"was_overdue": True},
    Action.GRANT_APPEAL: {"asked": "appeal"},
    Action.DENY_APPEAL: {"asked": "appeal"},
    Action.RATE: {"source": "citizen_snap"},
    Action.ENDORSE: {"asked": "extension"},
    Action.DECLINE: {"asked": "suspension"},
    Action.CONVENE: {"joint": "returns", "joint_unit_ids": [2]},
    Action.OPINE: {"joint": "returns", "joint_decider_id": 1},
    Action.DECIDE_JOINT: {"joint": "returns", "joint_decider_id": 1},
    Action.REMOVE_ASSIST: {"assist_unit_ids": [2, 3]},
    Action.ASSIST_REPLY: {"assist_unit_ids": [2, 3]},
    Action.ACKNOWLEDGE_REWORK: {"rework_to_read": True},
    Action.UNDO: {
        "undo_until": clock.now() + timedelta(hours=1),
        "undo_before": {"action": "comment"},
    },
}


def source_of(action: Action) -> State:
    """The last of the states an action starts from."""
    return sorted(BY_ACTION[action].sources, key=list(State).index)[-1]  # type: ignore[arg-type]


class _Undo(Exception):
    """Ends a trial without a trace."""


def step(
    world: World,
    number: str,
    action: Action,
    who: str,
    *,
    version: int | None = None,
    request_uuid: str | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """One person's request with one action, everything given that it could ask for."""
    return perform(
        [Order(action, given_for(world, action, **changes))],
        number=number, actor=world.actor(who), version=version,
        request_uuid=request_uuid or str(uuid4()),
    )  # fmt: skip


def alter(number: str, **values: Any) -> None:
    """Put a task into a condition that only time could bring about."""
    with unit_of_work() as work:
        found = work.scalars(select(Task).where(Task.number == number)).one()
        for name, value in values.items():
            setattr(found, name, value)


def attempt(
    number: str,
    action: Action,
    given: Given,
    *,
    actor: Actor = SYSTEM,
    prepare: dict[str, Any] | None = None,
    look: Callable[[Task], Any] = lambda task: State(task.state),
) -> Any:
    """Take the step, look at the task, undo it. Raises what the step raises."""
    seen: list[Any] = []
    with suppress(_Undo), unit_of_work() as work:
        found = work.scalars(select(Task).where(Task.number == number)).one()
        for name, value in (prepare or {}).items():
            setattr(found, name, value)
        apply(action, found, actor=actor, given=given)
        seen.append(look(found))
        raise _Undo
    return seen[0]


def refusal(number: str, action: Action, given: Given, **more: Any) -> Fault | None:
    """The refusal of a step, None when it would be taken; undone in either case."""
    try:
        attempt(number, action, given, **more)
    except Fault as fault:
        return fault
    return None


def task_in(world: World, state: State, **more: Any) -> str:
    """Like make_task, the merged state too."""
    if state is not State.MERGED:
        return make_task(world, state, **more)
    other, number = make_task(world), make_task(world, community=more.pop("community", SANZAO))
    step(world, number, Action.MERGE, "dispatcher", other_number=other)
    return number


def together(app: Flask, works: list[Callable[[], Any]]) -> list[Any]:
    """Start all works at the same moment; what each returned or raised, in their order."""
    gate = threading.Barrier(len(works))
    answers: list[Any] = [None] * len(works)

    def run(place: int) -> None:
        with app.app_context():
            gate.wait()
            try:
                answers[place] = works[place]()
            except Exception as error:  # noqa: BLE001, RUF100 - the answer is what is looked at
                answers[place] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that the database is sent meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)

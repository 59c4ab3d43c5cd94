"""Many clients that press the same button at the same moment, and what each of them was told."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from flask import Flask

from tests.factories.steps import PREPARATIONS, alter, source_of, step, task_in, together
from tests.factories.world import World, make_task, task
from tracker.storage.db import db
from tracker.tasks.chain import breaks
from tracker.tasks.lifecycle import TRANSITIONS
from tracker.tasks.states import Action, State

CLIENTS = 16
#: Nobody's by hand, or with a page of its own.
_NOT_RACED = {
    Action.REPORT, Action.SELF_HANDLE, Action.REOPEN, Action.RATE, Action.RECALCULATE,
}  # fmt: skip
RACED = [row.action for row in TRANSITIONS if row.action not in _NOT_RACED]
WHO = {
    **dict.fromkeys(
        (
            Action.ACKNOWLEDGE, Action.RETURN, Action.ASSIGN, Action.ACKNOWLEDGE_REWORK, Action.SUBMIT,
            Action.WITHDRAW, Action.ASK_EXTENSION, Action.ASK_SUSPENSION, Action.APPEAL,
        ),
        "clerk",
    ),
    **dict.fromkeys((Action.ENDORSE, Action.DECLINE, Action.OPINE), "head"),
    **dict.fromkeys((Action.PASS, Action.CLOSE_BY_NOTICE, Action.REWORK), "verifier"),
    **dict.fromkeys((Action.CANCEL, Action.INSTRUCT, Action.DECIDE_JOINT), "leader"),
    Action.ASSIST_REPLY: "clerk_police",
}  # fmt: skip


def ready(world: World, action: Action) -> tuple[str, str]:
    """A task on which the step can be taken, and the number of the other one it may name."""
    other = make_task(world, State.CLOSED if action is Action.LINK_RECURRENCE else State.REPORTED)
    number = task_in(world, source_of(action))
    changes = dict(PREPARATIONS.get(action, {}))
    if action is Action.UNDO:
        changes["undo_by_id"] = world.users["dispatcher"]
    if action in (Action.OPINE, Action.DECIDE_JOINT):
        changes |= {
            "joint_decider_id": world.users["leader"],
            "joint_unit_ids": [world.units["sanitation"], world.units["haian"]],
        }
    if action in (Action.REMOVE_ASSIST, Action.ASSIST_REPLY):
        changes["assist_unit_ids"] = [world.units["police"]]
    if changes:
        alter(number, **changes)
    return number, other


def race(app: Flask, world: World, action: Action) -> Counter[str]:
    """One round; how many won and what the others were told. Asserts one winner and a whole chain."""
    number, other = ready(world, action)
    before, who = task(number), WHO.get(action, "dispatcher")
    version, events = before.version, before.event_count

    def one() -> Callable[[], Any]:
        return lambda: step(world, number, action, who, version=version, other_number=other)

    db.session.remove()
    answers = together(app, [one() for _ in range(CLIENTS)])
    told = Counter(
        "won" if isinstance(answer, dict) else getattr(answer, "code", repr(answer))
        for answer in answers
    )
    assert told["won"] == 1, told
    assert set(told) <= {"won", "stale", "illegal_transition"}, told
    after = task(number)
    assert after.event_count == events + 1
    assert breaks(after, after.events) == []
    return told

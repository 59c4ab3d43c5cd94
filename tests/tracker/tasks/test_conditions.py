"""Every condition of the workflow table is seen to refuse, in words."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.factories.steps import refusal, source_of, task_in
from tests.factories.world import given_for, make_world
from tracker import clock
from tracker.errors import Conflict
from tracker.tasks.lifecycle import BY_ACTION, TRANSITIONS
from tracker.tasks.states import Action

LATE = {"due_at": clock.now() - timedelta(minutes=1)}


UNMET: list[tuple[Action, dict[str, Any]]] = [
    (Action.RETURN, LATE),
    (Action.RETURN, {"return_until": clock.now() - timedelta(minutes=1)}),
    (Action.RETURN, {"is_forced": True}),
    (Action.MERGE, {"joint": "returns"}),
    (Action.DISPATCH, {"joint": "border"}),
    (Action.SUBMIT, {"rework_to_read": True}),
    (Action.ACKNOWLEDGE_REWORK, {"rework_to_read": False}),
    (Action.ENDORSE, {"asked": None}),
    (Action.ENDORSE, {"asked": "extension", "is_endorsed": True}),
    (Action.DECLINE, {"asked": "suspension", "is_endorsed": True}),
    (Action.GRANT_EXTENSION, {"asked": "extension", "is_endorsed": False}),
    (Action.SUSPEND, {"asked": "suspension", "is_endorsed": False}),
    (Action.ADD_ASSIST, {"assist_unit_ids": [11, 12, 13, 14, 15]}),
    (Action.REMOVE_ASSIST, {"assist_unit_ids": []}),
    (Action.ASSIST_REPLY, {"assist_unit_ids": []}),
    (Action.CONVENE, {"joint": None}),
    (Action.OPINE, {"joint": "returns"}),
    (Action.DECIDE_JOINT, {"joint": "returns"}),
    (Action.LINK_RECURRENCE, {"recurrence_of_id": 1}),
    (Action.UNDO, {"undo_until": None}),
    (Action.UNDO, {"undo_until": clock.now() - timedelta(seconds=1)}),
    (Action.ASK_EXTENSION, LATE),
    (Action.ASK_EXTENSION, {"extension_count": 2}),
    (Action.ASK_EXTENSION, {"asked": "suspension"}),
    (Action.ASK_SUSPENSION, {"asked": "extension"}),
    (Action.GRANT_EXTENSION, {"asked": None}),
    (Action.GRANT_EXTENSION, {"asked": "suspension"}),
    (Action.GRANT_EXTENSION, {"asked": "extension", "extension_count": 2}),
    (Action.DENY_EXTENSION, {"asked": "suspension"}),
    (Action.SUSPEND, {"asked": "extension"}),
    (Action.DENY_SUSPENSION, {"asked": None}),
    (Action.APPEAL, {"was_overdue": False}),
    (Action.APPEAL, {"was_overdue": True, "appealed": True}),
    (Action.APPEAL, {"was_overdue": True, "asked": "appeal"}),
    (Action.GRANT_APPEAL, {"asked": None}),
    (Action.DENY_APPEAL, {"asked": "extension"}),
    (Action.RATE, {"source": "inspection"}),
    (Action.RATE, {"source": "citizen_snap", "stars": 4}),
]


@pytest.mark.parametrize(("action", "condition"), UNMET)
def test_a_condition_that_does_not_hold_refuses_in_words(
    app: Flask, action: Action, condition: dict[str, Any]
):
    world = make_world()
    number = task_in(world, source_of(action))
    given = given_for(world, action)
    fault = refusal(number, action, given, prepare=condition)
    assert isinstance(fault, Conflict)
    assert fault.code == "condition"
    assert fault.message in {c.otherwise for c in BY_ACTION[action].conditions}


def test_every_condition_of_the_table_is_seen_to_refuse():
    for row in TRANSITIONS:
        tried = [unmet for action, unmet in UNMET if action is row.action]
        assert len(tried) >= len(row.conditions), row.action

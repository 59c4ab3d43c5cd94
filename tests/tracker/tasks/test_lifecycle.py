"""The workflow table: written down a second time by hand, and every pair of state and action tried."""

import pytest
from flask import Flask

from tests.factories.steps import PREPARATIONS, refusal, task_in
from tests.factories.world import given_for, make_task, make_world
from tracker.tasks.checks import IllegalTransition
from tracker.tasks.lifecycle import BY_ACTION, TRANSITIONS, leaving
from tracker.tasks.states import OPEN, RUNNING, VOID, Action, Need, State

#: action | from | to (= keeps the state) | needs
DESIGN = """
report           | -                   | reported   | place category_id description before_photos
self_handle      | -                   | closed     | place category_id description before_photos after_photos
file             | reported            | filed      | category_id
reject           | reported            | rejected   | reason
merge            | reported filed      | merged     | other_number
dispatch         | filed               | dispatched | unit_id limit
acknowledge      | dispatched          | handling   |
return           | dispatched handling | filed      | reason_code reason
assign           | dispatched handling | =          | assignee_id
submit           | dispatched handling | submitted  | after_photos measures
withdraw         | submitted           | handling   |
pass             | submitted           | closed     |
close_by_notice  | submitted           | closed     | reason_code reason
rework           | submitted           | handling   | reason_code reason limit
ask_extension    | handling            | =          | reason
grant_extension  | handling            | =          |
deny_extension   | handling            | =          | reason
ask_suspension   | handling            | =          | reason_code reason until
suspend          | handling            | suspended  | reason until
deny_suspension  | handling            | =          | reason
resume           | suspended           | handling   |
redispatch       | dispatched handling | dispatched | unit_id limit reason
supervise        | OPEN                | =          | text
urge             | OPEN                | =          | text
instruct         | OPEN                | =          | text
reopen           | closed              | =          | description before_photos
relocate         | OPEN                | =          | place
cancel           | OPEN                | cancelled  | reason
appeal           | closed              | =          | reason
grant_appeal     | closed              | =          |
deny_appeal      | closed              | =          | reason
rate             | closed              | =          | stars
comment          | ANY                 | =          | text
endorse          | handling            | =          |
decline          | handling            | =          | reason
add_assist       | dispatched handling | =          | unit_id text
remove_assist    | dispatched handling | =          | unit_id
assist_reply     | dispatched handling | =          | text
convene          | filed               | =          | assignee_id
opine            | filed               | =          | text
decide_joint     | filed               | dispatched | unit_id limit reason
acknowledge_rework | dispatched handling | =        |
link_recurrence  | OPEN                | =          | other_number
recalculate      | dispatched handling suspended | = |
undo             | ANY                 | =          |
"""
NAMED = {
    "OPEN": {"reported", "filed", "dispatched", "handling", "submitted", "suspended"},
    "ANY": {state.value for state in State},
    "-": {None},
}


def designed() -> dict[str, tuple[set[str | None], str, set[str]]]:
    rows = {}
    for line in DESIGN.strip().splitlines():
        action, froms, target, needs = (part.strip() for part in line.split("|"))
        sources = NAMED.get(froms) or set(froms.split())
        rows[action] = (sources, target, set(needs.split()))
    return rows


def test_the_table_is_the_one_of_the_design():
    table = {
        row.action.value: (set(row.sources), row.target or "=", {need.value for need in row.needs})
        for row in TRANSITIONS
    }
    assert table == designed()


def test_closed_is_left_by_no_action_and_so_are_the_void_states():
    for state in (State.CLOSED, *VOID):
        assert {row.leads_to(state) for row in leaving(state)} == {state}


def test_every_open_state_has_a_way_to_the_end():
    ends = {State.CLOSED, *VOID}
    reached = set(ends)
    while more := {
        s for s in State if s not in reached and any(r.leads_to(s) in reached for r in leaving(s))
    }:
        reached |= more
    assert reached == set(State)


def test_groups_of_states_agree_with_the_table():
    assert {State.CLOSED, *VOID, *OPEN} == set(State)
    assert {state for state in State if Action.SUBMIT in actions_of(state)} == RUNNING


def actions_of(state: State) -> set[Action]:
    return {row.action for row in leaving(state)}


def test_only_the_actions_that_make_a_task_start_from_nothing():
    assert {row.action for row in TRANSITIONS if None in row.sources} == {
        Action.REPORT, Action.SELF_HANDLE,
    }  # fmt: skip


def test_no_need_is_also_optional():
    for row in TRANSITIONS:
        assert not set(row.needs) & set(row.optional), row.action


@pytest.mark.parametrize("state", list(State))
def test_each_action_is_taken_in_its_states_and_refused_in_the_others(both: Flask, state: State):
    world = make_world()
    opened, closed = make_task(world), make_task(world, State.CLOSED)
    number = task_in(world, state)
    expected = designed()
    for action in Action:
        other = closed if action is Action.LINK_RECURRENCE else opened
        given = given_for(world, action, other_number=other)
        fault = refusal(number, action, given, prepare=PREPARATIONS.get(action))
        if state in expected[action][0]:
            assert fault is None, f"{action} from {state}: {fault}"
        else:
            assert isinstance(fault, IllegalTransition), f"{action} from {state}: {fault!r}"


def test_every_need_is_asked_for_by_some_action():
    assert {need for row in TRANSITIONS for need in (*row.needs, *row.optional)} == set(Need)
    assert set(BY_ACTION) == set(Action)

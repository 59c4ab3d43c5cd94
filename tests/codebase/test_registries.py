"""Tables that belong together are complete: labels, effects, rows, policy lines, words."""

import re

import pytest

from tests.codebase.sources import python_files
from tracker.access.permissions import Permission
from tracker.access.policy import POLICY, WHO, WITHOUT_SUBJECT
from tracker.access.roles import LABELS, Role
from tracker.tasks.effects import EFFECTS
from tracker.tasks.given import Given
from tracker.tasks.lifecycle import BY_ACTION, TRANSITIONS
from tracker.tasks.offers import ON_PAGES
from tracker.tasks.states import (
    ACTION_LABELS,
    NEED_LABELS,
    SOURCE_LABELS,
    STATE_LABELS,
    Action,
    Need,
    Source,
    State,
)
from tracker.web.navigation import ENTRIES


@pytest.mark.parametrize("action", list(Action))
def test_an_action_has_a_label_an_effect_and_one_row(action: Action):
    assert ACTION_LABELS[action]
    assert callable(EFFECTS[action])
    assert [row for row in TRANSITIONS if row.action is action] == [BY_ACTION[action]]


def test_no_refusal_names_a_fact_that_fault_takes_for_itself():
    taken = re.compile(
        r"(?:Fault|Invalid|NotFound|NotPermitted|Conflict)\(\s*N_\([^)]*%\((?:code|field)\)"
    )
    assert [name for name, text in python_files("tracker") if taken.search(text)] == []


def test_every_permission_has_a_line_in_the_policy():
    assert set(POLICY) == set(Permission)
    assert set(WITHOUT_SUBJECT) <= set(Permission)


def test_every_permission_of_a_step_on_the_pages_says_who_has_it():
    assert [action for action in ON_PAGES if BY_ACTION[action].permission not in WHO] == []


def test_every_word_that_people_read_is_there_once():
    for labels, names in (
        (STATE_LABELS, State), (ACTION_LABELS, Action), (NEED_LABELS, Need),
        (SOURCE_LABELS, Source), (LABELS, Role),
    ):  # fmt: skip
        assert set(labels) == set(names)
        assert len(set(labels.values())) == len(labels), "two things have the same name"


def test_every_need_is_something_that_can_be_given():
    assert {need.value for need in Need} <= set(Given.__dataclass_fields__)


def test_every_entry_of_the_menu_leads_to_a_view_with_the_same_permission(app):
    # the phone's shell is the same for everybody: it holds no data, and the worker keeps it
    wider = {Permission.TASK_VIEW, Permission.PUBLIC}
    for entry in ENTRIES:
        view = app.view_functions[entry.endpoint]
        assert view.permission in {entry.permission, *wider}, entry.endpoint

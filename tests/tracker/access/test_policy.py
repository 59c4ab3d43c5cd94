"""The policy page against a matrix written by hand: roles and relations by permission."""

import pytest

from tests.codebase.sources import ROOT
from tracker.access.actor import NOBODY, SYSTEM, Actor, Grant
from tracker.access.permissions import Permission
from tracker.access.policy import POLICY, WHO, WITHOUT_SUBJECT, allows
from tracker.access.roles import Role
from tracker.cli import permissions as published
from tracker.tasks.lifecycle import TRANSITIONS

#: i inspector  w grid worker  l grid lead  c unit clerk  h unit head  d dispatcher  v verifier
#: e leader  s assessor  y system admin  k security admin  u audit admin | relation to the task:
#: A assignee  R reporter  S submitter  I inspector  L took the last step
#: P its unit assists  C its unit is consulted.
#: * anywhere  a in the area  u of the own unit  b both  y yes  . never
MATRIX = """
                      i w l c h d v e s y k u A R S I L P C
public                * * * * * * * * * * * * y y y y y . .
signed_in             * * * * * * * * * * * * y y y y y . .
task.view             a a b u u a a a a . . . y y . . . y y
task.export           * * * * * * * * * . . . . . . . . . .
task.report           * * * * * * * . . . . . . . . . . . .
task.file             . . . . . a . . . . . . . . . . . . .
task.reject           . . . . . a . . . . . . . . . . . . .
task.merge            . . . . . a . . . . . . . . . . . . .
task.dispatch         . . . . . a . . . . . . . . . . . . .
task.acknowledge      . . u u u . . . . . . . . . . . . . .
task.return           . . u u u . . . . . . . . . . . . . .
task.assign           . . u u u . . . . . . . . . . . . . .
task.submit           . . u u u . . . . . . . y . . . . . .
task.withdraw         . . . . . . . . . . . . . . y . . . .
task.verify           . . . . . a a . . . . . . . . . . . .
task.ask_extension    . . u u u . . . . . . . . . . . . . .
task.decide_extension . . . . . a . . . . . . . . . . . . .
task.ask_suspension   . . u u u . . . . . . . . . . . . . .
task.suspend          . . . . . a . . . . . . . . . . . . .
task.resume           . . . . . a . . . . . . . . . . . . .
task.redispatch       . . . . . a . . . . . . . . . . . . .
task.supervise        . . . . . a . a . . . . . . . . . . .
task.urge             . . . . . a . a . . . . . . . . . . .
task.instruct         . . . . . . . a . . . . . . . . . . .
task.reopen           a . . . . a . . . . . . . . . . . . .
task.self_handle      . a a . . . . . . . . . . . . . . . .
task.relocate         . . . . . a . . . . . . . . . . . . .
task.cancel           . . . . . a . a . . . . . . . . . . .
task.appeal           . . u u u . . . . . . . . . . . . . .
task.decide_appeal    . . . . . a . . a . . . . . . . . . .
task.rate             . . . . . . . . . . . . . . . . . . .
task.endorse          . . u . u . . . . . . . . . . . . . .
task.arrange_assist   . . . . . a . . . . . . . . . . . . .
task.assist           . . . . . . . . . . . . . . . . . y .
task.opine            . . . . . . . . . . . . . . . . . . y
task.decide_joint     a a a . . a a a a . . . . . . . . . .
task.undo             . . . . . . . . . . . . . . . . y . .
task.recalculate      . . . . . . . . . . . . . . . . . . .
task.comment          a a b u u a a a a . . . y y . . . y y
photo.original        . . . . . a a . . . . . . . . . . . .
photo.add             * * * * * * * * * * * * y y y y y . .
desk.office           . . . . . * * . * . . . . . . . . . .
desk.unit             . . * * * . . . . . . . . . . . . . .
map.view              * * * * * * * * * . . . . . . . . . .
progress.view         * * * * * * * * * . . . . . . . . . .
meeting.manage        . . . . . a . a . . . . . . . . . . .
point.list            * * * * * * * * * . . . . . . . . . .
point.view            a a b u u a a a a . . . . . . y . . .
point.manage          . . . . . a . . . . . . . . . . . . .
checklist.manage      . . . . . * . . . . . . . . . . . . .
round.list            * * * * * * * * * . . . . . . . . . .
round.view            a a b u u a a a a . . . . . . y . . .
round.manage          . . . . u a . . . . . . . . . . . . .
inspect               * * * * * * * * * * * * y y y y y . .
visit.make            a a b u u a a . . . . . . . . y . . .
visit.view            a a b u u a a a a . . . . . . y . . .
held.list             . . . . . * . . . . . . . . . . . . .
held.decide           . . . . . a . . . . . . . . . . . . .
responsibility.list   * * * * * * * * * . . . . . . . . . .
responsibility.view   a a b u u a a a a . . . . . . . . . .
responsibility.manage . . . . . a . . . . . . . . . . . . .
responsibility.phone  . . b u u a . a . . . . . . . . . . .
user.view             . . . . . . . . . * * . . . . . . . .
user.manage           . . . . . . . . . * . . . . . . . . .
user.grant            . . . . . . . . . . * . . . . . . . .
user.secure           . . . . . . . . . . * . . . . . . . .
organization.manage   . . . . . . . . . * . . . . . . . . .
area.manage           . . . . . . . . . * . . . . . . . . .
category.manage       . . . . . . . . . * . . . . . . . . .
calendar.manage       . . . . . . . . . * . . . . . . . . .
channel.manage        . . . . . . . . . * . . . . . . . . .
audit.read            . . . . . . . . . . . * . . . . . . .
"""
SIGNS = {
    published.ANYWHERE: "*",
    published.IN_AREA: "a",
    published.OWN_UNIT: "u",
    published.BOTH: "b",
    published.YES: "y",
    published.NEVER: ".",
}
#: permission: conditions that hold in every area and for every role
NARROWED = {
    "task.file": [["is_not_reporter", "not_reported_by_own_unit"]],
    "task.reject": [["is_not_reporter", "not_reported_by_own_unit"]],
    "task.verify": [["did_not_submit"]],
    "task.decide_extension": [["did_not_ask"]],
    "task.suspend": [["did_not_ask"]],
    "task.decide_appeal": [["did_not_ask", "did_not_submit"]],
    "task.endorse": [["did_not_ask"]],
    "task.decide_joint": [["is_joint_decider"]],
    "task.cancel": [["not_yet_dispatched"], []],
    "user.grant": [["is_not_self"], ["no_security_admin_yet", "is_not_self"]],
    "user.secure": [["is_not_self"], ["no_security_admin_yet", "is_not_self"]],
}


def expected() -> dict[str, list[str]]:
    lines = MATRIX.strip("\n").splitlines()[1:]
    return {line.split()[0]: line.split()[1:] for line in lines}


@pytest.mark.parametrize("permission", list(Permission))
def test_the_policy_gives_each_role_what_the_matrix_says(permission: Permission):
    reach = published.matrix()[permission]
    assert [SIGNS[cell] for cell in reach.values()] == expected()[permission.value]


def test_the_matrix_has_a_line_for_every_permission_and_no_other():
    assert set(expected()) == {permission.value for permission in Permission}


@pytest.mark.parametrize("permission", list(Permission))
def test_the_conditions_of_a_permission_are_the_ones_written_here(permission: Permission):
    found = [
        [test.__name__ for test in line if test.__name__ in published.NARROWED]
        for line in POLICY[permission]
    ]
    assert (found if any(found) else []) == NARROWED.get(permission.value, [])


def test_every_predicate_of_the_policy_is_a_column_or_has_words():
    columns = ("holds_", "in_area_of_", "acts_for_unit_")
    shown = {
        "anyone", "signed_in", "for_own_unit", "is_assignee", "is_reporter", "is_submitter",
        "is_named_inspector", "heads_own_unit", "took_last_step", "assists", "is_consulted",
        "heads_consulted_unit",
    }  # fmt: skip
    names = {test.__name__ for lines in POLICY.values() for line in lines for test in line}
    plain = {name for name in names if not name.startswith(columns)}
    assert plain - shown == set(published.NARROWED)


def test_nobody_may_anything_but_what_is_public():
    for permission in WITHOUT_SUBJECT:
        assert allows(NOBODY, permission) == (permission is Permission.PUBLIC), permission


def test_the_system_is_bound_by_states_not_by_the_policy():
    assert all(allows(SYSTEM, permission) for permission in Permission)


def test_an_administrator_sees_no_task():
    for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN):
        admin = Actor(user_id=1, grants=(Grant(role),))
        for permission in (Permission.TASK_EXPORT, Permission.MAP_VIEW, Permission.TASK_REPORT):
            assert not allows(admin, permission), (role, permission)


def test_each_step_of_the_workflow_has_words_for_who_can_take_it():
    spoken = {row.permission for row in TRANSITIONS} - {Permission.TASK_REPORT}
    assert sorted(spoken - set(WHO)) == []


def test_a_permission_without_an_object_is_decided_without_one():
    for permission in WITHOUT_SUBJECT:
        for role in Role:
            assert isinstance(allows(Actor(1, grants=(Grant(role),)), permission), bool)


def test_the_published_table_is_the_policy():
    kept = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8")
    assert kept == published.table(), "run: ./run permissions > docs/permissions.md"

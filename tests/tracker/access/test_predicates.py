"""The small questions of the policy, one by one, without a database."""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from tracker.access import predicates as p
from tracker.access.actor import NOBODY, SYSTEM, Actor, Grant
from tracker.access.roles import BY_AREA, FOR_UNIT, LABELS, SEPARATED, Role

DISTRICT, TOWN, COMMUNITY, GRID = "440404", "440404100", "440404100001", "440404100001001"


@dataclass(frozen=True)
class Thing:
    """A task as the predicates see it."""

    district_code: str | None = DISTRICT
    town_code: str | None = TOWN
    community_code: str | None = COMMUNITY
    grid_code: str | None = GRID
    unit_id: int | None = None
    reporter_id: int | None = None
    reporter_unit_id: int | None = None
    assignee_id: int | None = None
    submitter_id: int | None = None
    asked_by_id: int | None = None
    dispatched_at: object = None
    return_count: int = 0


def person(*grants: Grant, user_id: int = 7, unit: int | None = None) -> Actor:
    return Actor(user_id, "somebody", unit, grants)


def test_anyone_is_anyone_and_signed_in_is_known_by_name():
    assert p.anyone(NOBODY, None)
    assert not p.signed_in(NOBODY, None)
    assert p.signed_in(person(), None)


def test_a_role_is_held_wherever_it_was_granted():
    both = p.holds(Role.LEADER, Role.ASSESSOR)
    assert both(person(Grant(Role.LEADER, TOWN)), None)
    assert not both(person(Grant(Role.INSPECTOR, TOWN)), None)
    assert not both(NOBODY, None)


@pytest.mark.parametrize("code", [DISTRICT, TOWN, COMMUNITY, GRID, None])
def test_a_task_lies_in_each_of_its_areas_and_in_the_whole_installation(code: str | None):
    assert p.in_area_of(Role.DISPATCHER)(person(Grant(Role.DISPATCHER, code)), Thing())


@pytest.mark.parametrize(
    "code", ["440403", "440404101", "44040410000", "440404100002", GRID[:-1] + "2"]
)
def test_a_task_does_not_lie_in_a_neighbour_nor_in_a_code_that_only_begins_alike(code: str):
    assert not p.in_area_of(Role.DISPATCHER)(person(Grant(Role.DISPATCHER, code)), Thing())


def test_an_area_of_another_role_does_not_count():
    actor = person(Grant(Role.DISPATCHER, "440403"), Grant(Role.INSPECTOR, DISTRICT))
    assert not p.in_area_of(Role.DISPATCHER)(actor, Thing())
    assert p.in_area_of(Role.DISPATCHER, Role.INSPECTOR)(actor, Thing())


def test_a_task_outside_every_area_lies_in_no_named_area():
    lost = Thing(None, None, None, None)
    assert not p.in_area_of(Role.DISPATCHER)(person(Grant(Role.DISPATCHER, DISTRICT)), lost)
    assert p.in_area_of(Role.DISPATCHER)(person(Grant(Role.DISPATCHER)), lost)


def test_only_roles_of_an_area_watch_it():
    for role in Role:
        assert p.in_watched_area(person(Grant(role, TOWN)), Thing()) == (role in BY_AREA), role


def test_a_unit_is_acted_for_through_a_grant_not_by_working_there():
    task = Thing(unit_id=3)
    for role in Role:
        granted = person(Grant(role, None, 3))
        assert p.for_own_unit(granted, task) == (role in FOR_UNIT), role
    assert not p.for_own_unit(person(Grant(Role.UNIT_CLERK, None, 4)), task)
    assert not p.for_own_unit(person(unit=3), task)
    assert not p.for_own_unit(person(Grant(Role.UNIT_CLERK, None, 3)), Thing())


@pytest.mark.parametrize(
    ("predicate", "field"),
    [
        (p.is_reporter, "reporter_id"),
        (p.is_assignee, "assignee_id"),
        (p.is_submitter, "submitter_id"),
    ],
)
def test_a_person_is_known_by_id_and_nobody_is_not_the_one_who_is_missing(predicate, field):
    assert predicate(person(user_id=7), Thing(**{field: 7}))
    assert not predicate(person(user_id=7), Thing(**{field: 8}))
    assert not predicate(person(user_id=7), Thing())
    assert not predicate(NOBODY, Thing())
    assert not predicate(SYSTEM, Thing())


def test_not_the_reporter_is_the_opposite_of_the_reporter():
    for found in (Thing(reporter_id=7), Thing(reporter_id=8), Thing()):
        assert p.is_not_reporter(person(), found) != p.is_reporter(person(), found)


def test_a_report_of_a_unit_is_not_judged_by_its_own_people():
    assert not p.not_reported_by_own_unit(person(unit=3), Thing(reporter_unit_id=3))
    assert p.not_reported_by_own_unit(person(unit=4), Thing(reporter_unit_id=3))
    assert p.not_reported_by_own_unit(person(unit=3), Thing())
    assert p.not_reported_by_own_unit(person(), Thing())


def test_a_result_is_checked_neither_by_who_submitted_nor_by_the_unit():
    task = Thing(unit_id=3, submitter_id=8)
    assert p.did_not_submit(person(unit=4), task)
    assert not p.did_not_submit(person(user_id=8, unit=4), task)
    assert not p.did_not_submit(person(unit=3), task)
    assert not p.did_not_submit(person(Grant(Role.UNIT_CLERK, None, 3), unit=4), task)
    assert p.did_not_submit(person(unit=3), Thing(submitter_id=8))


def test_who_asked_is_another_than_who_decides():
    assert not p.did_not_ask(person(user_id=7), Thing(asked_by_id=7))
    assert p.did_not_ask(person(user_id=7), Thing(asked_by_id=8))
    assert p.did_not_ask(person(user_id=7), Thing())


def test_what_was_dispatched_is_known_by_its_time():
    assert p.not_yet_dispatched(NOBODY, Thing())
    assert not p.not_yet_dispatched(NOBODY, Thing(dispatched_at="now"))
    assert not p.not_yet_dispatched(NOBODY, Thing(return_count=1))


def test_nobody_acts_on_their_own_account():
    assert not p.is_not_self(person(user_id=7), SimpleNamespace(id=7))
    assert p.is_not_self(person(user_id=7), SimpleNamespace(id=8))


def test_the_first_security_administrator_is_an_exception_that_must_be_stated():
    assert p.no_security_admin_yet(person(), SimpleNamespace(no_security_admin=True))
    assert not p.no_security_admin_yet(person(), SimpleNamespace(no_security_admin=False))
    assert not p.no_security_admin_yet(person(), SimpleNamespace())
    assert not p.no_security_admin_yet(person(), None)


def test_only_the_system_is_the_system():
    assert p.system(SYSTEM, None)
    assert not p.system(person(), None)


def test_an_actor_knows_the_areas_and_units_of_a_role():
    actor = person(
        Grant(Role.INSPECTOR, TOWN), Grant(Role.GRID_LEAD, COMMUNITY, 3), Grant(Role.UNIT_CLERK, None, 4),
    )  # fmt: skip
    assert actor.areas_as({Role.INSPECTOR}) == {TOWN}
    assert actor.areas_as(BY_AREA) == {TOWN, COMMUNITY}
    assert actor.units_as(FOR_UNIT) == {3, 4}
    assert actor.roles == {Role.INSPECTOR, Role.GRID_LEAD, Role.UNIT_CLERK}
    assert NOBODY.roles == frozenset()


def test_the_kinds_of_roles_cover_every_role():
    assert BY_AREA | FOR_UNIT | SEPARATED == set(Role) == set(LABELS)
    assert not SEPARATED & (BY_AREA | FOR_UNIT)

"""What each step changes besides the state: counters, clocks, flags, links."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from tests.factories.steps import alter, refusal, step
from tests.factories.world import (
    GUANGAN,
    World,
    category,
    given_for,
    given_report,
    make_task,
    make_world,
    task,
)
from tracker import clock
from tracker.calendar import Limit, LimitReading, LimitUnit
from tracker.clock import in_city
from tracker.errors import Conflict, Invalid, NotPermitted
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks import deadlines
from tracker.tasks.models import Task
from tracker.tasks.operations import Order, perform
from tracker.tasks.running import work_calendar
from tracker.tasks.states import Action, State

HOUR = timedelta(hours=1)


@pytest.fixture
def world(both: Flask) -> World:
    return make_world()


# --- the clock --------------------------------------------------------------------------------


def test_dispatch_starts_the_clock_and_keeps_the_version_of_the_calendar(world: World):
    found = task(make_task(world, State.DISPATCHED))
    limit = Limit(3, LimitUnit.WORK_DAY, LimitReading.DAY_COUNT)
    assert found.dispatched_at is not None
    assert found.due_at == deadlines.due_at(found.dispatched_at, limit, work_calendar())
    assert (found.limit_value, found.limit_unit, found.limit_reading) == (
        3,
        "work_day",
        "day_count",
    )
    assert found.calendar_version == work_calendar().version


def test_a_task_is_due_soon_when_a_fifth_of_its_time_is_left(world: World):
    found = task(make_task(world, State.DISPATCHED))
    assert found.dispatched_at and found.due_at and found.due_soon_at  # noqa: PT018
    left = (found.due_at - found.due_soon_at) / (found.due_at - found.dispatched_at)
    assert left == pytest.approx(deadlines.DUE_SOON_SHARE, abs=1e-6)


def test_a_fixed_deadline_takes_the_place_of_a_limit_and_lies_ahead(world: World):
    number, day = make_task(world, State.FILED), clock.now() + timedelta(days=2)
    with pytest.raises(Invalid) as caught:
        step(world, number, Action.DISPATCH, "dispatcher", limit=None, due_at=clock.now() - HOUR)
    assert caught.value.field == "due_at"
    step(world, number, Action.DISPATCH, "dispatcher", limit=None, due_at=day)
    assert (task(number).due_at, task(number).limit_value) == (day, None)


def test_rework_gives_a_new_limit_and_counts(world: World):
    number = make_task(world, State.SUBMITTED)
    before = task(number).due_at
    short = Limit(4, LimitUnit.WORK_HOUR, LimitReading.ROLLING)
    step(world, number, Action.REWORK, "verifier", limit=short)
    after = task(number)
    assert (after.state, after.rework_count, after.submitter_id) == (State.HANDLING, 1, None)
    assert after.due_at != before
    step(world, number, Action.SUBMIT, "clerk")
    step(world, number, Action.REWORK, "verifier")
    assert task(number).rework_count == 2


def test_a_return_counts_and_takes_unit_person_and_clock_away(world: World):
    number = make_task(world, State.DISPATCHED)
    step(world, number, Action.ASSIGN, "clerk")
    step(world, number, Action.RETURN, "clerk")
    found = task(number)
    assert (found.state, found.return_count) == (State.FILED, 1)
    taken = (found.unit_id, found.assignee_id, found.due_at, found.due_soon_at, found.dispatched_at)
    assert taken == (None,) * 5
    assert found.events[-1].payload["unit"] == "区环卫中心"


def test_after_a_return_the_task_is_dispatched_to_another_unit(world: World):
    number = make_task(world, State.DISPATCHED)
    step(world, number, Action.RETURN, "clerk")
    step(world, number, Action.DISPATCH, "dispatcher", unit_id=world.units["police"])
    assert task(number).unit_id == world.units["police"]
    with pytest.raises(NotPermitted):
        step(world, number, Action.ACKNOWLEDGE, "clerk")


def test_an_extension_adds_one_original_limit_and_at_most_two_are_granted(world: World):
    number = make_task(world, State.HANDLING)
    limit = Limit(3, LimitUnit.WORK_DAY, LimitReading.DAY_COUNT)
    for time in (1, 2):
        before = task(number).due_at
        assert before is not None
        step(world, number, Action.ASK_EXTENSION, "clerk")
        assert task(number).asked == "extension"
        step(world, number, Action.ENDORSE, "head")
        step(world, number, Action.GRANT_EXTENSION, "dispatcher")
        assert task(number).extension_count == time
        assert task(number).due_at == deadlines.due_at(before, limit, work_calendar())
        assert task(number).asked is None
    with pytest.raises(Conflict):
        step(world, number, Action.ASK_EXTENSION, "clerk")


def test_an_extension_of_a_fixed_deadline_doubles_the_time_that_was_given(world: World):
    number = make_task(world, State.FILED)
    due = clock.now() + timedelta(days=2)
    step(world, number, Action.DISPATCH, "dispatcher", limit=None, due_at=due)
    step(world, number, Action.ACKNOWLEDGE, "clerk")
    step(world, number, Action.ASK_EXTENSION, "head")
    step(world, number, Action.GRANT_EXTENSION, "dispatcher")
    found = task(number)
    assert found.dispatched_at is not None
    assert found.due_at == due + (due - found.dispatched_at)


def test_a_denied_extension_moves_nothing_and_may_be_asked_again(world: World):
    number = make_task(world, State.HANDLING)
    before = task(number).due_at
    step(world, number, Action.ASK_EXTENSION, "clerk")
    step(world, number, Action.DENY_EXTENSION, "dispatcher")
    assert (task(number).due_at, task(number).asked, task(number).extension_count) == (
        before,
        None,
        0,
    )
    step(world, number, Action.ASK_EXTENSION, "clerk")


def test_the_clock_stands_still_while_a_task_is_suspended(world: World):
    number = make_task(world, State.SUSPENDED)
    began, due = clock.now() - timedelta(days=3), clock.now() + timedelta(days=2)
    alter(number, suspended_at=began, due_at=due, limit_unit=None, limit_reading=None)
    step(world, number, Action.RESUME, "dispatcher")
    after = task(number)
    again = after.events[-1].at
    assert after.due_at == due + (again - began)
    assert after.due_soon_at == after.due_at - (after.due_at - again) * deadlines.DUE_SOON_SHARE
    assert (after.suspended_at, after.suspended_until) == (None, None)


@pytest.mark.parametrize("days", [0, -1, 367])
def test_a_suspension_ends_within_a_year(world: World, days: int):
    number = make_task(world, State.HANDLING)
    until = clock.today() + timedelta(days=days)
    with pytest.raises(Invalid) as caught:
        step(world, number, Action.ASK_SUSPENSION, "clerk", until=until)
    assert caught.value.field == "until"


def test_a_suspension_lasts_to_the_end_of_its_day_in_the_city(world: World):
    found = task(make_task(world, State.SUSPENDED))
    assert found.suspended_until is not None
    end = in_city(found.suspended_until)
    assert (end.hour, end.minute) == (23, 59)
    assert end.date() == clock.today() + timedelta(days=30)


# --- overdue and appeal -----------------------------------------------------------------------


def late(world: World) -> str:
    """A task closed after its deadline had passed."""
    number = make_task(world, State.HANDLING)
    alter(number, due_at=clock.now() - HOUR)
    step(world, number, Action.SUBMIT, "clerk")
    step(world, number, Action.PASS, "verifier")
    return number


def test_what_is_submitted_after_it_was_due_was_overdue_for_good(world: World):
    number = make_task(world, State.HANDLING)
    alter(number, due_at=clock.now() - HOUR)
    step(world, number, Action.SUBMIT, "clerk")
    assert task(number).was_overdue
    step(world, number, Action.REWORK, "verifier")
    step(world, number, Action.SUBMIT, "clerk")
    step(world, number, Action.PASS, "verifier")
    assert task(number).was_overdue


def test_what_is_submitted_in_time_was_not_overdue(world: World):
    assert not task(make_task(world, State.CLOSED)).was_overdue


def test_an_appeal_takes_two_different_reviewers_and_never_erases_the_overdue_fact(world: World):
    number = late(world)
    step(world, number, Action.APPEAL, "clerk")
    step(world, number, Action.GRANT_APPEAL, "dispatcher")
    assert (task(number).is_exempt, task(number).asked) == (False, "appeal")
    with pytest.raises(Conflict) as caught:
        step(world, number, Action.GRANT_APPEAL, "dispatcher")
    assert caught.value.code == "same_reviewer"
    step(world, number, Action.GRANT_APPEAL, "assessor")
    found = task(number)
    assert (found.is_exempt, found.was_overdue, found.asked) == (True, True, None)


def test_one_reviewer_is_enough_to_deny_an_appeal_and_it_is_made_once(world: World):
    number = late(world)
    step(world, number, Action.APPEAL, "clerk")
    step(world, number, Action.GRANT_APPEAL, "dispatcher")
    step(world, number, Action.DENY_APPEAL, "assessor")
    found = task(number)
    assert (found.is_exempt, found.asked, found.reviewer_id) == (False, None, None)
    with pytest.raises(Conflict):
        step(world, number, Action.APPEAL, "clerk")


def test_who_appeals_does_not_review(world: World):
    number = late(world)
    step(world, number, Action.APPEAL, "clerk")
    alter(number, asked_by_id=world.users["assessor"])
    with pytest.raises(NotPermitted):
        step(world, number, Action.GRANT_APPEAL, "assessor")


# --- the unit's side --------------------------------------------------------------------------


def test_a_submission_says_who_and_when_and_a_withdrawal_takes_both_back(world: World):
    number = make_task(world, State.SUBMITTED)
    assert task(number).submitter_id == world.users["clerk"]
    assert task(number).submitted_at is not None
    step(world, number, Action.WITHDRAW, "clerk")
    assert (task(number).submitter_id, task(number).submitted_at) == (None, None)


def test_a_person_of_the_unit_is_assigned_and_may_submit(world: World):
    number = make_task(world, State.HANDLING)
    with pytest.raises(NotPermitted):
        step(world, number, Action.SUBMIT, "worker")
    step(world, number, Action.ASSIGN, "head")
    assert step(world, number, Action.SUBMIT, "worker")["state"] == State.SUBMITTED


@pytest.mark.parametrize("who", ["clerk_police", "inspector", None])
def test_only_a_person_of_the_unit_is_assigned(world: World, who: str | None):
    number = make_task(world, State.HANDLING)
    chosen = world.users[who] if who else 987654
    given = given_for(world, Action.ASSIGN, assignee_id=chosen)
    fault = refusal(number, Action.ASSIGN, given, actor=world.actor("clerk"))
    assert isinstance(fault, Invalid)
    assert fault.field == "assignee_id"


def test_a_redispatch_takes_the_task_from_one_unit_to_another(world: World):
    number = make_task(world, State.HANDLING)
    step(world, number, Action.ASSIGN, "clerk")
    step(world, number, Action.ASK_EXTENSION, "clerk")
    step(world, number, Action.REDISPATCH, "dispatcher", unit_id=world.units["police"])
    found = task(number)
    assert (found.state, found.unit_id) == (State.DISPATCHED, world.units["police"])
    assert (found.assignee_id, found.acknowledged_at, found.asked) == (None, None, None)


@pytest.mark.parametrize("unit", [None, 987654])
def test_a_unit_that_does_not_exist_is_refused(world: World, unit: int | None):
    number = make_task(world, State.FILED)
    with pytest.raises(Invalid) as caught:
        step(world, number, Action.DISPATCH, "dispatcher", unit_id=unit)
    assert caught.value.field == "unit_id"


# --- merging ----------------------------------------------------------------------------------


def test_a_task_is_merged_into_another_open_one(world: World):
    other, number = make_task(world, State.HANDLING), make_task(world)
    step(world, number, Action.MERGE, "dispatcher", other_number=f" {other.lower()} ")
    assert (task(number).state, task(number).merged_into_id) == (State.MERGED, task(other).id)
    assert task(other).state == State.HANDLING


@pytest.mark.parametrize("state", [State.CLOSED, State.REJECTED, State.CANCELLED])
def test_a_task_is_not_merged_into_a_finished_one(world: World, state: State):
    other, number = make_task(world, state), make_task(world)
    with pytest.raises(Invalid) as caught:
        step(world, number, Action.MERGE, "dispatcher", other_number=other)
    assert caught.value.field == "other_number"


def test_a_task_is_merged_neither_into_itself_nor_into_none(world: World):
    number = make_task(world)
    for other in (number, "JW-19990101-0009"):
        with pytest.raises(Invalid) as caught:
            step(world, number, Action.MERGE, "dispatcher", other_number=other)
        assert caught.value.field == "other_number"


# --- flags ------------------------------------------------------------------------------------


def attributes(found: Task, *names: str) -> tuple[Any, ...]:
    return tuple(getattr(found, name) for name in names)


def test_supervision_stays_on_the_task(world: World):
    number = make_task(world, State.HANDLING)
    step(world, number, Action.SUPERVISE, "leader")
    step(world, number, Action.URGE, "leader")
    step(world, number, Action.INSTRUCT, "leader")
    assert attributes(task(number), "is_supervised", "state") == (True, State.HANDLING)
    assert [e.payload["text"] for e in task(number).events[-3:]] == ["测试内容"] * 3


def test_closing_by_notice_is_marked(world: World):
    number = make_task(world, State.SUBMITTED)
    step(world, number, Action.CLOSE_BY_NOTICE, "verifier")
    assert attributes(task(number), "state", "closing") == (State.CLOSED, "by_notice")
    assert task(number).closed_at is not None


def test_what_is_settled_on_the_spot_is_closed_at_once_and_marked(world: World):
    made = perform(
        [Order(Action.SELF_HANDLE, given_for(world, Action.SELF_HANDLE))], number=None,
        actor=world.actor("grid_worker"), version=None, request_uuid=str(uuid4()),
    )  # fmt: skip
    found = task(made["number"])
    assert attributes(found, "state", "self_handled", "event_count") == (State.CLOSED, True, 1)
    assert found.submitter_id == world.users["grid_worker"]
    assert found.filed_at == found.submitted_at == found.closed_at


def test_a_grid_worker_settles_nothing_in_another_community(world: World):
    given = given_report(GUANGAN, measures="已清理")
    with pytest.raises(NotPermitted):
        perform(
            [Order(Action.SELF_HANDLE, given)], number=None, actor=world.actor("grid_worker"),
            version=None, request_uuid=str(uuid4()),
        )  # fmt: skip


@pytest.mark.parametrize(("stars", "field"), [(6, "stars"), (-1, "stars"), (5, None), (1, None)])
def test_a_rating_is_one_to_five_stars(world: World, stars: int, field: str | None):
    number = make_task(world, State.CLOSED)
    given = given_for(world, Action.RATE, stars=stars)
    fault = refusal(number, Action.RATE, given, prepare={"source": "citizen_snap"})
    assert getattr(fault, "field", None) == field


def test_filing_confirms_or_changes_the_category_and_says_so(world: World):
    number = make_task(world)
    step(world, number, Action.FILE, "dispatcher", category_id=category("09009"))
    found = task(number)
    assert found.category_id == category("09009")
    assert found.events[-1].payload["category_changed"] is True


def test_a_retired_category_is_not_filed(world: World):
    number = make_task(world)
    with unit_of_work() as work:
        kept = work.get_one(Task, task(number).id).category
        assert kept is not None
        kept.is_active = False
    fault = refusal(number, Action.FILE, given_for(world, Action.FILE))
    assert isinstance(fault, Invalid)
    assert fault.field == "category_id"

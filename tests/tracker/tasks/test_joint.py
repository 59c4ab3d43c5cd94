"""Units beside the one that holds a task: they assist, they meet, and they see it while they do."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.steps import alter, step
from tests.factories.world import World, make_task, make_world, task
from tracker import clock
from tracker.access.permissions import Permission
from tracker.access.policy import allows
from tracker.access.roles import Role
from tracker.calendar import Limit, LimitReading, LimitUnit
from tracker.errors import Conflict, Fault, Invalid, NotPermitted
from tracker.people.models import RoleGrant, User
from tracker.places.models import Organization
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks import deadlines, queries
from tracker.tasks.models import Task, TaskParty
from tracker.tasks.running import work_calendar
from tracker.tasks.states import Action, State


@pytest.fixture
def world(both: Flask) -> World:
    return make_world()


def standing(number: str, part: str) -> list[int]:
    rows = select(TaskParty.unit_id).where(
        TaskParty.task_id == task(number).id, TaskParty.part == part, TaskParty.ended_at.is_(None)
    )
    return sorted(db.session.scalars(rows))


def agree(world: World, number: str) -> None:
    """Rows, their copy on the task, the list and the policy say the same."""
    found = task(number)
    assert standing(number, "assist") == found.assist_unit_ids
    assert standing(number, "joint") == (found.joint_unit_ids if found.joint_decider_id else [])
    for who in world.users:
        actor = world.actor(who)
        listed = found in list(db.session.scalars(queries.visible_to(actor)))
        assert listed == allows(actor, Permission.TASK_VIEW, found), who


def returned_twice(world: World) -> str:
    """Sent back by 环卫 and then by 交警: nobody's."""
    number = make_task(world, State.DISPATCHED)
    step(world, number, Action.RETURN, "clerk")
    step(world, number, Action.DISPATCH, "dispatcher", unit_id=world.units["police"])
    step(world, number, Action.RETURN, "clerk_police")
    return number


# --- return -----------------------------------------------------------------------------------


def test_a_unit_sends_back_within_two_office_hours_of_the_dispatch(world: World):
    number = make_task(world, State.DISPATCHED)
    found = task(number)
    assert found.dispatched_at is not None
    window = Limit(2, LimitUnit.WORK_HOUR, LimitReading.ROLLING)
    assert found.return_until == deadlines.due_at(found.dispatched_at, window, work_calendar())
    alter(number, return_until=clock.now() - timedelta(seconds=1))
    with pytest.raises(Conflict, match="退单期限"):
        step(world, number, Action.RETURN, "clerk")


def test_neither_a_rework_nor_an_order_to_hurry_opens_the_window_again(world: World):
    number = make_task(world, State.SUBMITTED)
    until = task(number).return_until
    step(world, number, Action.REWORK, "verifier")
    assert task(number).return_until == until
    short = Limit(1, LimitUnit.URGENT_HOUR, LimitReading.ROLLING)
    step(world, number, Action.SUPERVISE, "leader", limit=short)
    assert task(number).return_until == until


def test_a_return_says_which_kind_of_reason_from_the_list(world: World):
    number = make_task(world, State.DISPATCHED)
    with pytest.raises(Invalid) as caught:
        step(world, number, Action.RETURN, "clerk", reason_code="lazy")
    assert caught.value.field == "reason_code"
    step(world, number, Action.RETURN, "clerk", reason_code="place")
    assert task(number).events[-1].payload["reason_kind"] == "位置不在本单位辖区"


# --- joint decision ---------------------------------------------------------------------------


def test_the_second_return_is_decided_jointly_and_that_unit_keeps_the_task(world: World):
    number = returned_twice(world)
    assert task(number).joint == "returns"
    assert task(number).joint_unit_ids == sorted([world.units["sanitation"], world.units["police"]])
    agree(world, number)
    for action in (Action.DISPATCH, Action.MERGE):
        with pytest.raises(Conflict, match="会商"):
            step(world, number, action, "dispatcher", other_number=number)
    step(world, number, Action.CONVENE, "dispatcher", unit_id=None)
    agree(world, number)
    with pytest.raises(NotPermitted):
        step(world, number, Action.OPINE, "clerk")
    step(world, number, Action.OPINE, "head", text="应由交警处理")
    assert [p.reply for p in db.session.scalars(select(TaskParty)) if p.reply] == ["应由交警处理"]
    for who in ("dispatcher", "leader_b", "clerk_police"):
        with pytest.raises(NotPermitted):
            step(world, number, Action.DECIDE_JOINT, who)
    step(world, number, Action.DECIDE_JOINT, "leader", unit_id=world.units["police"])
    found = task(number)
    assert (found.state, found.unit_id) == (State.DISPATCHED, world.units["police"])
    assert (found.joint, found.joint_unit_ids, found.joint_decider_id) == (None, [], None)
    agree(world, number)
    with pytest.raises(Conflict, match="会商决定"):
        step(world, number, Action.RETURN, "clerk_police")


def test_a_return_of_a_point_no_surer_than_the_border_is_far_calls_the_neighbours(world: World):
    number = make_task(world, State.DISPATCHED)
    alter(number, lon=113.3649, lat=22.045, accuracy_m=60.0)
    step(world, number, Action.RETURN, "clerk")
    found = task(number)
    assert found.joint == "border"
    assert world.units["haian"] in found.joint_unit_ids


def test_a_first_return_of_a_sure_point_is_dispatched_again_as_before(world: World):
    number = make_task(world, State.DISPATCHED)
    alter(number, accuracy_m=5.0)
    step(world, number, Action.RETURN, "clerk")
    assert task(number).joint is None
    step(world, number, Action.DISPATCH, "dispatcher")


def refused_decider(world: World, number: str, who: str, **more: int | None) -> Fault:
    with pytest.raises(Invalid) as caught:
        step(world, number, Action.CONVENE, "dispatcher", assignee_id=world.users[who], **more)
    return caught.value


def test_who_decides_belongs_to_none_of_the_units_and_does_not_call_the_meeting(world: World):
    number = returned_twice(world)
    for who in ("dispatcher", "inspector", "clerk", "leader_b"):
        assert refused_decider(world, number, who).field == "assignee_id"
    assert refused_decider(world, number, "leader", unit_id=world.units["office"]).field == (
        "assignee_id"
    )
    with unit_of_work() as work:
        work.add(
            RoleGrant(
                user_id=world.users["leader"], role=Role.UNIT_HEAD, area_code=None,
                organization_id=world.units["police"], granted_at=clock.now(),
            )
        )  # fmt: skip
    assert refused_decider(world, number, "leader").field == "assignee_id"
    step(
        world, number, Action.CONVENE, "dispatcher", assignee_id=world.users["dispatcher_2"],
        unit_id=None,
    )  # fmt: skip


def test_a_meeting_takes_two_units(world: World):
    number = make_task(world, State.FILED)
    alter(number, joint="returns", joint_unit_ids=[world.units["police"]])
    with pytest.raises(Invalid) as caught:
        step(world, number, Action.CONVENE, "dispatcher", unit_id=None)
    assert caught.value.field == "unit_id"


def test_when_the_decider_has_left_another_is_named(world: World):
    number = returned_twice(world)
    step(world, number, Action.CONVENE, "dispatcher", unit_id=None)
    with unit_of_work() as work:
        work.get_one(User, world.users["leader"]).is_active = False
    step(
        world, number, Action.CONVENE, "dispatcher", assignee_id=world.users["dispatcher_2"],
        unit_id=world.units["haian"],
    )  # fmt: skip
    agree(world, number)
    assert len(standing(number, "joint")) == 3
    step(world, number, Action.DECIDE_JOINT, "dispatcher_2")


def test_a_cancelled_task_is_met_over_no_more_and_that_is_not_undone(world: World):
    number = returned_twice(world)
    step(world, number, Action.CONVENE, "dispatcher", unit_id=None)
    step(world, number, Action.CANCEL, "leader")
    agree(world, number)
    with pytest.raises((Conflict, NotPermitted)):
        step(world, number, Action.UNDO, "leader")


# --- assistance -------------------------------------------------------------------------------


def test_an_assisting_unit_sees_the_task_and_answers_until_it_is_dismissed(world: World):
    number = make_task(world, State.HANDLING)
    step(world, number, Action.ADD_ASSIST, "dispatcher")
    agree(world, number)
    assert allows(world.actor("clerk_police"), Permission.TASK_VIEW, task(number))
    step(world, number, Action.ASSIST_REPLY, "clerk_police", text="已设围挡")
    with pytest.raises(NotPermitted):
        step(world, number, Action.SUBMIT, "clerk_police")
    with unit_of_work() as work:
        work.get_one(Organization, world.units["police"]).is_active = False
    step(world, number, Action.REMOVE_ASSIST, "dispatcher")
    agree(world, number)
    assert not allows(world.actor("clerk_police"), Permission.TASK_VIEW, task(number))
    (row,) = db.session.scalars(select(TaskParty))
    assert (row.reply, row.wanted) == ("已设围挡", "测试内容")


def test_a_unit_leads_or_assists_but_not_both_and_not_twice(world: World):
    number = make_task(world, State.HANDLING)
    with pytest.raises(Invalid):
        step(world, number, Action.ADD_ASSIST, "dispatcher", unit_id=world.units["sanitation"])
    step(world, number, Action.ADD_ASSIST, "dispatcher")
    with pytest.raises(Invalid):
        step(world, number, Action.ADD_ASSIST, "dispatcher")
    with pytest.raises(Conflict):
        step(world, number, Action.REDISPATCH, "dispatcher", unit_id=world.units["police"])


# --- two levels of approval -------------------------------------------------------------------


def test_what_a_clerk_asks_lies_with_the_head_first_and_then_with_the_office(world: World):
    number = make_task(world, State.HANDLING)
    step(world, number, Action.ASK_EXTENSION, "clerk")
    with pytest.raises(Conflict, match="负责人审核"):
        step(world, number, Action.GRANT_EXTENSION, "dispatcher")
    with pytest.raises(NotPermitted):
        step(world, number, Action.ENDORSE, "clerk")
    step(world, number, Action.DECLINE, "head")
    assert task(number).asked is None
    step(world, number, Action.ASK_EXTENSION, "clerk")
    step(world, number, Action.ENDORSE, "head")
    step(world, number, Action.GRANT_EXTENSION, "dispatcher")


def test_what_the_head_asks_needs_no_second_word_of_the_head(world: World):
    number = make_task(world, State.HANDLING)
    step(world, number, Action.ASK_EXTENSION, "head")
    assert task(number).is_endorsed
    step(world, number, Action.GRANT_EXTENSION, "dispatcher")


def test_where_a_unit_has_no_head_the_office_judges_alone(world: World):
    with unit_of_work() as work:
        work.get_one(User, world.users["head"]).is_active = False
    number = make_task(world, State.HANDLING)
    step(world, number, Action.ASK_EXTENSION, "clerk")
    step(world, number, Action.GRANT_EXTENSION, "dispatcher")


# --- steering ---------------------------------------------------------------------------------


def test_orders_are_numbered_by_district_and_year(world: World):
    numbers = [make_task(world, State.HANDLING) for _ in range(2)]
    for number in numbers:
        step(world, number, Action.SUPERVISE, "leader")
    year = clock.today().year
    assert [task(n).order_number for n in numbers] == [
        f"440404督〔{year}〕1号",
        f"440404督〔{year}〕2号",
    ]


def test_an_order_shortens_the_time_and_never_lengthens_it(world: World):
    number = make_task(world, State.HANDLING)
    due = task(number).due_at
    long = Limit(30, LimitUnit.NATURAL_DAY, LimitReading.ROLLING)
    with pytest.raises(Invalid):
        step(world, number, Action.SUPERVISE, "leader", limit=long)
    assert (task(number).due_at, task(number).order_number) == (due, None)
    short = Limit(1, LimitUnit.URGENT_HOUR, LimitReading.ROLLING)
    step(world, number, Action.SUPERVISE, "leader", limit=short)
    after = task(number).due_at
    assert after is not None
    assert due is not None
    assert after < due


def test_a_recurrence_is_linked_once_to_a_task_that_was_closed(world: World):
    old, number = make_task(world, State.CLOSED), make_task(world)
    with pytest.raises(Invalid):
        step(world, number, Action.LINK_RECURRENCE, "dispatcher", other_number=make_task(world))
    step(world, number, Action.LINK_RECURRENCE, "dispatcher", other_number=old.lower())
    assert task(number).recurrence_of_id == task(old).id
    with pytest.raises(Conflict):
        step(world, number, Action.LINK_RECURRENCE, "dispatcher", other_number=old)


@pytest.mark.parametrize(
    ("action", "state", "who", "closing"),
    [
        (Action.PASS, State.SUBMITTED, "verifier", "passed"),
        (Action.CLOSE_BY_NOTICE, State.SUBMITTED, "verifier", "by_notice"),
        (Action.REJECT, State.REPORTED, "dispatcher", "rejected"),
        (Action.CANCEL, State.FILED, "dispatcher", "cancelled"),
    ],
)
def test_a_task_says_how_it_ended(app: Flask, action: Action, state: State, who: str, closing: str):
    world = make_world()
    number = make_task(world, state)
    step(world, number, action, who)
    assert (task(number).closing, task(number).closed_at is None) == (closing, False)
    assert isinstance(task(number), Task)

"""The one door: what is missing is named, who judges is another than who did, a stale page is told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories.steps import PREPARATIONS, alter, attempt, refusal, source_of, step, task_in
from tests.factories.world import (
    DISTRICT,
    GUANGAN,
    INSIDE,
    SANZAO,
    TOWN_A,
    World,
    given_for,
    given_report,
    make_task,
    make_world,
    task,
)
from tracker import clock
from tracker.access.actor import SYSTEM
from tracker.errors import Conflict, Invalid, NotFound, NotPermitted
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.given import NOTHING, Place
from tracker.tasks.lifecycle import BY_ACTION, TRANSITIONS
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.operations import Order, StaleVersion, apply, perform, reopen
from tracker.tasks.states import Action, Need, Source, State

EMPTY: dict[Need, dict[str, Any]] = {
    Need.PLACE: {"place": None},
    Need.CATEGORY: {"category_id": None},
    Need.DESCRIPTION: {"description": ""},
    Need.BEFORE_PHOTO: {"no_photo_reason": ""},
    Need.AFTER_PHOTO: {"no_photo_reason": ""},
    Need.REASON: {"reason": ""},
    Need.TEXT: {"text": ""},
    Need.UNIT: {"unit_id": None},
    Need.LIMIT: {"limit": None},
    Need.PERSON: {"assignee_id": None},
    Need.OTHER_TASK: {"other_number": ""},
    Need.MEASURES: {"measures": ""},
    Need.UNTIL: {"until": None},
    Need.STARS: {"stars": None},
    Need.REASON_CODE: {"reason_code": ""},
}
PEOPLE: dict[Action, str] = {
    Action.FILE: "dispatcher", Action.REJECT: "dispatcher", Action.MERGE: "dispatcher",
    Action.DISPATCH: "dispatcher", Action.REDISPATCH: "dispatcher", Action.RESUME: "dispatcher",
    Action.ACKNOWLEDGE: "clerk", Action.RETURN: "clerk", Action.ASSIGN: "clerk",
    Action.SUBMIT: "clerk", Action.WITHDRAW: "clerk", Action.ASK_EXTENSION: "clerk",
    Action.ASK_SUSPENSION: "clerk", Action.APPEAL: "clerk", Action.PASS: "verifier",
    Action.CLOSE_BY_NOTICE: "verifier", Action.REWORK: "verifier",
    Action.GRANT_EXTENSION: "dispatcher", Action.DENY_EXTENSION: "dispatcher",
    Action.SUSPEND: "dispatcher", Action.DENY_SUSPENSION: "dispatcher",
    Action.GRANT_APPEAL: "dispatcher", Action.DENY_APPEAL: "dispatcher",
    Action.SUPERVISE: "leader", Action.URGE: "leader", Action.INSTRUCT: "leader",
    Action.CANCEL: "leader", Action.RELOCATE: "dispatcher", Action.REOPEN: "inspector", Action.COMMENT: "inspector",
    Action.ENDORSE: "head", Action.DECLINE: "head", Action.ADD_ASSIST: "dispatcher",
    Action.REMOVE_ASSIST: "dispatcher", Action.ASSIST_REPLY: "clerk_police",
    Action.CONVENE: "dispatcher", Action.LINK_RECURRENCE: "dispatcher",
}  # fmt: skip


@pytest.mark.parametrize(
    ("action", "need"),
    [(r.action, n) for r in TRANSITIONS for n in r.needs if r.action in PEOPLE],
    ids=str,
)
def test_what_is_missing_is_named(app: Flask, action: Action, need: Need):
    world = make_world()
    number = task_in(world, source_of(action))
    alter(number, **PREPARATIONS.get(action, {}))
    before = task(number).version
    with pytest.raises(Invalid) as caught:
        step(world, number, action, PEOPLE[action], **EMPTY[need])
    assert caught.value.field == need.value
    assert task(number).version == before


@pytest.mark.parametrize("need", BY_ACTION[Action.SELF_HANDLE].needs, ids=str)
@pytest.mark.parametrize("action", [Action.REPORT, Action.SELF_HANDLE], ids=str)
def test_a_report_names_what_is_missing(app: Flask, action: Action, need: Need):
    world = make_world()
    given = replace(given_report(), **EMPTY[need])
    if need not in BY_ACTION[action].needs:
        given = replace(given, before_photos=())
    with pytest.raises(Invalid) as caught:
        report(world, "grid_worker", given, action=action)
    asked = {need.value, Need.BEFORE_PHOTO.value} if need is Need.AFTER_PHOTO else {need.value}
    assert caught.value.field in asked
    assert count(Task) == 0


def report(world: World, who: str, given: Any, action: Action = Action.REPORT) -> str:
    made = perform(
        [Order(action, given)], number=None, actor=world.actor(who), version=None,
        request_uuid=str(uuid4()),
    )  # fmt: skip
    return str(made["number"])


def count(table: type[Any]) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table)) or 0


# --- separation of duty -----------------------------------------------------------------------


def test_who_submitted_never_verifies(both: Flask):
    world = make_world()
    number = make_task(world, State.HANDLING)
    alter(number, unit_id=world.units["police"])
    step(world, number, Action.ASSIGN, "clerk_police", assignee_id=world.users["clerk_police"])
    step(world, number, Action.SUBMIT, "clerk_police")
    alter(number, submitter_id=world.users["verifier"])
    for action in (Action.PASS, Action.CLOSE_BY_NOTICE, Action.REWORK):
        with pytest.raises(NotPermitted):
            step(world, number, action, "verifier")
    assert step(world, number, Action.PASS, "dispatcher")["state"] == State.CLOSED


def test_the_unit_that_did_the_work_never_verifies(both: Flask):
    world = make_world()
    number = make_task(world, State.SUBMITTED)
    alter(number, unit_id=world.units["office"])
    for who in ("verifier", "dispatcher"):
        with pytest.raises(NotPermitted):
            step(world, number, Action.PASS, who)


def test_who_reported_never_files_or_rejects(both: Flask):
    world = make_world()
    number = make_task(world, reporter="dispatcher")
    for action in (Action.FILE, Action.REJECT):
        with pytest.raises(NotPermitted):
            step(world, number, action, "dispatcher")
    assert step(world, number, Action.FILE, "dispatcher_2")["state"] == State.FILED


def test_the_unit_that_reported_itself_is_judged_by_another(both: Flask):
    world = make_world()
    number = report(world, "inspector", given_report(source=Source.SELF_INSPECTION))
    assert task(number).reporter_unit_id == world.units["office"]
    with pytest.raises(NotPermitted):
        step(world, number, Action.FILE, "dispatcher")


@pytest.mark.parametrize(
    ("ask", "decide"),
    [(Action.ASK_EXTENSION, Action.GRANT_EXTENSION), (Action.ASK_SUSPENSION, Action.SUSPEND)],
)
def test_who_asks_never_grants(both: Flask, ask: Action, decide: Action):
    world = make_world()
    number = make_task(world, State.HANDLING)
    step(world, number, ask, "clerk")
    step(world, number, Action.ENDORSE, "head")
    alter(number, asked_by_id=world.users["dispatcher"])
    with pytest.raises(NotPermitted):
        step(world, number, decide, "dispatcher")
    step(world, number, decide, "dispatcher_2")


def test_only_the_submitter_takes_a_submission_back(both: Flask):
    world = make_world()
    number = make_task(world, State.SUBMITTED)
    for who in ("head", "dispatcher", "verifier"):
        with pytest.raises(NotPermitted):
            step(world, number, Action.WITHDRAW, who)
    assert step(world, number, Action.WITHDRAW, "clerk")["state"] == State.HANDLING


def test_after_dispatch_only_a_leader_cancels(both: Flask):
    world = make_world()
    number = make_task(world, State.DISPATCHED)
    with pytest.raises(NotPermitted):
        step(world, number, Action.CANCEL, "dispatcher")
    with pytest.raises(NotPermitted):
        step(world, number, Action.CANCEL, "leader_b")
    assert step(world, number, Action.CANCEL, "leader")["state"] == State.CANCELLED


# --- the system -------------------------------------------------------------------------------


def test_the_system_needs_neither_photos_nor_a_category_but_the_rules_of_state_hold(both: Flask):
    make_world()
    bare = replace(given_report(), category_id=None, no_photo_reason="")
    with unit_of_work():
        event = apply(Action.REPORT, None, actor=SYSTEM, given=bare)
        number = db.session.get_one(Task, event.task_id).number
    assert task(number).category_id is None
    assert task(number).reporter_id is None
    fault = refusal(number, Action.SUBMIT, NOTHING)
    assert fault is not None
    assert fault.code == "illegal_transition"


def test_the_system_still_has_to_say_which_unit_and_why(both: Flask):
    world = make_world()
    filed, reported = make_task(world, State.FILED), make_task(world)
    for number, action, field in (
        (filed, Action.DISPATCH, "unit_id"), (reported, Action.REJECT, "reason"),
    ):  # fmt: skip
        fault = refusal(number, action, NOTHING)
        assert isinstance(fault, Invalid)
        assert fault.field == field


def test_an_import_keeps_its_historical_time_and_the_time_of_writing(both: Flask):
    make_world()
    then = datetime(2018, 1, 2, 3, 4, 5, tzinfo=UTC)
    with unit_of_work():
        event = apply(Action.REPORT, None, actor=SYSTEM, given=given_report(), at=then)
        number = db.session.get_one(Task, event.task_id).number
    assert number == "JW-20180102-0001"
    assert task(number).reported_at == then
    (kept,) = task(number).events
    assert kept.at == then
    assert kept.recorded_at > then


# --- place, number, version -------------------------------------------------------------------


def test_a_report_knows_its_areas_and_its_cell(both: Flask):
    world = make_world()
    found = task(make_task(world))
    assert (found.district_code, found.town_code, found.community_code) == (
        DISTRICT,
        TOWN_A,
        SANZAO,
    )
    assert found.cell is not None
    assert (found.lon, found.lat) == INSIDE[SANZAO]


def test_a_report_from_outside_every_area_waits_in_the_queue_of_the_district(both: Flask):
    world = make_world()
    found = task(make_task(world, community=None))
    assert (found.district_code, found.community_code) == (DISTRICT, None)


def test_a_report_by_community_name_alone_is_placed_there(both: Flask):
    world = make_world()
    number = report(world, "inspector_b", given_report(place=Place(community_code=GUANGAN)))
    assert (task(number).community_code, task(number).cell) == (GUANGAN, None)


def test_what_was_found_later_than_it_was_reported_is_refused(app: Flask):
    world = make_world()
    with pytest.raises(Invalid) as caught:
        report(world, "inspector", given_report(found_at=clock.now() + timedelta(hours=1)))
    assert caught.value.field == "found_at"


@pytest.mark.parametrize(
    "values", [{"description": "长" * 2001}, {"description": "  \n "}, {"category_id": 987654}]
)
def test_a_report_that_cannot_be_used_leaves_nothing(both: Flask, values: dict[str, Any]):
    world = make_world()
    with pytest.raises(Invalid) as caught:
        report(world, "inspector", given_report(**values))
    assert caught.value.field == next(iter(values))
    assert count(Task) == count(TaskEvent) == 0


def test_a_stale_page_is_told_and_changes_nothing(both: Flask):
    world = make_world()
    number = make_task(world)
    seen = task(number).version
    step(world, number, Action.COMMENT, "inspector")
    with pytest.raises(StaleVersion):
        step(world, number, Action.FILE, "dispatcher", version=seen)
    assert task(number).state == State.REPORTED


def test_each_step_is_one_event_and_one_version(both: Flask):
    world = make_world()
    found = task(make_task(world, State.CLOSED))
    assert found.event_count == len(found.events) == found.version


def test_two_orders_of_one_request_are_both_done_or_neither(both: Flask):
    world = make_world()
    number = make_task(world)

    def both_at_once(**changes: Any) -> dict[str, Any]:
        dispatch = given_for(world, Action.DISPATCH, **changes)
        orders = [
            Order(Action.FILE, given_for(world, Action.FILE)),
            Order(Action.DISPATCH, dispatch),
        ]
        return perform(
            orders, number=number, actor=world.actor("dispatcher"), version=None,
            request_uuid=str(uuid4()),
        )  # fmt: skip

    with pytest.raises(Invalid):
        both_at_once(unit_id=None)
    assert (task(number).state, task(number).event_count) == (State.REPORTED, 1)
    assert both_at_once()["state"] == State.DISPATCHED


def test_an_unknown_number_is_not_found(app: Flask):
    world = make_world()
    with pytest.raises(NotFound):
        step(world, "JW-19990101-0001", Action.COMMENT, "inspector")


def test_a_recurrence_is_a_new_task_linked_to_the_closed_one(both: Flask):
    world = make_world()
    old = make_task(world, State.CLOSED)
    made = reopen(
        old, actor=world.actor("inspector"), given=given_report(category_id=None), version=None,
        request_uuid=str(uuid4()),
    )  # fmt: skip
    again = task(made["number"])
    assert (again.state, again.recurrence_of_id) == (State.REPORTED, task(old).id)
    assert again.category_id == task(old).category_id
    assert task(old).state == State.CLOSED
    assert task(old).events[-1].payload["text"] == made["number"]


def test_an_open_task_does_not_recur(both: Flask):
    world = make_world()
    number = make_task(world, State.HANDLING)
    with pytest.raises(Conflict):
        reopen(
            number, actor=world.actor("inspector"), given=given_report(), version=None,
            request_uuid=str(uuid4()),
        )  # fmt: skip
    assert count(Task) == 1


def test_a_category_that_asks_for_no_after_photo_is_submitted_without(app: Flask):
    world = make_world()
    number = make_task(world, State.HANDLING)
    given = given_for(world, Action.SUBMIT, no_photo_reason="")
    assert isinstance(refusal(number, Action.SUBMIT, given, actor=world.actor("clerk")), Invalid)
    with unit_of_work() as work:
        category = work.get_one(Task, task(number).id).category
        assert category is not None
        category.after_photo_required = False
    assert attempt(number, Action.SUBMIT, given, actor=world.actor("clerk")) == State.SUBMITTED

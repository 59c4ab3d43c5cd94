"""Each step tells those who wait for it, in the same commit, and says no more than they need."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from tests.factories.notices import make_channel, told
from tests.factories.steps import PREPARATIONS, alter, step
from tests.factories.world import (
    TOWN_B,
    World,
    given_for,
    given_report,
    make_task,
    make_world,
    task,
)
from tracker import clock
from tracker.access.actor import SYSTEM
from tracker.access.roles import Role
from tracker.counters import tail
from tracker.notices import rules
from tracker.notices.models import DigestLine, Notice
from tracker.notices.rules import RULES, TEXTS, Who
from tracker.people.models import RoleGrant, User
from tracker.people.passwords import hash_password
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.batches import batch
from tracker.tasks.operations import apply
from tracker.tasks.states import Action, State


@pytest.fixture
def world(both: Flask) -> World:
    return make_world()


def notices() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Notice)) or 0


def test_every_action_says_who_is_told_and_every_line_has_its_own_words():
    assert set(RULES) == set(Action)
    assert len(TEXTS) == sum(len(lines) for lines in RULES.values())
    assert all(len(key) <= 40 for key in TEXTS)
    assert rules.words_of("dispatch.nobody") == "派遣"


def test_the_whole_loop_tells_each_what_they_wait_for_and_nobody_their_own_act(world: World):
    make_task(world, State.CLOSED)
    assert told(world, "dispatcher") == ["report.dispatchers"]
    assert told(world, "dispatcher_2") == ["report.dispatchers"]
    assert told(world, "clerk") == ["dispatch.unit", "pass.unit"]
    assert told(world, "head") == ["dispatch.unit", "pass.unit"]
    assert told(world, "verifier") == ["submit.verifiers"]
    assert told(world, "inspector") == ["file.reporter", "pass.reporter"]
    for nobody in ("clerk_police", "grid_lead", "leader", "sysadmin", "inspector_b"):
        assert told(world, nobody) == []


def test_who_asked_submitted_steered_or_lost_the_task_is_found_in_its_past(world: World):
    number = make_task(world, State.HANDLING)
    step(world, number, Action.URGE, "leader")
    step(world, number, Action.ASSIGN, "head")
    step(world, number, Action.ASK_EXTENSION, "clerk")
    step(world, number, Action.ENDORSE, "head")
    step(world, number, Action.GRANT_EXTENSION, "dispatcher")
    step(world, number, Action.SUBMIT, "worker")
    step(world, number, Action.REWORK, "verifier")
    step(world, number, Action.REDISPATCH, "dispatcher", unit_id=world.units["police"])
    assert told(world, "clerk")[-3:] == ["grant_extension.asker", "rework.unit", "redispatch.former_unit"]  # fmt: skip
    assert told(world, "worker") == ["assign.assignee", "grant_extension.assignee", "rework.assignee"]  # fmt: skip
    assert told(world, "clerk_police") == ["redispatch.unit"]
    step(world, number, Action.ACKNOWLEDGE, "clerk_police")
    step(world, number, Action.SUBMIT, "clerk_police")
    step(world, number, Action.PASS, "verifier")
    assert told(world, "leader") == ["pass.steerers"]


def test_only_roles_of_the_area_hear_and_no_closed_account_or_revoked_grant(world: World):
    with unit_of_work() as work:
        grant = work.scalars(
            select(RoleGrant).where(RoleGrant.user_id == world.users["dispatcher_2"])
        ).one()
        grant.area_code = TOWN_B
        work.get_one(User, world.users["head"]).is_active = False
    make_task(world, State.DISPATCHED)
    assert told(world, "dispatcher_2") == []
    assert told(world, "head") == []
    assert told(world, "clerk") == ["dispatch.unit"]


def test_a_step_that_is_undone_tells_nobody(world: World):
    number = make_task(world, State.FILED)
    before = notices()
    with suppress(LookupError), unit_of_work():
        apply(Action.DISPATCH, task(number), actor=world.actor("dispatcher"), given=given_for(world, Action.DISPATCH))  # fmt: skip
        raise LookupError
    assert notices() == before


def test_history_that_is_written_down_tells_nobody(world: World):
    with unit_of_work() as work, batch(work) as made:
        event = apply(Action.REPORT, None, actor=SYSTEM, given=given_report(), at=clock.now())
        made.keep(event.task, [event])
    with unit_of_work():
        long_ago = clock.now() - timedelta(days=40)
        apply(Action.REPORT, None, actor=world.actor("inspector"), given=given_report(), at=long_ago)  # fmt: skip
    assert notices() == 0


def test_no_notice_carries_words_of_a_person_or_who_reported(world: World):
    make_channel(world, "sanitation")
    secret = "李四电话13900001111"
    number = make_task(world, State.HANDLING, description=secret)
    for action, who in (
        (Action.COMMENT, "inspector"), (Action.INSTRUCT, "leader"), (Action.SUPERVISE, "leader"),
        (Action.ASK_SUSPENSION, "clerk"), (Action.ENDORSE, "head"), (Action.SUSPEND, "dispatcher"),
        (Action.RESUME, "dispatcher"), (Action.CANCEL, "leader"),
    ):  # fmt: skip
        step(world, number, action, who, text=secret, reason=secret)
    kept = [
        json.dumps(params, ensure_ascii=False)
        for table in (Notice, DigestLine)
        for params in db.session.scalars(select(table.params))
    ]
    assert len(kept) > 15
    found = set().union(*(json.loads(text) for text in kept))
    assert found == {"number", "category", "category_en", "place", "due"}
    assert not any(secret in text or "依云路口" in text or "inspector" in text for text in kept)


@contextmanager
def statements() -> Iterator[list[str]]:
    heard: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        heard.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield heard
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def colleagues(world: World, count: int) -> None:
    now = clock.now()
    with unit_of_work() as work:
        for n in range(count):
            user = User(
                username=f"clerk{n}", name=f"clerk{n}", organization_id=world.units["sanitation"],
                password_hash=hash_password("x" * 14), must_change_password=False, created_at=now,
                password_changed_at=now,
            )  # fmt: skip
            work.add(user)
            work.flush()
            work.add(
                RoleGrant(
                    user_id=user.id, role=Role.UNIT_CLERK, granted_at=now,
                    organization_id=world.units["sanitation"],
                )
            )  # fmt: skip


def test_a_step_takes_as_many_queries_for_thirty_people_as_for_two(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    # so that none of them adds what waits to the counters
    monkeypatch.setattr(tail, "LONGEST", 1_000)
    make_channel(world, "sanitation")
    numbers = [make_task(world, State.FILED) for _ in range(3)]
    step(world, numbers[0], Action.DISPATCH, "dispatcher")
    with statements() as few:
        step(world, numbers[1], Action.DISPATCH, "dispatcher")
    colleagues(world, 30)
    with statements() as many:
        step(world, numbers[2], Action.DISPATCH, "dispatcher")
    assert len(many) == len(few)
    assert notices() >= 32


def test_every_line_of_the_table_finds_somebody(app: Flask):
    """A line that means nobody would never be missed."""
    world = make_world()
    by = {action: {line.to for line in lines} for action, lines in RULES.items()}
    assert {who for found in by.values() for who in found} == set(Who)
    helped = make_task(world, State.HANDLING)
    step(world, helped, Action.ADD_ASSIST, "dispatcher", unit_id=world.units["police"])
    assert told(world, "clerk_police") == ["add_assist.assisting"]
    number = make_task(world, State.CLOSED)
    alter(number, **PREPARATIONS[Action.APPEAL])
    step(world, number, Action.APPEAL, "clerk")
    step(world, number, Action.DENY_APPEAL, "dispatcher")
    assert told(world, "assessor") == ["appeal.assessors"]
    assert told(world, "clerk")[-1] == "deny_appeal.asker"


def test_the_head_is_asked_before_the_office_and_the_office_once_the_head_agreed(world: World):
    number = make_task(world, State.HANDLING)
    step(world, number, Action.ASK_EXTENSION, "clerk")
    assert told(world, "head")[-1] == "ask_extension.heads"
    assert "ask_extension.dispatchers" not in told(world, "dispatcher")
    step(world, number, Action.ENDORSE, "head")
    assert told(world, "dispatcher")[-1] == "endorse.dispatchers"
    assert told(world, "clerk")[-1] == "endorse.asker"

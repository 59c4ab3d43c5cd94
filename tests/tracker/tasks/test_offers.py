"""What a task page offers is exactly what the door lets through; every refusal is in words."""

from collections.abc import Iterable

import pytest
from flask import Flask

from tests.factories.steps import refusal, step, task_in
from tests.factories.world import GUANGAN, given_for, make_task, make_world, task
from tracker import clock
from tracker.errors import Conflict, NotPermitted
from tracker.tasks.lifecycle import leaving
from tracker.tasks.offers import ON_PAGES, Offer, offers
from tracker.tasks.states import Action, State


def possible(found: Iterable[Offer]) -> set[Action]:
    return {offer.action for offer in found if offer.refusal is None}


@pytest.mark.parametrize("state", list(State))
def test_what_is_offered_is_what_the_door_lets_through(app: Flask, state: State):
    world = make_world()
    opened, closed = make_task(world), make_task(world, State.CLOSED)
    number = task_in(world, state)
    if state in (State.DISPATCHED, State.HANDLING):
        step(world, number, Action.ASSIGN, "clerk")
    for who in world.users:
        actor = world.actor(who)
        shown = offers(task(number), actor, at=clock.now())
        for offer in shown:
            other = closed if offer.action is Action.LINK_RECURRENCE else opened
            given = given_for(world, offer.action, other_number=other)
            fault = refusal(number, offer.action, given, actor=actor)
            assert (fault is None) == (offer.refusal is None), f"{who} {offer.action}: {fault}"
            if fault is not None:
                assert isinstance(fault, NotPermitted | Conflict)
                assert fault.message == offer.refusal
        assert {offer.action for offer in shown} == {
            row.action for row in leaving(state) if row.action in ON_PAGES
        }


def test_possible_actions_come_first_and_the_others_say_who_can(app: Flask):
    world = make_world()
    number = make_task(world, State.SUBMITTED)
    shown = offers(task(number), world.actor("verifier"), at=clock.now())
    refused = [offer.refusal is not None for offer in shown]
    assert refused == sorted(refused)
    assert possible(shown) == {
        Action.PASS, Action.REWORK, Action.CLOSE_BY_NOTICE, Action.COMMENT,
    }  # fmt: skip
    assert [o.refusal for o in shown if o.action is Action.WITHDRAW] == ["只有提交人本人可以撤回"]


def test_after_the_deadline_a_return_is_refused_with_the_reason(app: Flask):
    world = make_world()
    found = task(make_task(world, State.DISPATCHED))
    assert found.due_at is not None
    (offer,) = [
        o for o in offers(found, world.actor("clerk"), at=clock.now().replace(year=2099))
        if o.action is Action.RETURN
    ]  # fmt: skip
    assert offer.refusal == "已超过整改时限，不能再办理此项"


def test_nobody_of_another_community_or_unit_is_offered_anything(app: Flask):
    world = make_world()
    number = make_task(world, State.HANDLING, GUANGAN, reporter="inspector_b")
    for who in ("inspector", "grid_worker", "grid_lead", "clerk_police", "sysadmin", "auditor"):
        assert possible(offers(task(number), world.actor(who), at=clock.now())) == set(), who

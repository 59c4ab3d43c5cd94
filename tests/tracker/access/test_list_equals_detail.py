"""What a person finds in lists is exactly what the policy lets them open, for every person."""

import pytest
from flask import Flask
from sqlalchemy import ColumnElement, or_, select

from tests.factories.steps import alter, step, task_in
from tests.factories.world import (
    GUANGAN,
    HAIAN,
    TENGSHAN,
    World,
    make_task,
    make_world,
)
from tracker.access.actor import NOBODY, SYSTEM, Actor
from tracker.access.permissions import Permission
from tracker.access.policy import allows
from tracker.errors import NotFound
from tracker.storage.db import db
from tracker.tasks import queries
from tracker.tasks.models import Task
from tracker.tasks.states import Action, State


def furnish(world: World) -> None:
    """Tasks in every state, area and unit, with every relation a person can have to one."""
    for state in State:
        task_in(world, state)
    for community in (HAIAN, GUANGAN, TENGSHAN, None):
        reporter = "inspector_b" if community in (GUANGAN, TENGSHAN) else "inspector"
        make_task(world, State.DISPATCHED, community, reporter=reporter)
    far = make_task(world, State.FILED, TENGSHAN, reporter="inspector_b")
    step(world, far, Action.DISPATCH, "dispatcher", unit_id=world.units["police"])
    step(world, far, Action.ASSIGN, "clerk_police", assignee_id=world.users["clerk_police"])
    helped = make_task(world, State.HANDLING, TENGSHAN, reporter="inspector_b")
    step(world, helped, Action.ASSIGN, "clerk", assignee_id=world.users["worker"])
    village = make_task(world, State.FILED, GUANGAN, reporter="inspector_b")
    step(world, village, Action.DISPATCH, "dispatcher", unit_id=world.units["guangan"])
    assisted = make_task(world, State.HANDLING, TENGSHAN, reporter="inspector_b")
    step(world, assisted, Action.ADD_ASSIST, "dispatcher", unit_id=world.units["sanzao"])
    proposed, convened = (
        make_task(world, State.DISPATCHED, TENGSHAN, reporter="inspector_b") for _ in range(2)
    )
    for number in (proposed, convened):
        step(world, number, Action.RETURN, "clerk")
        step(world, number, Action.DISPATCH, "dispatcher", unit_id=world.units["police"])
        step(world, number, Action.RETURN, "clerk_police")
    step(world, convened, Action.CONVENE, "dispatcher", unit_id=world.units["sanzao"])
    away = make_task(world, reporter="grid_worker", community=HAIAN)
    alter(away, grid_code=None)
    nowhere = make_task(world, community=None, reporter="inspector_b")
    alter(nowhere, district_code=None)


def disagreements(world: World) -> list[tuple[str, str, bool, bool]]:
    """(who, number, in the list, by the policy) wherever the two differ."""
    db.session.rollback()
    every = db.session.scalars(select(Task).order_by(Task.id)).all()
    actors: dict[str, Actor] = {name: world.actor(name) for name in world.users}
    actors |= {"nobody": NOBODY, "the system": SYSTEM}
    found = []
    for name, actor in actors.items():
        listed = {task.id for task in db.session.scalars(queries.visible_to(actor))}
        for task in every:
            allowed = allows(actor, Permission.TASK_VIEW, task)
            if (task.id in listed) != allowed:
                found.append((name, task.number, task.id in listed, allowed))
    return found


def test_for_every_person_the_list_is_what_the_policy_allows(both: Flask):
    world = make_world()
    furnish(world)
    assert disagreements(world) == []


def test_the_small_world_tells_people_apart(app: Flask):
    world = make_world()
    furnish(world)
    seen = {
        name: len(db.session.scalars(queries.visible_to(world.actor(name))).all())
        for name in world.users
    }
    every = len(db.session.scalars(select(Task)).all())
    assert seen["dispatcher"] == every - 1, "all but the one outside every district"
    assert (seen["sysadmin"], seen["secadmin"], seen["auditor"]) == (0, 0, 0)
    assert seen["worker"] == 1
    assert 0 < seen["grid_lead_b"] < seen["inspector_b"] < seen["leader"]


CLAUSES = (
    "district_code", "town_code", "community_code", "unit_id", "assignee_id", "reporter_id", "id",
)  # fmt: skip


@pytest.mark.parametrize("lost", CLAUSES)
def test_a_clause_lost_from_the_list_is_noticed(
    app: Flask, monkeypatch: pytest.MonkeyPatch, lost: str
):
    world = make_world()
    furnish(world)
    whole = queries.visible

    def without(actor: Actor) -> ColumnElement[bool]:
        clauses = getattr(whole(actor), "clauses", [])
        kept = [clause for clause in clauses if f"task.{lost} " not in str(clause)]
        return or_(*kept) if kept else whole(actor)

    monkeypatch.setattr(queries, "visible", without)
    assert disagreements(world) != []


def test_a_foreign_task_is_as_unknown_as_one_that_never_was(both: Flask):
    world = make_world()
    number = make_task(world, community=GUANGAN, reporter="inspector_b")
    faults = []
    for wanted in (number, "JW-19990101-0001"):
        with pytest.raises(NotFound) as caught:
            queries.find(db.session(), wanted, world.actor("inspector"))
        faults.append((caught.value.status, caught.value.message, dict(caught.value.facts)))
    assert faults[0] == faults[1]
    assert queries.find(db.session(), number, world.actor("inspector_b")).number == number


def test_what_is_near_is_only_what_the_person_may_see(both: Flask):
    world = make_world()
    make_task(world)
    theirs = make_task(world, community=GUANGAN, reporter="inspector_b")
    lon, lat = 113.355, 22.145
    seen = queries.near(db.session(), lon, lat, actor=world.actor("inspector_b"))
    assert [task.number for task, _ in seen] == [theirs]
    assert queries.near(db.session(), lon, lat, actor=world.actor("inspector")) == []

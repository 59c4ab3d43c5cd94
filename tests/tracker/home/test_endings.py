"""How tasks ended is counted apart on the leader's board; each number opens exactly its list."""

from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from tests.factories.client import open_session
from tests.factories.counted import recount
from tests.factories.steps import step
from tests.factories.world import GRID, HAIAN, SANZAO, make_task, make_world
from tracker import clock
from tracker.access.roles import Role
from tracker.home.board import board_of
from tracker.home.rates import windows
from tracker.people.models import RoleGrant
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks import filters
from tracker.tasks.models import Task
from tracker.tasks.queries import visible_to
from tracker.tasks.states import Action, State


def test_a_task_closed_by_a_notice_is_not_rectified(both: Flask) -> None:
    world = make_world()
    make_task(world, State.CLOSED)
    make_task(world, State.REJECTED)
    noticed = make_task(world, State.SUBMITTED)
    step(world, noticed, Action.CLOSE_BY_NOTICE, "verifier")
    with unit_of_work() as work:
        for found in work.scalars(select(Task).where(Task.due_at.is_not(None))):
            found.due_at = found.submitted_at
    recount()
    board = board_of(db.session(), world.actor("leader"), at=clock.now(), limit=10)
    assert (board.now.valid, board.now.rectified, board.now.rectified_rate) == (2, 1, 50.0)
    assert (board.now.due, board.now.on_time) == (1, 1)
    assert {one.label: one.count for one in board.endings if one.count} == {
        "核查通过": 1, "告知性结案": 1, "不予立案": 1,
    }  # fmt: skip
    for count, args in (
        (board.now.rectified, board.rectified_args),
        *((one.count, one.args) for one in board.endings),
    ):
        pairs = MultiDict((name, one) for name, many in args.items() for one in many)
        wanted = filters.apply(
            visible_to(world.actor("leader")), filters.from_args(pairs), clock.now()
        )
        assert len(db.session.scalars(wanted).all()) == count, args
    page = open_session(both, "leader").get("/").text
    assert 'aria-label="本月告知性结案 1 件"' in page


def test_a_leader_of_one_grid_reads_of_the_thirty_days_of_its_tasks(app: Flask) -> None:
    world = make_world()
    make_task(world, State.CLOSED)
    make_task(world, State.HANDLING)
    make_task(world, State.REPORTED, HAIAN)
    with unit_of_work() as work:
        for found in work.scalars(select(Task).where(Task.community_code == SANZAO)):
            found.grid_code = GRID
        work.add(
            RoleGrant(
                user_id=world.users["leader_b"], role=Role.LEADER, area_code=GRID,
                granted_at=clock.now(),
            )
        )  # fmt: skip
        for grant in work.scalars(
            select(RoleGrant).where(
                RoleGrant.user_id == world.users["leader_b"], RoleGrant.area_code != GRID
            )
        ):
            grant.revoked_at = clock.now()
    now, before = windows(db.session(), world.actor("leader_b"), at=clock.now())
    assert (now.reported, now.valid, now.rectified, now.overdue) == (2, 2, 1, 0)
    assert (before.reported, before.overdue) == (0, 0)

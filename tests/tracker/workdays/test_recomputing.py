"""A change of the calendar reaches open tasks, them alone, each with one event; a kill loses nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories.steps import alter, step
from tests.factories.world import make_task, make_world, task
from tracker import clock
from tracker.access.actor import SYSTEM
from tracker.calendar import CalendarDay, DayKind, Limit, LimitReading, LimitUnit
from tracker.calendar.models import CalendarEdition
from tracker.calendar.storing import Change, EditionKind, calendar_in_force, carry_out, plan
from tracker.clock import in_city
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.models import TaskEvent
from tracker.tasks.recalculating import clocks
from tracker.tasks.states import Action, State
from tracker.workdays import recomputing
from tracker.workdays.recomputing import affected, pending, recompute_open


def due_day(number):
    return in_city(task(number).due_at).date()


def stop(*days):
    """A stop-work order for days; returns the change, carried out."""
    change = Change(
        EditionKind.STOP, "台风", [CalendarDay(day, DayKind.STOP, "台风停工", "") for day in days]
    )
    with unit_of_work() as work:
        carry_out(work, change, at=clock.now())
    return change


def events(number, action="recalculate"):
    found = task(number)
    return db.session.scalars(
        select(TaskEvent).where(TaskEvent.task_id == found.id, TaskEvent.action == action)
    ).all()


def agrees(number):
    """Whether running the clock again gives what the steps wrote."""
    found = task(number)
    clock_of = clocks(db.session(), [found])[found.id]
    return clock_of.runs_out(calendar_in_force(db.session())) == (found.due_at, found.due_soon_at)


def test_a_stop_day_moves_open_tasks_alone_and_says_so_before(both):
    world = make_world()
    running = {
        state: make_task(world, state)
        for state in (State.DISPATCHED, State.HANDLING, State.SUSPENDED)
    }
    settled = {state: make_task(world, state) for state in (State.SUBMITTED, State.CLOSED)}
    before = {number: task(number).due_at for number in (*running.values(), *settled.values())}
    day = due_day(running[State.HANDLING])
    planned = plan(
        db.session(),
        Change(EditionKind.STOP, "台风", [CalendarDay(day, DayKind.STOP, "台风停工", "")]),
    )
    told = affected(db.session(), planned.before, planned.after)
    assert (told.moved, told.is_floor) == (3, False)
    assert {one.number for one in told.samples} == set(running.values())
    stop(day)
    assert pending(db.session()) == 1
    assert recompute_open() == recomputing.Recomputed(3, True)
    assert pending(db.session()) == 0
    version = calendar_in_force(db.session()).version
    for number in running.values():
        (said,) = events(number)
        found = task(number)
        assert found.due_at > before[number]
        assert found.calendar_version == version
        assert said.actor_name == SYSTEM.name
        assert said.payload["due_before"] == before[number].isoformat()
        assert said.payload["due_at"] == found.due_at.isoformat()
        assert agrees(number)
    for number in settled.values():
        assert task(number).due_at == before[number]
        assert events(number) == []


def test_a_run_that_was_killed_is_finished_by_the_next_without_moving_anything_twice(
    both, monkeypatch
):
    world = make_world()
    numbers = [make_task(world, State.HANDLING) for _ in range(5)]
    stop(due_day(numbers[0]))
    monkeypatch.setattr(recomputing, "BATCH", 2)

    class Killed(Exception):
        pass

    def die(moved):
        if moved >= 2:
            raise Killed

    with pytest.raises(Killed):
        recompute_open(progress=die)
    assert sum(bool(events(number)) for number in numbers) == 2
    assert pending(db.session()) == 1
    assert recompute_open(most=2).is_done is False
    assert recompute_open() == recomputing.Recomputed(1, True)
    assert recompute_open().moved == 0
    assert [len(events(number)) for number in numbers] == [1] * 5
    assert len({task(number).due_at for number in numbers}) <= 5


def test_a_lifted_order_gives_the_first_deadline_back(app):
    world = make_world()
    number = make_task(world, State.HANDLING)
    first, day = task(number).due_at, due_day(number)
    stop(day)
    recompute_open()
    assert task(number).due_at > first
    with unit_of_work() as work:
        carry_out(work, Change(EditionKind.REMOVE, "解除", drop=[(day, "order")]), at=clock.now())
    recompute_open()
    assert task(number).due_at == first
    assert len(events(number)) == 2


def test_a_day_after_every_deadline_and_a_rest_day_move_nothing(app):
    world = make_world()
    number = make_task(world, State.HANDLING)
    stop(clock.today() + timedelta(days=200))
    assert recompute_open() == recomputing.Recomputed(0, True)
    assert db.session.scalars(
        select(CalendarEdition.recomputed_at).order_by(CalendarEdition.id.desc())
    ).first()
    assert events(number) == []


def test_a_deadline_fixed_by_date_stays_and_urgent_hours_ignore_the_calendar(app):
    world = make_world()
    fixed, urgent = make_task(world, State.FILED), make_task(world, State.FILED)
    later = clock.now() + timedelta(days=9)
    step(world, fixed, Action.DISPATCH, "dispatcher", limit=None, due_at=later)
    step(world, urgent, Action.DISPATCH, "dispatcher", limit=Limit(200, LimitUnit.URGENT_HOUR))
    stop(*(clock.today() + timedelta(days=n) for n in range(12)))
    assert recompute_open().moved == 0
    assert task(fixed).due_at == later


@pytest.mark.parametrize(
    "limit",
    [
        Limit(3, LimitUnit.WORK_DAY, LimitReading.DAY_COUNT),
        Limit(20, LimitUnit.WORK_HOUR),
        Limit(3, LimitUnit.NATURAL_DAY),
    ],
    ids=str,
)
def test_what_is_run_again_is_what_the_steps_computed(app, monkeypatch, limit):
    world, real = make_world(), clock.now
    number = make_task(world, State.FILED)
    step(world, number, Action.DISPATCH, "dispatcher", limit=limit)
    assert agrees(number)
    step(world, number, Action.ACKNOWLEDGE, "clerk")
    for asked, granted in (
        (Action.ASK_EXTENSION, Action.GRANT_EXTENSION),
        (Action.ASK_SUSPENSION, Action.SUSPEND),
    ):
        step(world, number, asked, "clerk")
        alter(number, is_endorsed=True)
        step(world, number, granted, "dispatcher")
        assert agrees(number)
    monkeypatch.setattr(clock, "now", lambda: real() + timedelta(days=5, hours=7))
    step(world, number, Action.RESUME, "dispatcher")
    assert agrees(number)
    step(world, number, Action.SUBMIT, "clerk")
    step(world, number, Action.REWORK, "verifier", limit=Limit(5, LimitUnit.WORK_HOUR))
    assert agrees(number)

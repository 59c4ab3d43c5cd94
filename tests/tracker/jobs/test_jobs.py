"""A job waits as a row, is done by one worker, and its effect and its end are one."""

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from tests.factories.steps import alter, together
from tests.factories.world import World, make_task, make_world, task
from tracker import clock
from tracker.jobs import cleaning
from tracker.jobs.engine import LEASE, carry_out, claim, wait_after
from tracker.jobs.kinds import Jobs, Kind, Later, Periodic
from tracker.jobs.models import Job
from tracker.jobs.queue import enqueue
from tracker.jobs.worker import EXTENSION, InProcess, Worker
from tracker.settings import BadSetting, Settings
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.models import Task
from tracker.tasks.states import State


@pytest.fixture
def world(both: Flask) -> World:
    return make_world()


def ask(kind: str = "note", *, key: str = "one", **payload: Any) -> bool:
    with unit_of_work() as work:
        return enqueue(work, kind, payload, key=key)


def job(key: str = "one") -> Job:
    db.session.rollback()
    return db.session.scalars(select(Job).where(Job.key == key)).one()


def alter_job(**values: Any) -> None:
    with unit_of_work() as work:
        work.execute(update(Job).values(**values))


def rename(session: Session, payload: Mapping[str, Any]) -> None:
    """An effect that can be counted: one more letter."""
    found = session.scalars(select(Task).where(Task.number == payload["number"])).one()
    found.address += "+"


def failing(session: Session, payload: Mapping[str, Any]) -> None:
    rename(session, payload)
    session.flush()
    raise ValueError("something is not right")


def app_here() -> Flask:
    found: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return found


def test_work_asked_for_twice_is_there_once(world: World):
    assert ask() is True
    assert ask() is False


def test_of_eight_workers_one_takes_a_job(world: World):
    ask()
    now = clock.now()
    answers = together(app_here(), [lambda: claim(now) for _ in range(8)])
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert len([answer for answer in answers if answer is not None]) == 1
    assert job().attempts == 1


def test_a_failed_job_leaves_no_trace_but_its_reason_and_is_given_up_at_last(world: World):
    number = make_task(world)
    jobs = Jobs(kinds=(Kind("note", failing, max_attempts=2),))
    ask(number=number)
    first = claim(clock.now())
    assert first is not None
    carry_out(first, jobs)
    assert (job().error, job().done_at, job().lease_id) == ("something is not right", None, None)
    assert job().run_at > clock.now()
    assert claim(clock.now()) is None
    alter_job(run_at=clock.now())
    second = claim(clock.now())
    assert second is not None
    carry_out(second, jobs)
    assert job().is_dead
    assert "+" not in task(number).address
    assert claim(clock.now() + timedelta(days=2)) is None


def test_a_job_of_a_dead_worker_is_taken_up_and_the_late_one_changes_nothing(world: World):
    number = make_task(world)
    jobs = Jobs(kinds=(Kind("note", rename),))
    ask(number=number)
    now = clock.now()
    late = claim(now)
    assert late is not None
    assert claim(now + LEASE / 2) is None
    second = claim(now + LEASE * 2)
    assert second is not None
    carry_out(second, jobs)
    carry_out(late, jobs)
    assert task(number).address.count("+") == 1


def test_a_job_that_says_later_is_no_failure(world: World):
    at = clock.now() + timedelta(hours=3)

    def not_now(_payload: Mapping[str, Any]) -> None:
        raise Later(at)

    ask()
    claimed = claim(clock.now())
    assert claimed is not None
    carry_out(claimed, Jobs(kinds=(Kind("note", send=not_now),)))
    assert (job().attempts, job().run_at, job().error) == (0, at, "")


def test_a_kind_nobody_knows_is_given_up_with_its_name(world: World):
    ask("of-tomorrow")
    Worker(app_here()).until_empty()
    assert job().is_dead
    assert job().error == "of-tomorrow"


def test_waits_grow_and_end_at_an_hour():
    waits = [wait_after(n) for n in range(1, 12)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (timedelta(seconds=30), timedelta(hours=1))


@pytest.fixture
def written(app: Flask) -> Callable[[], list[str]]:
    """What was sent to the database since the last time it was asked, reading left out."""
    heard: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.upper().startswith(("SELECT", "BEGIN", "PRAGMA")):
            heard.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)

    def since() -> list[str]:
        found = heard[:]
        heard.clear()
        return found

    return since


def test_an_idle_worker_writes_nothing(app: Flask, written: Callable[[], list[str]]):
    make_task(make_world())
    written()
    worker = Worker(app)
    assert [worker.step() for _ in range(3)] == [False, False, False]
    assert written() == []


def test_what_comes_again_is_asked_for_once_in_its_time_by_however_many_workers(app: Flask):
    made: list[str] = []
    jobs = Jobs(
        kinds=(Kind("tick", lambda _s, payload: made.append(payload["slot"])),),
        periodics=(Periodic("tick", timedelta(days=1000), lambda _s, _now: True),),
    )
    app.extensions[EXTENSION] = jobs
    for _ in range(3):
        Worker(app).until_empty()
    assert len(made) == 1


def test_two_kinds_of_one_name_or_a_time_for_none_are_refused():
    with pytest.raises(RuntimeError, match="same name"):
        Jobs(kinds=(Kind("a"), Kind("a")))
    with pytest.raises(RuntimeError, match="no such kind"):
        Jobs(periodics=(Periodic("a", timedelta(hours=1), lambda _s, _n: True),))


def test_a_suspension_ends_by_itself_as_of_its_last_day_however_late_it_is_seen(world: World):
    number = make_task(world, State.SUSPENDED)
    ended = clock.now() - timedelta(days=3)
    # a fixed deadline: it moves by the clock, whatever day of the week this is
    fixed = {"limit_unit": None, "limit_reading": None}
    alter(number, suspended_at=ended - timedelta(days=5), suspended_until=ended, **fixed)
    due = task(number).due_at
    assert due is not None
    other = make_task(world, State.SUSPENDED)
    Worker(app_here()).until_empty()
    found = task(number)
    assert found.state == State.HANDLING
    assert found.due_at == due + timedelta(days=5)
    assert found.events[-1].at == ended
    assert found.events[-1].actor_name == "系统"
    assert task(other).state == State.SUSPENDED


def test_the_servers_own_thread_does_jobs_and_ends_with_the_server(app: Flask):
    done = threading.Event()
    app.extensions[EXTENSION] = Jobs(kinds=(Kind("note", lambda _s, _p: done.set()),))
    ask()
    before = threading.active_count()
    with InProcess(app):
        assert done.wait(60)
    assert threading.active_count() == before
    assert job().done_at is not None


def test_jobs_that_ended_long_ago_are_taken_away(app: Flask):
    make_world()
    ask(key="old")
    ask(key="new")
    with unit_of_work() as work:
        long_ago = clock.now() - timedelta(days=30)
        work.execute(update(Job).where(Job.key == "old").values(done_at=long_ago))
        cleaning.clean(work, {})
    assert db.session.scalars(select(Job.key)).all() == ["new"]


def test_a_queue_that_nobody_reads_is_refused_when_the_program_starts():
    Settings(queue_url="worker").check_queue()
    with pytest.raises(BadSetting, match="TRACKER_QUEUE_URL"):
        Settings(queue_url="redis://broker").check_queue()

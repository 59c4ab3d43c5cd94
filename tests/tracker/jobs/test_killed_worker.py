"""A worker process is killed again and again in the middle: every job is done, none twice."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from tests.conftest import ARGON2_KIB
from tests.factories.notices import COUNTED, work_until_killed
from tests.factories.steps import alter
from tests.factories.world import make_task, make_world, task
from tracker import clock
from tracker.audit.models import AuditEntry
from tracker.jobs.models import Job
from tracker.jobs.queue import enqueue
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.states import State

KILLS, JOBS = 8, 60
#: A job in hand of a killed worker is free again after this many seconds.
LEASE = 1
#: A worker of a busy machine does something within this time (seconds).
PATIENCE = 120


def counted() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(AuditEntry.kind == COUNTED)) or 0


def in_hand() -> set[str | None]:
    """The leases of jobs that a worker took and did not end."""
    db.session.rollback()
    query = select(Job.lease_id).where(Job.lease_id.is_not(None), Job.done_at.is_(None))
    return set(db.session.scalars(query))


def wait_for(reached: Callable[[], bool], is_alive: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not reached():
        assert is_alive(), "the worker stopped by itself"
        assert time.monotonic() < until
        time.sleep(0.002)


def test_no_job_is_lost_or_done_twice_when_its_worker_is_killed(app: Flask):
    with unit_of_work() as work:
        for n in range(JOBS):
            enqueue(work, COUNTED, {"n": n}, key=f"{COUNTED}:{n}")
    # each worker is a process of its own; the modules are loaded once for all of them
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.factories.notices", "tracker.features"])
    for kill in range(KILLS + 1):
        done, left = counted(), in_hand()
        assert done < JOBS - 2 or kill == KILLS, "the last kill is in the middle, too"
        worker = processes.Process(
            target=work_until_killed, args=(app.config["SETTINGS"], LEASE), daemon=True
        )
        worker.start()
        if kill == KILLS:
            wait_for(lambda: counted() == JOBS, worker.is_alive)
        else:
            wait_for(lambda done=done: counted() > done, worker.is_alive)
            if kill % 2:  # else right after the effect of one was committed
                wait_for(lambda left=left: bool(in_hand() - left), worker.is_alive)
        worker.kill()
        worker.join()
        assert worker.exitcode == -signal.SIGKILL
    each = select(AuditEntry.object, func.count()).where(AuditEntry.kind == COUNTED)
    found = {row[0]: row[1] for row in db.session.execute(each.group_by(AuditEntry.object))}
    assert found == {str(n): 1 for n in range(JOBS)}
    attempts = db.session.scalars(select(Job.attempts).where(Job.kind == COUNTED)).all()
    assert max(attempts) > 1, "some kill took a job out of a worker's hand"
    assert db.session.scalar(select(func.count()).where(Job.is_dead.is_(True))) == 0


def test_the_command_does_what_is_due_and_stops_when_it_is_asked(app: Flask):
    number = make_task(make_world(), State.SUSPENDED)
    ended = clock.now() - timedelta(days=2)
    alter(number, suspended_at=ended - timedelta(days=1), suspended_until=ended)
    settings = app.config["SETTINGS"]
    environ = {
        **os.environ,
        "TRACKER_DATA_DIR": str(settings.data_dir),
        "TRACKER_SECRET_KEY": settings.secret_key,
        "TRACKER_ARGON2_KIB": str(ARGON2_KIB),
    }
    command = [sys.executable, "-c", "from tracker.cli import main; main()", "worker"]
    worker = subprocess.Popen(
        command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    wait_for(lambda: task(number).state == State.HANDLING, lambda: worker.poll() is None)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=PATIENCE) == 0

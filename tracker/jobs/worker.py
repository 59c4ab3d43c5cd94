"""Runs jobs until it is told to stop: in a thread of the server, or as a process of its own."""

import logging
import threading
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker import clock
from tracker.jobs.engine import LEASE, carry_out, claim
from tracker.jobs.kinds import Jobs
from tracker.jobs.models import Job
from tracker.jobs.queue import enqueue
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work

log = logging.getLogger(__name__)

#: How long an idle worker rests before it looks again; looking writes nothing.
POLL = timedelta(seconds=2)
#: How long a stopping server waits for the job in hand.
GRACE = timedelta(seconds=10)
#: Where an application keeps its table of jobs.
EXTENSION = "tracker_jobs"


class Worker:
    """Does one job after the other; several may run beside each other, on several machines."""

    def __init__(self, app: Flask, *, lease: timedelta = LEASE) -> None:
        self.app = app
        self.jobs: Jobs = app.extensions[EXTENSION]
        self.lease = lease
        self._asked: dict[str, datetime] = {}

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; the job in hand is finished first."""
        while not stop.is_set():
            try:
                busy = self.step()
            except Exception:
                # the database is away, or a rule of ours is broken: the rows wait, so does this worker
                log.exception("the worker could not go on")
                busy = False
            if not busy:
                stop.wait(POLL.total_seconds())

    def step(self) -> bool:
        """Ask for what is due, do one job; False when there was nothing to do."""
        with self.app.app_context():
            try:
                self._ask_for_due(clock.now())
                claimed = claim(clock.now(), self.lease)
                if claimed is not None:
                    carry_out(claimed, self.jobs)
                return claimed is not None
            finally:
                db.session.remove()

    def until_empty(self) -> int:
        """Do whatever waits now; how many jobs that were."""
        done = 0
        while self.step():
            done += 1
        return done

    def _ask_for_due(self, now: datetime) -> None:
        """Once in each span, and only if there is something to do: an idle worker writes nothing."""
        session: Session = db.session()
        for one in self.jobs.periodics:
            slot = one.slot(now)
            if self._asked.get(one.kind) == slot:
                continue
            key = f"{one.kind}@{slot:%Y-%m-%dT%H:%MZ}"
            known = session.scalar(select(Job.id).where(Job.key == key)) is not None
            if not known and one.is_due(session, now):
                with unit_of_work() as work:
                    enqueue(work, one.kind, {"slot": slot.isoformat()}, key=key)
            self._asked[one.kind] = slot
        session.rollback()


class InProcess:
    """The worker of a small installation: a thread beside the server's own."""

    def __init__(self, app: Flask) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=Worker(app).run, args=(self._stop,), name="jobs", daemon=True
        )

    def __enter__(self) -> "InProcess":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(GRACE.total_seconds())

"""Carries out one job at a time: claimed by compare-and-set, ended in the transaction of its effect."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Select, or_, select, update
from sqlalchemy.orm import Session

from tracker import clock
from tracker.jobs.kinds import Jobs, Kind, Later
from tracker.jobs.models import Job
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work

log = logging.getLogger(__name__)

#: A job in hand this long is taken to be a dead worker's; longer than any job may take.
LEASE = timedelta(minutes=5)
#: Wait after the first failure; doubled after each further one.
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
#: Free jobs looked at together: of several workers each soon finds one that no other took.
_CANDIDATES = 20


class LostLease(Exception):
    """Another worker took the job up, because this one held it for too long."""


class UnknownKind(Exception):
    """A job of a kind that this version of the product does not know."""


@dataclass(frozen=True)
class Claimed:
    """A job in this worker's hand."""

    id: int
    kind: str
    payload: Mapping[str, Any]
    attempts: int
    lease_id: str


def _free(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Job.done_at.is_(None),
        Job.run_at <= now,
        or_(Job.lease_until.is_(None), Job.lease_until < now),
    )


def ready(now: datetime) -> Select[int]:
    """Keys of the jobs that wait for a worker, the longest waiting first."""
    return select(Job.id).where(*_free(now)).order_by(Job.run_at, Job.id)


def claim(now: datetime, lease: timedelta = LEASE) -> Claimed | None:
    """Take one waiting job in hand; None, and nothing written, when there is none.

    The UPDATE names what must still be true, so of two workers one wins on either database.
    """
    session: Session = db.session()
    waiting = session.scalars(ready(now).limit(_CANDIDATES)).all()
    session.rollback()
    for job_id in waiting:
        lease_id = str(uuid4())
        with unit_of_work() as work:
            won = work.execute(
                update(Job)
                .where(Job.id == job_id, *_free(now))
                .values(lease_id=lease_id, lease_until=now + lease, attempts=Job.attempts + 1)
                .execution_options(synchronize_session=False)
            )
            if not won.rowcount:  # type: ignore[attr-defined]
                continue
            job = work.get_one(Job, job_id, populate_existing=True)
            return Claimed(job.id, job.kind, dict(job.payload), job.attempts, lease_id)
    return None


def carry_out(claimed: Claimed, jobs: Jobs) -> None:
    """Do a claimed job, or write down when and why it is tried again. Raises what the database does."""
    kind = jobs.kind(claimed.kind)
    try:
        if kind is None:
            raise UnknownKind(claimed.kind)
        if kind.send is not None:
            kind.send(claimed.payload)
        with unit_of_work() as work:
            _end(work, claimed)
            kind.run(work, claimed.payload)
    except LostLease:
        log.warning("job %s (%s) was taken up by another worker", claimed.id, claimed.kind)
    except Later as later:
        _put_back(claimed, run_at=later.at, attempts=claimed.attempts - 1)
    except Exception as error:
        log.exception("job %s (%s) failed", claimed.id, claimed.kind)
        _note_failure(claimed, kind, _words(error))


def _mine(claimed: Claimed) -> tuple[ColumnElement[bool], ...]:
    return (Job.id == claimed.id, Job.lease_id == claimed.lease_id, Job.done_at.is_(None))


def _change(work: Session, claimed: Claimed, **values: Any) -> None:
    changed = work.execute(
        update(Job)
        .where(*_mine(claimed))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if not changed.rowcount:  # type: ignore[attr-defined]
        raise LostLease(claimed.id)


def _end(work: Session, claimed: Claimed) -> None:
    """First in the transaction of the effect: a worker that lost the job stops here."""
    _change(work, claimed, done_at=clock.now(), lease_id=None, lease_until=None)


def _put_back(claimed: Claimed, **values: Any) -> None:
    try:
        with unit_of_work() as work:
            _change(work, claimed, lease_id=None, lease_until=None, **values)
    except LostLease:
        log.warning("job %s (%s) was taken up by another worker", claimed.id, claimed.kind)


def _note_failure(claimed: Claimed, kind: Kind | None, reason: str) -> None:
    now = clock.now()
    most = kind.max_attempts if kind else 1
    is_last = claimed.attempts >= most
    values: dict[str, Any] = {"error": reason, "lease_id": None, "lease_until": None}
    if is_last:
        values |= {"done_at": now, "is_dead": True}
    else:
        values["run_at"] = now + wait_after(claimed.attempts)
    try:
        with unit_of_work() as work:
            _change(work, claimed, **values)
            if kind is not None:
                kind.failed(work, claimed.payload, reason, is_last)
    except LostLease:
        log.warning("job %s (%s) was taken up by another worker", claimed.id, claimed.kind)


def wait_after(attempts: int) -> timedelta:
    """How long a job rests after this many failures."""
    return min(FIRST_WAIT * 2 ** max(attempts - 1, 0), LONGEST_WAIT)


def _words(error: Exception) -> str:
    return (str(error) or type(error).__name__).replace("\0", "")[:300]

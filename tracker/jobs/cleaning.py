"""Takes away the rows of jobs that ended long ago."""

from datetime import datetime, timedelta

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from tracker import clock
from tracker.jobs.kinds import Payload
from tracker.jobs.models import Job

#: Ended jobs are kept this long, to be looked at.
KEPT = timedelta(days=7)
#: At most so many rows at a time: the write lock is not held for long.
BATCH = 5000


def _old(now: datetime) -> Select[int]:
    return select(Job.id).where(Job.done_at < now - KEPT)


def is_due(session: Session, now: datetime) -> bool:
    """Whether there is anything to take away."""
    return session.scalar(_old(now).limit(1)) is not None


def clean(session: Session, _payload: Payload) -> None:
    """Delete ended jobs, the given-up ones too: what they were about keeps its own trace."""
    session.execute(
        delete(Job)
        .where(Job.id.in_(_old(clock.now()).limit(BATCH)))
        .execution_options(synchronize_session=False)
    )

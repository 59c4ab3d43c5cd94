"""Takes away sessions that ended and failed sign-ins that no longer count."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from tracker import clock
from tracker.jobs.kinds import Payload
from tracker.people.models import SignInAttempt, UserSession

#: Ended sessions are kept this long; the audit log keeps every sign-in far longer.
KEPT = timedelta(days=30)
#: At most so many rows at a time.
BATCH = 5000


def _over(now: datetime) -> ColumnElement[bool]:
    return UserSession.expires_at < now - KEPT


def _forgotten(now: datetime) -> ColumnElement[bool]:
    return SignInAttempt.at < now - KEPT


def is_due(session: Session, now: datetime) -> bool:
    """Whether there is anything to take away."""
    sessions = select(UserSession.token_hash).where(_over(now)).limit(1)
    attempts = select(SignInAttempt.id).where(_forgotten(now)).limit(1)
    return session.scalar(sessions) is not None or session.scalar(attempts) is not None


def clean(session: Session, _payload: Payload) -> None:
    """Delete both."""
    now = clock.now()
    old = select(UserSession.token_hash).where(_over(now)).limit(BATCH)
    session.execute(
        delete(UserSession)
        .where(UserSession.token_hash.in_(old))
        .execution_options(synchronize_session=False)
    )
    failed = select(SignInAttempt.id).where(_forgotten(now)).limit(BATCH)
    session.execute(
        delete(SignInAttempt)
        .where(SignInAttempt.id.in_(failed))
        .execution_options(synchronize_session=False)
    )

"""Takes away what nobody will read again: old notices, sent messages, lines, ended calendar feeds."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, or_, select
from sqlalchemy.orm import Session

from tracker import clock
from tracker.jobs.kinds import Payload
from tracker.notices.channels import SENT
from tracker.notices.models import CalendarFeed, Digest, DigestLine, Message, Notice

#: A notice stays half a year; what happened stays in the task's own record for good.
NOTICES = timedelta(days=183)
#: Digests and sent messages stay long enough to answer "were we told".
MESSAGES = timedelta(days=90)
FEEDS = timedelta(days=30)
#: At most so many rows of a table at a time.
BATCH = 5000


def _old(now: datetime) -> Sequence[tuple[Any, Select[int]]]:
    """(table, keys that are to go), what refers to another table first."""
    mentioned = select(Message.digest_id).where(Message.digest_id.is_not(None))
    without_message = select(Digest.id).where(
        Digest.made_at < now - MESSAGES, Digest.id.not_in(mentioned)
    )
    return (
        (Notice, select(Notice.id).where(Notice.created_at < now - NOTICES)),
        (
            Message,
            select(Message.id).where(Message.state == SENT, Message.created_at < now - MESSAGES),
        ),
        (DigestLine, select(DigestLine.id).where(DigestLine.digest_id.in_(without_message))),
        (
            Digest,
            without_message.where(
                Digest.id.not_in(
                    select(DigestLine.digest_id).where(DigestLine.digest_id.is_not(None))
                )
            ),
        ),
        (
            CalendarFeed,
            select(CalendarFeed.id).where(
                or_(CalendarFeed.revoked_at < now - FEEDS, CalendarFeed.expires_at < now - FEEDS)
            ),
        ),
    )


def is_due(session: Session, now: datetime) -> bool:
    """Whether there is anything to take away."""
    return any(session.scalar(keys.limit(1)) is not None for _, keys in _old(now))


def clean(session: Session, _payload: Payload) -> None:
    """Delete it, a batch of each."""
    for table, keys in _old(clock.now()):
        ids = session.scalars(keys.limit(BATCH)).all()
        if ids:
            session.execute(
                delete(table).where(table.id.in_(ids)).execution_options(synchronize_session=False)
            )

"""Writes jobs in the transaction of what needs them."""

from datetime import datetime
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tracker import clock
from tracker.jobs.models import Job


def enqueue(
    session: Session,
    kind: str,
    payload: dict[str, Any],
    *,
    key: str,
    run_at: datetime | None = None,
) -> bool:
    """Ask for a piece of work inside the open unit of work; False when `key` was asked for before."""
    now = clock.now()
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    asked = dialect.insert(Job).values(
        kind=kind, key=key, payload=payload, run_at=run_at or now, attempts=0, created_at=now,
        is_dead=False, error="",
    )  # fmt: skip
    made = asked.on_conflict_do_nothing(index_elements=[Job.key]).returning(Job.id)
    return session.scalar(made) is not None

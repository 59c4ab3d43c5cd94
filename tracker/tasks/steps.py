"""Knows one action in the middle of being carried out: what an effect may read and change."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.tasks.given import Given
from tracker.tasks.models import Task

#: What an event remembers besides the words that were typed.
Payload = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One action being carried out: what an effect reads and changes."""

    session: Session
    task: Task
    actor: Actor
    given: Given
    at: datetime

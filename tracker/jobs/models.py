"""Jobs: one row for each piece of work that is to be done outside a request."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.storage.db import Base
from tracker.storage.types import Document, UTCDateTime


class Job(Base):
    """A piece of work. Written in the transaction that needs it, ended in the one that does it."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_done_at_run_at_id", "done_at", "run_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    #: names the work: asked for twice, it is there once
    key: Mapped[str] = mapped_column(String(120), unique=True)
    payload: Mapped[dict[str, Any]] = mapped_column(Document, default=dict)
    #: not before this moment
    run_at: Mapped[datetime] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    #: the worker that has it in hand, and until when nobody else takes it up
    lease_id: Mapped[str | None] = mapped_column(String(36))
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    #: when it ended, well or not
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    #: given up after the last attempt
    is_dead: Mapped[bool] = mapped_column(default=False)
    #: what went wrong the last time
    error: Mapped[str] = mapped_column(String(300), default="")

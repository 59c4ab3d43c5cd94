"""Notices of people, lines of digests, channels and the messages that go through them, calendar feeds."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.people.models import User
from tracker.places.models import Organization
from tracker.storage.db import Base
from tracker.storage.types import Document, UTCDateTime


class Notice(Base):
    """One thing one person is told. Never holds a description, a reporter or a citizen's data."""

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_user_id_read_at_id", "user_id", "read_at", "id"),
        Index("ix_notice_user_id_id", "user_id", "id"),
        Index("ix_notice_user_id_task_id", "user_id", "task_id"),
        Index("ix_notice_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("task_event.id"))
    kind: Mapped[str] = mapped_column(String(16))
    #: names the words in `rules.TEXTS`
    text_key: Mapped[str] = mapped_column(String(40))
    #: number, category in both languages, place, due (RFC 3339)
    params: Mapped[dict[str, Any]] = mapped_column(Document)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class NoticeSetting(Base):
    """What one person wants to be sent besides the inbox; no row is: nothing."""

    __tablename__ = "notice_setting"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    #: office address for digests; empty is none
    email: Mapped[str] = mapped_column(String(120), default="")
    #: kinds that go out
    kinds: Mapped[list[str]] = mapped_column(Document, default=list)
    #: hours of the city's day, from (included) to (not included); None is no quiet
    quiet_from: Mapped[int | None]
    quiet_until: Mapped[int | None]


class Digest(Base):
    """What an audience is sent together: one in each half hour at most."""

    __tablename__ = "digest"
    __table_args__ = (UniqueConstraint("audience", "slot"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: "unit:5" or "person:7"
    audience: Mapped[str] = mapped_column(String(20))
    slot: Mapped[datetime] = mapped_column(UTCDateTime)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class DigestLine(Base):
    """One line that waits for the next digest of its audience, or went into one."""

    __tablename__ = "digest_line"
    __table_args__ = (
        UniqueConstraint("event_id", "audience"),
        Index("ix_digest_line_digest_id_audience", "digest_id", "audience"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    audience: Mapped[str] = mapped_column(String(20))
    event_id: Mapped[int] = mapped_column(ForeignKey("task_event.id"))
    text_key: Mapped[str] = mapped_column(String(40))
    params: Mapped[dict[str, Any]] = mapped_column(Document)
    #: the digest it went into; the mark, not its key, says that it was sent
    digest_id: Mapped[int | None] = mapped_column(ForeignKey("digest.id"))


class Channel(Base):
    """A way out of the house for the digests of a unit. The address is a secret: shown masked only."""

    __tablename__ = "channel"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    kind: Mapped[str] = mapped_column(String(10))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    #: URL in the library's writing
    address: Mapped[str] = mapped_column(Text)
    #: what a page shows of it
    hint: Mapped[str] = mapped_column(String(80))
    #: messages in any minute
    per_minute: Mapped[int]
    quiet_from: Mapped[int | None]
    quiet_until: Mapped[int | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column()

    organization: Mapped[Organization] = relationship()

    __mapper_args__ = {"version_id_col": version}


class Message(Base):
    """A message on its way out (outbox): written with its digest, sent by a job, or given up."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("digest_id", "channel_id"),
        Index("ix_message_state_id", "state", "id"),
        Index("ix_message_channel_id_tried_at", "channel_id", "tried_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"))
    #: None for a test
    digest_id: Mapped[int | None] = mapped_column(ForeignKey("digest.id"))
    #: the person of a personal digest
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    title: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text)
    #: waiting, sent, dead, manual (to be copied by hand)
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    tried_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    #: why it was not accepted the last time
    reason: Mapped[str] = mapped_column(String(300), default="")

    channel: Mapped[Channel] = relationship()


class CalendarFeed(Base):
    """A person's address for a calendar program; its token is kept as SHA-256 and shown once."""

    __tablename__ = "calendar_feed"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    name: Mapped[str] = mapped_column(String(50))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    user: Mapped[User] = relationship()

"""Knows which requests were already carried out, so that a resend is answered, not repeated."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from tracker import clock
from tracker.errors import Conflict, Invalid
from tracker.storage.db import Base
from tracker.storage.types import Document, UTCDateTime
from tracker.texts import N_


class Receipt(Base):
    """One acknowledged write: the client's UUID, what it asked, and what it was told."""

    __tablename__ = "write_receipt"

    uuid: Mapped[str] = mapped_column(String(36), primary_key=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    digest: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[dict[str, Any]] = mapped_column(Document)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


def digest_of(content: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON of what was asked."""
    return hashlib.sha256(
        orjson.dumps(content, option=orjson.OPT_SORT_KEYS, default=str)
    ).hexdigest()


def parse_uuid(text: str | None) -> str:
    """The canonical form of a client's UUID. Raises Invalid."""
    try:
        return str(UUID(text or ""))
    except ValueError:
        raise Invalid(N_("请求编号缺失或无效，请刷新页面后重试。"), field="request_uuid") from None


def earlier(
    session: Session, uuid: str, *, actor_id: int | None, digest: str
) -> dict[str, Any] | None:
    """The outcome of the same request if it was carried out before, else None.

    Raises Conflict when the UUID was used by somebody else or with other content.
    """
    kept = session.get(Receipt, uuid)
    if kept is None:
        return None
    if kept.actor_id != actor_id or kept.digest != digest:
        raise Conflict(
            N_("这个请求编号已用于另一项内容。请刷新页面后重新提交。"), code="request_reused"
        )
    return kept.outcome


def keep(
    session: Session, uuid: str, *, actor_id: int | None, digest: str, outcome: dict[str, Any]
) -> None:
    """Remember an outcome in the transaction of the write itself."""
    session.add(
        Receipt(uuid=uuid, actor_id=actor_id, digest=digest, outcome=outcome, at=clock.now())
    )

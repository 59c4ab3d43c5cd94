"""The table of 调度会: days since which a leader asks what changed."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.places.models import Area
from tracker.storage.db import Base
from tracker.storage.types import UTCDateTime

#: Characters of a title.
TITLE_LENGTH = 60

_STANDS = text("removed_at IS NULL")


class DispatchMeeting(Base):
    """调度会: a meeting of an area on a day, one a day; a removed one stays as a row."""

    __tablename__ = "dispatch_meeting"
    __table_args__ = (
        Index("ix_dispatch_meeting_held_on_id", "held_on", "id"),
        Index(
            "uq_dispatch_meeting_area_code_held_on", "area_code", "held_on", unique=True,
            sqlite_where=_STANDS, postgresql_where=_STANDS,
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    held_on: Mapped[date]
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    area: Mapped[Area] = relationship()

"""The working calendar as rows: the days that differ, and every state the calendar was in."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.storage.db import Base
from tracker.storage.types import Document, UTCDateTime


class CalendarEntry(Base):
    """A day of the calendar in force that differs from Monday-Friday, and who says so.

    A stop-work order lies over the notice's word on the same day, and gives it back when lifted.
    """

    __tablename__ = "calendar_day"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    #: notice, order
    layer: Mapped[str] = mapped_column(String(8), primary_key=True)
    #: DayKind
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(60), default="")
    source: Mapped[str] = mapped_column(String(120), default="")
    edition_id: Mapped[int] = mapped_column(ForeignKey("calendar_edition.id"))


class CalendarEdition(Base):
    """One change of the calendar: who, when, what, and the version it led to. Never changed.

    The newest row is the calendar in force; only how far deadlines were recomputed is filled in
    afterwards.
    """

    __tablename__ = "calendar_edition"

    #: 1, 2, 3 …: of two changes made at once the second finds its number taken
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: WorkCalendar.version of the state it led to; tasks name the version they were computed with
    version: Mapped[str] = mapped_column(String(40))
    #: EditionKind
    kind: Mapped[str] = mapped_column(String(12))
    #: reason, or name of the file
    note: Mapped[str] = mapped_column(String(200), default="")
    #: office hours, e.g. [["08:00", "12:00"], ["14:00", "18:00"]]
    hours: Mapped[list[list[str]]] = mapped_column(Document)
    #: {"day", "layer", "before", "after"} of each day changed; of the shipped notices only the count
    changes: Mapped[list[dict[str, Any]]] = mapped_column(Document, default=list)
    change_count: Mapped[int] = mapped_column(default=0)
    #: deadlines before this day stay as they are; None: no day is worked otherwise
    first_day: Mapped[date | None] = mapped_column(Date)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(50), default="")
    #: when the deadlines of open tasks were all recomputed; None: not yet
    recomputed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

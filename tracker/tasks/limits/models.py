"""The limits a district sets for the stages of tasks."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.calendar import Limit, LimitReading, LimitUnit
from tracker.storage.db import Base
from tracker.storage.types import UTCDateTime
from tracker.tasks.limits.rules import Rule, Stage


class LimitRule(Base):
    """One limit and its scope, see tasks.limits.rules; "" is any. A scope has one rule."""

    __tablename__ = "limit_rule"
    __table_args__ = (UniqueConstraint("stage", "subject", "severity", "source"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    stage: Mapped[str] = mapped_column(String(10))
    #: code of a category, or the two characters of a 大类
    subject: Mapped[str] = mapped_column(String(12), default="")
    severity: Mapped[str] = mapped_column(String(8), default="")
    source: Mapped[str] = mapped_column(String(20), default="")
    value: Mapped[int]
    unit: Mapped[str] = mapped_column(String(16))
    reading: Mapped[str] = mapped_column(String(12))
    #: where the limit comes from, in words
    note: Mapped[str] = mapped_column(String(120), default="")
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    version: Mapped[int] = mapped_column(default=1)

    #: of two people who change a rule one is told
    __mapper_args__ = {"version_id_col": version}

    @property
    def limit(self) -> Limit:
        """The limit itself."""
        return Limit(self.value, LimitUnit(self.unit), LimitReading(self.reading))

    def as_rule(self) -> Rule:
        """The row as the rules know it."""
        return Rule(
            Stage(self.stage), self.limit, self.subject, self.severity, self.source, self.id
        )

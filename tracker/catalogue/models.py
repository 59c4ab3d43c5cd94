"""Problem categories: the shipped catalogue and what a district adds to it."""

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.calendar import Limit, LimitReading, LimitUnit
from tracker.storage.db import Base
from tracker.storage.types import Document


class Category(Base):
    """A 小类 with its default limit; unique by (standard_ref, kind, code)."""

    __tablename__ = "category"
    __table_args__ = (UniqueConstraint("standard_ref", "kind", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    standard_ref: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(12))
    code: Mapped[str] = mapped_column(String(12), index=True)
    name: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    major_code: Mapped[str] = mapped_column(String(4))
    major_name: Mapped[str] = mapped_column(String(40))
    major_name_en: Mapped[str] = mapped_column(String(80), default="")
    alias_2013: Mapped[str] = mapped_column(String(12), default="")
    tags: Mapped[list[str]] = mapped_column(Document, default=list)
    limit_value: Mapped[int]
    limit_unit: Mapped[str] = mapped_column(String(16))
    limit_reading: Mapped[str] = mapped_column(String(12))
    limit_source: Mapped[str] = mapped_column(String(40), default="")
    #: which case of the category the limit is for, when the source says
    limit_condition: Mapped[str] = mapped_column(String(60), default="")
    after_photo_required: Mapped[bool] = mapped_column(default=True)
    is_local: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)

    @property
    def limit(self) -> Limit:
        """The default limit of its tasks."""
        return Limit(self.limit_value, LimitUnit(self.limit_unit), LimitReading(self.limit_reading))

"""The versioned checklists: editions and their items, and the words they are made of."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.catalogue.models import Category
from tracker.storage.db import Base
from tracker.storage.types import UTCDateTime
from tracker.texts import N_


class LabelSet(StrEnum):
    """The words an edition uses for the four results."""

    CONFORMITY = "conformity"  #: 符合 / 基本符合 / 不符合 / 不适用
    GRADE = "grade"  #: 合格 / 不合格 / 严重不合格
    ATTAINMENT = "attainment"  #: 达标 / 不达标


class EditionKind(StrEnum):
    """Which card an edition is of; one edition of a kind is in force on a day."""

    CHECKLIST = "checklist"  #: 测评检查清单
    DUST_CONTROL = "dust_control_six"  #: 六个100%
    RIVER = "river_plan"  #: 一河一策


EDITION_KIND_LABELS = {
    EditionKind.CHECKLIST: N_("测评检查清单"),
    EditionKind.DUST_CONTROL: N_("六个100%"),
    EditionKind.RIVER: N_("一河一策"),
}


class Dimension(StrEnum):
    """What a finding is about; the loss shares of districts are counted by it (domain §3.1)."""

    INFRASTRUCTURE = "infrastructure"  #: 基础设施
    SANITATION = "sanitation"  #: 环境卫生
    ORDER = "order"  #: 公共秩序
    PUBLICITY = "publicity"  #: 宣传创建
    FIRE_SAFETY = "fire_safety"  #: 消防安全
    OTHER = "other"  #: 其他


DIMENSION_LABELS = {
    Dimension.INFRASTRUCTURE: N_("基础设施"),
    Dimension.SANITATION: N_("环境卫生"),
    Dimension.ORDER: N_("公共秩序"),
    Dimension.PUBLICITY: N_("宣传创建"),
    Dimension.FIRE_SAFETY: N_("消防安全"),
    Dimension.OTHER: N_("其他"),
}


class Method(StrEnum):
    """How an item is checked."""

    LOOK = "look"  #: 目测
    ASK = "ask"  #: 询问
    RECORDS = "records"  #: 查记录
    MEASURE = "measure"  #: 测量


METHOD_LABELS = {
    Method.LOOK: N_("目测"),
    Method.ASK: N_("询问"),
    Method.RECORDS: N_("查记录"),
    Method.MEASURE: N_("测量"),
}


class ChecklistEdition(Base):
    """One edition of a card (检查清单版本). A published edition and its items never change."""

    __tablename__ = "checklist_edition"
    __table_args__ = (Index("ix_checklist_edition_kind_valid_from", "kind", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: e.g. sample-2026, dust-guangdong
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(20))
    labels: Mapped[str] = mapped_column(String(12), default=LabelSet.CONFORMITY.value)
    #: days of the city's calendar, both inclusive; valid_from None is not in force (kept aside)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    #: 示例: shipped as an example, not the official handbook
    is_sample: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    items: Mapped[list["CheckItem"]] = relationship(
        order_by="CheckItem.sort, CheckItem.id", back_populates="edition"
    )


#: Stands between the code of a line and a site type where one line became several items.
TYPE_MARK = "@"


class CheckItem(Base):
    """One thing to check (检查项)."""

    __tablename__ = "check_item"
    __table_args__ = (
        UniqueConstraint("edition_id", "code"),
        Index("ix_check_item_edition_id_site_type_code", "edition_id", "site_type_code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("checklist_edition.id"))
    #: e.g. G1, MARKET-03
    code: Mapped[str] = mapped_column(String(24))
    #: None: the common block, for every site type that is no channel
    site_type_code: Mapped[str | None] = mapped_column(ForeignKey("site_type.code"))
    dimension: Mapped[str] = mapped_column(String(16))
    #: what is checked, short: 公益广告
    text: Mapped[str] = mapped_column(String(120))
    #: when it conforms, in full
    standard: Mapped[str] = mapped_column(Text, default="")
    method: Mapped[str] = mapped_column(String(8), default=Method.LOOK.value)
    #: category of the task that a failure becomes
    category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"))
    weight: Mapped[int] = mapped_column(default=1)
    #: a failure fails the whole point, whatever the score
    is_critical: Mapped[bool] = mapped_column(default=False)
    sort: Mapped[int] = mapped_column(default=0)

    edition: Mapped[ChecklistEdition] = relationship(back_populates="items")
    category: Mapped[Category | None] = relationship()

    @property
    def line_code(self) -> str:
        """The code to show: STATION-01@bus_stop is STATION-01."""
        return self.code.partition(TYPE_MARK)[0]

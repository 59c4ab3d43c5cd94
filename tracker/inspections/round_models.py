"""Rounds of inspections with their points and inspectors, and the liaison of units and communities."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.people.models import User
from tracker.places.models import Area, Organization
from tracker.points.models import InspectionPoint
from tracker.storage.db import Base
from tracker.storage.types import Document, UTCDateTime
from tracker.tasks.states import Source
from tracker.texts import N_


class RoundKind(StrEnum):
    """Who inspects whom (domain §5.2, 考核评级大督促)."""

    OFFICE = "office"  #: 区迎检办督导检查
    SELF = "self"  #: 重点单位自查督导
    LIAISON = "liaison"  #: 镇/单位到村居挂点
    RECHECK = "recheck"  #: 回头看
    COVERT = "covert"  #: 省市暗访
    REVIEW = "review"  #: 迎检模式: a frozen list before an external review


ROUND_KIND_LABELS = {
    RoundKind.OFFICE: N_("区迎检办督导检查"),
    RoundKind.SELF: N_("重点单位自查督导"),
    RoundKind.LIAISON: N_("镇/单位到村居挂点"),
    RoundKind.RECHECK: N_("回头看"),
    RoundKind.COVERT: N_("省市暗访"),
    RoundKind.REVIEW: N_("迎检"),
}

#: The source of tasks that a visit of each kind makes; a visit without a round is an office one.
SOURCE_OF = {
    RoundKind.OFFICE: Source.INSPECTION,
    RoundKind.SELF: Source.SELF_INSPECTION,
    RoundKind.LIAISON: Source.LIAISON,
    RoundKind.RECHECK: Source.INSPECTION,
    RoundKind.COVERT: Source.COVERT,
    RoundKind.REVIEW: Source.INSPECTION,
}


class Draw(StrEnum):
    """How the points of a round are chosen."""

    ALL = "all"  #: 全部
    RANDOM = "random"  #: 按类型和社区随机抽取, with a stored seed
    OVERDUE_FIRST = "overdue_first"  #: 到期未查优先
    BY_HAND = "by_hand"  #: 手工选择


DRAW_LABELS = {
    Draw.ALL: N_("全部点位"),
    Draw.RANDOM: N_("按类型和社区随机抽取"),
    Draw.OVERDUE_FIRST: N_("久未检查优先"),
    Draw.BY_HAND: N_("手工选择"),
}


class RoundState(StrEnum):
    """Where a round stands."""

    PLANNED = "planned"  #: points may still change; phones do not have it yet
    OPEN = "open"  #: inspectors work on it
    CLOSED = "closed"  #: no more visits count for it


ROUND_STATE_LABELS = {
    RoundState.PLANNED: N_("筹备中"),
    RoundState.OPEN: N_("进行中"),
    RoundState.CLOSED: N_("已结束"),
}


class Round(Base):
    """A batch of inspections (督查批次)."""

    __tablename__ = "round"
    __table_args__ = (
        Index("ix_round_district_code_month", "district_code", "month"),
        Index("ix_round_town_code_month", "town_code", "month"),
        Index("ix_round_state_due_on", "state", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: made by the client: a resend finds the first row
    uuid: Mapped[str] = mapped_column(String(36), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(12))
    #: YYYY-MM that it counts for
    month: Mapped[str] = mapped_column(String(7))
    #: its points lie in this area, whose office plans it
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    #: that area and the ones around it: the jurisdiction of the round
    district_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    town_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    community_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    grid_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    #: the unit that inspects itself, or that visits its 挂点 community
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), index=True)
    draw: Mapped[str] = mapped_column(String(16))
    #: what was drawn from: site types, communities, size; kept to draw again
    draw_options: Mapped[dict[str, Any]] = mapped_column(Document, default=dict)
    seed: Mapped[str] = mapped_column(String(40), default="")
    state: Mapped[str] = mapped_column(String(10))
    #: last day to inspect, city calendar
    due_on: Mapped[date]
    #: 迎检: the day of the external review, and when the list was frozen
    review_on: Mapped[date | None]
    frozen_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    note: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)

    area: Mapped[Area] = relationship(foreign_keys=[area_code])
    unit: Mapped[Organization | None] = relationship()
    inspectors: Mapped[list[User]] = relationship(secondary="round_inspector", viewonly=True)

    __mapper_args__ = {"version_id_col": version}

    @property
    def inspector_ids(self) -> frozenset[int]:
        """Accounts that may inspect its points."""
        return frozenset(user.id for user in self.inspectors)


class RoundInspector(Base):
    """Who may inspect the points of a round."""

    __tablename__ = "round_inspector"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id"), primary_key=True, index=True
    )


class RoundPoint(Base):
    """A point of a round; `visited_at` is written with the first visit that counts for it."""

    __tablename__ = "round_point"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    point_id: Mapped[int] = mapped_column(
        ForeignKey("inspection_point.id"), primary_key=True, index=True
    )
    #: place on the route sheet, from 1
    position: Mapped[int]
    #: the one inspector it is given to; None: any of the round's
    inspector_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    visited_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    round: Mapped[Round] = relationship()
    point: Mapped[InspectionPoint] = relationship()
    inspector: Mapped[User | None] = relationship()


class Liaison(Base):
    """挂点: a unit that looks after a village or community."""

    __tablename__ = "liaison"
    __table_args__ = (Index("ix_liaison_community_code_until", "community_code", "until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    community_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    #: 挂点领导 or contact, a name
    person: Mapped[str] = mapped_column(String(50), default="")
    since: Mapped[date]
    #: last day; None while it goes on
    until: Mapped[date | None]

    unit: Mapped[Organization] = relationship()
    community: Mapped[Area] = relationship()

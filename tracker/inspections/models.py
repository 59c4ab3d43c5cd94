"""Visits and their answers, and what phones left for the office to decide."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.evidence.models import Photo
from tracker.inspections.round_models import Round
from tracker.people.models import User
from tracker.points.checklist_models import CheckItem
from tracker.points.models import InspectionPoint
from tracker.storage.db import Base
from tracker.storage.types import Document, UTCDateTime
from tracker.tasks.models import Task


class Result(StrEnum):
    """What an inspector found of one item (domain §3.3)."""

    CONFORM = "conform"  #: 符合
    BASIC = "basic"  #: 基本符合
    FAIL = "fail"  #: 不符合
    NOT_APPLICABLE = "na"  #: 不适用


class Visit(Base):
    """One inspection of one point at one moment; never changed once received."""

    __tablename__ = "visit"
    __table_args__ = (
        Index("ix_visit_point_id_at", "point_id", "at"),
        Index("ix_visit_round_id_point_id", "round_id", "point_id"),
        Index("ix_visit_community_code_at", "community_code", "at"),
        Index("ix_visit_town_code_at", "town_code", "at"),
        Index("ix_visit_district_code_at", "district_code", "at"),
        Index("ix_visit_unit_id_at", "unit_id", "at"),
        Index("ix_visit_inspector_id_at", "inspector_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(36), unique=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("inspection_point.id"))
    round_id: Mapped[int | None] = mapped_column(ForeignKey("round.id"))
    kind: Mapped[str] = mapped_column(String(12))
    #: codes of the editions whose items were answered
    editions: Mapped[list[str]] = mapped_column(Document, default=list)
    inspector_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    inspector_name: Mapped[str] = mapped_column(String(50), default="")
    #: who entered it for the inspector from the box of held items
    accepted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    #: when it was finished, by the inspector's device, never later than received_at
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    #: one position per act, WGS-84; no track (国办函〔2026〕12号)
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    note: Mapped[str] = mapped_column(Text, default="")
    #: 0 to 100 over the applicable items by weight; None when nothing applied
    score: Mapped[float | None]
    #: a critical item failed
    failed_critically: Mapped[bool] = mapped_column(default=False)
    conform_count: Mapped[int] = mapped_column(default=0)
    basic_count: Mapped[int] = mapped_column(default=0)
    fail_count: Mapped[int] = mapped_column(default=0)
    na_count: Mapped[int] = mapped_column(default=0)
    #: the point's areas and unit at that time: the jurisdiction of the visit
    district_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    town_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    community_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    grid_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))

    point: Mapped[InspectionPoint] = relationship()
    round: Mapped[Round | None] = relationship()
    answers: Mapped[list["Answer"]] = relationship(order_by="Answer.id", back_populates="visit")

    @property
    def inspector_ids(self) -> frozenset[int]:
        """Whose visit it is."""
        return frozenset({self.inspector_id})


class Answer(Base):
    """The result of one item in one visit."""

    __tablename__ = "answer"
    __table_args__ = (UniqueConstraint("visit_id", "item_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("check_item.id"), index=True)
    result: Mapped[str] = mapped_column(String(8))
    note: Mapped[str] = mapped_column(String(500), default="")
    #: the task that this failure became or joined
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"), index=True)
    #: the failure was added to a task that was open already
    joined: Mapped[bool] = mapped_column(default=False)

    visit: Mapped[Visit] = relationship(back_populates="answers")
    item: Mapped[CheckItem] = relationship()
    task: Mapped[Task | None] = relationship()
    photos: Mapped[list[Photo]] = relationship(viewonly=True, order_by=Photo.received_at)


class Deposit(Base):
    """A phone's right to leave items for the office when its person can no longer sign in."""

    __tablename__ = "deposit_right"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    issued_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)

    user: Mapped[User] = relationship()


class HeldState(StrEnum):
    """What became of an item that the office keeps."""

    WAITING = "waiting"  #: nobody decided yet
    ACCEPTED = "accepted"  #: entered in the inspector's name
    DISCARDED = "discarded"  #: not entered, with a reason; kept


class HeldItem(Base):
    """An item that could not be carried out for its person, kept whole for the office to decide."""

    __tablename__ = "held_item"
    __table_args__ = (Index("ix_held_item_district_code_state", "district_code", "state", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(36), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    #: visit, report, submit
    kind: Mapped[str] = mapped_column(String(10))
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[dict[str, Any]] = mapped_column(Document)
    #: why it was held, in words
    reason: Mapped[str] = mapped_column(String(200))
    #: sync, deposit, file
    came_by: Mapped[str] = mapped_column(String(10))
    #: where it happened, else where its person worked: whose office decides
    district_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    town_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    community_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    grid_code: ClassVar[None] = None
    made_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[str] = mapped_column(String(10))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decision_note: Mapped[str] = mapped_column(String(300), default="")
    outcome: Mapped[dict[str, Any]] = mapped_column(Document, default=dict)

    user: Mapped[User] = relationship(foreign_keys=[user_id])

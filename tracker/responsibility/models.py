"""Who answers for which ground: posts in terms that are never overwritten, their scopes, their history."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.places.models import Area, Organization
from tracker.storage.db import Base
from tracker.storage.types import Document, UTCDateTime
from tracker.texts import N_


class Kind(StrEnum):
    """What ground a post answers for; the order is the order of precedence."""

    SEGMENT = "segment"  #: 路段: a line, and what lies within its reach
    POLYGON = "polygon"  #: 片区: what it holds
    COMMUNITY = "community"  #: 社区兜底: the rest of a community


KIND_LABELS = {
    Kind.SEGMENT: N_("路段"),
    Kind.POLYGON: N_("片区"),
    Kind.COMMUNITY: N_("社区兜底"),
}


class Responsibility(Base):
    """One term of a post (岗位): from `valid_from` to `valid_to`, both days included.

    A change of who answers, or for what, ends the term and begins the next one under the same code,
    so that a day in the past is answered as it was. Only the newest term of a code `is_latest`.
    """

    __tablename__ = "responsibility"
    __table_args__ = (
        UniqueConstraint("code", "term"),
        Index("ix_responsibility_is_latest_code", "is_latest", "code"),
        Index("ix_responsibility_community_code_code", "community_code", "code"),
        Index("ix_responsibility_town_code_code", "town_code", "code"),
        Index("ix_responsibility_district_code_code", "district_code", "code"),
        Index("ix_responsibility_unit_id_code", "unit_id", "code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32))
    #: 1 for the first, counted on with every change of who answers
    term: Mapped[int] = mapped_column(default=1)
    is_latest: Mapped[bool] = mapped_column(default=True)
    kind: Mapped[str] = mapped_column(String(12))
    #: of the road or the ground, e.g. 依云路（金海岸大道至机场路）
    name: Mapped[str] = mapped_column(String(100))
    #: GeoJSON (lon, lat) WGS-84 of the line or polygon; None for a community
    geometry: Mapped[dict[str, Any] | None] = mapped_column(Document)
    #: how far from its line a segment answers, metres; 0 for other kinds
    reach_m: Mapped[int] = mapped_column(default=0)
    #: WGS-84 degrees of a place on the line or in the polygon; its areas are those of the row
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    district_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    town_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    community_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    grid_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    #: 岗位, e.g. 保洁 3 组
    post: Mapped[str] = mapped_column(String(60), default="")
    #: 责任人, a name
    person: Mapped[str] = mapped_column(String(50), default="")
    #: shown masked; whole only through responsibility.phones, which leaves an audit entry
    phone: Mapped[str] = mapped_column(String(20), default="")
    #: 作业时段, as the office writes it
    hours: Mapped[str] = mapped_column(String(60), default="")
    #: 等级, e.g. 一级
    grade: Mapped[str] = mapped_column(String(20), default="")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    #: counted on over the terms of a code
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)

    unit: Mapped[Organization] = relationship()
    community: Mapped[Area | None] = relationship(foreign_keys=[community_code])
    scopes: Mapped[list["ResponsibilityScope"]] = relationship(
        order_by="ResponsibilityScope.kind, ResponsibilityScope.value",
        cascade="all, delete-orphan",
    )


class ResponsibilityScope(Base):
    """One thing a term answers for, see `responsibility.scopes`."""

    __tablename__ = "responsibility_scope"

    responsibility_id: Mapped[int] = mapped_column(
        ForeignKey("responsibility.id"), primary_key=True
    )
    #: all, major, category, site_type
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    #: code of the 大类, the 小类 or the site type; empty for all
    value: Mapped[str] = mapped_column(String(40), primary_key=True, default="")


class ResponsibilityChange(Base):
    """What was changed of a post, by whom: its history over all terms. Append-only."""

    __tablename__ = "responsibility_change"
    __table_args__ = (Index("ix_responsibility_change_code_id", "code", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32))
    #: the term that the change led to
    term: Mapped[int]
    #: create, change, correct, end, import
    kind: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    actor_name: Mapped[str] = mapped_column(String(50), default="")
    #: field → [before, after], in words; phones masked
    changes: Mapped[dict[str, Any]] = mapped_column(Document, default=dict)


class ResponsibilityEpoch(Base):
    """One row: a value that is new with every change of the map, the key of what is derived from it.

    A random value, not a count: after a change that was rolled back a count would come twice.
    """

    __tablename__ = "responsibility_epoch"

    id: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(String(36))

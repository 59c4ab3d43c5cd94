"""Inspection points, their types, their history, and river plans."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.places.models import Area, Organization
from tracker.storage.db import Base
from tracker.storage.types import Document, UTCDateTime


class SiteType(Base):
    """A kind of inspection point (点位类型), e.g. 农贸市场; shipped as site_types.tsv."""

    __tablename__ = "site_type"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    name_en: Mapped[str] = mapped_column(String(120), default="")
    group_name: Mapped[str] = mapped_column(String(40))
    group_name_en: Mapped[str] = mapped_column(String(80), default="")
    #: 渠道类: judged through a channel (hotline, report), has no point on the ground
    is_channel: Mapped[bool] = mapped_column(default=False)
    #: added for Zhuhai, not among the 54 of the handbook
    is_local: Mapped[bool] = mapped_column(default=False)
    sort: Mapped[int] = mapped_column(default=0)


class InspectionPoint(Base):
    """A place that is inspected (测评点位): a market, a street, a stretch of river."""

    __tablename__ = "inspection_point"
    __table_args__ = (
        Index(
            "ix_inspection_point_community_code_site_type_code", "community_code", "site_type_code"
        ),
        Index("ix_inspection_point_town_code", "town_code"),
        Index("ix_inspection_point_district_code_code", "district_code", "code"),
        Index("ix_inspection_point_site_type_code_code", "site_type_code", "code"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    site_type_code: Mapped[str] = mapped_column(ForeignKey("site_type.code"))
    address: Mapped[str] = mapped_column(String(256), default="")
    #: GeoJSON (lon, lat) WGS-84 of a line or polygon; None for a plain point
    geometry: Mapped[dict[str, Any] | None] = mapped_column(Document)
    #: WGS-84 degrees of the point, or of a place on the line or in the polygon
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    #: 62-bit Morton key of (lon, lat), see gis.cells
    cell: Mapped[int | None] = mapped_column(BigInteger, index=True)
    #: as given, before conversion
    raw_x: Mapped[float | None]
    raw_y: Mapped[float | None]
    coord_sys: Mapped[str | None] = mapped_column(String(16))
    district_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    town_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    community_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    grid_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), index=True)
    #: 责任人, a name; never a phone number
    person: Mapped[str] = mapped_column(String(50), default="")
    #: codes of campaign actions (行动), see points.campaign
    actions: Mapped[list[str]] = mapped_column(Document, default=list)
    #: 示范点位
    is_model_point: Mapped[bool] = mapped_column(default=False)
    #: days within which it should be visited again
    cycle_days: Mapped[int] = mapped_column(default=30)
    is_active: Mapped[bool] = mapped_column(default=True)
    #: moment and score (0 to 100) of the newest visit, written with it
    last_visit_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    last_score: Mapped[float | None]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)

    #: a point by itself names nobody; inspections.subjects adds those whom its rounds name
    inspector_ids: ClassVar[frozenset[int]] = frozenset()

    site_type: Mapped[SiteType] = relationship()
    unit: Mapped[Organization | None] = relationship()
    community: Mapped[Area | None] = relationship(foreign_keys=[community_code])

    __mapper_args__ = {"version_id_col": version}


class PointChange(Base):
    """What was changed of a point, by whom: its history. Append-only."""

    __tablename__ = "point_change"
    __table_args__ = (Index("ix_point_change_point_id_at", "point_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("inspection_point.id"))
    #: create, edit, move, deactivate, activate, import, plan
    kind: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    actor_name: Mapped[str] = mapped_column(String(50), default="")
    #: field → [before, after], in words
    changes: Mapped[dict[str, Any]] = mapped_column(Document, default=dict)


class RiverPlan(Base):
    """一河一策: what a river point has besides: its chief and its plan file."""

    __tablename__ = "river_plan"

    point_id: Mapped[int] = mapped_column(ForeignKey("inspection_point.id"), primary_key=True)
    river_name: Mapped[str] = mapped_column(String(60))
    #: 责任段
    segment: Mapped[str] = mapped_column(String(120), default="")
    #: 河长, name and post
    chief: Mapped[str] = mapped_column(String(50), default="")
    chief_post: Mapped[str] = mapped_column(String(60), default="")
    #: name as given and SHA-256 of the stored plan (PDF), empty when there is none
    file_name: Mapped[str] = mapped_column(String(120), default="")
    file_sha256: Mapped[str] = mapped_column(String(64), default="")
    version: Mapped[int] = mapped_column(default=1)

    point: Mapped[InspectionPoint] = relationship()
    measures: Mapped[list["RiverMeasure"]] = relationship(
        order_by="RiverMeasure.due_on, RiverMeasure.id", back_populates="plan"
    )

    __mapper_args__ = {"version_id_col": version}


class RiverMeasure(Base):
    """One measure of a river plan with its due date."""

    __tablename__ = "river_measure"

    id: Mapped[int] = mapped_column(primary_key=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("river_plan.point_id"), index=True)
    text: Mapped[str] = mapped_column(String(300))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    due_on: Mapped[date]
    done_on: Mapped[date | None]
    done_note: Mapped[str] = mapped_column(String(300), default="")

    plan: Mapped[RiverPlan] = relationship(back_populates="measures")
    unit: Mapped[Organization | None] = relationship()

"""Areas (district → town → community → grid), their boundary versions, and organizations."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.storage.db import Base
from tracker.storage.types import Document, UTCDateTime
from tracker.texts import N_


class Level(StrEnum):
    """The four levels, from the largest to the smallest."""

    DISTRICT = "district"  #: 区, 6 digits
    TOWN = "town"  #: 镇 / 街道, 9 digits
    COMMUNITY = "community"  #: 社区 / 村, 12 digits
    GRID = "grid"  #: 单元网格, 15 digits


LEVEL_LABELS = {
    Level.DISTRICT: N_("区"),
    Level.TOWN: N_("镇街"),
    Level.COMMUNITY: N_("社区"),
    Level.GRID: N_("网格"),
}
LEVELS = tuple(Level)


class Area(Base):
    """One administrative or grid area. Its code is text and its natural key."""

    __tablename__ = "area"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    level: Mapped[str] = mapped_column(String(12), index=True)
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"), index=True)
    #: codes from the root down, each followed by "/": a subtree is one prefix
    path: Mapped[str] = mapped_column(String(160), index=True)
    is_pilot: Mapped[bool] = mapped_column(default=False)
    #: schematic borders (示意), not for deciding a boundary
    is_schematic: Mapped[bool] = mapped_column(default=False)
    #: version of the boundary in force; 0 when there is none
    boundary_version: Mapped[int] = mapped_column(default=0)
    valid_from: Mapped[datetime | None] = mapped_column(UTCDateTime)
    valid_to: Mapped[datetime | None] = mapped_column(UTCDateTime)

    parent: Mapped["Area | None"] = relationship(remote_side=[code])


class AreaBoundary(Base):
    """One version of an area's boundary, GeoJSON in WGS-84 (lon, lat). Never overwritten."""

    __tablename__ = "area_boundary"
    __table_args__ = (UniqueConstraint("area_code", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    version: Mapped[int]
    geometry: Mapped[dict[str, Any]] = mapped_column(Document)
    source: Mapped[str] = mapped_column(String(200), default="")
    valid_from: Mapped[datetime] = mapped_column(UTCDateTime)
    valid_to: Mapped[datetime | None] = mapped_column(UTCDateTime)


class AreaEpoch(Base):
    """Numbers that grow with every change: 1 of areas and their borders, 2 of the names in places.versions."""

    __tablename__ = "area_epoch"

    id: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(default=0)


class OrganizationKind(StrEnum):
    """What an organization is in the campaign."""

    CAMPAIGN_OFFICE = "campaign_office"  #: 区迎检办 / 创文办
    DEPARTMENT = "department"  #: 区直责任单位
    TOWN = "town"  #: 镇街
    COMMUNITY = "community"  #: 社区居委会 / 村委会
    COMPANY = "company"  #: 养护、环卫等企业


ORGANIZATION_KIND_LABELS = {
    OrganizationKind.CAMPAIGN_OFFICE: N_("迎检办"),
    OrganizationKind.DEPARTMENT: N_("区直部门"),
    OrganizationKind.TOWN: N_("镇街"),
    OrganizationKind.COMMUNITY: N_("社区"),
    OrganizationKind.COMPANY: N_("企业"),
}


class Organization(Base):
    """A responsible unit (责任单位) or the office itself."""

    __tablename__ = "organization"
    __table_args__ = (Index("ix_organization_kind_area_code", "kind", "area_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    #: home area: what lies outside it is not suggested to this unit
    area_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    #: category codes or their beginnings that this unit answers for, e.g. ["06", "09009"]
    category_prefixes: Mapped[list[str]] = mapped_column(Document, default=list)
    is_active: Mapped[bool] = mapped_column(default=True)

    area: Mapped[Area | None] = relationship()

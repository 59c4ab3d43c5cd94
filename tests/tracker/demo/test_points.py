"""The demo district has the points of the campaign's plan, each where its community is."""

from datetime import UTC, datetime

from flask import Flask
from sqlalchemy import func, select

from tracker.demo.loading import load_demo
from tracker.points.models import InspectionPoint, PointChange, SiteType
from tracker.storage.db import db

END = datetime(2026, 11, 20, 8, tzinfo=UTC)
#: Sample places of the source text.
NAMES = (
    "金海岸南北园", "小林金银整治商都片区", "三板社区", "依云路", "金山公园", "金海岸体育休闲公园", "小林村",
    "东鑫花园", "中保新村", "海华南", "海华北", "唐人街市场", "红旗市民艺术中心", "三板社区市民艺术中心",
    "国际健康港24小时书吧", "外国语学校", "小林实验小学", "嘉珠时代广场",
)  # fmt: skip


def test_the_demo_has_the_places_of_the_plan_and_lines_and_polygons(app: Flask):
    load_demo(end=END, tasks=20, say=lambda _line: None)
    rows = db.session.scalars(select(InspectionPoint)).all()
    assert 60 <= len(rows) <= 120
    words = " ".join(row.name for row in rows)
    assert [name for name in NAMES if name not in words] == []
    assert {(row.geometry or {}).get("type") for row in rows} == {None, "LineString", "Polygon"}
    assert all(row.community_code and row.unit_id and row.cell for row in rows)
    groups = db.session.scalars(
        select(SiteType.group_name)
        .join(InspectionPoint, InspectionPoint.site_type_code == SiteType.code)
        .distinct()
    ).all()
    assert len(groups) >= 7
    assert db.session.scalar(select(func.count(PointChange.id))) == len(rows)
    assert {row.created_at for row in rows} == {datetime(2026, 9, 21, 8, tzinfo=UTC)}


def test_a_point_of_the_demo_lies_in_the_community_it_is_named_for(app: Flask):
    load_demo(end=END, tasks=20, say=lambda _line: None)
    rows = db.session.scalars(select(InspectionPoint)).all()
    astray = [row.name for row in rows if row.community and row.community.name not in row.address]
    assert astray == []

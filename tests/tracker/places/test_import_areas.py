"""Importing areas: rows are judged one by one, the sound ones stored together."""

import csv
from pathlib import Path

import pytest
import shapely
from shapely.geometry import shape
from sqlalchemy import func, select

from tests.factories.world import (
    DISTRICT,
    GRID,
    HAIAN,
    SANZAO,
    TOWN_A,
    TOWN_B,
    make_task,
    make_world,
)
from tests.tracker.places.conftest import EAST, WEST
from tracker.access.actor import SYSTEM
from tracker.audit.models import AuditEntry
from tracker.clock import now
from tracker.errors import Invalid
from tracker.places.columns import GivenColumns
from tracker.places.importing import AreaImport, import_areas
from tracker.places.importing_report import rejected_rows_csv
from tracker.places.locating import epoch, locate
from tracker.places.models import Area, AreaBoundary, Level
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work

WEST_ROW = {"code": "440404100003", "name": "西边社区"}
EAST_ROW = {"code": "440404100004", "name": "东边社区"}


def run(path, *, dry_run=False, **options):
    report = import_areas(path, AreaImport(**options), actor=SYSTEM, dry_run=dry_run)
    db.session.rollback()
    return report


def stored(code):
    db.session.rollback()
    return db.session.get(Area, code)


def reasons(report):
    return [(one.row, one.reason % one.facts) for one in report.rejections]


def versions(code):
    return db.session.scalars(
        select(AreaBoundary).where(AreaBoundary.area_code == code).order_by(AreaBoundary.version)
    ).all()


def counts(report):
    return report.read, report.created, report.changed, report.unchanged, report.rejected


# --- the real files ---------------------------------------------------------------------------------

# file, areas, code and name of one, what the person says of it
REAL = [
    ("admin_jinwan/DERIVED_jinwan_towns_thiessen_wgs84.geojson", 4, ("440404103", "红旗镇"), {"level": Level.TOWN, "parent": "D"}),
    ("admin_jinwan/zhuhai_districts_cgcs2000_epsg4490.geojson", 3, ("440404", "金湾区"), {"level": Level.DISTRICT}),
    ("admin_jinwan/zhuhai_districts_cnmaps_amap.geojson", 3, ("440404", "金湾区"), {"crs": "gcj02"}),
    ("admin_jinwan/zhuhai_districts_gcj02_datav.geojson", 3, ("440404", "金湾区"), {"crs": "gcj02"}),
    ("admin_jinwan/zhuhai_districts_wgs84.geojson", 3, ("440404", "金湾区"), {}),
    ("gbk_shapefiles/DERIVED_zhuhai_districts_epsg4490_gbk_cpg.shp", 3, ("440404", "金湾区"), {}),
    ("gbk_shapefiles/DERIVED_zhuhai_districts_epsg4547_gbk_nocpg.shp", 3, ("440404", "金湾区"), {}),
    ("gbk_shapefiles/DERIVED_jinwan_towns_epsg4490.gpkg", 4, ("440404100", "三灶镇"), {"level": Level.TOWN, "parent": "D"}),
    ("gbk_shapefiles/guangdong_oyl_gbk.shp", 1, ("440000", "广东"), {"crs": "wgs84", "level": Level.DISTRICT, "columns": GivenColumns("DZM", "地市名")}),
    ("la311/nc_boundaries_2019_wgs84.geojson", 99, ("47", "LINCOLN HEIGHTS NC"), {"level": Level.COMMUNITY, "parent": "D", "columns": GivenColumns(code="nc_id")}),
    ("pingshan_events/pingshan_district_gcj02.geojson", 1, ("440310", "坪山区"), {"crs": "gcj02"}),
    ("pingshan_events/shenzhen_districts_wgs84.geojson", 10, ("坪山", "坪山"), {"level": Level.DISTRICT, "columns": GivenColumns("qh", "qh")}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "count", "one", "options"), REAL, ids=[Path(r[0]).name for r in REAL]
)
def test_every_real_boundary_file_is_imported_whole(
    app, shared_data, table, file, count, one, options
):
    assert run(table("code,name,level", "D,某区,district", name="root.csv")).created == 1
    report = run(shared_data / file, **options)
    assert counts(report) == (count, count, 0, 0, 0)
    assert report.boundaries == count
    code, name = one
    assert stored(code).name == name
    inside = shapely.point_on_surface(shape(versions(code)[0].geometry))
    assert (
        locate(db.session, inside.x, inside.y).__getattribute__(f"{stored(code).level}_code")
        == code
    )
    again = run(shared_data / file, **options)
    assert counts(again) == (count, 0, 0, count, 0)


def test_no_real_file_is_missing_from_the_list_above(shared_data):
    kinds = {".shp", ".gpkg", ".geojson"}
    there = {
        p.relative_to(shared_data).as_posix() for p in shared_data.rglob("*") if p.suffix in kinds
    }
    assert there == {file for file, *_ in REAL}


def test_the_real_communities_come_without_boundaries_under_their_towns(both, shared_data):
    folder = shared_data / "admin_jinwan"
    assert run(folder / "zhuhai_districts_wgs84.geojson").created == 3
    assert (
        run(
            folder / "DERIVED_jinwan_towns_thiessen_wgs84.geojson",
            level=Level.TOWN,
            is_schematic=True,
        ).created
        == 4
    )
    report = run(folder / "communities_440404.csv", level=Level.COMMUNITY)
    assert counts(report) == (44, 42, 0, 0, 2)
    assert reasons(report) == [(43, "上级区域 440404400 不存在"), (44, "上级区域 440404401 不存在")]
    sanzao = stored("440404100001")
    assert (sanzao.name, sanzao.parent_code, sanzao.is_pilot, sanzao.boundary_version) == (
        "三灶社区",
        "440404100",
        True,
        0,
    )
    assert sanzao.path == "440404/440404100/440404100001/"
    assert stored("440404100").is_schematic


# --- parents ----------------------------------------------------------------------------------------


def test_the_parent_is_found_by_the_beginning_of_the_code(both, geojson):
    make_world()
    report = run(geojson((WEST_ROW, WEST), (EAST_ROW, EAST)))
    assert counts(report) == (2, 2, 0, 0, 0)
    assert (stored("440404100003").parent_code, stored("440404100003").level) == (
        TOWN_A,
        "community",
    )
    assert locate(db.session, 113.35, 22.06).community_code == "440404100003"


def test_a_code_without_known_beginning_goes_to_the_given_parent_else_to_the_area_around_it(
    both, geojson
):
    make_world()
    file = geojson(
        ({"code": "W", "name": "西"}, WEST), ({"code": "X", "name": "外"}, shapely.box(1, 1, 2, 2))
    )
    given = run(file, level=Level.COMMUNITY, parent=TOWN_B, dry_run=True)
    assert counts(given) == (2, 2, 0, 0, 0)
    report = run(file, level=Level.COMMUNITY)
    assert reasons(report) == [(2, "找不到上级区域：请加“上级代码”列，或为整个文件指定上级")]
    assert stored("W").parent_code == TOWN_A
    assert stored("X") is None


def test_children_may_stand_before_their_parents_in_one_file(both, table):
    file = table(
        "代码,名称,级别,上级代码,试点",
        "440404103001001,第一网格,网格,440404103001,",
        "440404103001,广安社区,社区,440404103,是",
        "440404103,红旗镇,镇,440404,否",
        "440404,金湾区,区,,",
        encoding="gb18030",
    )
    assert counts(run(file)) == (4, 4, 0, 0, 0)
    assert stored("440404103001001").path == "440404/440404103/440404103001/440404103001001/"
    assert stored("440404103001").is_pilot


def test_rows_below_a_refused_parent_are_refused_too(both, table):
    report = run(
        table("code,name,level,parent", "440404,,district,", "440404100,三灶镇,town,440404")
    )
    assert reasons(report) == [(1, "缺少名称：请填写“名称”列"), (2, "上级区域 440404 不存在")]
    assert stored("440404100") is None


def test_an_area_that_moves_takes_what_lies_below_along(both, table):
    make_world()
    report = run(table("code,name,level,parent", f"{SANZAO},三灶社区,community,{TOWN_B}"))
    assert counts(report) == (1, 0, 1, 0, 0)
    assert stored(GRID).path == f"{DISTRICT}/{TOWN_B}/{SANZAO}/{GRID}/"


def test_an_area_with_tasks_does_not_come_below_another(both, table):
    """Its figures would be told to the other town, which sees none of its tasks."""
    world = make_world()
    make_task(world, community=SANZAO)
    below_b = f"三灶社区,community,{TOWN_B}"
    report = run(table("code,name,level,parent", f"{SANZAO},{below_b}", f"{HAIAN},{below_b}"))
    assert reasons(report) == [
        (1, "该区域已有任务，不能改到另一上级；请用新代码新建区域，再停用本区域")
    ]
    assert stored(SANZAO).path == f"{DISTRICT}/{TOWN_A}/{SANZAO}/"
    assert stored(HAIAN).path == f"{DISTRICT}/{TOWN_B}/{HAIAN}/"


# --- rows that are refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",无代码,社区,440404100,", "缺少代码：请填写“代码”列"),
        ("44/04,斜杠,社区,440404100,", "“代码”列只能由文字、数字和 . - _ 组成，最长 32 个字符"),
        ("440404100009,,社区,440404100,", "缺少名称：请填写“名称”列"),
        (f"440404100009,{'长' * 101},社区,440404100,", "“名称”列超过 100 个字"),
        ("440404100009,级别,省,440404100,", "“级别”列请填 区、镇街、社区 或 网格"),
        ("ABC,没有级别,,440404100,", "没有级别：请加“级别”列，或为整个文件指定级别"),
        ("440404100009,上级,社区,440404777,", "上级区域 440404777 不存在"),
        (f"440404100009,上级,社区,{SANZAO},", f"上级区域 {SANZAO} 的级别不高于本区域"),
        ("440404100009,试点,社区,440404100,也许", "“试点”列应为 是 或 否，不能是“也许”"),
        (f"{SANZAO},换级别,镇,440404,", "该代码已是另一级别的区域，级别不能改变"),
    ],
)
def test_an_unsound_row_is_refused_with_its_reason_and_the_others_stored(app, table, line, reason):
    make_world()
    report = run(
        table("代码,名称,级别,上级代码,试点", line, f"440404100008,好的社区,社区,{TOWN_A},是")
    )
    assert reasons(report) == [(1, reason)]
    assert stored("440404100008").is_pilot
    assert report.read == report.stored + report.unchanged + report.rejected == 2


def test_a_code_that_stands_twice_is_refused_each_time(both, geojson):
    make_world()
    report = run(geojson((WEST_ROW, WEST), (WEST_ROW, EAST), (EAST_ROW, EAST)))
    assert [row for row, _ in reasons(report)] == [1, 2]
    assert reasons(report)[0][1] == "代码在文件中重复（第 1、2 条）"
    assert stored("440404100004") is not None


def test_a_retired_area_is_not_brought_back_by_an_import(both, geojson):
    make_world()
    with unit_of_work() as work:
        work.get_one(Area, HAIAN).valid_to = now()
    report = run(geojson(({"code": HAIAN, "name": "金海岸社区"}, EAST)))
    assert reasons(report) == [(1, "该区域已停用，请先在区域页面恢复")]


def test_a_feature_without_a_usable_boundary_is_refused_and_counted(both, geojson):
    make_world()
    line = shapely.LineString([(113.3, 22.0), (113.4, 22.1)])
    report = run(geojson((WEST_ROW, WEST), (EAST_ROW, line), ({"code": "x", "name": "空"}, None)))
    assert counts(report) == (3, 1, 0, 0, 2)
    assert reasons(report) == [(2, "图形不是面（点和线不能作为边界）"), (3, "没有边界图形")]


def test_rejected_rows_can_be_mended_and_imported_again(both, geojson, tmp_path):
    make_world()
    report = run(
        geojson(
            (WEST_ROW, WEST), ({"code": EAST_ROW["code"], "name": ""}, EAST), name="first.geojson"
        )
    )
    text = rejected_rows_csv(report.rejections, {0: "缺少名称"})
    path = tmp_path / "mended.csv"
    path.write_text(text.replace("440404100004,,", "440404100004,=东边,"), encoding="utf-8")
    assert list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))[0]["reason"] == "缺少名称"
    with pytest.raises(Invalid, match="坐标系"):
        run(path)
    again = run(path, crs="wgs84")
    assert counts(again) == (1, 1, 0, 0, 0)
    assert shape(versions("440404100004")[0].geometry).equals(EAST)


def test_a_name_that_looks_like_a_formula_is_written_harmless_and_read_back(app, geojson, table):
    make_world()
    report = run(geojson(({"code": "bad code", "name": "=1+1"}, WEST)))
    text = rejected_rows_csv(report.rejections, {0: "代码"})
    assert ",'=1+1," in text
    again = run(table("code,name,level,parent", f"Q1,'=1+1,community,{TOWN_A}"))
    assert counts(again) == (1, 1, 0, 0, 0)
    assert stored("Q1").name == "=1+1"


# --- versions ---------------------------------------------------------------------------------------


def test_a_new_boundary_is_a_new_version_and_the_old_one_is_kept(both, geojson):
    make_world()
    before = epoch(db.session)
    bigger = shapely.box(113.345, 22.035, 113.365, 22.06)
    file = geojson(({"code": SANZAO, "name": "三灶社区"}, bigger))
    report = run(file, source="grid-2026.geojson")
    assert counts(report) == (1, 0, 1, 0, 0)
    old, new = versions(SANZAO)
    assert old.valid_to == new.valid_from
    assert new.valid_to is None
    assert (new.version, new.source, stored(SANZAO).boundary_version) == (2, "grid-2026.geojson", 2)
    assert stored(SANZAO).is_pilot
    assert epoch(db.session) == before + 1
    assert locate(db.session, 113.35, 22.058).community_code == SANZAO


def test_the_same_boundary_again_is_unchanged_and_nothing_moves(both, geojson):
    make_world()
    file = geojson((WEST_ROW, WEST))
    run(file)
    before = epoch(db.session)
    assert counts(run(file)) == (1, 0, 0, 1, 0)
    assert len(versions("440404100003")) == 1
    assert epoch(db.session) == before


def test_a_dry_run_reports_the_same_and_writes_nothing(both, geojson):
    make_world()
    file = geojson((WEST_ROW, WEST), ({"code": "", "name": "无"}, EAST))
    entries = db.session.scalar(select(func.count()).select_from(AuditEntry))
    dry = run(file, dry_run=True)
    assert dry.dry_run
    assert stored("440404100003") is None
    assert db.session.scalar(select(func.count()).select_from(AuditEntry)) == entries
    assert {**dry.as_dict(), "dry_run": False} == run(file).as_dict()


def test_an_import_leaves_an_audit_record(both, geojson):
    make_world()
    run(geojson((WEST_ROW, WEST)), source="areas.geojson")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.kind == "area.import")).one()
    assert (entry.object, entry.detail["stored"], entry.detail["rejected"]) == (
        "areas.geojson",
        1,
        0,
    )


# --- how areas fit ----------------------------------------------------------------------------------


def test_gaps_overlaps_and_pieces_outside_the_parent_are_reported_with_names_and_sizes(
    both, geojson
):
    make_world()
    wide = shapely.box(113.36, 22.055, 113.40, 22.07)
    report = run(geojson((WEST_ROW, WEST), (EAST_ROW, wide)))
    found = {(misfit.code, misfit.name, misfit.other) for misfit in report.misfits}
    assert ("overlap", "西边社区", "东边社区") in found
    assert ("outside_parent", "东边社区", "") in found
    assert any(code == "gap" for code, *_ in found)
    assert all(misfit.parent == "三灶镇" and misfit.area_m2 > 50 for misfit in report.misfits)
    assert [m.area_m2 for m in report.misfits] == sorted(
        (m.area_m2 for m in report.misfits), reverse=True
    )


# --- whole files ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("areas.csv", b"", "扩展名"),
        ("areas.xlsx", b"", "Excel"),
        ("areas.csv", "代码,标题\n1,x\n".encode(), "没有“名称”列"),
        ("areas.csv", b'code,name\n"1,x\n', "CSV"),
        ("areas.csv", b"code,name,code\n1,x,2\n", "重复的列名"),
        ("areas.geojson", b"{", "JSON"),
        ("areas.xlsx", b"PK nonsense", "Excel"),
        ("areas.zip", b"PK nonsense", "压缩包"),
        ("areas.txt", b"x", "不支持"),
        ("areas.shp", b"x" * 200, "内容"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_words(app, tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Invalid, match=message):
        run(path)


def test_an_unknown_coordinate_system_or_column_is_refused_in_words(app, geojson):
    file = geojson((WEST_ROW, WEST))
    with pytest.raises(Invalid, match="不认识的坐标系"):
        run(file, crs="beijing54")
    with pytest.raises(Invalid, match="没有名为“nc_id”的列.*code、name"):
        run(file, columns=GivenColumns(code="nc_id"))


def test_areas_come_from_a_workbook_with_numbers_as_codes(both, tmp_path):
    from openpyxl import Workbook

    make_world()
    book = Workbook()
    book.active.append(["代码", "名称", "试点"])
    book.active.append([440404100005, "滨海社区", 1])
    book.active.append([None, None, None])
    book.save(tmp_path / "areas.xlsx")
    assert counts(run(tmp_path / "areas.xlsx")) == (1, 1, 0, 0, 0)
    assert (stored("440404100005").name, stored("440404100005").is_pilot) == ("滨海社区", True)

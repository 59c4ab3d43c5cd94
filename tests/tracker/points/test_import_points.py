"""Files of points as offices and other software write them: read right, or refused row by row."""

import csv
import json
import zipfile
from pathlib import Path
from typing import Any

import geopandas
import pyogrio
import pytest
import shapely
from flask import Flask
from sqlalchemy import func, select

from gis.coordinates import from_wgs84
from tests.factories.points import make_point, point
from tests.factories.world import GUANGAN, HAIAN, INSIDE, OUTSIDE, SANZAO, World, make_world
from tracker.access.actor import SYSTEM, Actor
from tracker.audit.models import AuditEntry
from tracker.cli import main
from tracker.errors import Invalid
from tracker.places.importing_report import Rejection
from tracker.points.importing import PointImport, import_points
from tracker.points.importing_report import PointReport, rejected_rows_csv
from tracker.points.models import InspectionPoint, PointChange
from tracker.storage.db import db
from tracker.texts import N_

LON, LAT = INSIDE[SANZAO]
HEADER = "点位代码,点位名称,点位类型,经度,纬度,社区代码,责任单位,责任人,行动"


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def csv_file(folder: Path, *lines: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
    path = folder / "points.csv"
    path.write_text("\n".join([header, *lines]), encoding=encoding)
    return path


def take(path: Path, *, actor: Actor = SYSTEM, **options: Any) -> PointReport:
    report = import_points(path, PointImport(**options), actor=actor)
    db.session.rollback()
    return report


def why(report: PointReport) -> dict[int, str]:
    return {
        one.row: one.reason % one.facts if one.facts else one.reason for one in report.rejections
    }


def count() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(InspectionPoint)) or 0


def test_a_table_of_the_office_becomes_points_with_history_and_one_audit_record(
    both: Flask, tmp_path: Path
) -> None:
    make_world()
    line = f"SZ-01,三灶农贸市场,农贸市场,{LON},{LAT},,区环卫中心,王五,1；“七乱一占”大整治"
    report = take(csv_file(tmp_path, line))
    assert why(report) == {}
    assert (report.read, report.created) == (1, 1)
    found = point("SZ-01")
    assert (found.site_type_code, found.community_code, found.person) == ("market", SANZAO, "王五")
    assert (found.unit.name if found.unit else "") == "区环卫中心"
    assert found.actions == ["1", "2"]
    assert (found.raw_x, found.coord_sys, found.cell is not None) == (LON, "wgs84", True)
    assert [row.kind for row in db.session.scalars(select(PointChange))] == ["import"]
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.kind == "point.import")).all()
    assert [(one.detail["stored"], one.detail["rejected"]) for one in entries] == [(1, 0)]


def test_the_same_file_again_changes_nothing(world: World, tmp_path: Path) -> None:
    file = csv_file(tmp_path, f"SZ-01,三灶市场,农贸市场,{LON},{LAT},,区环卫中心,王五,1")
    take(file)
    again = take(file)
    assert (again.created, again.changed, again.unchanged) == (0, 0, 1)
    assert len(db.session.scalars(select(PointChange)).all()) == 1


def test_a_known_code_changes_only_where_the_file_has_a_column(
    world: World, tmp_path: Path
) -> None:
    code = make_point(
        world, code="SZ-01", person="王五", actions=("3",), unit_id=world.units["sanitation"]
    )
    report = take(csv_file(tmp_path, "SZ-01,新名字,", header="code,name,person"))
    assert report.changed == 1
    assert report.rows[0].changes["name"] == ["唐人街市场", "新名字"]
    assert report.rows[0].changes["person"] == ["王五", ""]
    found = point(code)
    assert (found.name, found.person) == ("新名字", "")
    assert (found.actions, found.unit_id) == (["3"], world.units["sanitation"])
    assert (found.lon, found.lat) == INSIDE[SANZAO]


REFUSED = [
    ("坏 代码!,甲,农贸市场,{lon},{lat},,,,", "编号只能用文字"),
    ("N-1,,农贸市场,{lon},{lat},,,,", "新点位缺少名称：请填写“点位名称”列"),
    ("N-1,甲,,{lon},{lat},,,,", "新点位缺少点位类型：请填写“点位类型”列"),
    ("N-1,甲,飞机场,{lon},{lat},,,,", "不认识的点位类型“飞机场”"),
    ("N-1,甲,救助中心,{lon},{lat},,,,", "没有实地点位"),
    ("N-1,甲,农贸市场,{lon},{lat},,没有的单位,,", "责任单位“没有的单位”不在系统中"),
    ("N-1,甲,农贸市场,{lon},{lat},,,,16", "不认识的行动“16”"),
    ("N-1,甲,农贸市场,{lon},{lat},,,13800138000,", "不要填写电话号码"),
    ("N-1,甲,农贸市场,{lon},,,,,", "只有经度或只有纬度"),
    ("N-1,甲,农贸市场,东边,{lat},,,,", "不是数字"),
    ("N-1,甲,农贸市场,nan,{lat},,,,", "不是有限的数"),
    ("N-1,甲,农贸市场,{lat},{lon},,,,", "坐标不在中国范围内"),
    ("N-1,甲,农贸市场,113.9,22.5,,,,", "不在任何社区内"),
    ("N-1,甲,农贸市场,,,,,,", "至少选择所在社区"),
    ("N-1,甲,农贸市场,,,999999999999,,,", "没有这个社区"),
]


@pytest.mark.parametrize(("line", "reason"), REFUSED, ids=[reason for _, reason in REFUSED])
def test_a_row_that_cannot_be_is_refused_alone_with_its_reason(
    world: World, tmp_path: Path, line: str, reason: str
) -> None:
    good = f"SZ-01,好的,农贸市场,{LON},{LAT},,,,"
    report = take(csv_file(tmp_path, good, line.format(lon=LON, lat=LAT)))
    assert (report.read, report.created, report.rejected) == (2, 1, 1)
    assert reason in why(report)[2]
    assert count() == 1


def test_a_row_without_a_code_and_codes_that_repeat_are_refused(
    world: World, tmp_path: Path
) -> None:
    line = f"甲,农贸市场,{LON},{LAT},,,,"
    report = take(csv_file(tmp_path, f",{line}", f"A-1,{line}", f"A-2,{line}", f"A-1,{line}"))
    assert why(report) == {
        1: "缺少点位代码：请填写“点位代码”列", 2: "代码在文件中重复（第 2、4 条）", 4: "代码在文件中重复（第 2、4 条）",
    }  # fmt: skip
    assert report.created == 1


def test_a_place_outside_every_community_goes_with_the_code_of_one_and_a_remark(
    world: World, tmp_path: Path
) -> None:
    lon, lat = OUTSIDE
    report = take(csv_file(tmp_path, f"O-1,界外,公园,{lon},{lat},{GUANGAN},,,"))
    assert why(report) == {}
    assert [one.text for one in report.remarks] == [N_("位置不在任何社区内，已按社区代码归入")]
    assert point("O-1").community_code == GUANGAN


def test_of_place_and_code_that_disagree_the_place_decides_with_a_remark(
    world: World, tmp_path: Path
) -> None:
    report = take(csv_file(tmp_path, f"D-1,甲,公园,{LON},{LAT},{HAIAN},,,"))
    assert [one.facts for one in report.remarks] == [{"area": "三灶社区"}]
    assert point("D-1").community_code == SANZAO


@pytest.mark.parametrize("crs", ["gcj02", "bd09", "EPSG:4547"])
def test_other_coordinate_systems_are_converted_and_the_given_pair_is_kept(
    world: World, tmp_path: Path, crs: str
) -> None:
    x, y = from_wgs84(LON, LAT, crs)
    report = take(csv_file(tmp_path, f"C-1,甲,公园,{x},{y},,,,"), crs=crs)
    assert why(report) == {}
    found = point("C-1")
    assert (found.lon, found.lat) == pytest.approx((LON, LAT), abs=1e-6)
    assert (found.raw_x, found.raw_y, found.coord_sys) == (x, y, crs)


def test_a_town_dispatcher_cannot_import_outside_the_town(world: World, tmp_path: Path) -> None:
    lon, lat = INSIDE[GUANGAN]
    make_point(world, GUANGAN, code="G-9")
    file = csv_file(
        tmp_path, f"A-1,甲,公园,{LON},{LAT},,,,", f"G-1,乙,公园,{lon},{lat},,,,",
        f"G-9,抢过来,公园,{LON},{LAT},,,,",
    )  # fmt: skip
    report = take(file, actor=world.actor(town_dispatcher(world)))
    assert report.created == 1
    assert set(why(report).values()) == {"不在您的辖区内：点位须由辖区派遣员维护"}
    assert (point("A-1").town_code, point("G-9").community_code) == ("440404100", GUANGAN)


def town_dispatcher(world: World) -> str:
    from tests.factories.world import TOWN_A
    from tracker.access.roles import Role
    from tracker.people.models import RoleGrant
    from tracker.storage.unit_of_work import unit_of_work

    with unit_of_work() as work:
        grants = work.scalars(
            select(RoleGrant).where(RoleGrant.user_id == world.users["dispatcher"])
        )
        for grant in grants:
            if grant.role == Role.DISPATCHER:
                grant.area_code = TOWN_A
    return "dispatcher"


STREET = shapely.LineString([(LON, LAT), (LON + 0.002, LAT + 0.001)])
PARK = shapely.box(LON - 0.001, LAT - 0.001, LON + 0.001, LAT + 0.001)
SHAPES = {"L-1": STREET, "P-1": PARK, "D-1": shapely.Point(LON, LAT)}


def frame(**columns: Any) -> Any:
    names = columns or {
        "点位代码": list(SHAPES),
        "名称": ["路", "园", "点"],
        "类型": ["主次干道", "公园", "公园"],
    }
    return geopandas.GeoDataFrame(names, geometry=list(SHAPES.values()), crs="EPSG:4326")


@pytest.mark.parametrize("ending", ["geojson", "gpkg"])
def test_points_lines_and_areas_come_from_one_layer(
    world: World, tmp_path: Path, ending: str
) -> None:
    file = tmp_path / f"layer.{ending}"
    pyogrio.write_dataframe(frame(), file, geometry_type="Unknown")
    assert why(take(file)) == {}
    assert {code: (point(code).geometry or {}).get("type") for code in SHAPES} == {
        "L-1": "LineString", "P-1": "Polygon", "D-1": None,
    }  # fmt: skip


@pytest.mark.parametrize("has_cpg", [True, False], ids=["cpg", "no-cpg"])
@pytest.mark.parametrize("is_zipped", [True, False], ids=["zip", "plain"])
def test_a_gbk_shapefile_is_read_with_and_without_its_cpg(
    world: World, tmp_path: Path, has_cpg: bool, is_zipped: bool
) -> None:
    table = {
        "点位代码": ["S-1"],
        "名称": ["金海岸大道"],
        "类型": ["主次干道"],
        "责任单位": ["区环卫中心"],
    }
    layer = geopandas.GeoDataFrame(table, geometry=[STREET], crs="EPSG:4326").to_crs("EPSG:4547")
    folder = tmp_path / "layer"
    folder.mkdir()
    layer.to_file(folder / "a.shp", encoding="gbk", engine="pyogrio")
    if not has_cpg:
        (folder / "a.cpg").unlink(missing_ok=True)
    file = folder / "a.shp"
    if is_zipped:
        file = tmp_path / "a.zip"
        with zipfile.ZipFile(file, "w") as archive:
            for part in folder.iterdir():
                archive.write(part, part.name)
    assert why(take(file)) == {}
    found = point("S-1")
    assert (found.name, found.unit.name if found.unit else "") == ("金海岸大道", "区环卫中心")
    assert found.geometry is not None
    assert found.geometry["coordinates"][0] == pytest.approx([LON, LAT], abs=1e-6)


def test_bad_shapes_are_refused_one_by_one_and_bow_ties_mended(
    world: World, tmp_path: Path
) -> None:
    bow = [
        [LON, LAT],
        [LON + 0.001, LAT + 0.001],
        [LON + 0.001, LAT],
        [LON, LAT + 0.001],
        [LON, LAT],
    ]
    shapes = [
        {"type": "Polygon", "coordinates": [bow]},
        {"type": "LineString", "coordinates": [[LON, LAT], [LON, LAT]]},
        {"type": "MultiPoint", "coordinates": [[LON, LAT], [LON, LAT + 0.001]]},
        {"type": "Point", "coordinates": [500, 22]},
        {"type": "LineString", "coordinates": [[LON, LAT]]},
        {"type": "GeometryCollection", "geometries": []},
    ]
    features = [
        {
            "type": "Feature",
            "properties": {"code": f"B-{i}", "name": f"图形{i}", "site_type": "公园"},
            "geometry": shape,
        }
        for i, shape in enumerate(shapes)
    ]
    file = tmp_path / "bad.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    report = take(file)
    assert report.created == 1
    assert [one.row for one in report.remarks] == [1]
    assert sorted(why(report)) == [2, 3, 4, 5, 6]
    assert "线的长度为零" in why(report)[2]
    assert "点、线或面" in why(report)[3]


def test_wkt_in_a_table_goes_before_the_two_columns(world: World, tmp_path: Path) -> None:
    header = "code,name,site_type,lon,lat,wkt"
    lines = [
        f'W-1,路,主次干道,,,"{STREET.wkt}"',
        f"W-2,点,公园,{LON},{LAT},",
        "W-3,坏,公园,,,POINT(1",
    ]
    report = take(csv_file(tmp_path, *lines, header=header))
    assert list(why(report)) == [3]
    assert (point("W-1").geometry or {}).get("type") == "LineString"
    assert point("W-2").geometry is None


def test_a_text_that_names_other_files_is_no_layer(world: World, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("code,name\nX-1,secret\n")
    vrt = f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
    for name in ("a.geojson", "a.gpkg", "a.shp", "a.csv"):
        (tmp_path / name).write_text(vrt)
        with pytest.raises(Invalid):
            take(tmp_path / name)
    assert count() == 0


def test_a_workbook_that_unpacks_to_too_much_is_refused(world: World, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 110_000_000)
    with pytest.raises(Invalid, match="过大"):
        take(bomb)


def test_a_file_without_codes_says_which_columns_it_has(world: World, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="点位代码") as refusal:
        take(csv_file(tmp_path, "甲,1", header="什么,别的"))
    assert refusal.value.facts["columns"] == "什么、别的"


def test_what_looks_like_a_formula_is_stored_as_text_and_leaves_guarded(
    world: World, tmp_path: Path
) -> None:
    bad = "'=cmd|' /C calc'!A0"
    report = take(csv_file(tmp_path, f"F-1,{bad},公园,{LON},{LAT},,,,", "F-2,'=1+1,没有,,,,,,"))
    assert point("F-1").name == bad[1:]
    rejected: list[Rejection] = list(report.rejections)
    text = rejected_rows_csv(rejected, {0: "=原因"})
    (row,) = list(csv.DictReader(text.lstrip("\ufeff").splitlines()))
    assert (row["name"], row["reason"], row["row"]) == ("'=1+1", "'=原因", "2")


def test_gb18030_tables_are_read_without_being_told(world: World, tmp_path: Path) -> None:
    file = csv_file(tmp_path, f"G-1,碧桂园小区,居民小区,{LON},{LAT},,,,", encoding="gb18030")
    assert take(file).encoding == "gb18030"
    assert point("G-1").name == "碧桂园小区"


def test_ten_thousand_rows_are_stored_in_one_go_with_word_of_how_far_it_is(
    world: World, tmp_path: Path
) -> None:
    lines = [
        f"M-{i},点位{i},居民小区,{LON - 0.008 + (i % 100) * 1e-4:.6f},{LAT - 0.008 + i // 100 * 1e-4:.6f},,区环卫中心,,1"
        for i in range(10_000)
    ]
    told: list[tuple[int, int]] = []
    report = import_points(
        csv_file(tmp_path, *lines), PointImport(), actor=SYSTEM,
        progress=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert (report.created, report.rejected) == (10_000, 0)
    assert told[0] == (1000, 10_000)
    assert told[-1] == (10_000, 10_000)
    assert count() == 10_000


def test_the_command_ends_with_1_and_keeps_the_rejected_rows_to_mend(
    app: Flask, world: World, tmp_path: Path
) -> None:
    file = csv_file(tmp_path, f"A-1,甲,公园,{LON},{LAT},,,,", f"A-2,乙,飞机场,{LON},{LAT},,,,")
    rejects = tmp_path / "rejects.csv"
    run = app.test_cli_runner().invoke
    dry = run(main, ["import", "points", str(file), "--dry-run"])
    assert (dry.exit_code, count()) == (1, 0)
    assert "只检查，未写入" in dry.output
    done = run(main, ["import", "points", str(file), "--rejects", str(rejects)])
    assert done.exit_code == 1
    assert "读取 2 条 · 新增 1 · 更新 0 · 未变 0 · 未导入 1" in done.output
    assert "第 2 条 A-2 乙：不认识的点位类型“飞机场”" in done.stderr
    mended = rejects.read_text("utf-8-sig").replace("飞机场", "公园")
    rejects.write_text(mended, encoding="utf-8-sig")
    again = run(main, ["import", "points", str(rejects)])
    assert (again.exit_code, count()) == (0, 2), again.output


def test_the_command_ends_with_2_for_a_file_it_cannot_use(
    app: Flask, world: World, tmp_path: Path
) -> None:
    (tmp_path / "a.dwg").write_bytes(b"AC1032")
    done = app.test_cli_runner().invoke(main, ["import", "points", str(tmp_path / "a.dwg")])
    assert done.exit_code == 2
    assert "不支持这种文件" in done.stderr

"""Posts from files as offices have them, and out again: nothing is lost, every refusal says why."""

import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook
from sqlalchemy import select

from tests.factories.client import open_session
from tests.factories.responsibility import fallback, line_at, make_posts, square_at
from tests.factories.world import GUANGAN, HAIAN, INSIDE, SANZAO, World, make_world
from tracker import clock
from tracker.access.actor import SYSTEM
from tracker.cli.importing import importing
from tracker.points.exporting_files import FORMATS
from tracker.points.importing import PointImport
from tracker.responsibility import exporting
from tracker.responsibility.filters import PostFilter
from tracker.responsibility.importing import import_posts
from tracker.responsibility.models import Responsibility
from tracker.responsibility.scopes import Scope, ScopeKind
from tracker.storage.db import db

LON, LAT = INSIDE[SANZAO]


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def stored() -> dict[str, Responsibility]:
    db.session.rollback()
    rows = db.session.scalars(select(Responsibility).where(Responsibility.is_latest.is_(True)))
    return {row.code: row for row in rows}


def imported(file: Path, **more: Any) -> Any:
    db.session.rollback()
    return import_posts(file, PointImport(source=file.name, **more), actor=SYSTEM)


def workbook(folder: Path, *rows: list[Any]) -> Path:
    """A sheet as an office keeps it, with the office's own headings."""
    book = Workbook()
    sheet = book.active
    sheet.append(["编号", "路段名称", "社区代码", "责任单位", "岗位", "责任人", "联系电话", "作业时段", "等级", "事项", "生效日期", "备注"])  # fmt: skip
    for row in rows:
        sheet.append(row)
    book.save(folder / "posts.xlsx")
    return folder / "posts.xlsx"


def layer(folder: Path, name: str, crs: str = "EPSG:4547") -> Path:
    """A road and a park as a survey office hands them over, in its own projection."""
    import geopandas
    from shapely.geometry import shape

    frame = geopandas.GeoDataFrame(
        {
            "code": ["R1", "P1"], "name": ["依云路", "金山公园"], "unit": ["区环卫中心"] * 2,
            "person": ["林志强", "黄丽珍"], "scope": ["06", "园林绿化设施"], "reach_m": [15, None],
        },
        geometry=[shape(line_at(LON, LAT)), shape(square_at(LON, LAT))],
        crs="EPSG:4326",
    ).to_crs(crs)  # fmt: skip
    if name.endswith(".zip"):
        import zipfile

        for kind, part in (("roads", frame[:1]), ("parks", frame[1:])):
            part.to_file(folder / f"{kind}.shp", encoding="utf-8")
        with zipfile.ZipFile(folder / name, "w") as archive:
            for file in sorted(folder.iterdir()):
                if file.stem in ("roads", "parks"):
                    archive.write(file, file.name)
    else:
        frame.to_file(folder / name)
    return folder / name


@pytest.mark.parametrize("name", ["posts.gpkg", "posts.zip", "posts.geojson"])
def test_a_layer_in_its_own_projection_becomes_segments_and_ground(
    world: World, tmp_path: Path, name: str
):
    crs = "EPSG:4326" if name.endswith("json") else "EPSG:4547"
    report = imported(layer(tmp_path, name, crs))
    assert [one.reason for one in report.rejections] == []
    assert (report.read, report.created) == (2, 2)
    road, park = stored()["R1"], stored()["P1"]
    assert (road.kind, road.reach_m, road.community_code) == ("segment", 15, SANZAO)
    assert (park.kind, park.reach_m) == ("polygon", 0)
    assert [(one.kind, one.value) for one in park.scopes] == [("major", "04")]
    assert road.lon == pytest.approx(LON, abs=1e-6)
    assert road.valid_from == clock.today()


def test_a_sheet_with_the_offices_own_headings_is_read_and_every_refusal_says_why(
    world: World, tmp_path: Path
):
    good = ["S1", "三灶社区兜底", SANZAO, "三灶社区居委会", "网格长", "吴国强", "13800001234", "08:00-18:00", "", "全部", "2026-03-01", "x"]  # fmt: skip
    report = imported(
        workbook(
            tmp_path, good,
            ["S2", "没有单位", SANZAO, "没有这个单位", "", "", "", "", "", "", "", ""],
            ["S3", "没有地方", "", "区环卫中心", "", "", "", "", "", "", "", ""],
            ["S4", "看不懂的事项", HAIAN, "区环卫中心", "", "", "", "", "", "打扫", "", ""],
            ["S5", "看不懂的日期", HAIAN, "区环卫中心", "", "", "", "", "", "06;07001", "明天", ""],
            ["S5", "重复", HAIAN, "区环卫中心", "", "", "", "", "", "", "", ""],
            ["", "没有编号", HAIAN, "区环卫中心", "", "", "", "", "", "", "", ""],
        )
    )  # fmt: skip
    assert (report.read, report.created, report.rejected) == (7, 1, 6)
    said = {one.row: one.reason % one.facts for one in report.rejections}
    assert "没有这个单位" in said[2]
    assert "社区兜底" in said[3]
    assert "打扫" in said[4]
    assert said[5] == said[6] == "编号在文件中出现了 2 次"
    assert said[7] == "缺少编号：请填写“编号”列"
    assert list(report.ignored) == ["备注"]
    row = stored()["S1"]
    assert (row.kind, row.person, row.valid_from) == ("community", "吴国强", date(2026, 3, 1))


def test_a_later_first_day_hands_over_and_the_same_one_corrects(world: World, tmp_path: Path):
    row = ["S1", "兜底", SANZAO, "区环卫中心", "", "吴国强", "", "", "", "", "2026-03-01"]
    imported(workbook(tmp_path, row))
    over = [*row[:5], "钟伟雄", "", "", "", "", "2026-04-01"]
    report = imported(workbook(tmp_path, over))
    assert (report.changed, report.rows[0].changes["person"]) == (1, ["吴国强", "钟伟雄"])
    assert imported(workbook(tmp_path, over)).unchanged == 1
    imported(workbook(tmp_path, [*row[:5], "钟伟雄二", "", "", "", "", "2026-04-01"]))
    db.session.rollback()
    terms = db.session.execute(select(Responsibility.term, Responsibility.person, Responsibility.valid_from, Responsibility.valid_to).order_by(Responsibility.term)).all()  # fmt: skip
    assert [tuple(term) for term in terms] == [
        (1, "吴国强", date(2026, 3, 1), date(2026, 3, 31)),
        (2, "钟伟雄二", date(2026, 4, 1), None),
    ]


@pytest.mark.parametrize("english", [False, True])
@pytest.mark.parametrize("kind", list(FORMATS))
def test_what_is_exported_reopens_and_changes_nothing(
    world: World, tmp_path: Path, kind: str, english: bool
):
    scopes = (Scope(ScopeKind.CATEGORY, "06005"), Scope(ScopeKind.SITE_TYPE, "main_road"))
    make_posts(
        world, {"code": "R1", "scopes": scopes},
        {"code": "P1", "geometry": square_at(LON, LAT), "valid_to": date(2027, 1, 1)},
        fallback(HAIAN, code="C1"),
    )  # fmt: skip
    file = tmp_path / f"out.{FORMATS[kind].ending}"
    lines = exporting.lines(db.session(), SYSTEM, PostFilter(), today=clock.today(), english=english)  # fmt: skip
    file.write_bytes(b"".join(FORMATS[kind].write(lines, english, exporting.SHEET)))
    report = imported(file)
    assert [one.reason % one.facts for one in report.rejections] == []
    assert [one.changes for one in report.rows] == []
    assert (report.read, report.unchanged) == (3, 3)
    assert b"13800001234" not in file.read_bytes()


def test_an_export_opens_in_another_house_without_the_phones(app: Flask, world: World, tmp_path: Path):  # fmt: skip
    make_posts(world, {"code": "R1"})
    file = tmp_path / "out.csv"
    lines = exporting.lines(db.session(), SYSTEM, PostFilter(), today=clock.today(), english=True)
    text = b"".join(FORMATS["csv"].write(lines, True, exporting.SHEET))
    file.write_bytes(text.replace(b"R1", b"R2"))
    report = imported(file)
    assert (report.created, report.rejected, len(report.remarks)) == (1, 0, 1)
    assert stored()["R2"].phone == ""


def test_in_the_browser_a_file_is_looked_at_before_it_is_stored(app: Flask, world: World, tmp_path: Path):  # fmt: skip
    file = workbook(
        tmp_path, ["S1", "<b>兜底</b>", SANZAO, "区环卫中心", "", "吴国强", "", "", "", "", ""],
        ["S2", "别的区", "999", "区环卫中心", "", "", "", "", "", "", ""],
    )  # fmt: skip
    client = open_session(app, "dispatcher")
    sent = client.post_form("/responsibility/import", {"file": (io.BytesIO(file.read_bytes()), "posts.xlsx")}, content_type="multipart/form-data")  # fmt: skip
    assert sent.status_code == 302, sent.text
    preview = client.get(sent.headers["Location"])
    assert "还没有写入任何数据" in preview.text
    assert "&lt;b&gt;兜底&lt;/b&gt;" in preview.text
    assert stored() == {}
    assert client.get(f"{sent.headers['Location']}/places.json").status_code == 200
    done = client.post_form(sent.headers["Location"], follow=True)
    assert "已导入 1 个责任岗位" in done.text
    assert list(stored()) == ["S1"]
    rejects = client.get(f"{sent.headers['Location']}/rejects.csv").get_data(as_text=True)
    assert "S2" in rejects
    assert "社区" in rejects
    assert open_session(app, "dispatcher_2").get(sent.headers["Location"]).status_code == 404


def test_a_dispatcher_of_a_town_stores_nothing_outside_it(app: Flask, world: World, tmp_path: Path):  # fmt: skip
    from tracker.access.actor import Actor, Grant
    from tracker.access.roles import Role

    narrow = Actor(user_id=world.users["dispatcher"], name="x", grants=(Grant(Role.DISPATCHER, HAIAN),))  # fmt: skip
    file = workbook(tmp_path, *([f"S{n}", "兜底", code, "区环卫中心", "", "", "", "", "", "", ""] for n, code in enumerate((HAIAN, GUANGAN))))  # fmt: skip
    report = import_posts(file, PointImport(source="x"), actor=narrow)
    assert (report.created, report.rejected) == (1, 1)
    assert "不在您的辖区内" in report.rejections[0].reason


def test_the_command_stores_reports_and_ends_with_one_when_a_row_was_refused(
    app: Flask, world: World, tmp_path: Path
):
    file = workbook(
        tmp_path, ["S1", "兜底", SANZAO, "区环卫中心", "", "", "", "", "", "", ""],
        ["S2", "坏", "", "区环卫中心", "", "", "", "", "", "", ""],
    )  # fmt: skip
    run = app.test_cli_runner().invoke
    dry = run(importing, ["responsibility", str(file), "--dry-run"])
    assert dry.exit_code == 1
    assert "新增 1" in dry.output
    assert stored() == {}
    assert run(importing, ["responsibility", str(file)]).exit_code == 1
    assert list(stored()) == ["S1"]

"""Points leave exactly as filtered, run nothing, and every format reopens without loss."""

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from tests.factories.world import DISTRICT, GUANGAN, INSIDE, OUTSIDE, SANZAO, World, make_world
from tracker import clock
from tracker.access.actor import SYSTEM
from tracker.cli import main
from tracker.errors import Invalid
from tracker.points.exporting import LAYER, TABLE, lines
from tracker.points.exporting_files import FORMATS
from tracker.points.filters import PointFilter, Standing
from tracker.points.given import PointGiven
from tracker.points.importing import PointImport, import_points
from tracker.points.models import InspectionPoint, PointChange
from tracker.points.operations import put
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work

LON, LAT = INSIDE[SANZAO]
STREET = {
    "type": "LineString",
    "coordinates": [[LON, LAT], [LON + 0.0012345, LAT + 0.0023456], [LON + 0.003, LAT + 0.003]],
}
RIVER = {
    "type": "MultiLineString",
    "coordinates": [[[LON, LAT], [LON + 0.001, LAT]], [[LON + 0.002, LAT], [LON + 0.003, LAT]]],
}
PARK = {
    "type": "Polygon",
    "coordinates": [
        [[LON, LAT], [LON, LAT + 0.004], [LON + 0.004, LAT + 0.004], [LON + 0.004, LAT], [LON, LAT]],
        [
            [LON + 0.001, LAT + 0.001], [LON + 0.002, LAT + 0.001],
            [LON + 0.002, LAT + 0.002], [LON + 0.001, LAT + 0.001],
        ],
    ],
}  # fmt: skip
#: Texts that spreadsheets run, texts that look as if they were guarded, and the longest allowed.
HOSTILE = ["=1+1", "+86 三灶", "-1", "@SUM(A1)", "＝1+1", "'=1+1", "''=x", "'普通", 'a,b"c;d']
LONG = "三灶镇依云路与伟民路交叉口东北角 农贸市场后门第 3 间" * 9


def everything() -> list[PointGiven]:
    """Points of every kind of place, with every column filled somewhere."""
    plain = PointGiven(code="P-0", name="三灶农贸市场", site_type_code="market", lon=LON, lat=LAT)
    full = PointGiven(
        code="全-1.a", name="长" * 100, site_type_code="estate", lon=113.3512345, lat=22.0498765,
        address=LONG[:256], person="李四（副局长）", actions=("1", "2", "15"), is_model_point=True,
        cycle_days=7, is_active=False,
    )  # fmt: skip
    shapes = [
        PointGiven(code=f"S-{i}", name=f"图形{i}", site_type_code="main_road", geometry=geometry)
        for i, geometry in enumerate((STREET, RIVER, PARK))
    ]
    hostile = [
        PointGiven(
            code=f"H-{i}", name=text, site_type_code="estate", address=text, lon=LON, lat=LAT
        )
        for i, text in enumerate(HOSTILE)
    ]
    placeless = PointGiven(
        code="N-1", name="没有坐标", site_type_code="committee", community_code=GUANGAN
    )
    outside = PointGiven(
        code="O-1", name="在所有社区之外", site_type_code="park", lon=OUTSIDE[0], lat=OUTSIDE[1],
        community_code=GUANGAN,
    )  # fmt: skip
    return [plain, full, *shapes, *hostile, placeless, outside]


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def fill(world: World) -> None:
    now = clock.now()
    with unit_of_work() as work:
        for given in everything():
            point, _ = put(work, given, actor=SYSTEM, at=now)
            point.unit_id = world.units["sanitation"] if given.code != "P-0" else None


def snapshot() -> dict[str, PointGiven]:
    """What the register holds, without how positions were spelled before conversion."""
    db.session.rollback()
    found = {}
    for point in db.session.scalars(select(InspectionPoint)):
        values = {**vars(PointGiven.of(point)), "raw_x": None, "raw_y": None, "coord_sys": None}
        found[point.code] = PointGiven(**values)
    db.session.rollback()
    return found


def empty_register() -> None:
    with unit_of_work() as work:
        for kind in (PointChange, InspectionPoint):
            for row in work.scalars(select(kind)):
                work.delete(row)
            work.flush()


def write(kind: str, folder: Path, *, english: bool = False, **wanted: object) -> Path:
    chosen = PointFilter(**{"standing": Standing.ALL, **wanted})  # type: ignore[arg-type]
    form = FORMATS[kind]
    file = folder / f"points.{form.ending}"
    found = lines(db.session(), SYSTEM, chosen, now=clock.now(), english=english)
    file.write_bytes(b"".join(form.write(found, english)))
    db.session.rollback()
    return file


@pytest.mark.parametrize(
    ("kind", "english"), [*((kind, False) for kind in FORMATS), ("csv", True), ("xlsx", True)]
)
def test_an_export_reopens_without_loss(
    app: Flask, tmp_path: Path, kind: str, english: bool
) -> None:
    reopened(make_world(), tmp_path, kind, english)


def test_an_export_reopens_on_both_databases(both: Flask, tmp_path: Path) -> None:
    reopened(make_world(), tmp_path, "gpkg", english=False)


def reopened(world: World, tmp_path: Path, kind: str, english: bool) -> None:
    fill(world)
    before = snapshot()
    file = write(kind, tmp_path, english=english)
    again = import_points(file, PointImport(), actor=SYSTEM)
    assert [(one.code, one.reason) for one in again.rejections] == []
    assert (again.read, again.unchanged) == (len(before), len(before)), again.rows
    empty_register()
    anew = import_points(file, PointImport(), actor=SYSTEM)
    assert [(one.code, one.reason) for one in anew.rejections] == []
    assert anew.created == len(before)
    after = snapshot()
    for code, given in before.items():
        assert with_same_rings(after[code]) == with_same_rings(given)


def with_same_rings(given: PointGiven) -> PointGiven:
    """A shapefile turns rings the other way round: the same area in another order."""
    import shapely
    from shapely.geometry import mapping, shape

    if given.geometry is None:
        return given
    plain = shapely.normalize(shape(given.geometry))
    values = {**vars(given), "geometry": mapping(plain), "lon": 0.0, "lat": 0.0}
    return PointGiven(**values)


def test_a_table_guards_what_a_spreadsheet_would_run(world: World, tmp_path: Path) -> None:
    fill(world)
    content = write("csv", tmp_path).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    table = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    cells = [cell for row in list(table)[1:] for cell in row]
    assert [cell for cell in cells if cell.startswith(tuple("=+@＝"))] == []
    book = write("xlsx", tmp_path)
    with zipfile.ZipFile(book) as archive:
        assert b"<f" not in archive.read("xl/worksheets/sheet1.xml")
    names = [row[1] for row in load_workbook(book).worksheets[0].iter_rows(values_only=True)]
    assert "=1+1" in names


def test_the_columns_are_those_of_the_contract_in_both_languages(world: World) -> None:
    assert [column.english for column in TABLE][:9] == [
        "code", "name", "site_type", "lon", "lat", "community_code", "unit", "person", "actions",
    ]  # fmt: skip
    assert [column.chinese for column in TABLE][:3] == ["点位代码", "点位名称", "点位类型"]
    assert [column.short for column in LAYER if len(column.short) > 10] == []


def test_a_shape_too_fine_for_a_cell_is_refused_for_a_workbook_naming_the_point(
    world: World, tmp_path: Path
) -> None:
    fine = [[LON + i * 1e-6, LAT + (i % 2) * 1.234567e-4] for i in range(2000)]
    given = PointGiven(
        code="F-1", name="细", site_type_code="main_road",
        geometry={"type": "LineString", "coordinates": fine},
    )  # fmt: skip
    with unit_of_work() as work:
        put(work, given, actor=SYSTEM, at=clock.now())
    with pytest.raises(Invalid, match="点位 F-1 的图形太细"):
        write("xlsx", tmp_path)
    before = snapshot()
    assert import_points(write("csv", tmp_path), PointImport(), actor=SYSTEM).unchanged == 1
    assert snapshot() == before


def test_geojson_carries_english_names_codes_as_text_and_moments_with_offset(
    world: World, tmp_path: Path
) -> None:
    fill(world)
    with unit_of_work() as work:
        point = work.scalars(select(InspectionPoint).where(InspectionPoint.code == "P-0")).one()
        point.last_visit_at, point.last_score = clock.now(), 92.5
    content = json.loads(write("geojson", tmp_path).read_text(encoding="utf-8"))
    by_code = {one["properties"]["code"]: one for one in content["features"]}
    market = by_code["P-0"]["properties"]
    assert market["community_code"] == SANZAO
    assert market["last_visit_at"].endswith("+08:00")
    assert (market["last_score"], market["cycle_days"]) == (92.5, 30)
    assert by_code["N-1"]["geometry"] is None
    assert by_code["S-2"]["geometry"]["type"] == "Polygon"


def test_a_filter_narrows_the_export_and_batches_lose_nothing(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(world)
    monkeypatch.setattr("tracker.points.exporting.BATCH", 3)
    rows = write("csv", tmp_path, site_type="main_road").read_text("utf-8-sig").splitlines()
    assert [row.split(",")[0] for row in rows[1:]] == ["S-0", "S-1", "S-2"]
    assert len(write("csv", tmp_path).read_text("utf-8-sig").splitlines()) == len(everything()) + 1


def test_a_person_exports_only_what_they_see(world: World) -> None:
    fill(world)
    actor = world.actor("grid_lead")
    found = lines(db.session(), actor, PointFilter(), now=clock.now(), english=False)
    communities = {line.point.community_code for line in found}
    assert communities == {SANZAO}
    whole = lines(db.session(), SYSTEM, PointFilter(area=DISTRICT), now=clock.now(), english=False)
    assert GUANGAN in {line.point.community_code for line in whole}


@pytest.mark.parametrize("ending", ["csv", "zip"])
def test_the_command_writes_what_the_import_command_reads(
    app: Flask, tmp_path: Path, ending: str
) -> None:
    fill(make_world())
    file = tmp_path / f"all.{ending}"
    run = app.test_cli_runner().invoke
    done = run(main, ["export", "points", str(file)])
    assert done.exit_code == 0, done.output
    read = run(main, ["import", "points", str(file)])
    assert read.exit_code == 0, read.output
    assert f"未变 {len(everything())} " in read.output


def test_the_command_refuses_another_ending_with_2(app: Flask, tmp_path: Path) -> None:
    make_world()
    done = app.test_cli_runner().invoke(main, ["export", "points", str(tmp_path / "a.kml")])
    assert done.exit_code == 2
    assert ".geojson" in done.stderr

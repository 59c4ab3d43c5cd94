"""Boundary files that people send: read right, or refused with a reason."""

import json
import shutil
import sqlite3
import zipfile

import geopandas
import pyproj
import pytest
import shapely

from gis.boundaries import Limits, read_boundaries
from gis.errors import (
    GisError,
    NeedsCoordSys,
    TooLarge,
    UnknownCoordSys,
    UnreadableFile,
    UnsafeArchive,
    UnsupportedFormat,
)

SQUARE = shapely.box(113.30, 22.00, 113.40, 22.10)
BOW_TIE = shapely.Polygon([(113, 22), (113.1, 22.1), (113.1, 22), (113, 22.1)])


def write_geojson(path, *features, **members):
    """Write (properties, geometry) pairs as GeoJSON; geometry is shapely's, a dict or None."""
    content = {
        "type": "FeatureCollection",
        **members,
        "features": [
            {
                "type": "Feature",
                "properties": properties,
                "geometry": json.loads(shapely.to_geojson(geometry))
                if isinstance(geometry, shapely.Geometry)
                else geometry,
            }
            for properties, geometry in features
        ],
    }
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def write_shapefile(
    folder, geometries=(SQUARE,), *, names=("金海岸社区",), crs="EPSG:4490", encoding="gbk"
):
    frame = geopandas.GeoDataFrame({"名称": list(names)}, geometry=list(geometries), crs=crs)
    folder.mkdir(exist_ok=True)
    frame.to_file(folder / "grids.shp", encoding=encoding, engine="pyogrio")
    return folder / "grids.shp"


def zip_folder(folder, path, *, under=""):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, under + file.name)
    return path


def center(feature):
    return feature.polygon.centroid.x, feature.polygon.centroid.y


def by_name(read):
    return {feature.name: feature for feature in read.features}


# --- the real files -------------------------------------------------------------------------------

# file, areas, one known name, where its middle lies (WGS-84), arguments
JINWAN_LAND = (113.27, 22.05)
REAL_FILES = [
    ("admin_jinwan/DERIVED_jinwan_towns_thiessen_wgs84.geojson", 4, "三灶镇", (113.37, 22.05), {}),
    ("admin_jinwan/zhuhai_districts_cgcs2000_epsg4490.geojson", 3, "金湾区", JINWAN_LAND, {}),
    (
        "admin_jinwan/zhuhai_districts_cnmaps_amap.geojson",
        3,
        "金湾区",
        JINWAN_LAND,
        {"crs": "gcj02"},
    ),
    (
        "admin_jinwan/zhuhai_districts_gcj02_datav.geojson",
        3,
        "金湾区",
        JINWAN_LAND,
        {"crs": "gcj02"},
    ),
    ("admin_jinwan/zhuhai_districts_wgs84.geojson", 3, "金湾区", JINWAN_LAND, {}),
    ("gbk_shapefiles/DERIVED_zhuhai_districts_epsg4490_gbk_cpg.shp", 3, "金湾区", JINWAN_LAND, {}),
    (
        "gbk_shapefiles/DERIVED_zhuhai_districts_epsg4547_gbk_nocpg.shp",
        3,
        "金湾区",
        JINWAN_LAND,
        {},
    ),
    ("gbk_shapefiles/DERIVED_jinwan_towns_epsg4490.gpkg", 4, "三灶镇", (113.37, 22.05), {}),
    ("gbk_shapefiles/guangdong_oyl_gbk.shp", 1, "广东", (113.40, 23.35), {"crs": "wgs84"}),
    ("la311/nc_boundaries_2019_wgs84.geojson", 99, "LINCOLN HEIGHTS NC", (-118.21, 34.07), {}),
    (
        "pingshan_events/pingshan_district_gcj02.geojson",
        1,
        "坪山区",
        (114.36, 22.69),
        {"crs": "gcj02"},
    ),
    ("pingshan_events/shenzhen_districts_wgs84.geojson", 10, "坪山", (114.36, 22.69), {}),
]


@pytest.mark.parametrize(("file", "count", "name", "where", "options"), REAL_FILES)
def test_every_real_file_is_read_with_its_names_at_its_place(
    shared_data, file, count, name, where, options
):
    read = read_boundaries(shared_data / file, **options)
    assert len(read.features) == count
    assert center(by_name(read)[name]) == pytest.approx(where, abs=0.03)
    assert all(feature.polygon.geom_type == "MultiPolygon" for feature in read.features)
    assert all(feature.polygon.is_valid for feature in read.features)


def test_no_real_file_is_missing_from_the_list_above(shared_data):
    kinds = {".shp", ".gpkg", ".geojson"}
    there = {
        p.relative_to(shared_data).as_posix() for p in shared_data.rglob("*") if p.suffix in kinds
    }
    assert there == {file for file, *_ in REAL_FILES}


def test_the_shifted_district_falls_on_the_unshifted_one_once_its_system_is_named(shared_data):
    folder = shared_data / "admin_jinwan"
    straight = by_name(read_boundaries(folder / "zhuhai_districts_wgs84.geojson"))["金湾区"].polygon
    shifted_file = folder / "zhuhai_districts_gcj02_datav.geojson"

    def agreement(read):
        other = by_name(read)["金湾区"].polygon
        return straight.intersection(other).area / straight.union(other).area

    named = agreement(read_boundaries(shifted_file, crs="gcj02"))
    # two years of the same source: islands differ
    assert named > 0.97
    assert agreement(read_boundaries(shifted_file)) < named - 0.02


def test_the_broken_ring_of_the_real_district_is_mended_and_told(shared_data):
    read = read_boundaries(
        shared_data / "admin_jinwan" / "zhuhai_districts_gcj02_datav.geojson", crs="gcj02"
    )
    (problem,) = read.problems
    assert (problem.code, problem.row, problem.name) == ("repaired", 1, "香洲区")
    assert problem.detail.startswith("Self-intersection[113.5")


def test_a_shapefile_without_prj_asks_for_its_system(shared_data):
    with pytest.raises(NeedsCoordSys) as caught:
        read_boundaries(shared_data / "gbk_shapefiles" / "guangdong_oyl_gbk.shp")
    assert caught.value.code == "needs_coord_sys"


# --- encodings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "cpg"), [("gbk", None), ("gbk", "UTF-8"), ("gbk", "936"), ("utf-8", None)]
)
def test_chinese_names_survive_a_missing_or_lying_cpg(tmp_path, encoding, cpg):
    shp = write_shapefile(tmp_path / "in", encoding=encoding)
    shp.with_suffix(".cpg").unlink(missing_ok=True)
    if cpg:
        shp.with_suffix(".cpg").write_text(cpg)
    (feature,) = read_boundaries(shp).features
    assert dict(feature.properties) == {"名称": "金海岸社区"}


def test_a_name_cut_in_the_middle_of_a_character_is_still_gbk(tmp_path):
    shp = write_shapefile(tmp_path / "in", names=("鱼林社区",))
    shp.with_suffix(".cpg").unlink(missing_ok=True)
    dbf = shp.with_suffix(".dbf")
    # shorten the only field by one byte, as programs do that count bytes
    content = bytearray(dbf.read_bytes())
    header, width = int.from_bytes(content[8:10], "little"), 7
    record = content[header : header + 1 + width]
    content[10:12] = (1 + width).to_bytes(2, "little")
    content[32 + 16] = width
    dbf.write_bytes(bytes(content[:header]) + bytes(record) + b"\x1a")
    assert read_boundaries(shp).features[0].name == "鱼林社"


def test_a_named_encoding_is_obeyed_and_a_wrong_one_refused(tmp_path):
    shp = write_shapefile(tmp_path / "in")
    shp.with_suffix(".cpg").unlink(missing_ok=True)
    assert read_boundaries(shp, encoding="gb18030").encoding == "gb18030"
    for wrong in ("utf-8", "no-such-code"):
        with pytest.raises(UnreadableFile) as caught:
            read_boundaries(shp, encoding=wrong)
        assert caught.value.code == "wrong_encoding"


# --- formats --------------------------------------------------------------------------------------


def test_sidecars_in_capitals_belong_to_the_shapefile(tmp_path):
    shp = write_shapefile(tmp_path / "in")
    for suffix in (".dbf", ".shx", ".prj"):
        shp.with_suffix(suffix).rename(shp.with_suffix(suffix.upper()))
    read = read_boundaries(shp.rename(shp.with_suffix(".SHP")))
    assert center(by_name(read)["金海岸社区"]) == pytest.approx((113.35, 22.05))
    assert read.crs == "cgcs2000"


def test_a_lost_index_of_a_shapefile_is_made_again(tmp_path):
    shp = write_shapefile(tmp_path / "in")
    shp.with_suffix(".shx").unlink()
    assert len(read_boundaries(shp).features) == 1


def test_a_zipped_shapefile_is_read_from_any_folder_of_the_archive(tmp_path):
    write_shapefile(
        tmp_path / "in", crs="EPSG:4547", geometries=[shapely.box(433000, 2434000, 434000, 2435000)]
    )
    read = read_boundaries(zip_folder(tmp_path / "in", tmp_path / "网格.zip", under="数据/网格/"))
    assert read.crs == "EPSG:4547"
    assert center(read.features[0]) == pytest.approx((113.355, 22.007), abs=0.005)


def test_a_csv_file_carries_wkt_and_must_name_its_system(tmp_path):
    file = tmp_path / "grids.csv"
    file.write_bytes(
        f'编码,名称,几何\n001,红旗社区,"{SQUARE.wkt}"\n002,空,\n003,点,POINT (1 2)\n'.encode(
            "gb18030"
        )
    )
    with pytest.raises(NeedsCoordSys):
        read_boundaries(file)
    read = read_boundaries(file, crs="WGS-84")
    assert dict(read.features[0].properties) == {"编码": "001", "名称": "红旗社区"}
    assert [(p.row, p.code) for p in read.problems] == [(2, "empty"), (3, "not_polygon")]
    assert read.encoding == "gb18030"


def test_a_csv_file_without_wkt_is_refused(tmp_path):
    file = tmp_path / "grids.csv"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(UnreadableFile) as caught:
        read_boundaries(file, crs="wgs84")
    assert caught.value.code == "no_wkt_column"


def test_geojson_says_its_system_or_is_wgs84(tmp_path):
    plain = write_geojson(tmp_path / "a.geojson", ({"name": "甲"}, SQUARE))
    assert (read_boundaries(plain).crs, read_boundaries(plain).crs_source) == ("wgs84", "rfc7946")
    metric = shapely.box(433000, 2434000, 434000, 2435000)
    member = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4547"}}
    old = write_geojson(tmp_path / "b.json", ({"name": "乙"}, metric), crs=member)
    read = read_boundaries(old)
    assert (read.crs, read.crs_source) == ("EPSG:4547", "file")
    assert center(read.features[0]) == pytest.approx((113.355, 22.007), abs=0.005)
    assert read_boundaries(plain, crs="gcj02").crs_source == "given"


def test_a_system_without_a_way_to_wgs84_is_refused(tmp_path):
    for name in (
        "珠海市独立坐标系",
        "+proj=longlat +nadgrids=/etc/passwd",
        "/etc/passwd[",
        'LOCAL_CS["x"]',
    ):
        member = {"type": "name", "properties": {"name": name}}
        file = write_geojson(tmp_path / "a.geojson", ({}, SQUARE), crs=member)
        for options in ({}, {"crs": "EPSG:4610"}, {"crs": "mars"}):
            with pytest.raises(UnknownCoordSys):
                read_boundaries(file, **options)


def test_a_projection_of_no_number_is_read_by_its_own_words(tmp_path):
    # a central meridian of a town, on the national datum
    wkt = pyproj.CRS.from_epsg(4547).to_wkt("WKT1_ESRI")
    local = wkt.replace('Central_Meridian",114.0', 'Central_Meridian",113.35').replace(
        "114E", "113E"
    )
    square = shapely.box(500_000, 2_434_000, 501_000, 2_435_000)
    shp = write_shapefile(tmp_path / "in", geometries=[square])
    shp.with_suffix(".prj").write_text(local)
    read = read_boundaries(shp)
    assert "113.35" in read.crs
    assert center(read.features[0]) == pytest.approx((113.355, 22.007), abs=0.003)


def test_nested_properties_come_as_text_and_numbers_as_numbers(tmp_path):
    file = write_geojson(
        tmp_path / "a.geojson", ({"name": "甲", "n": 3, "tags": ["x", 1], "no": None}, SQUARE)
    )
    assert dict(read_boundaries(file).features[0].properties) == {
        "name": "甲", "n": 3, "tags": '["x", 1]', "no": None,
    }  # fmt: skip


# --- faults of one feature ------------------------------------------------------------------------


def test_each_bad_feature_has_its_reason_and_the_good_ones_stay(tmp_path):
    ring = [[113, 22], [113.1, 22], [113.1, 22.1], [113, 22]]
    file = write_geojson(
        tmp_path / "a.geojson",
        ({"name": "好"}, SQUARE),
        ({"name": "结"}, BOW_TIE),
        ({"name": "无"}, None),
        ({"name": "空"}, {"type": "Polygon", "coordinates": []}),
        ({"name": "点"}, shapely.Point(113, 22)),
        ({"name": "线"}, {"type": "Polygon", "coordinates": [[[113, 22], [113.1, 22], [113, 22]]]}),
        (
            {"name": "薄"},
            {"type": "Polygon", "coordinates": [[[113, 22], [113.1, 22], [113.05, 22], [113, 22]]]},
        ),
        ({"name": "远"}, shapely.box(400000, 2400000, 400100, 2400100)),
        (
            {"name": "非"},
            {"type": "Polygon", "coordinates": [[*ring[:2], [float("nan"), 22.1], ring[3]]]},
        ),
        ({"name": "坏"}, {"type": "Polygon", "coordinates": "DROP TABLE"}),
        ({"name": "怪"}, {"type": "Blob"}),
    )
    read = read_boundaries(file)
    assert [feature.name for feature in read.features] == ["好", "结"]
    assert [(p.row, p.name, p.code) for p in read.problems] == [
        (2, "结", "repaired"),
        (3, "无", "empty"),
        (4, "空", "empty"),
        (5, "点", "not_polygon"),
        (6, "线", "zero_area"),
        (7, "薄", "zero_area"),
        (8, "远", "outside_world"),
        (9, "非", "not_finite"),
        (10, "坏", "unreadable_geometry"),
        (11, "怪", "unreadable_geometry"),
    ]


def test_a_mended_border_keeps_its_area_and_only_polygons(tmp_path):
    file = write_geojson(tmp_path / "a.geojson", ({"name": "结"}, BOW_TIE))
    polygon = read_boundaries(file).features[0].polygon
    assert polygon.is_valid
    assert polygon.area == pytest.approx(0.005)


# --- hostile files --------------------------------------------------------------------------------


@pytest.fixture
def secret(tmp_path):
    """A file of the server that no upload may read."""
    file = tmp_path / "server" / "secret.csv"
    file.parent.mkdir()
    file.write_text(f'password,wkt\nhunter2,"{SQUARE.wkt}"\n')
    return file


def vrt(secret):
    return (
        f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{secret}</SrcDataSource>'
        "<GeometryType>wkbPolygon</GeometryType><LayerSRS>EPSG:4326</LayerSRS>"
        '<GeometryField encoding="WKT" field="wkt"/></OGRVRTLayer></OGRVRTDataSource>'
    )


@pytest.mark.parametrize(
    "suffix", [".shp", ".geojson", ".json", ".gpkg", ".csv", ".vrt", ".xml", ".kml", ""]
)
def test_a_text_that_points_at_other_files_is_refused_under_any_name(tmp_path, secret, suffix):
    upload = tmp_path / f"grid{suffix}"
    upload.write_text(vrt(secret))
    with pytest.raises(UnsupportedFormat):
        read_boundaries(upload, crs="wgs84")


@pytest.mark.parametrize("member", ["grid.shp", "grid.vrt", "grid.geojson"])
def test_a_text_that_points_at_other_files_is_refused_inside_an_archive(tmp_path, secret, member):
    upload = tmp_path / "grid.zip"
    with zipfile.ZipFile(upload, "w") as archive:
        archive.writestr(member, vrt(secret))
    with pytest.raises(UnsupportedFormat):
        read_boundaries(upload, crs="wgs84")


def test_even_past_the_check_of_the_first_bytes_the_reader_has_no_driver_for_it(tmp_path, secret):
    from gis._child import run_reader

    (tmp_path / "layer.shp").write_text(vrt(secret))
    request = {"kind": "shp", "crs": "wgs84", "encoding": None, "max_features": 10}
    with pytest.raises(UnreadableFile):
        run_reader(tmp_path, request, Limits())


@pytest.mark.parametrize(
    "path", ["/vsicurl/http://127.0.0.1:9/grid.geojson", "/vsizip/grid.zip", "GPKG:grid.gpkg"]
)
def test_a_name_with_a_meaning_for_the_library_is_only_a_missing_file(path):
    with pytest.raises(UnreadableFile):
        read_boundaries(path, crs="wgs84")


def test_a_geopackage_with_triggers_is_read_without_running_them(tmp_path):
    file = tmp_path / "grid.gpkg"
    geopandas.GeoDataFrame({"name": ["甲"]}, geometry=[SQUARE], crs="EPSG:4490").to_file(
        file, engine="pyogrio"
    )
    with sqlite3.connect(file) as database:
        database.execute(
            "CREATE TRIGGER t AFTER UPDATE ON gpkg_contents BEGIN DELETE FROM grid; END"
        )
        database.execute("CREATE VIEW v AS SELECT * FROM grid")
    database.close()
    before = file.read_bytes()
    assert [feature.name for feature in read_boundaries(file).features] == ["甲"]
    assert file.read_bytes() == before


def test_a_plain_database_is_not_a_geopackage(tmp_path):
    file = tmp_path / "grid.gpkg"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE user (password)")
    database.close()
    with pytest.raises(UnsupportedFormat):
        read_boundaries(file)


def test_an_archive_may_not_hold_many_members_or_unpack_to_much(tmp_path):
    many, bomb, liar = (tmp_path / f"{name}.zip" for name in ("many", "bomb", "liar"))
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(21):
            archive.writestr(f"{number}.shp", b"x")
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("grid.shp", b"\x00\x00\x27\x0a" + bytes(5_000_000))
    # the directory claims a size below the limit, the stream goes on
    packed = bytearray(bomb.read_bytes())
    at = packed.rindex(b"PK\x01\x02") + 24
    packed[at : at + 4] = (100_000).to_bytes(4, "little")
    liar.write_bytes(packed)
    for file, code in ((many, "too_many_members"), (bomb, "unpacks_to_too_much")):
        with pytest.raises(UnsafeArchive) as caught:
            read_boundaries(file, crs="wgs84")
        assert caught.value.code == code
    with pytest.raises(GisError):
        read_boundaries(liar, crs="wgs84", limits=Limits(unpacked_bytes=200_000))


@pytest.mark.parametrize(
    "name", ["../grid.shp", "/etc/grid.shp", "a/../../grid.shp", "..\\grid.shp", "c:\\grid.shp"]
)
def test_no_member_of_an_archive_leaves_it(tmp_path, name):
    upload = tmp_path / "grid.zip"
    with zipfile.ZipFile(upload, "w") as archive:
        archive.writestr(name, b"\x00\x00\x27\x0a")
    with pytest.raises(UnsafeArchive) as caught:
        read_boundaries(upload, crs="wgs84")
    assert caught.value.code == "path_escapes"


def test_a_broken_archive_is_told_as_such(tmp_path):
    write_shapefile(tmp_path / "in")
    upload = zip_folder(tmp_path / "in", tmp_path / "grid.zip")
    content = bytearray(upload.read_bytes())
    content[60:200] = bytes(140)
    upload.write_bytes(content)
    with pytest.raises(UnreadableFile):
        read_boundaries(upload)
    upload.write_bytes(b"PK\x03\x04nothing")
    with pytest.raises(UnreadableFile):
        read_boundaries(upload)


def test_an_archive_of_two_shapefiles_is_refused(tmp_path):
    shp = write_shapefile(tmp_path / "in")
    shutil.copyfile(shp, shp.with_name("other.shp"))
    with pytest.raises(UnsupportedFormat) as caught:
        read_boundaries(zip_folder(tmp_path / "in", tmp_path / "grid.zip"))
    assert (caught.value.code, caught.value.facts["found"]) == ("not_one_shapefile", 2)


@pytest.mark.parametrize(
    ("suffix", "content"),
    [
        (".shp", b"\x00\x00\x27\x0a" + b"\xff" * 300),
        (".shp", b"\x00\x00\x27\x0a"),
        (".geojson", b'{"type": "FeatureCollection"'),
        (".geojson", b'{"type": "Topology", "arcs": []}'),
        (".geojson", b'{"type": "FeatureCollection", "features": [1]}'),
        (".geojson", b'{"type": "FeatureCollection", "features": [{"properties": [1]}]}'),
        (".gpkg", b"SQLite format 3\x00" + bytes(52) + b"GPKG" + bytes(400)),
        (".csv", b'name,wkt\n"a,b\n'),
    ],
)
def test_a_torn_file_is_unreadable_not_an_accident(tmp_path, suffix, content):
    upload = tmp_path / f"grid{suffix}"
    upload.write_bytes(content)
    with pytest.raises(UnreadableFile):
        read_boundaries(upload, crs="wgs84")


def test_a_file_that_needs_too_much_is_given_up(tmp_path):
    deep = tmp_path / "deep.json"
    deep.write_text('{"a":' * 200_000)
    with pytest.raises(TooLarge):
        read_boundaries(deep)
    file = write_geojson(tmp_path / "a.geojson", ({}, SQUARE), ({}, SQUARE))
    for limits, code in (
        (Limits(features=1), "too_many_features"),
        (Limits(unpacked_bytes=100), "file_too_large"),
        (Limits(memory_bytes=60_000_000), "needs_too_much"),
        (Limits(seconds=0.01), "took_too_long"),
    ):
        with pytest.raises(TooLarge) as caught:
            read_boundaries(file, limits=limits)
        assert caught.value.code == code


def test_the_reading_process_sees_no_secret_of_the_server(monkeypatch):
    from gis._child import _environment

    monkeypatch.setenv("TRACKER_SECRET_KEY", "hunter2")
    assert "hunter2" not in _environment().values()
    assert "OGR_VRT" in _environment()["OGR_SKIP"].split(",")

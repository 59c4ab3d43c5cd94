"""Files of places of any kind: every geometry that can be inspected, and nothing else of the machine."""

import json
import zipfile

import geopandas
import pytest
import shapely

from gis.errors import TooLarge, UnreadableFile, UnsafeArchive, UnsupportedFormat
from gis.features import Limits, read_features, read_wkt

POINT, LINE = shapely.Point(113.3, 22.0), shapely.LineString([(113.3, 22.0), (113.4, 22.1)])
AREA = shapely.box(113.3, 22.0, 113.4, 22.1)


def write(path, *shapes, kind=None):
    frame = geopandas.GeoDataFrame(
        {"code": [f"A-{i}" for i in range(len(shapes))]}, geometry=list(shapes), crs="EPSG:4490"
    )
    frame.to_file(path, engine="pyogrio", **({"geometry_type": kind} if kind else {}))
    return path


def kinds(read):
    return [one.geometry and one.geometry.geom_type for one in read.features]


@pytest.mark.parametrize("ending", ["gpkg", "geojson"])
def test_a_layer_of_mixed_geometry_is_read_in_order(tmp_path, ending):
    read = read_features(write(tmp_path / f"a.{ending}", POINT, LINE, AREA, None, kind="Unknown"))
    assert kinds(read) == ["Point", "LineString", "Polygon", None]
    assert [one.row for one in read.features] == [1, 2, 3, 4]
    assert read.problems == ()


def test_a_point_keeps_what_was_given_before_conversion(tmp_path):
    frame = geopandas.GeoDataFrame({"code": ["A"]}, geometry=[POINT], crs="EPSG:4326")
    frame.to_crs("EPSG:4547").to_file(tmp_path / "a.gpkg", engine="pyogrio")
    (one,) = read_features(tmp_path / "a.gpkg").features
    assert (one.geometry.x, one.geometry.y) == pytest.approx((113.3, 22.0), abs=1e-6)
    assert one.given[0] > 100_000


def test_shapefiles_of_each_kind_in_one_archive_are_read_one_after_the_other(tmp_path):
    file = tmp_path / "all.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for name, shape in (("a", POINT), ("b", LINE), ("c", AREA)):
            folder = tmp_path / name
            folder.mkdir()
            write(folder / f"{name}.shp", shape, shape)
            for part in folder.iterdir():
                archive.write(part, part.name)
    read = read_features(file)
    assert kinds(read) == ["Point", "Point", "LineString", "LineString", "Polygon", "Polygon"]
    assert [one.row for one in read.features] == [1, 2, 3, 4, 5, 6]


def test_more_than_three_shapefiles_and_none_are_refused(tmp_path):
    for count in (4, 0):
        with zipfile.ZipFile(tmp_path / f"{count}.zip", "w") as archive:
            archive.writestr("readme.txt", "x")
            for i in range(count):
                archive.writestr(f"{i}.shp", b"x")
        with pytest.raises(UnsupportedFormat) as refusal:
            read_features(tmp_path / f"{count}.zip")
        assert refusal.value.code == "not_one_shapefile"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("MULTIPOINT((1 1),(2 2))", "unsupported_shape"),
        ("GEOMETRYCOLLECTION(POINT(1 1),POINT(2 2))", "unsupported_shape"),
        ("LINESTRING(1 1,1 1)", "zero_length"),
        ("POLYGON((1 1,2 2,1 1,1 1))", "zero_area"),
        ("POINT(181 0)", "outside_world"),
        ("POINT(1", "unreadable_geometry"),
        ("LINESTRING(" + ",".join(f"{i / 1000} 1" for i in range(20_001)) + ")", "too_detailed"),
    ],
)
def test_a_shape_that_is_no_place_is_left_out_with_its_reason(text, code):
    read = read_wkt([text, "POINT(113 22)"], crs="wgs84")
    assert [(one.row, one.code) for one in read.problems] == [(1, code)]
    assert [one.row for one in read.features] == [2]


def test_a_bow_tie_is_mended_and_parts_of_one_are_single():
    texts = ["POLYGON((0 0,1 1,1 0,0 1,0 0))", "MULTIPOINT((1 1))", "MULTILINESTRING((0 0,1 1))"]
    read = read_wkt(texts, crs="wgs84")
    assert kinds(read) == ["MultiPolygon", "Point", "LineString"]
    assert [one.code for one in read.problems] == ["repaired"]
    assert read.features[0].geometry.is_valid


@pytest.mark.parametrize("name", ["a.shp", "a.geojson", "a.gpkg", "a.csv", "a.zip"])
def test_a_text_that_names_another_file_brings_none_of_its_rows(tmp_path, name):
    (tmp_path / "secret.csv").write_text("code,wkt\nSECRET,POINT(1 1)\n")
    vrt = (
        '<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>'
        f"{tmp_path / 'secret.csv'}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )
    if name.endswith(".zip"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("a.shp", vrt)
    else:
        (tmp_path / name).write_text(vrt)
    with pytest.raises((UnsupportedFormat, UnreadableFile)):
        read_features(tmp_path / name)


def test_the_bounds_of_boundary_files_hold_here_too(tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.shp", b"\0" * 5_000_000)
    with pytest.raises(UnsafeArchive):
        read_features(tmp_path / "bomb.zip")
    features = [{"type": "Feature", "properties": {}, "geometry": None}] * 3
    many = tmp_path / "many.geojson"
    many.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    with pytest.raises(TooLarge):
        read_features(many, limits=Limits(features=2))

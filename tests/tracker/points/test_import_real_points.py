"""Real files of places, as they lie beside the project, become points of the register."""

import csv
import json
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from gis.coordinates import distance_m
from gis.features import read_features
from tests.factories.world import DISTRICT
from tracker.access.actor import SYSTEM
from tracker.places.importing import AreaImport, import_areas
from tracker.points.importing import PointImport, import_points
from tracker.points.models import InspectionPoint
from tracker.storage.db import db

COMMUNITY = "440404100001"
#: file, features by kind of geometry, arguments
LAYERS = [
    ("gbk_shapefiles/DERIVED_zhuhai_districts_epsg4490_gbk_cpg.shp", 3, {}),
    ("gbk_shapefiles/DERIVED_zhuhai_districts_epsg4547_gbk_nocpg.shp", 3, {}),
    ("gbk_shapefiles/DERIVED_jinwan_towns_epsg4490.gpkg", 4, {}),
    ("gbk_shapefiles/guangdong_oyl_gbk.shp", 1, {"crs": "wgs84"}),
    ("admin_jinwan/zhuhai_districts_gcj02_datav.geojson", 3, {"crs": "gcj02"}),
    ("la311/nc_boundaries_2019_wgs84.geojson", 99, {}),
]


def real(shared_data: Path, name: str) -> Path:
    path = shared_data / name
    if not path.exists():
        pytest.skip(f"{name} is not among the real input files")
    return path


@pytest.mark.parametrize(("name", "count", "options"), LAYERS, ids=[row[0] for row in LAYERS])
def test_a_real_layer_is_read_as_places(
    shared_data: Path, name: str, count: int, options: dict[str, str]
) -> None:
    read = read_features(real(shared_data, name), **options)
    assert len(read.features) == count
    assert {one.geometry.geom_type for one in read.features} <= {"Polygon", "MultiPolygon"}
    assert all(one.geometry.is_valid for one in read.features)


@pytest.fixture
def country(app: Flask, tmp_path: Path) -> None:
    """One district with one community as large as the country, so that every city lies in it."""
    corners = [[73.0, 3.0], [136.0, 3.0], [136.0, 54.0], [73.0, 54.0], [73.0, 3.0]]
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": "全国", "level": level},
            "geometry": {"type": "Polygon", "coordinates": [corners]},
        }
        for code, level in ((DISTRICT, "district"), (COMMUNITY, "community"))
    ]
    file = tmp_path / "areas.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    report = import_areas(file, AreaImport(), actor=SYSTEM)
    assert report.rejected == 0


def written(path: Path, rows: list[tuple[str, ...]]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows(
            [("点位代码", "点位名称", "点位类型", "经度", "纬度", "地址"), *rows]
        )
    return path


def read(shared_data: Path, name: str) -> list[dict[str, str]]:
    with real(shared_data, name).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def positions() -> dict[str, tuple[float, float]]:
    db.session.rollback()
    points = db.session.scalars(select(InspectionPoint))
    return {point.code: (point.lon or 0.0, point.lat or 0.0) for point in points}


def test_332_cities_in_three_systems_become_the_same_places(
    country: None, shared_data: Path, tmp_path: Path
) -> None:
    cities = read(shared_data, "crs_vectors/gcoord_china_cities.csv")
    found = {}
    for crs, column in (("wgs84", "WGS84"), ("gcj02", "GCJ02"), ("bd09", "BD09")):
        rows = [
            (f"C-{i}", one["city"], "政务大厅", one[f"{column}_x"], one[f"{column}_y"], "")
            for i, one in enumerate(cities)
        ]
        report = import_points(
            written(tmp_path / f"{crs}.csv", rows), PointImport(crs=crs), actor=SYSTEM
        )
        assert (report.read, report.rejected) == (len(cities), 0)
        found[crs] = positions()
    for crs in ("gcj02", "bd09"):
        apart = [distance_m(*found["wgs84"][code], *found[crs][code]) for code in found["wgs84"]]
        assert max(apart) < 1.5


def test_the_real_places_of_the_city_become_points_with_their_addresses(
    country: None, shared_data: Path, tmp_path: Path
) -> None:
    places = read(shared_data, "admin_jinwan/zhuhai_pois.csv")
    kinds = {"供水营业厅": "供水", "公安/出入境服务厅": "出入境大厅", "医疗卫生": "医院"}
    rows = [
        (f"Z-{i}", one["name"], kinds[one["category"]], one["lon"], one["lat"], one["address"])
        for i, one in enumerate(places)
    ]
    report = import_points(written(tmp_path / "a.csv", rows), PointImport(), actor=SYSTEM)
    assert [(one.code, one.reason) for one in report.rejections] == []
    stored = db.session.scalars(select(InspectionPoint)).all()
    assert {point.address for point in stored} == {one["address"].strip() for one in places}
    assert {point.site_type.name for point in stored} >= {"医院", "出入境大厅"}

import csv
from collections import Counter
from pathlib import Path

import pytest
from shapely.geometry import Point
from shapely.ops import unary_union

from gis import topology
from gis.coordinates import to_wgs84
from tracker.demo.jinwan import PILOT_GRIDS, demo_areas, demo_communities

ANCHORS = Path(__file__).parents[4] / "shared/data/admin_jinwan/pilot_community_anchors.csv"
AREAS = demo_areas()
BY_CODE = {area.code: area for area in AREAS}
#: Square degrees below which a difference is only rounding (about 0.01 m²).
ROUNDING = 1e-12


def children(code):
    return [area for area in AREAS if area.parent == code]


def test_the_district_has_four_towns_and_forty_four_communities_of_which_six_are_pilots():
    levels = Counter(area.level for area in AREAS)
    assert levels == {
        "district": 1,
        "town": 4,
        "community": 44,
        "grid": sum(PILOT_GRIDS.values()),
    }
    pilots = [area.name for area in AREAS if area.level == "community" and area.is_pilot]
    assert pilots == ["三灶社区", "金海岸社区", "西城社区", "海澄村", "藤山社区", "广安社区"]


def test_codes_are_as_long_as_their_level_and_unique():
    lengths = {"district": 6, "town": 9, "community": 12, "grid": 15}
    assert len(BY_CODE) == len(AREAS)
    assert all(len(area.code) == lengths[area.level] for area in AREAS)


def test_the_two_industrial_zones_lie_in_a_town_though_their_code_names_none():
    towns = {c.name: c.town_name for c in demo_communities() if c.kind == "虚拟社区"}
    assert towns == {"联港工业区虚拟社区": "红旗镇", "航空产业园虚拟社区": "三灶镇"}
    for community in demo_communities():
        if community.kind != "虚拟社区":
            assert community.code.startswith(community.town_code)


def test_parents_come_before_their_children():
    seen = {None}
    for area in AREAS:
        assert area.parent in seen
        seen.add(area.code)


def test_every_area_is_one_valid_piece():
    for area in AREAS:
        assert area.boundary.is_valid, area.name
        assert area.boundary.geom_type == "Polygon", area.name


@pytest.mark.parametrize(
    "parent", [area.code for area in AREAS if children(area.code)], ids=lambda code: code
)
def test_children_cover_their_parent_without_overlap(parent):
    named = [(child.name, child.boundary) for child in children(parent)]
    assert topology.check(named, BY_CODE[parent].boundary) == []
    parts = [boundary for _, boundary in named]
    whole = BY_CODE[parent].boundary
    assert unary_union(parts).symmetric_difference(whole).area < ROUNDING
    assert abs(sum(part.area for part in parts) - whole.area) < ROUNDING


@pytest.mark.parametrize("code", PILOT_GRIDS)
def test_a_pilot_has_six_to_ten_grids_numbered_from_the_north_west(code):
    grids = children(code)
    assert 6 <= len(grids) <= 10
    assert [grid.code for grid in grids] == [f"{code}{n:03d}" for n in range(1, len(grids) + 1)]
    middles = [grid.boundary.centroid for grid in grids]
    assert middles[0].y > middles[-1].y
    assert middles[0].x < middles[1].x
    sizes = [grid.boundary.area for grid in grids]
    assert max(sizes) < 1.2 * min(sizes)


def test_every_community_contains_its_own_position():
    for community in demo_communities():
        assert BY_CODE[community.code].boundary.contains(Point(community.lon, community.lat))


def test_drawing_twice_gives_the_same_borders():
    assert [area.boundary.wkb for area in demo_areas()] == [area.boundary.wkb for area in AREAS]


@pytest.mark.skipif(not ANCHORS.exists(), reason="the shared real input is not on this machine")
def test_known_addresses_of_the_pilots_fall_into_their_own_community():
    with ANCHORS.open(encoding="utf-8-sig", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["lon"]]
    assert len(rows) == 5
    for row in rows:
        crs = "wgs84" if row["crs"].startswith("WGS") else "gcj02"
        point = Point(*to_wgs84(float(row["lon"]), float(row["lat"]), crs))
        assert BY_CODE[row["community_code"]].boundary.contains(point), row["community"]

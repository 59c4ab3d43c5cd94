"""Borders made where none are surveyed."""

import csv

import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from gis.boundaries import read_boundaries
from gis.coordinates import LonLat, distance_m
from gis.errors import BadSeeds
from gis.projection import area_m2
from gis.thiessen import cells, split_grid
from gis.topology import check

DISTRICT = shapely.Polygon(
    [(113, 22), (113.4, 22.05), (113.35, 22.3), (113.2, 22.15), (113.05, 22.35)]
)
SEEDS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 30)), min_size=1, max_size=25, unique=True
).map(lambda at: [(f"{i:03}", LonLat(113 + x / 100, 22 + y / 100)) for i, (x, y) in enumerate(at)])


@given(SEEDS)
def test_cells_fill_the_district_without_overlap(seeds):
    seeds = [(code, at) for code, at in seeds if DISTRICT.contains(shapely.Point(at.lon, at.lat))]
    assume(seeds)
    made = cells(seeds, DISTRICT)
    assert list(made) == [code for code, _ in seeds]
    assert check(list(made.items()), DISTRICT, sliver_m2=0.01) == []
    assert all(shapely.is_valid(cell) for cell in made.values())
    for code, at in seeds:
        assert made[code].distance(shapely.Point(at.lon, at.lat)) < 1e-9


def test_a_cell_holds_what_is_nearest_in_metres_not_in_degrees():
    # at 60 N a degree of longitude is half one of latitude
    within = shapely.box(20.0, 59.0, 22.0, 61.0)
    seeds = [("西", LonLat(20.2, 60.0)), ("南", LonLat(21.0, 59.4))]
    made = cells(seeds, within)
    at = (20.8, 60.1)
    assert distance_m(*at, 20.2, 60.0) < distance_m(*at, 21.0, 59.4)
    assert made["西"].contains(shapely.Point(at))


def test_the_same_seeds_in_another_order_make_the_same_cells():
    seeds = [("a", LonLat(113.1, 22.1)), ("b", LonLat(113.2, 22.1)), ("c", LonLat(113.3, 22.2))]
    one, two = cells(seeds, DISTRICT), cells(seeds[::-1], DISTRICT)
    assert all(one[code].symmetric_difference(two[code]).area < 1e-15 for code in one)
    assert cells(seeds, DISTRICT) == one


def test_seeds_that_cannot_each_have_a_cell_are_refused():
    here, there = LonLat(113.1, 22.1), LonLat(113.2, 22.1)
    for seeds in ([], [("a", here), ("a", there)], [("a", here), ("b", here)]):
        with pytest.raises(BadSeeds) as caught:
            cells(seeds, DISTRICT)
        assert caught.value.code == "seeds_repeat"
    with pytest.raises(BadSeeds) as caught:
        cells([("a", here), ("b", there), ("far", LonLat(120.0, 30.0))], DISTRICT)
    assert (caught.value.code, caught.value.facts["area"]) == ("no_cell", "far")


@pytest.mark.parametrize("n", [1, 2, 3, 5, 6, 7, 12, 40])
def test_a_split_has_parts_of_equal_area_that_fill_the_whole(n):
    parts = split_grid(DISTRICT, n)
    assert len(parts) == n
    sizes = [area_m2(part) for part in parts]
    assert max(sizes) < 1.02 * min(sizes)
    assert check([(str(i), part) for i, part in enumerate(parts)], DISTRICT, sliver_m2=0.01) == []


def test_a_split_reads_from_north_west_to_south_east():
    parts = split_grid(shapely.box(113.0, 22.0, 113.3, 22.2), 6)
    middles = [(round(part.centroid.x, 2), round(part.centroid.y, 2)) for part in parts]
    assert middles == [
        (113.05, 22.15), (113.15, 22.15), (113.25, 22.15),
        (113.05, 22.05), (113.15, 22.05), (113.25, 22.05),
    ]  # fmt: skip


def test_a_split_into_nothing_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        split_grid(DISTRICT, 0)


def test_the_real_district_is_cut_into_towns_and_grids(shared_data):
    folder = shared_data / "admin_jinwan"
    districts = read_boundaries(folder / "zhuhai_districts_wgs84.geojson").features
    (jinwan,) = (feature.polygon for feature in districts if feature.name == "金湾区")
    with (folder / "jinwan_town_seats.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    lon_key, lat_key = (
        next(k for k in rows[0] if axis in k and "wgs" in k.lower()) for axis in ("lon", "lat")
    )
    name_key = next(key for key in rows[0] if "镇" in rows[0][key])
    towns = cells(
        [(row[name_key], LonLat(float(row[lon_key]), float(row[lat_key]))) for row in rows], jinwan
    )
    assert check(list(towns.items()), jinwan, sliver_m2=1) == []
    for town in towns.values():
        grids = split_grid(town, 9)
        assert check([(str(i), grid) for i, grid in enumerate(grids)], town, sliver_m2=1) == []

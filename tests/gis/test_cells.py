"""Cells: the Morton key of a position."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.cells import MAX_LATITUDE, box_ranges, coarser, decode, encode, level_range, tile_range
from gis.coordinates import distance_m
from gis.errors import OutsideWorld

lons = st.floats(-180, 180)
lats = st.floats(-85, 85)
zooms = st.integers(0, 31)


def tile_of(lon, lat, z):
    """The tile of a position, by the formula of the slippy map, to check against."""
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    last = 2**z - 1
    return min(int((lon + 180) / 360 * 2**z), last), min(max(int(y * 2**z), 0), last)


@given(lons, lats)
def test_a_cell_is_the_place_within_two_centimetres(lon, lat):
    cell = encode(lon, lat)
    middle = decode(cell)
    assert 0 <= cell < 2**62
    assert distance_m(lon, lat, middle.lon, middle.lat) < 0.02
    assert encode(middle.lon, middle.lat) == cell


@given(lons, lats, st.integers(0, 24))
def test_a_cell_lies_in_the_tile_that_holds_its_place(lon, lat, z):
    # the middle of a cell, so that the two formulas cannot disagree by a rounding at a tile's edge
    middle = decode(encode(lon, lat))
    low, high = tile_range(z, *tile_of(middle.lon, middle.lat, z))
    assert low <= encode(middle.lon, middle.lat) <= high


@given(lons, lats, zooms)
def test_a_coarser_key_and_its_range_hold_the_cell(lon, lat, level):
    cell = encode(lon, lat)
    low, high = level_range(coarser(cell, level), level)
    assert low <= cell <= high
    assert high - low + 1 == 4 ** (31 - level)


def test_the_four_tiles_of_a_tile_follow_each_other_without_gap():
    low, high = tile_range(12, 3330, 1781)
    quarters = sorted(tile_range(13, 6660 + dx, 3562 + dy) for dx in (0, 1) for dy in (0, 1))
    assert quarters[0][0] == low
    assert quarters[-1][1] == high
    assert all(
        before[1] + 1 == after[0] for before, after in zip(quarters, quarters[1:], strict=False)
    )


def test_a_tile_that_does_not_exist_is_refused():
    for z, x, y in ((0, 1, 0), (3, 0, 8), (-1, 0, 0), (32, 0, 0), (3, -1, 0)):
        with pytest.raises(OutsideWorld):
            tile_range(z, x, y)


@given(st.lists(st.tuples(lons, lats), min_size=1, max_size=20))
def test_arrays_and_numbers_give_the_same_cells(places):
    lon, lat = (np.array(axis) for axis in zip(*places, strict=True))
    cells = encode(lon, lat)
    assert cells.dtype == np.int64
    assert cells.tolist() == [encode(*place) for place in places]
    back_lon, back_lat = decode(cells)
    assert [(m.lon, m.lat) for m in map(decode, cells.tolist())] == list(
        zip(back_lon.tolist(), back_lat.tolist(), strict=True)
    )


boxes = st.tuples(lons, lats, st.floats(0, 30), st.floats(0, 30)).map(
    lambda b: (b[0], b[1], min(b[0] + b[2], 180.0), min(b[1] + b[3], 85.0))
)


@given(boxes, st.floats(0, 1), st.floats(0, 1), st.integers(1, 32))
def test_the_ranges_of_a_box_hold_every_place_in_it(box, right, up, max_ranges):
    west, south, east, north = box
    cell = encode(min(west + right * (east - west), east), min(south + up * (north - south), north))
    ranges = box_ranges(*box, max_ranges=max_ranges)
    assert 1 <= len(ranges) <= max_ranges
    assert any(low <= cell <= high for low, high in ranges)
    assert all(before[1] + 1 < after[0] for before, after in zip(ranges, ranges[1:], strict=False))


def test_the_ranges_of_a_screen_hold_little_more_than_the_screen():
    box = (113.30, 22.00, 113.42, 22.08)
    held = sum(high - low + 1 for low, high in box_ranges(*box))
    corner, opposite = (
        coarser(encode(*place), 31) for place in ((box[0], box[3]), (box[2], box[1]))
    )
    assert corner != opposite
    side_x = (box[2] - box[0]) / 360 * 2**31
    tops = [
        math.asinh(math.tan(math.radians(lat))) / (2 * math.pi) * 2**31 for lat in (box[1], box[3])
    ]
    assert held < 2.0 * side_x * (tops[1] - tops[0])


def test_a_box_over_the_180th_meridian_has_both_sides():
    ranges = box_ranges(179.0, -10.0, -179.0, 10.0)
    for lon, wanted in ((179.5, True), (-179.5, True), (0.0, False)):
        cell = encode(lon, 1.0)
        assert any(low <= cell <= high for low, high in ranges) is wanted


def test_the_world_is_one_range():
    assert box_ranges(-180, -90, 180, 90) == [(0, 2**62 - 1)]


def test_the_poles_count_as_the_edge_of_the_map():
    assert encode(10.0, 90.0) == encode(10.0, MAX_LATITUDE)
    assert encode(10.0, -90.0) == encode(10.0, -MAX_LATITUDE)


def test_what_is_not_on_the_earth_has_no_cell():
    for lon, lat in ((math.nan, 0), (181, 0), (0, 90.1)):
        with pytest.raises(OutsideWorld):
            encode(lon, lat)
    for box in ((0, 10, 1, 5), (0, math.nan, 1, 5), (-181, 0, 0, 1)):
        with pytest.raises(OutsideWorld):
            box_ranges(*box)

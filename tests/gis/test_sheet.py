"""An area on paper: true lengths, as large as fits, words that keep clear of each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, box

from gis.coordinates import distance_m
from gis.labels import LINE, Wanted, cut, placed, width_of
from gis.sheet import Box, Plane, fitted, path_data, scale_bar


@pytest.mark.parametrize(
    ("lon", "lat", "crs"),
    [(113.36, 22.1, "EPSG:4547"), (87.6, 43.8, "EPSG:4538"), (-118.2, 34.0, None)],
    ids=["Zhuhai", "Urumqi", "outside the zones"],
)
def test_metres_on_the_sheet_are_metres_on_the_ground(
    lon: float, lat: float, crs: str | None
) -> None:
    plane = Plane.around(lon, lat)
    assert plane.crs == crs
    for east, north in ((0.1, 0.0), (0.0, 0.1)):
        line = plane.flat(LineString([(lon, lat), (lon + east, lat + north)]))
        ground = distance_m(lon, lat, lon + east, lat + north)
        # the sphere of distance_m is itself wrong by up to 0.5 %
        assert line.length == pytest.approx(ground, rel=0.006)


def test_an_area_fills_its_box_in_one_direction_and_stands_in_its_middle() -> None:
    frame = Box(10, 20, 200, 100)
    fit = fitted([box(1000, 2000, 3000, 2500)], frame)
    assert fit.place(box(1000, 2000, 3000, 2500)).bounds == pytest.approx((10, 45, 210, 95))
    assert fitted([box(5, 5, 5.001, 5.001)], frame).mm_per_m == 2.0


@given(st.floats(min_value=1e-4, max_value=5.0))
def test_a_scale_bar_is_a_round_length_that_fits_and_is_not_tiny(mm_per_m: float) -> None:
    bar = scale_bar(mm_per_m, longest_mm=70)
    assert bar.mm == pytest.approx(bar.metres * mm_per_m)
    assert bar.mm <= 70.000001
    assert bar.mm > 70 / 2.51
    assert str(bar.metres).rstrip("0") in ("1", "2", "5")


def test_holes_and_parts_are_rings_of_one_path() -> None:
    ring = box(0, 0, 10, 10).difference(box(4, 4, 6, 6)).union(box(20, 0, 22, 2))
    assert path_data(ring).count("M") == path_data(ring).count("Z") == 3
    assert path_data(LineString([(0, 0), (1, 1)])) == ""


def test_names_keep_clear_of_each_other_and_give_way_to_numbers_where_it_is_narrow() -> None:
    cells = [box(x, y, x + 14, y + 8) for x in range(0, 140, 14) for y in range(0, 80, 8)]
    wide = [Wanted((f"第{n}社区", "12"), str(n), cell) for n, cell in enumerate(cells)]
    narrow = [Wanted(("一个很长很长的名字", "12"), str(n), cell) for n, cell in enumerate(cells)]
    for wanted in (wide, narrow):
        rects = []
        for one, cell in zip(placed(wanted, size=4), cells, strict=True):
            half = max(width_of(line, one.size) for line in one.lines) / 2
            tall = LINE * one.size * len(one.lines) / 2
            rects.append(box(one.x - half, one.y - tall, one.x + half, one.y + tall))
            assert cell.contains(rects[-1].centroid)
        assert not any(
            a.intersection(b).area > 1e-6 for n, a in enumerate(rects) for b in rects[n + 1 :]
        )
    assert all(len(one.lines) == 2 for one in placed(wide, size=4))
    assert all(len(one.lines) == 1 for one in placed(narrow, size=4))


def test_a_text_that_is_too_wide_ends_in_an_ellipsis() -> None:
    assert cut("三灶社区", 4, 16) == "三灶社区"
    assert width_of(cut("三灶社区" * 30, 4, 40), 4) <= 40
    assert cut("三灶社区" * 30, 4, 40).endswith("…")

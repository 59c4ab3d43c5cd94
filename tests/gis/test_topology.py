"""Do areas fit together."""

import pytest
import shapely

from gis.boundaries import read_boundaries
from gis.projection import area_m2, flatten, unflatten
from gis.topology import check

# a hundredth of a degree at 22 N is 1,032 m by 1,107 m
SQUARE_M2 = 1_032 * 1_107


def box(x, y, width=1.0, height=1.0):
    """A box in hundredths of a degree from 113 E, 22 N."""
    return shapely.box(
        113 + x / 100, 22 + y / 100, 113 + (x + width) / 100, 22 + (y + height) / 100
    )


def test_the_area_is_that_of_the_earth_not_of_degrees():
    assert area_m2(box(0, 0)) == pytest.approx(SQUARE_M2, rel=0.002)
    # the same degrees are smaller to the north
    assert area_m2(shapely.box(113, 52, 113.01, 52.01)) < 0.7 * SQUARE_M2


def test_metres_and_back_is_the_same_place():
    square = box(3, 4)
    assert flatten(square, 113, 22).bounds == pytest.approx((3096, 4429, 4128, 5537), abs=5)
    assert shapely.equals_exact(unflatten(flatten(square, 113, 22), 113, 22), square, 1e-12)


def test_areas_that_fill_their_parent_have_no_problem():
    assert check([("甲", box(0, 0)), ("乙", box(1, 0))], box(0, 0, 2)) == []
    assert check([]) == []
    assert check([("甲", box(0, 0))]) == []


def test_an_overlap_names_both_and_its_size():
    (problem,) = check([("甲", box(0, 0)), ("乙", box(0.9, 0)), ("远", box(5, 5))])
    assert (problem.code, problem.row, problem.name, problem.other) == ("overlap", 1, "甲", "乙")
    assert problem.area_m2 == pytest.approx(0.1 * SQUARE_M2, rel=0.002)
    assert box(0.9, 0, 0.1).contains(shapely.Point(problem.where.lon, problem.where.lat))


def test_a_gap_names_its_neighbours():
    areas = [("甲", box(0, 0)), ("乙", box(1.2, 0, 0.8))]
    (problem,) = check(areas, box(0, 0, 2))
    assert (problem.code, {problem.name, problem.other}) == ("gap", {"甲", "乙"})
    assert problem.area_m2 == pytest.approx(0.2 * SQUARE_M2, rel=0.002)


def test_without_a_parent_a_gap_is_a_hole_and_the_outside_is_open():
    ring = box(0, 0, 3, 3).difference(box(1, 1))
    left, right = ring.intersection(box(0, 0, 1.5, 3)), ring.intersection(box(1.5, 0, 1.5, 3))
    (problem,) = check([("左", left), ("右", right), ("岛", box(9, 9))])
    assert (problem.code, {problem.name, problem.other}) == ("gap", {"左", "右"})
    assert problem.area_m2 == pytest.approx(SQUARE_M2, rel=0.002)


def test_what_leaves_the_parent_is_told_largest_first():
    problems = check([("甲", box(-0.1, 0, 1.1)), ("乙", box(1, 0, 1.5))], box(0, 0, 2))
    assert [(p.code, p.row, p.name) for p in problems] == [
        ("outside_parent", 2, "乙"),
        ("outside_parent", 1, "甲"),
    ]


def test_slivers_below_the_stated_size_are_not_faults():
    areas = [("甲", box(0, 0)), ("乙", box(0.9999, 0, 1.0001))]
    assert check(areas, box(0, 0, 2), sliver_m2=200) == []
    assert [p.code for p in check(areas, box(0, 0, 2), sliver_m2=50)] == ["overlap"]


def test_the_real_councils_overlap_where_points_fall_in_two(councils):
    problems = check([(feature.name, feature.polygon) for feature in councils])
    overlaps = [problem for problem in problems if problem.code == "overlap"]
    assert overlaps
    assert all(problem.name and problem.other and problem.area_m2 > 50 for problem in overlaps)


def test_the_derived_towns_fill_their_district(shared_data):
    folder = shared_data / "admin_jinwan"
    towns = read_boundaries(folder / "DERIVED_jinwan_towns_thiessen_wgs84.geojson").features
    districts = read_boundaries(folder / "zhuhai_districts_wgs84.geojson").features
    (jinwan,) = (feature.polygon for feature in districts if feature.name == "金湾区")
    assert check([(town.name, town.polygon) for town in towns], jinwan, sliver_m2=2_000) == []


def test_the_area_of_the_real_district_agrees_with_the_ellipsoid(shared_data):
    from pyproj import Geod

    districts = read_boundaries(
        shared_data / "admin_jinwan" / "zhuhai_districts_wgs84.geojson"
    ).features
    for feature in districts:
        exact, _ = Geod(ellps="WGS84").geometry_area_perimeter(
            shapely.orient_polygons(feature.polygon)
        )
        assert area_m2(feature.polygon) == pytest.approx(abs(exact), rel=0.001)

"""Which ground answers for a position, what is left of an area, and a plan that fits its paper."""

import math

import pytest
from shapely.geometry import LineString, Polygon, box

from gis.cover import shared, uncovered
from gis.plan import drawn_plan
from gis.projection import metres_per_degree
from gis.reach import Reach

LON, LAT = 113.355, 22.045
EAST, NORTH = (1 / one for one in metres_per_degree(LAT))


def ground(west: float, south: float, east: float, north: float) -> Polygon:
    """A box in metres around the place."""
    return box(LON + west * EAST, LAT + south * NORTH, LON + east * EAST, LAT + north * NORTH)


def road(*points: tuple[float, float]) -> LineString:
    return LineString([(LON + x * EAST, LAT + y * NORTH) for x, y in points])


@pytest.mark.parametrize(
    ("north", "found"), [(0, True), (19.9, True), (20.1, False), (-19.9, True)]
)
def test_a_line_reaches_as_far_as_it_says(north: float, found: bool):
    reach = Reach.from_shapes([("road", road((-200, 0), (200, 0)), 20.0)])
    hits = reach.at(LON, LAT + north * NORTH)
    assert [hit.key for hit in hits] == ["road"] * found
    if hits:
        assert hits[0].distance_m == pytest.approx(abs(north), abs=0.05)


def test_areas_hold_what_lies_in_them_and_the_nearest_comes_first():
    reach = Reach.from_shapes([("area", ground(-50, -50, 50, 50), 0.0), ("road", road((-9, 10), (9, 10)), 20.0), ("far", ground(60, 0, 90, 9), 0.0)])  # fmt: skip
    assert [(hit.key, round(hit.distance_m)) for hit in reach.at(LON, LAT)] == [("area", 0), ("road", 10)]  # fmt: skip
    assert reach.touching(ground(0, 0, 70, 20)) == ["area", "road", "far"]
    assert reach.at(math.nan, LAT) == []
    assert Reach.from_shapes([]).at(LON, LAT) == []


def test_what_is_left_of_an_area_is_measured_in_square_metres():
    area = ground(0, 0, 1000, 1000)
    left = uncovered(area, [(road((0, 500), (1000, 500)), 20.0), (ground(0, 520, 1000, 1000), 0.0)])
    assert left.area_m2 == pytest.approx(1_000_000, rel=0.002)
    assert [round(piece.area_m2, -3) for piece in left.pieces] == [480_000]
    assert left.covered_m2 == pytest.approx(520_000, rel=0.002)
    where = left.pieces[0].where
    assert 0 < (where.lat - LAT) / NORTH < 480
    assert uncovered(area, [(area, 0.0)]).pieces == ()
    assert len(uncovered(area, []).pieces) == 1


def test_roads_share_ground_when_they_run_beside_each_other_not_when_they_cross():
    here = (road((-300, 0), (300, 0)), 20.0)
    assert shared(here, (road((0, -300), (0, 300)), 20.0)) is None
    beside = shared(here, (road((-300, 30), (300, 30)), 20.0))
    assert beside is not None
    assert beside.area_m2 == pytest.approx(600 * 10, rel=0.05)
    assert shared((ground(0, 0, 50, 50), 0.0), (ground(50, 0, 90, 50), 0.0)) is None


def test_a_plan_holds_every_shape_north_above_and_to_scale():
    plan = drawn_plan([ground(0, 0, 1000, 500), road((0, 0), (1000, 500))], width=500, height=300)
    assert plan.metres == pytest.approx(1000 / 452, rel=0.01)
    numbers = [float(one) for one in plan.shapes[1].path.strip("M").replace("L", " ").split()]
    assert numbers[0] < numbers[2]
    assert numbers[1] > numbers[3], "north is above"
    assert all(0 <= x <= 500 for x in numbers[::2])
    assert all(0 <= y <= 300 for y in numbers[1::2])
    with pytest.raises(ValueError, match="needs a shape"):
        drawn_plan([], width=1, height=1)

"""Borders made small enough to draw."""

import shapely

from gis import outlines
from gis.coordinates import LonLat
from gis.thiessen import cells

OUTLINE = shapely.Point(113.35, 22.1).buffer(0.05, quad_segs=400)
SEEDS = [("a", LonLat(113.33, 22.1)), ("b", LonLat(113.36, 22.12)), ("c", LonLat(113.36, 22.08))]


def test_simplified_neighbours_keep_one_common_line():
    made = outlines.simplified(list(cells(SEEDS, OUTLINE).values()), tolerance_m=30)
    joined = outlines.union(made)
    assert joined.geom_type == "Polygon"
    assert len(joined.interiors) == 0
    assert abs(sum(polygon.area for polygon in made) - joined.area) < 1e-12


def test_a_simplified_border_has_far_fewer_points_and_stays_near():
    (made,) = outlines.simplified([OUTLINE], tolerance_m=30)
    assert shapely.get_num_coordinates(made) < shapely.get_num_coordinates(OUTLINE) / 5
    assert shapely.hausdorff_distance(made, OUTLINE) < 60 / 111_320


def test_a_polygon_smaller_than_the_tolerance_survives():
    tiny = shapely.box(113.35, 22.1, 113.350001, 22.100001)
    (made,) = outlines.simplified([tiny], tolerance_m=100)
    assert not made.is_empty


def test_coordinates_are_sent_with_six_digits():
    geometry = outlines.as_geometry(shapely.box(113.123456789, 22.1, 113.2, 22.2))
    flat = [value for point in geometry["coordinates"][0] for value in point]
    assert all(value == round(value, 6) for value in flat)


def test_bounds_of_nothing_are_none():
    assert outlines.bounds([]) is None
    assert outlines.simplified([], tolerance_m=10) == []

"""A walk goes to every place, is no longer than going to the nearest next, and the shortest where that can be told."""

import math
from itertools import pairwise, permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.coordinates import LonLat
from gis.errors import OutsideWorld, TooManyStops
from gis.route import MOST_STOPS, Walk, legs_m, walk, walking_minutes

places = st.builds(LonLat, st.floats(113.30, 113.34), st.floats(22.00, 22.04))
#: whole numbers are centimetres: a leg may be off by one
TOLERANCE_M = 0.1
WAYS = list(product([None, LonLat(113.29, 22.02)], [False, True]))


def length(stops, order, **how) -> float:
    return sum(legs_m([stops[i] for i in order], **how))


def nearest_next(stops, start, closed) -> list[int]:
    """Written again, plainly: from the start, or the first place, always to the nearest."""
    left, order = list(range(len(stops))), []
    here = start
    if here is None and closed and left:
        order.append(left.pop(0))
        here = stops[0]
    while left:
        near = min(left, key=lambda i: (sum(legs_m([stops[i]], start=here)) if here else 0, i))
        left.remove(near)
        order.append(near)
        here = stops[near]
    return order


@given(st.lists(places, max_size=14), st.sampled_from(WAYS))
@settings(max_examples=25, deadline=None)
def test_a_walk_goes_everywhere_once_and_is_no_longer_than_to_the_nearest_next(stops, way):
    start, closed = way
    found = walk(stops, start=start, closed=closed)
    assert sorted(found.order) == list(range(len(stops)))
    assert found.left == ()
    plain = nearest_next(stops, start, closed)
    long = length(stops, plain, start=start, closed=closed)
    assert length(stops, found.order, start=start, closed=closed) <= long + TOLERANCE_M
    assert walk(stops, start=start, closed=closed) == found, "again the same"


@given(st.lists(places, min_size=1, max_size=6), st.sampled_from(WAYS))
@settings(max_examples=60, deadline=None)
def test_no_order_of_a_few_places_is_shorter(stops, way):
    start, closed = way
    best = min(
        length(stops, order, start=start, closed=closed)
        for order in permutations(range(len(stops)))
    )
    order = walk(stops, start=start, closed=closed).order
    assert length(stops, order, start=start, closed=closed) <= best + TOLERANCE_M


def test_no_order_of_eight_places_is_shorter():
    stops = [LonLat(113.3 + (i * 37 % 11) / 500, 22 + (i * 53 % 13) / 500) for i in range(8)]
    leg = [[length(stops, [i, j]) for j in range(8)] for i in range(8)]
    best = min(sum(leg[i][j] for i, j in pairwise(order)) for order in permutations(range(8)))
    assert length(stops, walk(stops).order) <= best + TOLERANCE_M


@given(st.lists(places, max_size=14), st.sampled_from(WAYS), st.floats(0, 12_000))
@settings(max_examples=40, deadline=None)
def test_a_walk_of_so_many_metres_keeps_to_them_and_says_what_it_leaves_out(stops, way, most_m):
    start, closed = way
    found = walk(stops, start=start, closed=closed, most_m=most_m)
    assert sorted([*found.order, *found.left]) == list(range(len(stops)))
    assert length(stops, found.order, start=start, closed=closed) <= most_m + 1e-6


def test_a_limit_that_is_wide_enough_leaves_nothing_out():
    stops = [LonLat(113.3 + i * 0.001, 22.0) for i in range(9)]
    assert walk(stops, most_m=2_000) == Walk(tuple(range(9)), ())
    assert len(walk(stops, most_m=500).order) == 5, "four legs of 103 metres"


def test_a_walk_to_nowhere_to_one_place_and_to_the_same_place_thrice():
    here = LonLat(113.3, 22.0)
    assert walk([]) == Walk((), ())
    assert legs_m([]) == []
    assert walk([here], start=here, closed=True) == Walk((0,), ())
    assert walk([here, here, here]).order == (0, 1, 2)
    assert legs_m([here, here], closed=True) == [0.0, 0.0, 0.0]


def test_metres_are_straight_lines_on_the_ground():
    west, east = LonLat(113.30, 22.0), LonLat(113.31, 22.0)
    # a hundredth of a degree on the 22nd parallel of WGS-84, by the tables
    assert legs_m([west, east]) == pytest.approx([0, 1032.7], rel=1e-3)
    assert legs_m([east], start=west, closed=True) == pytest.approx([1032.7, 1032.7], rel=1e-3)
    assert walking_minutes(4000) == pytest.approx(78), (
        "four kilometres an hour, a third more by street"
    )


def test_what_is_no_place_and_what_is_too_much_is_refused():
    for bad in (math.nan, math.inf, 200.0):
        with pytest.raises(OutsideWorld):
            walk([LonLat(bad, 22.0)])
    with pytest.raises(TooManyStops):
        walk([LonLat(113.3, 22.0)] * (MOST_STOPS + 1))


def test_a_full_day_of_two_hundred_stops_is_untangled():
    stops = [LonLat(113.3 + (i * 7919 % 997) / 20000, 22 + (i * 104729 % 991) / 20000) for i in range(200)]  # fmt: skip
    order = walk(stops).order
    assert sorted(order) == list(range(200))
    assert length(stops, order) < 0.95 * length(stops, nearest_next(stops, None, False))

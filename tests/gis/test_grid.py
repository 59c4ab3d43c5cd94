"""From a position to its grid, community, town and district."""

import csv
import re
import threading

import numpy as np
import pytest
import shapely
import shapely.affinity
from hypothesis import example, given
from hypothesis import strategies as st

from gis.coordinates import distance_m
from gis.errors import UnknownArea
from gis.grid import Locator
from gis.projection import area_m2

DISTRICT = ("440404", "district", shapely.box(113.0, 22.0, 113.4, 22.4))
NORTH = ("440404100", "town", shapely.box(113.0, 22.2, 113.4, 22.4))
SOUTH = ("440404103", "town", shapely.box(113.0, 22.0, 113.4, 22.2))
COMMUNITY = ("440404100001", "community", shapely.box(113.0, 22.2, 113.1, 22.3))
GRID = ("440404100001001", "grid", shapely.box(113.0, 22.2, 113.05, 22.3))
AREAS = [DISTRICT, NORTH, SOUTH, COMMUNITY, GRID]


@pytest.fixture(scope="module")
def locator():
    return Locator.from_areas(AREAS)


def test_a_position_has_an_area_on_every_level_the_deepest_first(locator):
    found = locator.locate(113.02, 22.25)
    assert list(found.items()) == [
        ("grid", "440404100001001"),
        ("community", "440404100001"),
        ("town", "440404100"),
        ("district", "440404"),
    ]


def test_a_position_outside_the_grids_still_has_its_town(locator):
    assert locator.locate(113.3, 22.1) == {"town": "440404103", "district": "440404"}
    assert locator.locate(120.0, 30.0) == {}
    assert locator.locate(float("nan"), 22.1) == {}


def test_a_position_on_a_shared_border_is_in_one_area_whatever_the_order_of_the_file():
    # the same degrees are smaller to the north
    assert Locator.from_areas(AREAS).locate(113.35, 22.2)["town"] == NORTH[0]
    assert Locator.from_areas(AREAS[::-1]).locate(113.35, 22.2)["town"] == NORTH[0]
    # two of a size: the lower code
    twin = ("440404100002", "community", shapely.box(113.1, 22.2, 113.2, 22.3))
    for areas in ([COMMUNITY, twin], [twin, COMMUNITY]):
        assert Locator.from_areas(areas).locate(113.1, 22.25)["community"] == "440404100001"


def test_of_overlapping_areas_the_smallest_wins():
    small = ("9", "town", shapely.box(113.0, 22.0, 113.1, 22.1))
    assert Locator.from_areas([SOUTH, small]).locate(113.05, 22.05) == {"town": "9"}


def on_a_lattice(corners):
    """Corners on few lines, so that areas share borders and corners, and lie on lines of a raster."""
    return [(113 + x / 8, 22 + y / 8) for x, y in corners]


@st.composite
def shapes(draw):
    """A rectangle, one with a hole that may touch its border, two apart, a triangle, or nothing."""
    x, y = draw(st.integers(0, 5)), draw(st.integers(0, 5))
    width, height = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    box = shapely.box(*on_a_lattice([(x, y)])[0], *on_a_lattice([(x + width, y + height)])[0])
    kind = draw(st.sampled_from(["plain", "hole", "apart", "slanted", "empty"]))
    if kind == "empty":
        return shapely.Polygon()
    if kind == "hole":
        return box.difference(box.centroid.buffer(draw(st.sampled_from([0.01, 0.0625])), 2))
    if kind == "apart":
        return shapely.multipolygons([box, shapely.affinity.translate(box, 5 / 8 + 0.01, 1 / 8)])
    if kind == "slanted":
        third = draw(st.integers(0, 8))
        return shapely.Polygon(on_a_lattice([(x, y), (x + width, y), (third, y + height)]))
    return box


UGLY = st.lists(st.tuples(st.sampled_from(["town", "community", "grid"]), shapes()), max_size=7)
LINES = st.integers(-1, 82).map(lambda n: n / 64)
OFFSETS = st.one_of(
    LINES, st.floats(-0.2, 1.4), st.sampled_from([float("nan"), float("inf"), -200.0])
)
PLACES = st.lists(st.tuples(OFFSETS, OFFSETS), min_size=1, max_size=40)


def looked_up(areas, lon, lat):
    """What the rule says, one area after the other: the smallest that holds it, of equals the lowest code."""
    sized = sorted(
        (round(area_m2(polygon)), code, level, polygon) for code, level, polygon in areas
    )
    found = {}
    for _, code, level, polygon in sized:
        if polygon.intersects(shapely.Point(lon, lat)):
            found.setdefault(level, code)
    return found


@given(UGLY, PLACES)
@example([], [(0.0, 0.0)])
def test_one_and_many_are_answered_by_the_rule_before_there_is_a_raster_and_after(ugly, offsets):
    areas = [(f"{n}", level, shape) for n, (level, shape) in enumerate(ugly)]
    locator = Locator.from_areas(areas)
    places = [(113 + x, 22 + y) for x, y in offsets]
    # the corners of areas, too
    places += [tuple(corner) for _, _, shape in areas for corner in shapely.get_coordinates(shape)]
    wanted = [looked_up(areas, *place) for place in places]
    for _ in range(2):
        many = locator.locate_many(*zip(*places, strict=True))
        assert set(many) == {"district", "town", "community", "grid"}
        for index, place in enumerate(places):
            assert {k: codes[index] for k, codes in many.items() if codes[index]} == wanted[index]
            assert locator.locate(*place) == wanted[index]
        locator.build_raster()


def test_a_raster_comes_when_many_were_asked_for_and_answers_the_same(councils):
    rng = np.random.default_rng(1)
    west, south, east, north = shapely.total_bounds([feature.polygon for feature in councils])
    lon, lat = rng.uniform(west, east, 10_000), rng.uniform(south, north, 10_000)
    locator = Locator.from_areas(as_areas(councils))
    first = locator.locate_many(lon, lat)["community"]
    for _ in range(10):
        later = locator.locate_many(lon, lat)["community"]
    assert later.tolist() == first.tolist()
    assert len(set(later)) == len(councils) + 1


def test_no_areas_and_no_positions_are_no_accident():
    assert Locator.from_areas([]).locate(113.0, 22.0) == {}
    assert Locator.from_areas([]).locate_many([113.0], [22.0])["town"].tolist() == [None]
    assert Locator.from_areas(AREAS).locate_many([], [])["town"].tolist() == []


def test_a_level_that_is_not_known_and_a_code_given_twice_are_refused():
    with pytest.raises(UnknownArea):
        Locator.from_areas([("1", "province", GRID[2])])
    with pytest.raises(UnknownArea) as caught:
        Locator.from_areas([GRID, GRID])
    assert caught.value.code == "code_twice"


def test_the_distance_to_the_border_is_in_metres_inside_and_outside(locator):
    inside = locator.near_border_m(113.01, 22.25, GRID[0])
    assert inside == pytest.approx(distance_m(113.0, 22.25, 113.01, 22.25), rel=0.005)
    outside = locator.near_border_m(113.02, 22.1991, GRID[0])
    assert outside == pytest.approx(distance_m(113.02, 22.2, 113.02, 22.1991), rel=0.01)
    with pytest.raises(UnknownArea):
        locator.near_border_m(113.0, 22.0, "nowhere")


def test_threads_may_share_a_locator(locator):
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(112.9, 113.5, 2_000), rng.uniform(21.9, 22.5, 2_000)
    wanted = [locator.locate(*place) for place in zip(lon, lat, strict=True)]
    fresh, answers = Locator.from_areas(AREAS), []

    def ask():
        answers.append([fresh.locate(*place) for place in zip(lon, lat, strict=True)])

    # one of them meanwhile builds the raster
    threads = [threading.Thread(target=ask) for _ in range(4)]
    threads.insert(2, threading.Thread(target=fresh.build_raster))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [wanted] * 4


def plain_name(text):
    """A council's name without the words that the two sources write differently."""
    words = re.sub(r"[^A-Z0-9 ]", " ", text.upper()).split()
    return "".join(
        word for word in words if word not in {"NC", "NDC", "CC", "NEIGHBORHOOD", "COUNCIL"}
    )


def as_areas(features):
    return [(str(feature.row), "community", feature.polygon) for feature in features]


@pytest.mark.parametrize(
    ("file", "agreement"), [("la311_2017dec.csv", 0.955), ("la311_2018jan.csv", 0.945)]
)
def test_real_requests_fall_in_the_council_their_record_names(
    shared_data, councils, file, agreement
):
    names = {str(feature.row): plain_name(feature.name) for feature in councils}
    with (shared_data / "la311" / file).open(encoding="utf-8-sig") as rows:
        records = [
            {key.lower(): value for key, value in row.items()} for row in csv.DictReader(rows)
        ]
    placed = [row for row in records if row["longitude"] and row["ncname"]]
    lon, lat = (
        np.array([float(row[axis]) for row in placed]) for axis in ("longitude", "latitude")
    )
    codes = Locator.from_areas(as_areas(councils)).locate_many(lon, lat)["community"]
    pairs = [
        (names[code], plain_name(row["ncname"]))
        for code, row in zip(codes, placed, strict=True)
        if code
    ]
    assert len(pairs) > 0.97 * len(placed)
    assert sum(found == named for found, named in pairs) >= agreement * len(pairs)

"""From a position to its grid, community, town and district."""

import csv
import re
import threading

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.boundaries import read_boundaries
from gis.coordinates import distance_m
from gis.errors import UnknownArea
from gis.grid import Locator

DISTRICT = ("440404", "district", shapely.box(113.0, 22.0, 113.4, 22.4))
NORTH = ("440404100", "town", shapely.box(113.0, 22.2, 113.4, 22.4))
SOUTH = ("440404103", "town", shapely.box(113.0, 22.0, 113.4, 22.2))
COMMUNITY = ("440404100001", "community", shapely.box(113.0, 22.2, 113.1, 22.3))
GRID = ("440404100001001", "grid", shapely.box(113.0, 22.2, 113.05, 22.3))
AREAS = [DISTRICT, NORTH, SOUTH, COMMUNITY, GRID]
PLACES = st.tuples(st.floats(112.9, 113.5), st.floats(21.9, 22.5))


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


@given(st.lists(PLACES, min_size=1, max_size=30))
def test_a_million_positions_are_answered_as_one_is(places):
    locator = Locator.from_areas(AREAS)
    places = [*places, (113.1, 22.2), (113.05, 22.3), (float("nan"), 22.0)]
    lon, lat = zip(*places, strict=True)
    many = locator.locate_many(lon, lat)
    assert set(many) == {"district", "town", "community", "grid"}
    for index, place in enumerate(places):
        one = locator.locate(*place)
        assert {level: codes[index] for level, codes in many.items() if codes[index]} == one


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

    threads = [threading.Thread(target=ask) for _ in range(4)]
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


@pytest.mark.parametrize(
    ("file", "agreement"), [("la311_2017dec.csv", 0.955), ("la311_2018jan.csv", 0.945)]
)
def test_real_requests_fall_in_the_council_their_record_names(shared_data, file, agreement):
    read = read_boundaries(shared_data / "la311" / "nc_boundaries_2019_wgs84.geojson")
    areas = [(str(feature.row), "community", feature.polygon) for feature in read.features]
    names = {str(feature.row): plain_name(feature.name) for feature in read.features}
    with (shared_data / "la311" / file).open(encoding="utf-8-sig") as rows:
        records = [
            {key.lower(): value for key, value in row.items()} for row in csv.DictReader(rows)
        ]
    placed = [row for row in records if row["longitude"] and row["ncname"]]
    lon, lat = (
        np.array([float(row[axis]) for row in placed]) for axis in ("longitude", "latitude")
    )
    codes = Locator.from_areas(areas).locate_many(lon, lat)["community"]
    pairs = [
        (names[code], plain_name(row["ncname"]))
        for code, row in zip(codes, placed, strict=True)
        if code
    ]
    assert len(pairs) > 0.97 * len(placed)
    assert sum(found == named for found, named in pairs) >= agreement * len(pairs)

"""Coordinate systems of China."""

import csv
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.coordinates import (
    LonLat,
    bd09_to_gcj02,
    bd09_to_wgs84,
    distance_m,
    from_wgs84,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    parse_crs,
    to_wgs84,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)
from gis.errors import OutsideWorld, UnknownCoordSys

SANZAO = LonLat(113.36, 22.04)


@pytest.fixture(scope="module")
def cities(shared_data):
    with (shared_data / "crs_vectors" / "gcoord_china_cities.csv").open(
        encoding="utf-8-sig"
    ) as file:
        rows = list(csv.DictReader(file))
    return {
        system: tuple(np.array([float(row[f"{system}_{axis}"]) for row in rows]) for axis in "xy")
        for system in ("WGS84", "GCJ02", "BD09", "EPSG3857")
    }


def test_the_published_cities_convert_forward_within_a_hundred_thousandth_of_a_degree(cities):
    assert len(cities["WGS84"][0]) == 332
    for forward, source, target in (
        (wgs84_to_gcj02, "WGS84", "GCJ02"),
        (gcj02_to_bd09, "GCJ02", "BD09"),
        (wgs84_to_bd09, "WGS84", "BD09"),
    ):
        lon, lat = forward(*cities[source])
        assert np.abs(lon - cities[target][0]).max() < 1e-5
        assert np.abs(lat - cities[target][1]).max() < 1e-5


def test_the_published_cities_convert_back_within_a_hundred_thousandth_of_a_degree(cities):
    # the published pairs lie 0.7 m from every implementation of the formula, all to one side
    for backward, source, target in (
        (gcj02_to_wgs84, "GCJ02", "WGS84"),
        (bd09_to_gcj02, "BD09", "GCJ02"),
        (bd09_to_wgs84, "BD09", "WGS84"),
    ):
        lon, lat = backward(*cities[source])
        assert distance_m(lon, lat, *cities[target]).max() < 1.0


def test_the_published_cities_return_from_a_round_trip_to_half_a_metre_and_better(cities):
    for crs, source in (("gcj02", "GCJ02"), ("bd09", "BD09")):
        lon, lat = from_wgs84(*to_wgs84(*cities[source], crs), crs)
        assert distance_m(lon, lat, *cities[source]).max() < 1e-6


def test_the_shift_is_that_of_the_published_formula():
    # the value by which the implementations of the formula check each other
    lon, lat = from_wgs84(121.5272106, 31.1774276, "gcj02")
    assert distance_m(lon, lat, 121.531541859215, 31.17530398364597) < 0.001


def test_the_published_cities_agree_with_web_mercator(cities):
    lon, lat = to_wgs84(*cities["EPSG3857"], "EPSG:3857")
    assert distance_m(lon, lat, *cities["WGS84"]).max() < 0.5


@given(lon=st.floats(73.0, 135.0), lat=st.floats(18.0, 53.0))
def test_there_and_back_is_the_same_place(lon, lat):
    for there, back in ((wgs84_to_gcj02, gcj02_to_wgs84), (wgs84_to_bd09, bd09_to_wgs84)):
        back_lon, back_lat = back(*there(lon, lat))
        assert distance_m(float(back_lon), float(back_lat), lon, lat) < 0.001


def test_gcj02_lies_half_a_kilometre_south_east_at_sanzao():
    lon, lat = from_wgs84(SANZAO.lon, SANZAO.lat, "gcj02")
    assert distance_m(SANZAO.lon, SANZAO.lat, lon, SANZAO.lat) == pytest.approx(556, abs=15)
    assert distance_m(lon, SANZAO.lat, lon, lat) == pytest.approx(292, abs=15)
    assert lon > SANZAO.lon
    assert lat < SANZAO.lat


def test_nothing_is_shifted_outside_china():
    assert to_wgs84(-118.25, 34.05, "gcj02") == (-118.25, 34.05)


def test_cgcs2000_is_wgs84_on_a_web_map():
    assert to_wgs84(113.36, 22.04, "EPSG:4490") == (113.36, 22.04)


@pytest.mark.parametrize(
    "crs", ["EPSG:4547", "EPSG:4549", "EPSG:4526", "EPSG:3857", "EPSG:32649", "bd09"]
)
def test_every_system_leads_to_wgs84_and_back(crs):
    x, y = from_wgs84(SANZAO.lon, SANZAO.lat, crs)
    assert distance_m(*to_wgs84(x, y, crs), SANZAO.lon, SANZAO.lat) < 0.001


def test_the_central_meridian_of_zone_114_has_an_easting_of_500_km():
    x, y = from_wgs84(114.0, 22.0, "EPSG:4547")
    assert x == pytest.approx(500_000, abs=0.001)
    # the meridian arc of the GRS 80 ellipsoid to 22 degrees
    assert y == pytest.approx(2_433_600, abs=500)


def test_numbers_give_numbers_and_arrays_give_arrays():
    assert all(isinstance(value, float) for value in to_wgs84(113.0, 22.0, "gcj02"))
    lon, lat = to_wgs84([[113.0, 114.0]], [[22.0, 23.0]], "bd09")
    assert lon.shape == lat.shape == (1, 2)


def test_what_cannot_be_turned_is_not_a_position():
    for crs in ("wgs84", "gcj02", "bd09", "EPSG:4547"):
        with pytest.raises(OutsideWorld):
            LonLat(*to_wgs84(math.nan, 22.0, crs))
    with pytest.raises(OutsideWorld):
        LonLat(*to_wgs84(1e30, 1e30, "EPSG:4547"))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("WGS-84", "wgs84"),
        ("epsg:4326", "wgs84"),
        ("EPSG:4490", "cgcs2000"),
        ("GCJ-02", "gcj02"),
        ("bd09ll", "bd09"),
        ("epsg 4547", "EPSG:4547"),
    ],
)
def test_a_coordinate_system_has_one_spelling(text, name):
    assert parse_crs(text) == name


@pytest.mark.parametrize(
    "text", ["", "mars", "EPSG:", "EPSG:99999", "EPSG:-4326", "+proj=longlat", "EPSG:٤٣٢٦"]
)
def test_an_unknown_coordinate_system_is_refused(text):
    with pytest.raises(UnknownCoordSys) as caught:
        to_wgs84(113.0, 22.0, text)
    assert caught.value.code == "unknown_coord_sys"


def test_a_datum_without_a_known_way_to_wgs84_is_refused_not_passed_through():
    # 西安80: PROJ would return the numbers unchanged, about 100 m wrong
    with pytest.raises(UnknownCoordSys):
        to_wgs84(113.0, 22.0, "EPSG:4610")


@pytest.mark.parametrize(
    ("lon", "lat"), [(181, 0), (0, 91), (math.nan, 0), (0, math.inf), (22.1, 113.3)]
)
def test_a_position_is_on_the_earth(lon, lat):
    with pytest.raises(OutsideWorld):
        LonLat(lon, lat)


def test_a_degree_of_a_meridian_is_111_km():
    assert distance_m(113.0, 22.0, 113.0, 23.0) == pytest.approx(111_195, abs=1)
    assert distance_m(0.0, 0.0, 180.0, 0.0) == pytest.approx(math.pi * 6_371_008.8)
    assert distance_m([113.0, 113.0], [22.0, 22.0], 113.0, 22.0).tolist() == [0.0, 0.0]

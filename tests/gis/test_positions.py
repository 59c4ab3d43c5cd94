"""What people type for a position."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.coordinates import LonLat
from gis.errors import GisError, OutsideWorld, UnclearPosition
from gis.positions import parse_position


@pytest.mark.parametrize(
    "text",
    [
        "113.35, 22.14",
        "113.35,22.14",
        "113.35 22.14",
        "113.35，22.14",
        "１１３.３５，２２.１４",
        "(113.35; 22.14)",
        "22.14, 113.35",
        "22.14N 113.35E",
        "22.14N113.35E",
        "22.14 n, 113.35 e",
        "N22.14 E113.35",
        "E113.35N22.14",
        "22.14N, 113.35",
        "N22.14E 113.35",
        "北纬22.14 东经113.35",
        "东经113.35°，北纬22.14°",
        "经度：113.35 纬度：22.14",
        "lat=22.14, lng=113.35",
        "113°21'E 22°8'24\"N",
        "113°21′00″E，22°08′24″N",
        "东经113度21分0秒 北纬22度8分24秒",
        "东经113度21分北纬22度8分24秒",
    ],
)
def test_a_position_is_understood_as_people_type_it(text):
    position = parse_position(text)
    assert position.lon == pytest.approx(113.35, abs=1e-9)
    assert position.lat == pytest.approx(22.14, abs=1e-9)


def test_letters_decide_where_numbers_cannot():
    assert parse_position("34.05N 118.25W") == LonLat(-118.25, 34.05)
    assert parse_position("12.5E, 41.9N") == LonLat(12.5, 41.9)
    assert parse_position("33.9S 18.4E") == LonLat(18.4, -33.9)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("41.9, 12.5", "ambiguous_axes"),
        ("22.14N 113.35N", "same_axis_twice"),
        ("-22.14S 113.35E", "double_negative"),
        ("113°75'E 22°8'N", "bad_minutes"),
        ("", "unclear_position"),
        ("113.35", "unclear_position"),
        ("113.3522.14", "unclear_position"),
        ("113,35 22,14", "unclear_position"),
        ("113.35, 22.14, 5", "unclear_position"),
        ("三灶镇金海岸社区", "unclear_position"),
        ("0x71, 22", "unclear_position"),
        ("1e2, 22", "unclear_position"),
        ("nan, nan", "unclear_position"),
        ("113.35, 22.14" + " " * 200, "unclear_position"),
    ],
)
def test_what_could_mean_two_places_or_none_is_refused(text, code):
    with pytest.raises(UnclearPosition) as caught:
        parse_position(text)
    assert caught.value.code == code


@pytest.mark.parametrize("text", ["113.35, 122.14", "95N 113E", "200E 22N"])
def test_what_is_not_on_the_earth_is_refused(text):
    with pytest.raises(OutsideWorld):
        parse_position(text)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text):
    try:
        position = parse_position(text)
    except GisError:
        return
    assert isinstance(position, LonLat)


@given(lon=st.floats(-180, 180), lat=st.floats(-90, 90))
def test_a_marked_position_survives_writing_and_reading(lon, lat):
    east, north = "W" if lon < 0 else "E", "S" if lat < 0 else "N"
    read = parse_position(f"{abs(lat):.7f}{north} {abs(lon):.7f}{east}")
    assert read.lon == pytest.approx(lon, abs=1e-7)
    assert read.lat == pytest.approx(lat, abs=1e-7)

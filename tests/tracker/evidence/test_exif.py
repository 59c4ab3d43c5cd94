"""What is believed of a camera's clock and position, and what is not."""

from datetime import UTC, datetime, timedelta

import pytest
from PIL import ExifTags
from PIL.TiffImagePlugin import IFDRational

from tracker.evidence import exif
from tracker.evidence.images import decode

MORNING = datetime(2026, 9, 1, 0, 30, tzinfo=UTC)
SANZAO = (113.342830, 22.052970)


def test_without_an_offset_the_time_is_the_citys(draw, encode, phone):
    assert decode(encode(draw(), exif=phone(offset=None))).taken_at == MORNING
    elsewhere = decode(encode(draw(), exif=phone(offset="+05:30"))).taken_at
    assert elsewhere == MORNING + timedelta(hours=2, minutes=30)
    assert elsewhere.tzinfo is UTC


def test_satellite_time_counts_where_the_clock_names_no_offset():
    gps = {29: "2026:09:01", 7: (0.0, 31.0, 2.5)}
    clock = {ExifTags.Base.DateTimeOriginal: "2026:09:01 09:30:00"}
    assert exif.moment_of(clock, gps) == datetime(2026, 9, 1, 0, 31, 2, tzinfo=UTC)
    with_offset = clock | {ExifTags.Base.OffsetTimeOriginal: "+09:00"}
    assert exif.moment_of(with_offset, gps) == MORNING


@pytest.mark.parametrize(
    "stamp",
    ["0000:00:00 00:00:00", "2026:13:01 00:00:00", "1970:01:01 00:00:00", "soon", "", None, 7],
)
def test_a_clock_that_was_never_set_says_nothing(stamp):
    assert exif.moment_of({ExifTags.Base.DateTimeOriginal: stamp}, {}) is None


HERE = {1: "N", 2: (22.0, 3.0, 10.692), 3: "E", 4: (113.0, 20.0, 34.188)}


@pytest.mark.parametrize(
    "wrong",
    [
        {2: (0.0, 0.0, 0.0), 4: (0.0, 0.0, 0.0)},
        {2: (91.0, 0.0, 0.0)},
        {4: (180.0, 0.1, 0.0)},
        {2: (22.0, 75.0, 0.0)},
        {2: (-22.0, 3.0, 10.0)},
        {2: (22.0, 3.0)},
        {2: "22.05"},
        {4: (113.0, float("nan"), 0.0)},
        {4: (IFDRational(113, 0), 0.0, 0.0)},
        {1: None},
        {3: "X"},
        {9: "V"},
        {18: "TOKYO"},
        {18: "GCJ-02"},
    ],
)
def test_an_impossible_or_doubtful_position_is_not_believed(wrong):
    assert exif.position_of(HERE) == pytest.approx(SANZAO, abs=1e-6)
    assert exif.position_of(HERE | wrong) is None


def test_south_and_west_are_negative_and_the_datums_of_china_and_gps_are_taken():
    assert exif.position_of(HERE | {1: "S", 3: "W"}) == pytest.approx((-113.34283, -22.05297))
    for datum in ("WGS-84", "CGCS2000", b"WGS-84\0", ""):
        assert exif.position_of(HERE | {18: datum}) is not None


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_broken_exif_does_not_cost_the_photo(draw, encode):
    picture = decode(encode(draw(), exif=b"Exif\0\0II*\0\xff\xff\xff\xff" + bytes(30)))
    assert (picture.position, picture.taken_at) == (None, None)

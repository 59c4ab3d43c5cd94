"""Knows what a camera wrote about where and when: EXIF position and time, believed only if sound."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any, NamedTuple

from PIL import ExifTags, Image

from tracker.clock import CITY_ZONE

#: Tag 306 (change of the file) is not read: editors and messengers rewrite it.
_TAKEN_AT = ExifTags.Base.DateTimeOriginal
_TAKEN_AT_OFFSET = ExifTags.Base.OffsetTimeOriginal

#: GPSMapDatum as cameras write it, letters and digits only. CGCS2000 is within centimetres of
#: WGS-84; any other datum (Tokyo, GCJ-02) would put the point hundreds of metres off, unseen.
_DATUMS = frozenset({"", "WGS84", "CGCS2000", "EPSG4326", "EPSG4490"})

_STAMP = re.compile(r"(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
#: Before the first phone with a camera: a clock that was never set.
_FIRST_YEAR = 1990


class Position(NamedTuple):
    """A point in degrees, WGS-84, in the order (lon, lat)."""

    lon: float
    lat: float


class Reading(NamedTuple):
    """What the picture says of itself; None where it says nothing that can be believed."""

    taken_at: datetime | None
    position: Position | None
    #: EXIF orientation 1 to 8; 1 is upright.
    orientation: int


NOTHING = Reading(None, None, 1)


def read(image: Image.Image) -> Reading:
    """Position (WGS-84), moment (aware, UTC) and orientation of an opened picture.

    EXIF 2.32, JEITA CP-3451E §4.6. Damaged EXIF is no reason to refuse a photo (messengers strip
    or mangle it), so nothing is raised: what cannot be read counts as not said.
    """
    try:
        exif = image.getexif()
        orientation = exif.get(ExifTags.Base.Orientation, 1)
        taken, gps = exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)
    except Exception:  # the parser meets hostile bytes: any error means "unreadable"
        return NOTHING
    upright = orientation if orientation in range(1, 9) else 1
    return Reading(moment_of(taken, gps), position_of(gps), int(upright))


def moment_of(taken: Mapping[int, Any], gps: Mapping[int, Any]) -> datetime | None:
    """When the shutter opened, aware and in UTC, or None.

    First the camera's clock with its own offset, then the satellites' time (UTC), then the
    camera's clock taken as the city's.
    """
    clock = _text(taken.get(_TAKEN_AT))
    zone = _offset(_text(taken.get(_TAKEN_AT_OFFSET)))
    if zone and (moment := _moment(clock, zone)):
        return moment
    return _satellite_moment(gps) or _moment(clock, CITY_ZONE)


def position_of(gps: Mapping[int, Any]) -> Position | None:
    """The position in degrees, WGS-84, (lon, lat); None if absent, void or impossible.

    A missing hemisphere is not guessed, and 0, 0 is what receivers write without a fix.
    """
    if _text(gps.get(ExifTags.GPS.GPSStatus)) == "V":
        return None
    if re.sub(r"[^A-Z0-9]", "", _text(gps.get(ExifTags.GPS.GPSMapDatum)).upper()) not in _DATUMS:
        return None
    lat = _degrees(gps, ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLatitudeRef, "NS", limit=90)
    lon = _degrees(gps, ExifTags.GPS.GPSLongitude, ExifTags.GPS.GPSLongitudeRef, "EW", limit=180)
    if lat is None or lon is None or (lat == 0 and lon == 0):
        return None
    return Position(lon, lat)


def _degrees(
    gps: Mapping[int, Any], value_tag: int, ref_tag: int, signs: str, *, limit: int
) -> float | None:
    """Degrees from (degrees, minutes, seconds) and a hemisphere letter, rounded to 1 cm."""
    parts = _numbers(gps.get(value_tag))
    ref = _text(gps.get(ref_tag)).upper()[:1]
    if parts is None or not ref or ref not in signs:
        return None
    degrees, minutes, seconds = parts
    value = degrees + minutes / 60 + seconds / 3600
    if minutes > 60 or seconds > 60 or value > limit:
        return None
    return round(value, 7) if ref == signs[0] else -round(value, 7)


def _satellite_moment(gps: Mapping[int, Any]) -> datetime | None:
    clock = _numbers(gps.get(ExifTags.GPS.GPSTimeStamp))
    date = _text(gps.get(ExifTags.GPS.GPSDateStamp))
    if clock is None:
        return None
    hour, minute, second = (int(part) for part in clock)
    return _moment(f"{date} {hour:02}:{minute:02}:{second:02}", UTC)


def _numbers(value: object) -> tuple[float, float, float] | None:
    """Three finite numbers, none negative, or None: a rational may be 1/0."""
    if not isinstance(value, Sequence) or isinstance(value, str | bytes) or len(value) != 3:
        return None
    try:
        first, second, third = (float(part) for part in value)
    except (TypeError, ValueError, ArithmeticError):
        return None
    parts = (first, second, third)
    return parts if all(math.isfinite(part) and 0 <= part < 1e6 for part in parts) else None


def _moment(stamp: str, zone: tzinfo) -> datetime | None:
    found = _STAMP.match(stamp)
    if not found:
        return None
    try:
        moment = datetime(*(int(part) for part in found.groups()), tzinfo=zone)  # type: ignore[misc,arg-type]
        return moment.astimezone(UTC) if moment.year >= _FIRST_YEAR else None
    except (ValueError, OverflowError):
        return None


def _offset(text: str) -> timezone | None:
    found = _OFFSET.fullmatch(text)
    if not found:
        return None
    sign, hours, minutes = found.groups()
    ahead = timedelta(hours=int(hours), minutes=int(minutes))
    if ahead > timedelta(hours=14):
        return None
    return timezone(-ahead if sign == "-" else ahead)


def _text(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    return value.strip("\0 ") if isinstance(value, str) else ""

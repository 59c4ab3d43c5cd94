"""Know how people write a position, and refuse what could mean two places."""

import re
import unicodedata
from typing import Literal

from gis.coordinates import LonLat
from gis.errors import OutsideWorld, UnclearPosition

Axis = Literal["lon", "lat"]

#: Longer text is not a position.
MAX_CHARACTERS = 120

_MARKS: dict[str, tuple[Axis, int]] = {
    "e": ("lon", 1),
    "w": ("lon", -1),
    "n": ("lat", 1),
    "s": ("lat", -1),
    "东经": ("lon", 1),
    "西经": ("lon", -1),
    "北纬": ("lat", 1),
    "南纬": ("lat", -1),
    "经度": ("lon", 1),
    "纬度": ("lat", 1),
    "longitude": ("lon", 1),
    "latitude": ("lat", 1),
    "lng": ("lon", 1),
    "lon": ("lon", 1),
    "lat": ("lat", 1),
}
_MARK = "|".join(sorted(_MARKS, key=len, reverse=True))
_LETTERS = "[ensw](?![a-z])"


def _part(number: int) -> str:
    """Return the pattern of one marked or bare angle; a mark stands before it or after, not both."""
    angle = (
        rf"(?P<deg{number}>[+-]?\d{{1,3}}(?:\.\d+)?)(?:\s*[°度]"
        rf"(?:\s*(?P<min{number}>\d{{1,2}}(?:\.\d+)?)\s*['分]"
        rf"(?:\s*(?P<sec{number}>\d{{1,2}}(?:\.\d+)?)\s*(?:\"|''|秒))?)?)?"
    )
    same = angle.replace("?P<", "?P<bare_")
    return (
        rf"(?:(?P<before{number}>{_MARK})\s*[:=]?\s*{angle}"
        rf"|{same}(?:\s*(?P<after{number}>{_LETTERS}))?)"
    )


# Between the two: a sign, a space, or nothing where a digit meets a letter or word.
_GAP = r"(?:\s*[,;/、]\s*|\s+|(?<=[^\d.\s])|(?<=\d)(?=[^\d.\s]))"
_POSITION = re.compile(_part(1) + _GAP + _part(2), re.ASCII)


def parse_position(text: str) -> LonLat:
    """Return the position in what a person typed, in the coordinate system that person uses.

    Two numbers are longitude then latitude, or the reverse where only that is possible (the first
    within ±90, the second beyond). Letters (N, E), words (北纬, 经度) and degrees, minutes and
    seconds are understood, full-width signs too.

    Raises UnclearPosition for what has no or two meanings (both numbers within ±90 and no letter),
    OutsideWorld for what is not on the earth.
    """
    found = _POSITION.fullmatch(_plain(text))
    if not found:
        raise UnclearPosition("This is not a longitude and a latitude.")
    (first_axis, first), (second_axis, second) = _read(found, 1), _read(found, 2)
    axis = first_axis or _other(second_axis) or _guess(first, second)
    if second_axis == axis:
        raise UnclearPosition("Both numbers are marked as the same axis.", code="same_axis_twice")
    return LonLat(first, second) if axis == "lon" else LonLat(second, first)


def _plain(text: str) -> str:
    if len(text) > MAX_CHARACTERS:
        raise UnclearPosition("This is too long for a position.")
    # º would become a letter under NFKC, and the primes of minutes have many shapes
    text = re.sub("[º˚]", "°", text)
    text = re.sub("[″“”]", '"', re.sub("[′‘’`´]", "'", text))
    return unicodedata.normalize("NFKC", text).strip(" ()[]\t\r\n").casefold()


def _read(found: re.Match[str], number: int) -> tuple[Axis | None, float]:
    degrees, minutes, seconds = (
        found[f"{name}{number}"] or found[f"bare_{name}{number}"] or "0"
        for name in ("deg", "min", "sec")
    )
    if float(minutes) >= 60 or float(seconds) >= 60:
        raise UnclearPosition("Minutes and seconds end at 60.", code="bad_minutes")
    mark = found[f"before{number}"] or found[f"after{number}"]
    axis, direction = _MARKS[mark] if mark else (None, 1)
    if degrees.startswith("-"):
        if direction < 0:
            raise UnclearPosition("A minus and a W or S cancel out.", code="double_negative")
        direction = -1
    return axis, direction * (abs(float(degrees)) + float(minutes) / 60 + float(seconds) / 3600)


def _other(axis: Axis | None) -> Axis | None:
    return {"lon": "lat", "lat": "lon"}.get(axis) if axis else None  # type: ignore[return-value]


def _guess(first: float, second: float) -> Axis:
    if abs(first) <= 90 and abs(second) <= 90:
        raise UnclearPosition(
            "Either number could be the latitude: mark them with N and E.", code="ambiguous_axes"
        )
    if abs(first) > 90 and abs(second) > 90:
        raise OutsideWorld("No latitude is beyond 90 degrees.", lon=first, lat=second)
    return "lon" if abs(first) > 90 else "lat"

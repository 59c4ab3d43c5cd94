"""Know the coordinate systems used in China and turn positions from one into another."""

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from gis.errors import OutsideWorld, UnknownCoordSys

Floats = npt.NDArray[np.float64]
Pair = tuple[Floats, Floats]

#: Mean radius of the earth, metres (IUGG 1980, R1).
EARTH_RADIUS_M = 6_371_008.8

#: Rounds of the fixed-point inverse: the error falls a thousandfold in each, so eight reach 1e-9 m.
INVERSE_ROUNDS = 8

# The ellipsoid of the shift (Krasovsky 1940), as in every published description of it.
_SHIFT_AXIS_M = 6_378_245.0
_SHIFT_EE = 0.006_693_421_622_965_943
# Outside this box (west, south, east, north; decimal degrees) map makers do not shift.
_SHIFTED_BOX = (72.004, 0.8293, 137.8347, 55.8271)
_BAIDU_PI = math.pi * 3000.0 / 180.0


class CoordSys(StrEnum):
    """The coordinate systems a person can choose by name; any other is written `EPSG:n`."""

    #: GPS, photos, browsers: EPSG:4326, the only one stored.
    WGS84 = "wgs84"
    #: 国家大地坐标系: 天地图 and surveys, EPSG:4490, within decimetres of WGS-84, so taken as equal.
    CGCS2000 = "cgcs2000"
    #: 高德, 腾讯, WeChat: WGS-84 shifted by 100 to 700 m.
    GCJ02 = "gcj02"
    #: 百度: GCJ-02 shifted once more.
    BD09 = "bd09"


_ALIASES = {
    "wgs84": CoordSys.WGS84,
    "gps": CoordSys.WGS84,
    "crs84": CoordSys.WGS84,
    "4326": CoordSys.WGS84,
    "cgcs2000": CoordSys.CGCS2000,
    "4490": CoordSys.CGCS2000,
    "gcj02": CoordSys.GCJ02,
    "bd09": CoordSys.BD09,
    "bd09ll": CoordSys.BD09,
}


@dataclass(frozen=True, slots=True)
class LonLat:
    """One position, in decimal degrees, longitude first; WGS-84 unless its owner says otherwise.

    Raises OutsideWorld for a value that is not finite or not on the earth.
    """

    lon: float
    lat: float

    def __post_init__(self) -> None:
        if not (-180.0 <= self.lon <= 180.0 and -90.0 <= self.lat <= 90.0):
            raise OutsideWorld(
                f"Not a position on the earth: longitude {self.lon}, latitude {self.lat}.",
                lon=self.lon,
                lat=self.lat,
            )


def parse_crs(text: str) -> str:
    """Return the one spelling of a coordinate system: a `CoordSys` value or `EPSG:n`.

    Accepts any case, `WGS-84`, `GCJ-02`, `EPSG:4326`, `epsg 4547`. Raises UnknownCoordSys.
    """
    plain = text.strip().casefold()
    if code := re.fullmatch(r"epsg[\s:]*([1-9]\d{3,5})", plain, re.ASCII):
        plain = code[1]
    bare = re.sub(r"[\s_-]", "", plain)
    if bare in _ALIASES:
        return _ALIASES[bare].value
    if code:
        name = f"EPSG:{bare}"
        _to_geographic(name)
        return name
    raise UnknownCoordSys(f"Not a known coordinate system: {text[:60]!r}.", crs=text[:60])


@overload
def to_wgs84(x: float, y: float, crs: str) -> tuple[float, float]: ...
@overload
def to_wgs84(x: npt.ArrayLike, y: npt.ArrayLike, crs: str) -> Pair: ...
def to_wgs84(x: Any, y: Any, crs: str) -> Any:
    """Turn positions of `crs` into WGS-84 (longitude, latitude) in decimal degrees.

    `x` is the longitude or easting, `y` the latitude or northing, in the unit of `crs` (degrees or
    metres); numbers or arrays, answered alike. `crs` is what `parse_crs` accepts, or the WKT of a
    coordinate system. What cannot be turned comes back as inf. Raises UnknownCoordSys.
    """
    return _convert(x, y, crs, inverse=False)


@overload
def from_wgs84(x: float, y: float, crs: str) -> tuple[float, float]: ...
@overload
def from_wgs84(x: npt.ArrayLike, y: npt.ArrayLike, crs: str) -> Pair: ...
def from_wgs84(x: Any, y: Any, crs: str) -> Any:
    """Turn WGS-84 (longitude, latitude) in decimal degrees into `crs`: the inverse of `to_wgs84`."""
    return _convert(x, y, crs, inverse=True)


def wgs84_to_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Shift WGS-84 to GCJ-02; arrays of decimal degrees, longitude first, unshifted outside China."""
    lon_, lat_ = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    d_lon, d_lat = _shift(lon_, lat_)
    west, south, east, north = _SHIFTED_BOX
    inside = (lon_ >= west) & (lon_ <= east) & (lat_ >= south) & (lat_ <= north)
    return np.where(inside, lon_ + d_lon, lon_), np.where(inside, lat_ + d_lat, lat_)


def gcj02_to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Undo the shift of GCJ-02 to below a millimetre; arrays of decimal degrees, longitude first."""
    return _undo(wgs84_to_gcj02, np.asarray(lon, np.float64), np.asarray(lat, np.float64))


def gcj02_to_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Shift GCJ-02 to BD-09; arrays of decimal degrees, longitude first."""
    x, y = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BAIDU_PI)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BAIDU_PI)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def bd09_to_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Undo the shift of BD-09; arrays of decimal degrees, longitude first."""
    return _undo(gcj02_to_bd09, np.asarray(lon, np.float64), np.asarray(lat, np.float64))


def wgs84_to_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Shift WGS-84 to BD-09; arrays of decimal degrees, longitude first."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Undo both shifts of BD-09; arrays of decimal degrees, longitude first."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


@overload
def distance_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float: ...
@overload
def distance_m(
    lon1: npt.ArrayLike, lat1: npt.ArrayLike, lon2: npt.ArrayLike, lat2: npt.ArrayLike
) -> Floats: ...
def distance_m(lon1: Any, lat1: Any, lon2: Any, lat2: Any) -> Any:
    """Return the great-circle distance in metres (haversine, error below 0.5 %).

    Decimal degrees, longitude first; numbers or arrays that broadcast.
    """
    lam1, phi1, lam2, phi2 = (
        np.radians(np.asarray(v, np.float64)) for v in (lon1, lat1, lon2, lat2)
    )
    half = (
        np.sin((phi2 - phi1) / 2) ** 2
        + np.cos(phi1) * np.cos(phi2) * np.sin((lam2 - lam1) / 2) ** 2
    )
    metres = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))
    return float(metres) if metres.ndim == 0 else metres


def _shift(lon: Floats, lat: Floats) -> Pair:
    """Return the shift (degrees of longitude, of latitude) that GCJ-02 adds at a WGS-84 place."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    common = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    north += _waves(y, (20.0, 1.0), (40.0, 1 / 3), (160.0, 1 / 12), (320.0, 1 / 30))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    east += _waves(x, (20.0, 1.0), (40.0, 1 / 3), (150.0, 1 / 12), (300.0, 1 / 30))
    phi = np.radians(lat)
    magic = 1 - _SHIFT_EE * np.sin(phi) ** 2
    meridian_m = _SHIFT_AXIS_M * (1 - _SHIFT_EE) / (magic * np.sqrt(magic))
    parallel_m = _SHIFT_AXIS_M / np.sqrt(magic) * np.cos(phi)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.degrees(east / parallel_m), np.degrees(north / meridian_m)


def _waves(value: Floats, *waves: tuple[float, float]) -> Floats:
    total = np.zeros_like(value)
    for amplitude, frequency in waves:
        total += amplitude * np.sin(value * frequency * np.pi)
    return total * 2.0 / 3.0


def _undo(forward: Any, lon: Floats, lat: Floats) -> Pair:
    """Invert a small shift by fixed point: guess, shift the guess, take the miss off, again."""
    guess_lon, guess_lat = lon, lat
    for _ in range(INVERSE_ROUNDS):
        seen_lon, seen_lat = forward(guess_lon, guess_lat)
        guess_lon, guess_lat = guess_lon + (lon - seen_lon), guess_lat + (lat - seen_lat)
    return guess_lon, guess_lat


def _convert(x: Any, y: Any, crs: str, *, inverse: bool) -> Any:
    xs, ys = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(y, np.float64))
    name = crs if "[" in crs else parse_crs(crs)
    with np.errstate(invalid="ignore", over="ignore"):
        made = _named(xs, ys, name, inverse=inverse)
    if xs.ndim == 0:
        return float(made[0]), float(made[1])
    return made


def _named(x: Floats, y: Floats, name: str, *, inverse: bool) -> Pair:
    match name:
        case CoordSys.WGS84 | CoordSys.CGCS2000:
            return x.copy(), y.copy()
        case CoordSys.GCJ02:
            return wgs84_to_gcj02(x, y) if inverse else gcj02_to_wgs84(x, y)
        case CoordSys.BD09:
            return wgs84_to_bd09(x, y) if inverse else bd09_to_wgs84(x, y)
    made = _to_geographic(name).transform(x, y, direction="INVERSE" if inverse else "FORWARD")
    return np.asarray(made[0], np.float64), np.asarray(made[1], np.float64)


@lru_cache(maxsize=64)
def _to_geographic(name: str) -> Any:
    """Return the pyproj transformer of an EPSG code or a WKT to longitude and latitude of WGS-84.

    PROJ would silently pass the numbers of a foreign datum (西安80, a town's own system) through,
    100 m wrong: such a step is refused. CGCS2000 is the exception, being WGS-84 for our purpose.
    """
    import pyproj
    from pyproj.exceptions import CRSError, ProjError

    try:
        # never from_user_input: it also takes the names of files
        crs = pyproj.CRS.from_wkt(name) if "[" in name else pyproj.CRS.from_epsg(int(name[5:]))
        geodetic = crs.geodetic_crs
        if geodetic is not None and _is_cgcs2000(geodetic):
            return pyproj.Transformer.from_crs(crs, geodetic.to_2d(), always_xy=True)
        return pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True, allow_ballpark=False)
    except (CRSError, ProjError) as error:
        raise UnknownCoordSys(
            f"No way from this coordinate system to WGS-84: {name[:60]!r}.", crs=name[:60]
        ) from error


def _is_cgcs2000(geodetic: Any) -> bool:
    datum = "" if geodetic.datum is None else geodetic.datum.name
    return (
        re.search(
            r"china[ _]?2000|cgcs[ _]?2000|geodetic[ _]coordinate[ _]system[ _]2000", datum, re.I
        )
        is not None
    )

"""Know the cell of a position: its Morton key, 31 bits an axis, ordered like the tiles of a web map."""

import math
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from gis.coordinates import Floats, LonLat
from gis.errors import OutsideWorld
from gis.projection import DEGREE_M

#: Bits an axis: a cell is 1.9 cm at the equator and its key fits a signed 64-bit column.
BITS = 31
#: Web Mercator (EPSG:3857) ends here, decimal degrees; what lies beyond counts as the edge.
MAX_LATITUDE = 85.051128779806589

Range = tuple[int, int]
Cells = npt.NDArray[np.int64]
_SIDE = 1 << BITS


@overload
def encode(lon: float, lat: float) -> int: ...
@overload
def encode(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Cells: ...
def encode(lon: Any, lat: Any) -> Any:
    """Return the 62-bit cell of a WGS-84 position in decimal degrees, longitude first.

    Numbers give an int, arrays an int64 array. Raises OutsideWorld for what is not on the earth.
    """
    lons, lats = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    if not (np.all(np.abs(lons) <= 180.0) and np.all(np.abs(lats) <= 90.0)):
        raise OutsideWorld("Not a position on the earth.")
    column, row = _columns(lons), _rows(lats)
    cells = _spread(column) | (_spread(row) << 1)
    return int(cells) if cells.ndim == 0 else cells


@overload
def decode(cell: int) -> LonLat: ...
@overload
def decode(cell: Cells) -> tuple[Floats, Floats]: ...
def decode(cell: Any) -> Any:
    """Return the middle of a cell in WGS-84: a `LonLat` for a number, (lon, lat) arrays for an array."""
    cells = np.asarray(cell, np.int64)
    x = (_gather(cells) + 0.5) / _SIDE
    y = (_gather(cells >> 1) + 0.5) / _SIDE
    lon = x * 360.0 - 180.0
    lat = np.degrees(np.arctan(np.sinh(np.pi * (1.0 - 2.0 * y))))
    return LonLat(float(lon), float(lat)) if cells.ndim == 0 else (lon, lat)


def tile_range(z: int, x: int, y: int) -> Range:
    """Return the first and last cell of a web-map tile (XYZ: y counts from the north).

    Raises OutsideWorld for a tile that does not exist; zooms are 0 to 31.
    """
    if not (0 <= z <= BITS and 0 <= x < 1 << z and 0 <= y < 1 << z):
        raise OutsideWorld(f"There is no tile {z}/{x}/{y}.", z=z, x=x, y=y)
    key = int(_spread(np.int64(x)) | (_spread(np.int64(y)) << 1))
    return level_range(key, z)


def coarser(cell: int, level: int) -> int:
    """Return the key of the tile of zoom `level` (0 to 31) that holds the cell."""
    return cell >> 2 * (BITS - level)


def level_range(key: int, level: int) -> Range:
    """Return the first and last cell under a key of `coarser`: its inverse."""
    shift = 2 * (BITS - level)
    return key << shift, ((key + 1) << shift) - 1


def offsets(cells: Cells, z: int, x: int, y: int, *, extent: int) -> tuple[Cells, Cells]:
    """Return how far right of and below a tile's corner cells lie, in units of 1/`extent` of its side.

    Cells of other tiles give values below 0 or from `extent` on.
    """
    shift = BITS - z
    column = (_gather(cells) - (x << shift)) * extent >> shift
    row = (_gather(cells >> 1) - (y << shift)) * extent >> shift
    return column, row


def box_of(z: int, x: int, y: int) -> tuple[float, float, float, float]:
    """Return (west, south, east, north) of a tile in WGS-84 decimal degrees."""
    columns, rows = np.array([x, x + 1]), np.array([y + 1, y])
    west, east = columns / (1 << z) * 360.0 - 180.0
    south, north = np.degrees(np.arctan(np.sinh(np.pi * (1.0 - 2.0 * rows / (1 << z)))))
    return float(west), float(south), float(east), float(north)


def box_ranges(
    west: float, south: float, east: float, north: float, *, max_ranges: int = 16
) -> list[Range]:
    """Return at most `max_ranges` ascending ranges of cells that cover a WGS-84 box, edges included.

    They may hold more than the box: compare lon and lat too. A box with `west > east` crosses the
    180th meridian. Raises OutsideWorld for a box that is not on the earth or upside down.
    """
    if max_ranges < 1:
        raise ValueError("max_ranges must be at least 1.")
    if not (max(abs(west), abs(east)) <= 180.0 and -90.0 <= south <= north <= 90.0):
        raise OutsideWorld("Not a box on the earth.")
    spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    top, bottom = _rows(np.array([north, south])).tolist()
    found: list[Range] = []
    for span in spans:
        first, last = _columns(np.array(span)).tolist()
        found += _cover((first, last), (top, bottom), most=8 * max_ranges)
    return _join(sorted(found), max_ranges)


def ranges_around(lon: float, lat: float, within_m: float) -> list[Range]:
    """Return ranges of cells that cover what is within some metres of (lon, lat) WGS-84, and a little more.

    Wide enough up to 50 degrees of latitude, where a degree of longitude is shorter.
    """
    half = within_m / DEGREE_M * 1.2
    return box_ranges(lon - half * 1.6, lat - half, lon + half * 1.6, lat + half)


def _columns(lon: Floats | np.float64) -> Cells:
    return np.clip((lon + 180.0) / 360.0 * _SIDE, 0, _SIDE - 1).astype(np.int64)


def _rows(lat: Floats | np.float64) -> Cells:
    phi = np.radians(np.clip(lat, -MAX_LATITUDE, MAX_LATITUDE))
    y = 0.5 - np.arctanh(np.sin(phi)) / (2.0 * math.pi)
    return np.clip(y * _SIDE, 0, _SIDE - 1).astype(np.int64)


def _spread(value: Any) -> Any:
    """Put a zero bit before each of the 31 bits."""
    for shift, mask in (
        (16, 0x0000FFFF0000FFFF),
        (8, 0x00FF00FF00FF00FF),
        (4, 0x0F0F0F0F0F0F0F0F),
        (2, 0x3333333333333333),
        (1, 0x5555555555555555),
    ):
        value = (value | (value << shift)) & mask
    return value


def _gather(value: Any) -> Any:
    """Take every second bit: undo `_spread`."""
    value = value & 0x5555555555555555
    for shift, mask in (
        (1, 0x3333333333333333),
        (2, 0x0F0F0F0F0F0F0F0F),
        (4, 0x00FF00FF00FF00FF),
        (8, 0x0000FFFF0000FFFF),
        (16, 0x00000000FFFFFFFF),
    ):
        value = (value | (value >> shift)) & mask
    return value


def _cover(columns: Range, rows: Range, *, most: int) -> list[Range]:
    """The quads of one level that touch a box, in order: of the finest level at which they are no more than `most`."""
    (left, right), (top, bottom) = columns, rows
    side = 0
    while ((right >> side) - (left >> side) + 1) * ((bottom >> side) - (top >> side) + 1) > most:
        side += 1
    across = [_spread(x) for x in range(left >> side, (right >> side) + 1)]
    down = [_spread(y) << 1 for y in range(top >> side, (bottom >> side) + 1)]
    return [level_range(key, BITS - side) for key in sorted(x | y for x in across for y in down)]


def _join(ranges: list[Range], limit: int) -> list[Range]:
    """Close the smallest gaps between ascending ranges until no more than `limit` are left."""
    gaps = sorted(
        (after[0] - before[1] - 1 for before, after in zip(ranges, ranges[1:], strict=False)),
        reverse=True,
    )
    # a gap must be wider than this one to stay open; at most limit - 1 gaps are
    widest_closed = max(0, gaps[limit - 1]) if len(gaps) >= limit else 0
    joined = [ranges[0]]
    for low, high in ranges[1:]:
        first, last = joined[-1]
        if low - last - 1 <= widest_closed:
            joined[-1] = (first, max(last, high))
        else:
            joined.append((low, high))
    return joined

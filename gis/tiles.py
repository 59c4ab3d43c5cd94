"""Write Mapbox vector tiles (version 2) of points and shapes, fast enough for thousands of points.

A number may be written in more bytes than it needs ("over-long varint"), and every reader of protocol
buffers takes it. So all points of a layer are made equally wide: one row of bytes, repeated and then
filled column by column, is the layer. Attributes are whole numbers from 0 up, or words out of a list.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from gis._pen import MOVE_TO, commands, zigzag

#: Units along the side of a tile; coordinates may lie outside, as a buffer.
EXTENT = 4096
MIMETYPE = "application/vnd.mapbox-vector-tile"

Ints = npt.NDArray[np.int64]
#: A whole number from 0 up, or words.
Value = int | str
_Bytes = bytes | bytearray

# field number << 3 | wire type of the messages Tile, Layer, Feature and Value
_LAYER, _NAME, _FEATURE, _KEY, _VALUE, _EXTENT, _VERSION = 0x1A, 0x0A, 0x12, 0x1A, 0x22, 0x28, 0x78
_ID, _TAGS, _TYPE, _GEOMETRY = 0x08, 0x12, 0x18, 0x22
_WORDS, _NUMBER = 0x0A, 0x28
_POINT = 1
#: The distinct ones of numbers are found without sorting in a span of so many times as many.
_SPAN = 16
#: Words up to this long have lengths of one byte.
_SHORT = 125


@dataclass(frozen=True)
class Words:
    """A column of words: `codes` say which of `table` each feature has.

    The table is a list, or an array of ASCII bytes (dtype S) that fill its width, 125 at most.
    """

    codes: npt.NDArray[Any]
    table: Sequence[str] | npt.NDArray[np.bytes_]


@dataclass(frozen=True)
class Shape:
    """A line or a polygon of a tile: a shapely geometry in tile units, y down; multi-parts too."""

    id: int
    geometry: Any = field(repr=False)
    attributes: Mapping[str, Value]


def point_layer(
    name: str,
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    ids: npt.ArrayLike,
    attributes: Mapping[str, npt.NDArray[Any] | Words] | None = None,
) -> bytes:
    """Return a layer of points at (x, y) in tile units from the upper left corner, in their order.

    All arrays are of one length; `ids` and numbers are from 0 up to 2^53, more than which no
    browser counts exactly. Raises ValueError for columns of different lengths and numbers below 0.
    """
    xs, ys, keys = np.asarray(x, np.int64), np.asarray(y, np.int64), np.asarray(ids, np.int64)
    columns = dict(attributes or {})
    given = [ys, keys, *(one.codes if isinstance(one, Words) else one for one in columns.values())]
    if any(len(column) != len(xs) for column in given):
        raise ValueError("All columns of a layer have the same length.")
    if any(len(column) and column.min() < 0 for column in given[1:]):
        raise ValueError("Numbers of a tile are from 0 up.")
    values: list[_Bytes] = []
    indexes: list[Ints] = []
    size = 0
    for column in columns.values():
        coded, index, more = _words(column) if isinstance(column, Words) else _numbers(column)
        values.append(coded)
        indexes.append(index + size)
        size += more
    features = _points(xs, ys, keys, indexes, _width(size)) if len(xs) else b""
    return _layer(name, features, list(columns), values)


def shape_layer(name: str, shapes: Iterable[Shape]) -> bytes:
    """Return a layer of lines and polygons; what has no length or area in whole units is left out."""
    keys: dict[str, int] = {}
    values: dict[Value, int] = {}
    features = bytearray()
    for shape in shapes:
        kind, drawn = commands(shape.geometry)
        if not drawn:
            continue
        tags = bytearray()
        for key, value in shape.attributes.items():
            tags += _varint(keys.setdefault(key, len(keys)))
            tags += _varint(values.setdefault(value, len(values)))
        geometry = b"".join(map(_varint, drawn))
        features += _message(
            _FEATURE,
            bytes([_ID]) + _varint(shape.id)
            + _message(_TAGS, bytes(tags))
            + bytes([_TYPE, kind])
            + _message(_GEOMETRY, geometry),
        )  # fmt: skip
    return _layer(name, features, list(keys), map(_value, values))


def _layer(name: str, features: _Bytes, keys: Iterable[str], values: Iterable[_Bytes]) -> bytes:
    parts = [
        _message(_NAME, name.encode()),
        features,
        *(_message(_KEY, key.encode()) for key in keys),
        *values,
        bytes([_EXTENT]) + _varint(EXTENT) + bytes([_VERSION, 2]),
    ]
    # put together once: each copy of a hundred kilobytes costs as much as to fill them
    return b"".join([bytes([_LAYER]), _varint(sum(map(len, parts))), *parts])


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _message(tag: int, content: bytes) -> bytes:
    return bytes([tag]) + _varint(len(content)) + content


def _value(value: Value) -> bytes:
    if isinstance(value, str):
        return _message(_VALUE, _message(_WORDS, value.encode()))
    return _message(_VALUE, bytes([_NUMBER]) + _varint(value))


def _width(largest: int) -> int:
    """Bytes of the varint of a number."""
    return max(1, -(-largest.bit_length() // 7))


def _fill(rows: bytearray, count: int, at: int, numbers: Ints, width: int) -> int:
    """Write a column of varints, each exactly `width` bytes, `at` bytes into each of the rows.

    Returns where the next column starts.
    """
    kind: Any = np.uint16 if width <= 2 else np.uint32 if width <= 4 else np.uint64
    given = numbers.astype(kind)
    # all bytes of a number at once: a gap before each seven bits, where "more follows" goes
    spread = given & 0x7F
    for place in range(1, width):
        spread |= (given & 0x7F << 7 * place) << place
    spread |= sum(0x80 << 8 * place for place in range(width - 1))
    done = 0
    for size in (8, 4, 2, 1):
        if width - done >= size:
            column = _column(rows, count, at + done, f"<u{size}")
            column[:] = spread >> 8 * done if done else spread
            done += size
    return at + width


def _column(rows: bytearray, count: int, at: int, kind: str) -> npt.NDArray[Any]:
    """What lies `at` bytes into each row."""
    return np.ndarray((count,), kind, rows, at, (len(rows) // count,))


def _numbers(column: npt.NDArray[Any]) -> tuple[_Bytes, Ints, int]:
    """The values of a column, which of them each feature has, and how many there are."""
    numbers = np.asarray(column, np.int64)
    if not len(numbers):
        return b"", numbers, 0
    found, index = _distinct(numbers)
    width = _width(int(found[-1]))
    rows = bytearray([_VALUE, 1 + width, _NUMBER, *bytes(width)]) * len(found)
    _fill(rows, len(found), 3, found, width)
    return rows, index, len(found)


def _distinct(numbers: Ints) -> tuple[Ints, Ints]:
    """The distinct numbers, ascending, and which of them each is."""
    low = int(numbers.min())
    above = numbers - low
    span = int(above.max()) + 1
    if span <= _SPAN * len(numbers):
        occurs = np.zeros(span, np.bool_)
        occurs[above] = True
        return np.flatnonzero(occurs) + low, (np.cumsum(occurs) - 1)[above]
    # the least one is often that of most: no deadline
    more = above > 0
    others, places = np.unique(numbers[more], return_inverse=True)
    index = np.zeros(len(numbers), np.int64)
    index[more] = places + 1
    return np.concatenate([[low], others]), index


def _words(column: Words) -> tuple[_Bytes, Ints, int]:
    table, codes = column.table, np.asarray(column.codes, np.int64)
    if not len(table):
        return b"", codes, 0
    if not isinstance(table, np.ndarray):
        lengths = {*map(len, table)}
        alike = len(lengths) == 1 and 0 < len(table[0]) <= _SHORT
        if not (alike and "".join(table).isascii()):
            return b"".join(map(_value, table)), codes, len(table)
        table = np.array(table, np.bytes_)
    width = table.dtype.itemsize
    rows = bytearray([_VALUE, 2 + width, _WORDS, width, *bytes(width)]) * len(table)
    _column(rows, len(table), 4, table.dtype.str)[:] = table
    return rows, codes, len(table)


def _points(x: Ints, y: Ints, ids: Ints, indexes: Sequence[Ints], tag_width: int) -> bytearray:
    """The features: each row is one, and all rows are equally wide."""
    count = len(x)
    id_width = _width(int(ids.max()))
    right, down = zigzag(x), zigzag(y)
    move_width = _width(int(max(right.max(), down.max())))
    keys = [_varint(key) for key in range(len(indexes))]
    tags = b"".join(key + bytes(tag_width) for key in keys)
    start = bytes([_ID]) + bytes(id_width) + (_message(_TAGS, tags) if tags else b"")
    geometry = bytes([_TYPE, _POINT, _GEOMETRY, 1 + 2 * move_width, 1 << 3 | MOVE_TO])
    row = _message(_FEATURE, start + geometry + bytes(2 * move_width))
    rows = bytearray(row) * count
    at = len(row) - len(start) - len(geometry) - 2 * move_width + 1
    _fill(rows, count, at, ids, id_width)
    at += len(start) - 1 - len(tags)
    for key, index in zip(keys, indexes, strict=True):
        at = _fill(rows, count, at + len(key), index, tag_width)
    at = _fill(rows, count, at + len(geometry), right, move_width)
    _fill(rows, count, at, down, move_width)
    return rows

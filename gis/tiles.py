"""Write Mapbox vector tiles (version 2) of points and shapes, fast enough for thousands of points.

A number may be written in more bytes than it needs ("over-long varint"), and every reader of protocol
buffers takes it. So all points of a layer are made equally wide: one matrix of bytes, filled column
by column, is the layer. Attributes are whole numbers from 0 up, or words out of a list.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

#: Units along the side of a tile; coordinates may lie outside, as a buffer.
EXTENT = 4096
MIMETYPE = "application/vnd.mapbox-vector-tile"

Ints = npt.NDArray[np.int64]
#: A whole number from 0 up, or words.
Value = int | str

# field number << 3 | wire type of the messages Tile, Layer, Feature and Value
_LAYER, _NAME, _FEATURE, _KEY, _VALUE, _EXTENT, _VERSION = 0x1A, 0x0A, 0x12, 0x1A, 0x22, 0x28, 0x78
_ID, _TAGS, _TYPE, _GEOMETRY = 0x08, 0x12, 0x18, 0x22
_WORDS, _NUMBER = 0x0A, 0x28
_POINT, _LINE, _POLYGON = 1, 2, 3
_MOVE_TO, _LINE_TO, _CLOSE = 1, 2, 7
#: A column of numbers this close together lists all of them, which is quicker than to look which occur.
_DENSE = 256


@dataclass(frozen=True)
class Words:
    """A column of words: `codes` say which of `table` each feature has."""

    codes: npt.NDArray[Any]
    table: Sequence[str]


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
    values, size = bytearray(), 0
    indexes: list[Ints] = []
    for column in columns.values():
        coded, index, more = _words(column) if isinstance(column, Words) else _numbers(column)
        values += coded
        indexes.append(index + size)
        size += more
    features = _matrix(xs, ys, keys, indexes, _width(size)).tobytes() if len(xs) else b""
    return _layer(name, features, list(columns), bytes(values))


def shape_layer(name: str, shapes: Iterable[Shape]) -> bytes:
    """Return a layer of lines and polygons; what has no length or area in whole units is left out."""
    keys: dict[str, int] = {}
    values: dict[Value, int] = {}
    features = bytearray()
    for shape in shapes:
        kind, commands = _commands(shape.geometry)
        if not commands:
            continue
        tags = bytearray()
        for key, value in shape.attributes.items():
            tags += _varint(keys.setdefault(key, len(keys)))
            tags += _varint(values.setdefault(value, len(values)))
        geometry = b"".join(map(_varint, commands))
        features += _message(
            _FEATURE,
            bytes([_ID]) + _varint(shape.id)
            + _message(_TAGS, bytes(tags))
            + bytes([_TYPE, kind])
            + _message(_GEOMETRY, geometry),
        )  # fmt: skip
    return _layer(name, bytes(features), list(keys), b"".join(map(_value, values)))


def _layer(name: str, features: bytes, keys: Sequence[str], values: bytes) -> bytes:
    content = (
        _message(_NAME, name.encode())
        + features
        + b"".join(_message(_KEY, key.encode()) for key in keys)
        + values
        + bytes([_EXTENT]) + _varint(EXTENT)
        + bytes([_VERSION, 2])
    )  # fmt: skip
    return _message(_LAYER, content)


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


def _fill(matrix: npt.NDArray[np.uint8], at: int, numbers: Ints, width: int) -> int:
    """Write a column of varints, each exactly `width` bytes; returns where the next one starts."""
    for place in range(width):
        part = (numbers >> 7 * place & 0x7F).astype(np.uint8)
        matrix[:, at + place] = part | 0x80 if place < width - 1 else part
    return at + width


def _constant(matrix: npt.NDArray[np.uint8], at: int, content: bytes) -> int:
    matrix[:, at : at + len(content)] = np.frombuffer(content, np.uint8)
    return at + len(content)


def _numbers(column: npt.NDArray[Any]) -> tuple[bytes, Ints, int]:
    """The values of a column, which of them each feature has, and how many there are."""
    numbers = np.asarray(column, np.int64)
    if not len(numbers):
        return b"", numbers, 0
    low, high = int(numbers.min()), int(numbers.max())
    if high - low < _DENSE:
        found, index = np.arange(low, high + 1), numbers - low
    else:
        found, index = np.unique(numbers, return_inverse=True)
    width = _width(high)
    matrix = np.empty((len(found), 3 + width), np.uint8)
    at = _constant(matrix, 0, bytes([_VALUE, 1 + width, _NUMBER]))
    _fill(matrix, at, found, width)
    return matrix.tobytes(), index, len(found)


def _words(column: Words) -> tuple[bytes, Ints, int]:
    table, codes = column.table, np.asarray(column.codes, np.int64)
    if len({*map(len, table)}) == 1 and len(table[0]) < 126 and "".join(table).isascii():
        head = _value(table[0])[:4].decode()  # lengths of one byte each, the same for all
        return "".join([head + word for word in table]).encode(), codes, len(table)
    return b"".join(map(_value, table)), codes, len(table)


def _matrix(
    x: Ints, y: Ints, ids: Ints, indexes: Sequence[Ints], tag_width: int
) -> npt.NDArray[np.uint8]:
    """The features: each row is one, and all rows are equally wide."""
    id_width = _width(int(ids.max()))
    right, down = _zigzag(x), _zigzag(y)
    move_width = _width(int(max(right.max(), down.max())))
    tags_length = sum(len(_varint(key)) + tag_width for key in range(len(indexes)))
    tags = bytes([_TAGS]) + _varint(tags_length) if indexes else b""
    geometry = bytes([_TYPE, _POINT, _GEOMETRY, 1 + 2 * move_width, 1 << 3 | _MOVE_TO])
    length = 1 + id_width + len(tags) + tags_length + len(geometry) + 2 * move_width
    head = bytes([_FEATURE]) + _varint(length) + bytes([_ID])
    matrix = np.empty((len(x), len(head) - 1 + length), np.uint8)
    at = _constant(matrix, 0, head)
    at = _fill(matrix, at, ids, id_width)
    at = _constant(matrix, at, tags)
    for key, index in enumerate(indexes):
        at = _constant(matrix, at, _varint(key))
        at = _fill(matrix, at, index, tag_width)
    at = _constant(matrix, at, geometry)
    at = _fill(matrix, at, right, move_width)
    _fill(matrix, at, down, move_width)
    return matrix


def _zigzag(numbers: Ints) -> Ints:
    return numbers << 1 ^ numbers >> 63


def _commands(geometry: Any) -> tuple[int, list[int]]:
    """The kind of a shapely line or polygon, and its drawing commands; none for what vanishes."""
    parts = getattr(geometry, "geoms", [geometry])
    kind = _POLYGON if "Polygon" in geometry.geom_type else _LINE
    pen = _Pen()
    for part in parts:
        if kind == _LINE:
            pen.draw(np.asarray(part.coords), least=2, closed=False)
        elif pen.draw(_ring(part.exterior, clockwise=True), least=3, closed=True):
            for hole in part.interiors:
                pen.draw(_ring(hole, clockwise=False), least=3, closed=True)
    return kind, pen.commands


def _ring(ring: Any, *, clockwise: bool) -> npt.NDArray[Any]:
    """A ring as a tile wants it: y is down, so that "counter-clockwise" of shapely is clockwise to the eye."""
    points = np.asarray(ring.coords)[:-1, :2]
    return points if ring.is_ccw is clockwise else points[::-1]


class _Pen:
    """Draws with steps from where the last one ended."""

    def __init__(self) -> None:
        self.commands: list[int] = []
        self._at = np.zeros(2, np.int64)

    def draw(self, points: npt.NDArray[Any], *, least: int, closed: bool) -> bool:
        """Draw a line or ring in whole units; False when it has fewer than `least` different points."""
        whole = np.rint(points[:, :2]).astype(np.int64)
        moved = np.any(
            np.diff(whole, axis=0, prepend=whole[-1:] if closed else whole[:1] - 1), axis=1
        )
        kept = whole[moved]
        if len(np.unique(kept, axis=0)) < least:
            return False
        steps = _zigzag(np.diff(kept, axis=0, prepend=self._at[None, :])).ravel().tolist()
        self.commands += [1 << 3 | _MOVE_TO, *steps[:2]]
        self.commands += [len(kept) - 1 << 3 | _LINE_TO, *steps[2:]]
        if closed:
            self.commands.append(1 << 3 | _CLOSE)
        self._at = kept[-1]
        return True

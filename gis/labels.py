"""Know where words go on a map so that they do not cover each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

#: (left, top, right, bottom) on the paper.
_Rect = tuple[float, float, float, float]
#: Height of a line, in sizes of its letters.
LINE = 1.2
#: How much smaller words may become before only the number stands there.
_SIZES = (1.0, 0.85, 0.7)
#: What of the words has to lie in the area itself.
_INSIDE = 0.7
_STEPS = 7


@dataclass(frozen=True)
class Wanted:
    """Words for an area; `short` stands there when the lines find no place."""

    lines: tuple[str, ...]
    short: str
    #: on the paper, millimetres
    polygon: Any


@dataclass(frozen=True)
class Placed:
    """Where words stand: the middle of their block, and the size of the letters, millimetres."""

    lines: tuple[str, ...]
    x: float
    y: float
    size: float


def width_of(text: str, size: float) -> float:
    """About how wide a line is: a Chinese character is as wide as high, a Latin one little over half."""
    return size * sum(1.0 if ord(letter) > 0x2E7F else 0.6 for letter in text)


def cut(text: str, size: float, width: float) -> str:
    """The text, shortened with an ellipsis when it is wider than `width`."""
    if width_of(text, size) <= width:
        return text
    while text and width_of(text, size) + size > width:
        text = text[:-1]
    return text + "…"


def placed(wanted: Sequence[Wanted], *, size: float) -> list[Placed]:
    """A place for each, in the order given; the smallest areas choose first.

    Words keep clear of each other; where even the number finds no free place it covers others.
    """
    order = sorted(range(len(wanted)), key=lambda n: wanted[n].polygon.area)
    found: dict[int, Placed] = {}
    taken: list[_Rect] = []
    for n in order:
        found[n] = _place(wanted[n], taken, size)
        taken.append(_rect(found[n]))
    return [found[n] for n in range(len(wanted))]


def _place(one: Wanted, taken: list[_Rect], size: float) -> Placed:
    shapely.prepare(one.polygon)
    spots = _spots(one.polygon)
    for lines, least in ((one.lines, _INSIDE), ((one.short,), 0.0)):
        for factor in _SIZES:
            for x, y in spots:
                made = Placed(lines, x, y, size * factor)
                rect = _rect(made)
                if _is_free(rect, taken) and _lies_in(rect, one.polygon, least):
                    return made
    return Placed((one.short,), *spots[0], size * _SIZES[-1])


def _spots(polygon: Any) -> list[tuple[float, float]]:
    """The roomiest point of an area first, then others in it, the nearest to that first."""
    middle = shapely.maximum_inscribed_circle(polygon, tolerance=0.5)
    x, y = shapely.get_coordinates(middle)[0].tolist()
    west, south, east, north = polygon.bounds
    xs, ys = np.meshgrid(np.linspace(west, east, _STEPS), np.linspace(south, north, _STEPS))
    inside = shapely.contains_xy(polygon, xs.ravel(), ys.ravel())
    others = np.column_stack([xs.ravel()[inside], ys.ravel()[inside]])
    others = others[np.argsort(np.hypot(others[:, 0] - x, others[:, 1] - y))]
    return [(x, y), *((float(a), float(b)) for a, b in others)]


def _rect(one: Placed) -> _Rect:
    half = max(width_of(line, one.size) for line in one.lines) / 2
    tall = LINE * one.size * len(one.lines) / 2
    return one.x - half, one.y - tall, one.x + half, one.y + tall


def _is_free(rect: _Rect, taken: list[_Rect]) -> bool:
    left, top, right, bottom = rect
    return not any(left < r and right > l and top < b and bottom > t for l, t, r, b in taken)  # noqa: E741


def _lies_in(rect: _Rect, polygon: Any, least: float) -> bool:
    whole = shapely.box(*rect)
    if least == 0.0 or polygon.contains(whole):
        return True
    return bool(polygon.intersection(whole).area >= least * whole.area)

"""Draws what was marked on a photo as shapes of an SVG; `static/js/tasks/marks.js` does the same live.

The picture is 1000 wide; every shape is in these units, so that it fits the photo at any size.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tracker.evidence.models import Photo

WIDTH = 1000
#: Length of an arrow's head, height of a line of words, and characters of one line.
HEAD, LINE, LETTERS = 42, 52, 11


@dataclass(frozen=True)
class Mark:
    """One shape: `path` of a line or an arrow, or a ring around (x, y), or words at (x, y)."""

    kind: str
    path: str = ""
    x: int = 0
    y: int = 0
    rx: int = 0
    ry: int = 0
    #: which side of x the words stand on, as SVG says it
    anchor: str = "start"
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShownDrawing:
    """A drawing for a page: over `photo`, or on the map when there is none."""

    photo: Photo | None
    height: int
    marks: tuple[Mark, ...]
    #: what was written, to be read below the picture too
    words: tuple[str, ...]
    #: as stored, for the script that draws on the map
    shapes: list[dict[str, Any]]


def shown(drawing: dict[str, Any] | None, photos: Iterable[Photo]) -> ShownDrawing | None:
    """A stored drawing for a page. None when there is none, or its photo is gone."""
    if not drawing:
        return None
    shapes = drawing["shapes"]
    words = tuple(shape["text"] for shape in shapes if shape.get("text"))
    if drawing["on"] == "map":
        return ShownDrawing(None, 0, (), words, shapes)
    photo = next((one for one in photos if one.sha256 == drawing["on"]), None)
    if photo is None:
        return None
    height = round(WIDTH * photo.height / max(photo.width, 1))
    marks = tuple(_mark(shape, height) for shape in shapes)
    return ShownDrawing(photo, height, marks, words, shapes)


def _mark(shape: dict[str, Any], height: int) -> Mark:
    points = [(round(x * WIDTH), round(y * height)) for x, y in shape["points"]]
    kind, (x, y), (end_x, end_y) = shape["kind"], points[0], points[-1]
    if kind == "ring":
        return Mark(
            kind, x=(x + end_x) // 2, y=(y + end_y) // 2,
            rx=abs(end_x - x) // 2, ry=abs(end_y - y) // 2,
        )  # fmt: skip
    if kind == "text":
        text = shape["text"]
        lines = tuple(text[start : start + LETTERS] for start in range(0, len(text), LETTERS))
        top = max(LINE, min(y, height - LINE * (len(lines) - 1) - 12))
        return Mark(kind, x=x, y=top, anchor="end" if x > WIDTH / 2 else "start", lines=lines)
    path = "M" + " L".join(f"{px} {py}" for px, py in points)
    if kind == "arrow":
        path += _head(points[0], points[-1])
    return Mark(kind, path=path)


def _head(start: tuple[int, int], end: tuple[int, int]) -> str:
    angle = math.atan2(end[1] - start[1], end[0] - start[0])
    sides = [
        (round(end[0] - HEAD * math.cos(angle + turn)), round(end[1] - HEAD * math.sin(angle + turn)))
        for turn in (0.5, -0.5)
    ]  # fmt: skip
    (ax, ay), (bx, by) = sides
    return f" M{ax} {ay} L{end[0]} {end[1]} L{bx} {by}"

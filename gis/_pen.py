"""Turns a shapely line or polygon into the drawing commands of a vector tile."""

from typing import Any

import numpy as np
import numpy.typing as npt

LINE, POLYGON = 2, 3
MOVE_TO, LINE_TO, CLOSE = 1, 2, 7


def zigzag(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Whole numbers so that small ones stay small without a sign: 0, -1, 1, -2 are 0, 1, 2, 3."""
    return numbers << 1 ^ numbers >> 63


def commands(geometry: Any) -> tuple[int, list[int]]:
    """The kind of a shapely line or polygon, and its drawing commands; none for what vanishes."""
    parts = getattr(geometry, "geoms", [geometry])
    kind = POLYGON if "Polygon" in geometry.geom_type else LINE
    pen = _Pen()
    for part in parts:
        if kind == LINE:
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
        steps = zigzag(np.diff(kept, axis=0, prepend=self._at[None, :])).ravel().tolist()
        self.commands += [1 << 3 | MOVE_TO, *steps[:2]]
        self.commands += [len(kept) - 1 << 3 | LINE_TO, *steps[2:]]
        if closed:
            self.commands.append(1 << 3 | CLOSE)
        self._at = kept[-1]
        return True

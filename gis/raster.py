"""Know which small rectangles no border crosses: whatever holds one place of such a cell holds all of it."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import shapely

from gis.coordinates import Floats

Indexes = npt.NDArray[np.intp]
Polygons = npt.NDArray[np.object_]
Answer = Callable[[Floats, Floats], Indexes]

#: As many cells as a raster may have: 8 MB while there are fewer than 65,536 answers.
_MOST_CELLS = 1 << 22
#: How many cells along its longer side, whatever its shape.
_LONGEST_SIDE = 1 << 13
#: The share of crossed cells worth paying memory for.
_CROSSED_SHARE = 0.03
#: Degrees: below it (0.1 mm) a cell would come near to the steps between two floating-point numbers.
_SMALLEST_CELL = 1e-9
#: In cells: how near to a cell a border crosses it, far above the rounding of a position to its cell.
_MARGIN = 1 / 1024
#: Cells around everything, so that the outermost are surely outside: where all that lies beyond them goes.
_FRAME = 2
#: Polygons whose borders are drawn at once: as much as a processor keeps near.
_AT_ONCE = 500

#: The answer of a crossed cell in `Raster.kinds`: none.
CROSSED = 0


@dataclass(frozen=True)
class Lattice:
    """Equal cells over an extent in decimal degrees, counted row by row from south-west."""

    west: float
    south: float
    #: Cells a degree, either way.
    scale: float
    columns: int
    rows: int

    @classmethod
    def over(cls, polygons: Polygons) -> Self | None:
        """Return cells as fine as the borders are long, with a frame around; None without a border."""
        length = float(shapely.length(polygons).sum())
        if not length:
            return None
        west, south, east, north = shapely.total_bounds(polygons).tolist()
        width, height = east - west, north - south
        size = _cell_size(width, height, length)
        columns, rows = (int(side / size) + 1 + 2 * _FRAME for side in (width, height))
        return cls(west - _FRAME * size, south - _FRAME * size, 1 / size, columns, rows)

    def cell(self, lon: float, lat: float) -> int:
        """Return the cell of a position; what lies beyond, or is not a number, is given one of the frame."""
        column, row = (lon - self.west) * self.scale, (lat - self.south) * self.scale
        # so asked that what is no number is outside, too
        within = 0 <= column < self.columns and 0 <= row < self.rows
        return int(row) * self.columns + int(column) if within else 0

    def cells(self, lons: Floats, lats: Floats) -> Indexes:
        """Return the cell of each position, as `cell` does."""
        column = _clipped((lons - self.west) * self.scale, self.columns)
        row = _clipped((lats - self.south) * self.scale, self.rows)
        return row * self.columns + column

    def middles(self, cells: Indexes) -> tuple[Floats, Floats]:
        """Return longitude and latitude of the middle of each cell."""
        row, column = np.divmod(cells, self.columns)
        return self.west + (column + 0.5) / self.scale, self.south + (row + 0.5) / self.scale

    def crossed(self, polygons: Polygons) -> npt.NDArray[np.bool_]:
        """Return which cells a border touches or nearly touches."""
        crossed = np.zeros(self.rows * self.columns, np.bool_)
        for start in range(0, len(polygons), _AT_ONCE):
            for row, first, last in self._strokes(polygons[start : start + _AT_ONCE]):
                one, column = _runs(first, last)
                crossed[row[one] * self.columns + column] = True
        return crossed

    def _strokes(self, polygons: Polygons) -> Iterator[tuple[Indexes, Indexes, Indexes]]:
        """Yield row, first and last column of the cells that the sides of polygons touch."""
        places, ring = shapely.get_coordinates(
            shapely.get_rings(shapely.get_parts(polygons)), return_index=True
        )
        side = ring[1:] == ring[:-1]
        x, y = (places[:, 0] - self.west) * self.scale, (places[:, 1] - self.south) * self.scale
        upward = y[:-1] <= y[1:]
        x0, x1 = (np.where(upward, a, b)[side] for a, b in ((x[:-1], x[1:]), (x[1:], x[:-1])))
        y0, y1 = np.minimum(y[:-1], y[1:])[side], np.maximum(y[:-1], y[1:])[side]
        low, high = _floor(y0 - _MARGIN), _floor(y1 + _MARGIN)
        short = low == high
        yield low[short], *_span(x0[short], x1[short])
        x0, x1, y0, y1, low, high = (part[~short] for part in (x0, x1, y0, y1, low, high))
        # what spans several rows is cut at their edges; what lies along an edge is whole in both
        one, row = _runs(low, high)
        x0, x1, y0, y1 = x0[one], x1[one], y0[one], y1[one]
        flat = y1 - y0 < _MARGIN
        rise = np.where(flat, 1.0, y1 - y0)
        enters = np.where(flat, 0.0, (np.clip(row - _MARGIN, y0, y1) - y0) / rise)
        leaves = np.where(flat, 1.0, (np.clip(row + 1 + _MARGIN, y0, y1) - y0) / rise)
        yield row, *_span(x0 + enters * (x1 - x0), x0 + leaves * (x1 - x0))


@dataclass(frozen=True)
class Raster:
    """What is known of the cells of a lattice; immutable.

    `kinds` holds for each cell a row of `answers`, or CROSSED where the place itself must be looked at.
    """

    lattice: Lattice
    kinds: npt.NDArray[np.unsignedinteger[Any]]
    answers: Indexes

    @classmethod
    def of_borders(cls, polygons: Polygons, answer: Answer) -> Self | None:
        """Cut the extent of polygons (decimal degrees) into cells; None when there is nothing to cut.

        `answer` is asked once for all (lon, lat) of places in whole cells and returns a row of
        numbers for each, which must depend on nothing but which polygons hold the place.
        """
        lattice = Lattice.over(polygons)
        if lattice is None:
            return None
        crossed = lattice.crossed(polygons)
        edges = np.flatnonzero(crossed[1:] != crossed[:-1]) + 1
        # the frame is whole, so a run of whole cells is the first and the last, also across rows
        starts, ends = np.append(0, edges[1::2]), np.append(edges[0::2], len(crossed))
        heads, which = np.unique(_roots(starts, ends, lattice.columns), return_inverse=True)
        answers, kind = np.unique(
            answer(*lattice.middles(starts[heads])), axis=0, return_inverse=True
        )
        kinds = np.full(len(crossed), CROSSED, np.min_scalar_type(len(answers)))
        kinds[~crossed] = np.repeat(1 + kind[which], ends - starts)
        return cls(lattice, kinds, np.concatenate([answers[:1], answers]))

    def at(self, lon: float, lat: float) -> list[int] | None:
        """Return the answer for a position in decimal degrees; None in a crossed cell."""
        kind = int(self.kinds[self.lattice.cell(lon, lat)])
        return None if kind == CROSSED else self.answers[kind].tolist()


def _cell_size(width: float, height: float, length: float) -> float:
    """Return the side of a cell, degrees, for an extent and the length of its borders in degrees.

    A border of n cells crosses about 1.3 n; as most are the border of two, that is less than `length`.
    """
    wanted = _CROSSED_SHARE * width * height / length
    least = max(math.sqrt(width * height / _MOST_CELLS), max(width, height) / _LONGEST_SIDE)
    return max(wanted, least, _SMALLEST_CELL)


def _roots(starts: Indexes, ends: Indexes, columns: int) -> Indexes:
    """Return for each run of whole cells the run that answers for it.

    Runs that touch from row to row hold one answer, as no border is between them: each asks the
    first it touches in the row before, and so on.
    """
    own = np.arange(len(starts))
    # never beyond itself: its own end is behind its start
    before = np.searchsorted(ends, starts - columns, side="right")
    root = np.where(starts[before] < ends - columns, before, own)
    while True:
        further = root[root]
        if np.array_equal(further, root):
            return root
        root = further


def _runs(first: Indexes, last: Indexes) -> tuple[Indexes, Indexes]:
    """Return, for pairs of whole numbers, each number from the first to the last with whose it is."""
    count = last - first + 1
    one = np.repeat(np.arange(len(first)), count)
    return one, first[one] + np.arange(len(one)) - (np.cumsum(count) - count)[one]


def _span(x0: Floats, x1: Floats) -> tuple[Indexes, Indexes]:
    return _floor(np.minimum(x0, x1) - _MARGIN), _floor(np.maximum(x0, x1) + _MARGIN)


def _floor(cells: Floats) -> Indexes:
    """Return the cell of a coordinate; within the frame none is below zero."""
    return cells.astype(np.intp)


def _clipped(cells: Floats, count: int) -> Indexes:
    # fmin and fmax, unlike clip, take the number where the other is none
    return np.fmax(np.fmin(cells, count - 1), 0).astype(np.intp)

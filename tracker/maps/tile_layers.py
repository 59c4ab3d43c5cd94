"""Knows which facts of a task, a point or an area travel in a tile: no title, no name, no telephone.

A tile holds one layer of single features, or the layer `cells` that counts them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from gis.cells import BITS, offsets
from gis.tiles import EXTENT, Words, point_layer
from tracker.counters.cells import Counted
from tracker.maps.tile_queries import CELL_ZOOMS, Singles, Tile
from tracker.points.filters import is_overdue
from tracker.storage import columns
from tracker.tasks.deadlines import DueBand
from tracker.tasks.states import State

_STATES = [state.value for state in State]
#: The first is none: no clock runs.
_BANDS = ["", *(band.value for band in DueBand)]
#: Cells of a tile, and the middle of one in the tile's units.
_CELLS, _MIDDLE = 4**CELL_ZOOMS, EXTENT >> CELL_ZOOMS + 1


def of_cells(tile: Tile, cells: Counted) -> bytes:
    """The layer `cells`: how many in the middle of each; the id is the cell's place in the tile."""
    x, y = _places(tile, cells.key << 2 * (BITS - tile.level))
    return point_layer(
        "cells", x + _MIDDLE, y + _MIDDLE,
        ids=cells.key % _CELLS, attributes={"valid": cells.valid, "open": cells.open},
    )  # fmt: skip


def of_tasks(tile: Tile, tasks: Singles) -> bytes:
    """The layer `tasks`: number, state, how near to the deadline, and when that is (0 is none)."""
    x, y = _places(tile, tasks.cells)
    return point_layer(
        "tasks", x, y,
        ids=tasks.ids,
        attributes={
            "number": _each(tasks.numbers),
            "state": Words(tasks.states, _STATES),
            "band": Words(tasks.bands, _BANDS),
            "due": tasks.due,
        },
    )  # fmt: skip


def of_points(tile: Tile, rows: Sequence[Any], now: datetime) -> bytes:
    """The layer `points`: code, group of the site type, whether its visit is overdue, whether in use."""
    x, y = _places(tile, [row.cell for row in rows])
    groups = sorted({row.group for row in rows})
    late = [row.is_active and is_overdue(row.last_visit_at, row.cycle_days, now) for row in rows]
    return point_layer(
        "points", x, y,
        ids=[row.id for row in rows],
        attributes={
            "code": _each([row.code for row in rows]),
            "group": _among(groups, [row.group for row in rows]),
            "overdue": np.array(late, np.int64),
            "active": np.array([row.is_active for row in rows], np.int64),
        },
    )  # fmt: skip


def _places(tile: Tile, cells: npt.ArrayLike) -> tuple[Any, Any]:
    return offsets(np.asarray(cells, np.int64), tile.z, tile.x, tile.y, extent=EXTENT)


def _each(words: columns.Words) -> Words:
    """A column in which every feature has words of its own."""
    return Words(np.arange(len(words)), words)


def _among(table: Sequence[str], words: Sequence[str]) -> Words:
    place = {word: index for index, word in enumerate(table)}
    return Words(np.array([place[word] for word in words], np.int64), table)

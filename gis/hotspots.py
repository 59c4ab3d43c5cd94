"""Know where points lie closer than chance would put them: density and Getis-Ord Gi* on hexagons, in metres.

Everything is a function of the set of points: their order never matters, and nothing is drawn at random.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gis.coordinates import Floats
from gis.errors import GisError

#: Fewer cells than this tell chance from a pattern badly: a normal curve is not reached.
LEAST_CELLS = 30
#: A cell with fewer neighbours within the band is not judged.
LEAST_NEIGHBOURS = 4
#: Two-sided levels of a class: 3 is 99 %, 2 is 95 %, 1 is 90 %.
LEVELS = {3: 0.01, 2: 0.05, 1: 0.10}

Integers = npt.NDArray[np.int64]
_ROOT3 = 3.0**0.5


class TooLittle(GisError):
    """Exception for data from which nothing can be concluded; `code` says why: few_cells, all_equal, no_neighbours."""

    code = "few_cells"


@dataclass(frozen=True)
class Hexagons:
    """Hexagons that hold at least one of the points they were made of; each once, in a fixed order."""

    #: metres between the centres of neighbours
    size_m: float
    #: column and row of each
    keys: Integers
    #: metres, as the points
    centres: Floats

    def __len__(self) -> int:
        return len(self.keys)

    def index_of(self, places: Floats) -> Integers:
        """Return for each place the position of its hexagon here, -1 outside all of them."""
        known = {key: n for n, key in enumerate(map(tuple, self.keys.tolist()))}
        wanted = map(tuple, _keys(places, self.size_m).tolist())
        return np.array([known.get(key, -1) for key in wanted], np.int64)

    def counts(self, places: Floats) -> Floats:
        """Return how many of the places lie in each hexagon."""
        index = self.index_of(places)
        return np.bincount(index[index >= 0], minlength=len(self)).astype(np.float64)

    @property
    def corners(self) -> Floats:
        """Return the six corners of a hexagon around its centre, metres."""
        turns = np.radians(60.0 * np.arange(6) + 30.0)
        radius = self.size_m / _ROOT3
        return radius * np.stack([np.cos(turns), np.sin(turns)], axis=-1)


@dataclass(frozen=True)
class Significance:
    """What Gi* says of each cell."""

    z: Floats
    #: two-sided, from the normal curve
    p: Floats
    #: 3, 2, 1 hot with 99, 95, 90 %; negative cold; 0 not significant; corrected for many tests
    level: Integers
    neighbours: Integers


def hexagons(places: Floats, size_m: float) -> Hexagons:
    """Return the hexagons that hold at least one place (metres). `size_m` is from centre to centre."""
    if size_m <= 0:
        raise ValueError("size_m must be positive.")
    keys = np.unique(_keys(places, size_m), axis=0) if len(places) else np.zeros((0, 2), np.int64)
    return Hexagons(size_m, keys, _centres(keys, size_m))


def _keys(places: Floats, size_m: float) -> Integers:
    """The axial column and row of the hexagon of each place: the nearest centre."""
    xy = np.asarray(places, np.float64).reshape(-1, 2)
    row = xy[:, 1] / (size_m * _ROOT3 / 2)
    column = xy[:, 0] / size_m - row / 2
    parts = np.stack([column, row, -column - row])
    whole = np.rint(parts)
    off = np.abs(whole - parts)
    # the coordinate that was rounded the most follows from the other two
    first = (off[0] > off[1]) & (off[0] > off[2])
    second = ~first & (off[1] > off[2])
    whole[0] = np.where(first, -whole[1] - whole[2], whole[0])
    whole[1] = np.where(second, -whole[0] - whole[2], whole[1])
    return whole[:2].T.astype(np.int64)


def _centres(keys: Integers, size_m: float) -> Floats:
    column, row = keys[:, 0], keys[:, 1]
    return np.stack([size_m * (column + row / 2), size_m * _ROOT3 / 2 * row], axis=-1)


def density(places: Floats, at: Floats, bandwidth_m: float) -> Floats:
    """Return points per square kilometre around each place of `at`: an Epanechnikov kernel, metres.

    What lies farther than the bandwidth does not count. Without points it is 0 everywhere.
    """
    if not len(places) or not len(at):
        return np.zeros(len(at))
    from sklearn.neighbors import KernelDensity

    kernel = KernelDensity(kernel="epanechnikov", bandwidth=bandwidth_m).fit(places)
    # score_samples is the logarithm of a density that integrates to 1 over square metres
    return np.asarray(np.exp(kernel.score_samples(at)) * len(places) * 1e6, np.float64)


def gi_star(centres: Floats, values: Floats, band_m: float) -> Significance:
    """Return Getis-Ord Gi* of values at cells (metres); every cell within `band_m` weighs 1, itself too.

    The z-scores are those of esda.G_Local; p is two-sided; the classes hold the false discovery rate
    (Benjamini-Hochberg) at 1, 5 and 10 %. Raises TooLittle below LEAST_CELLS cells or when all are equal.
    """
    values = np.asarray(values, np.float64)
    if len(values) < LEAST_CELLS:
        raise TooLittle("Too few cells to tell a pattern from chance.", cells=len(values))
    if np.ptp(values) == 0.0 or values.sum() == 0.0:
        raise TooLittle("All cells hold the same.", code="all_equal", cells=len(values))
    import esda
    import geopandas
    from libpysal.graph import Graph

    points = geopandas.GeoSeries.from_xy(centres[:, 0], centres[:, 1])
    graph = Graph.build_distance_band(points, band_m, binary=True)
    neighbours = np.asarray(graph.cardinalities, np.int64)
    if not neighbours.any():
        raise TooLittle("No cell has a neighbour.", code="no_neighbours", cells=len(values))
    local: Any = esda.G_Local(values, graph, transform="B", star=True, permutations=0)
    z, p = np.asarray(local.Zs), np.minimum(1.0, 2.0 * np.asarray(local.p_norm))
    judged = (neighbours >= LEAST_NEIGHBOURS) & np.isfinite(z)
    return Significance(z, p, _levels(z, p, judged), neighbours)


def _levels(z: Floats, p: Floats, judged: npt.NDArray[np.bool_]) -> Integers:
    import esda

    level = np.zeros(len(z), np.int64)
    if not judged.any():
        return level
    for name, alpha in sorted(LEVELS.items()):
        # the largest p that still keeps the share of false discoveries below alpha
        limit = float(esda.fdr(p[judged], alpha))
        level[judged & (p <= limit)] = name
    return np.where(z < 0, -level, level)


def peaks(centres: Floats, values: Floats, apart_m: float, *, most: int) -> list[int]:
    """Return the cells with the largest values, none nearer than `apart_m` metres to a larger one.

    Cells that are not above 0 are no peaks; equal values go by place, west before east.
    """
    order = np.lexsort((centres[:, 1], centres[:, 0], -values))
    found: list[int] = []
    for index in order.tolist():
        if values[index] <= 0.0 or len(found) == most:
            break
        away = centres[found] - centres[index]
        if not found or float(np.hypot(away[:, 0], away[:, 1]).min()) >= apart_m:
            found.append(index)
    return found

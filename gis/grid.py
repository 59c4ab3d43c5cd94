"""Know in which grid, community, town and district a position lies: one position or a million."""

import threading
from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import shapely

from gis.coordinates import Floats
from gis.errors import UnknownArea
from gis.projection import areas_m2, flatten
from gis.raster import CROSSED, Indexes, Raster

#: The levels of areas, coarse to fine.
LEVELS = ("district", "town", "community", "grid")

#: Code, level and polygon (shapely, WGS-84 longitude and latitude in decimal degrees).
Area = tuple[str, str, Any]
#: After how many positions the raster is built: about what it costs in searches of the tree.
_WORTH_A_RASTER = 100_000
Codes = npt.NDArray[np.object_]


class Locator:
    """Finds areas by position; its answers never change, and threads may share it: make a new one for new borders.

    A position on a shared border belongs to one area of a level, always the same: where several
    hold it, the smallest (in whole square metres) wins, and of equals the lowest code.
    """

    def __init__(self, areas: Sequence[Area], levels: Sequence[str]) -> None:
        """Use `from_areas`."""
        self.levels = tuple(levels)
        sizes = np.rint(areas_m2(np.array([polygon for _, _, polygon in areas], dtype=object)))
        order = [area for _, area in sorted(zip(sizes, areas, strict=True), key=_smallest_first)]
        #: The index of an area is its rank: lower wins, and the one after the last is no area.
        self._codes = np.array([*(code for code, _, _ in order), None], dtype=object)
        self._depths = np.array([self.levels.index(level) for _, level, _ in order], dtype=np.intp)
        self._polygons = np.array([polygon for _, _, polygon in order], dtype=object)
        self._rank = {code: rank for rank, (code, _, _) in enumerate(order)}
        self._tree = shapely.STRtree(self._polygons)
        self._asked = 0
        self._raster: Raster | None = None
        self._building = threading.Lock()
        self._warm()

    @classmethod
    def from_areas(cls, areas: Iterable[Area], *, levels: Sequence[str] = LEVELS) -> Self:
        """Make a locator of (code, level, polygon); `levels` runs from coarse to fine.

        Polygons are shapely, WGS-84, valid. Raises UnknownArea for a level that is not in `levels`
        and for a code given twice.
        """
        known = list(areas)
        for code, level, _ in known:
            if level not in levels:
                raise UnknownArea(f"No such level: {level!r}.", area=code, level=level)
        if len({code for code, _, _ in known}) < len(known):
            raise UnknownArea("A code stands for two areas.", code="code_twice")
        return cls(known, levels)

    def locate(self, lon: float, lat: float) -> dict[str, str]:
        """Return level → code of the areas that hold a WGS-84 position, fine to coarse; {} for none.

        The first value is thus the deepest area. A position that is not a number lies nowhere.
        """
        ranks = self._raster.at(lon, lat) if self._raster is not None else None
        if ranks is None:
            ranks = self._searched_one(lon, lat)
        none = len(self._depths)
        return {
            level: self._codes[rank]
            for level, rank in zip(self.levels[::-1], ranks[::-1], strict=True)
            if rank != none
        }

    def locate_many(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> dict[str, Codes]:
        """Return level → array of codes (None for none) for WGS-84 positions, decimal degrees.

        Answers for each position as `locate` does; every level is a key. Who asks for many builds
        a raster (about half a second for 10,000 areas) that answers most from then on.
        """
        lons, lats = np.asarray(lon, np.float64).ravel(), np.asarray(lat, np.float64).ravel()
        raster = self._raster_for(len(lons))
        if raster is None:
            ranks = self._searched(lons, lats)
            return {level: self._codes[ranks[:, depth]] for depth, level in enumerate(self.levels)}
        cells = raster.lattice.cells(lons, lats)
        kinds = raster.kinds[cells]
        crossed = np.flatnonzero(kinds == CROSSED)
        # neighbours one after the other: the same polygons are at hand
        crossed = crossed[np.argsort(cells[crossed])]
        ranks = self._searched(lons[crossed], lats[crossed])
        found = {}
        for depth, level in enumerate(self.levels):
            found[level] = self._codes[raster.answers[:, depth]][kinds]
            found[level][crossed] = self._codes[ranks[:, depth]]
        return found

    def build_raster(self) -> None:
        """Build what answers most of many positions, as `locate_many` does by itself after a while.

        While one thread builds it the others go on without.
        """
        if self._raster is None and self._building.acquire(blocking=False):
            try:
                self._raster = Raster.of_borders(self._polygons, self._searched)
            finally:
                self._building.release()

    def nearest_m(self, lon: float, lat: float) -> float | None:
        """Return the distance in metres from a WGS-84 position to the nearest area; None without areas.

        0 inside one. The nearest border is found in degrees, then measured: good for a warning.
        """
        if not self._rank:
            return None
        point = shapely.Point(lon, lat)
        closest = self._polygons[int(self._tree.nearest(point))]
        return float(shapely.distance(flatten(closest, lon, lat), shapely.Point(0.0, 0.0)))

    def near_border_m(self, lon: float, lat: float, code: str) -> float:
        """Return the distance in metres from a WGS-84 position to the border of an area.

        Good to 0.1 % within 50 km. Raises UnknownArea.
        """
        if code not in self._rank:
            raise UnknownArea(f"No such area: {code!r}.", area=code)
        border = flatten(self._polygons[self._rank[code]].boundary, lon, lat)
        return float(shapely.distance(border, shapely.Point(0.0, 0.0)))

    def _searched_one(self, lon: float, lat: float) -> list[int]:
        """Return the rank that holds a position on each level, by the tree."""
        near = self._tree.query(shapely.Point(lon, lat))
        near = np.sort(near[shapely.intersects_xy(self._polygons[near], lon, lat)])
        ranks = [len(self._depths)] * len(self.levels)
        # the worst rank first, so that a better one overwrites it
        for rank in near[::-1].tolist():
            ranks[self._depths[rank]] = rank
        return ranks

    def _searched(self, lons: Floats, lats: Floats) -> Indexes:
        """Return the rank that holds each position on each level, by the tree: a row a position."""
        points, ranks = self._tree.query(shapely.points(lons, lats))
        inside = shapely.intersects_xy(self._polygons[ranks], lons[points], lats[points])
        points, ranks = points[inside], ranks[inside]
        best = np.full((len(lons), len(self.levels)), len(self._depths), dtype=np.intp)
        np.minimum.at(best.reshape(-1), points * len(self.levels) + self._depths[ranks], ranks)
        return best

    def _raster_for(self, positions: int) -> Raster | None:
        """Return the raster once so many were asked for that it pays."""
        self._asked += positions
        if self._raster is None and self._asked >= _WORTH_A_RASTER:
            self.build_raster()
        return self._raster

    def _warm(self) -> None:
        """Build now what the library would build at the first question, before threads ask."""
        shapely.prepare(self._polygons)
        # any place within the bounds makes a prepared polygon build its index
        west, south, east, north = shapely.bounds(self._polygons).T
        shapely.intersects_xy(self._polygons, (west + east) / 2, (south + north) / 2)
        self._tree.query(shapely.Point(0.0, 0.0))


def _smallest_first(sized: tuple[float, Area]) -> tuple[float, str]:
    size, (code, _, _) = sized
    return size, code

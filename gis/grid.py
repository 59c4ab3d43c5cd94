"""Know in which grid, community, town and district a position lies: one position or a million."""

from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import shapely

from gis.errors import UnknownArea
from gis.projection import area_m2, flatten

#: The levels of areas, coarse to fine.
LEVELS = ("district", "town", "community", "grid")

#: Code, level and polygon (shapely, WGS-84 longitude and latitude in decimal degrees).
Area = tuple[str, str, Any]
Codes = npt.NDArray[np.object_]


class Locator:
    """Finds areas by position; immutable, so threads may share it: make a new one for new borders.

    A position on a shared border belongs to one area of a level, always the same: where several
    hold it, the smallest (in whole square metres) wins, and of equals the lowest code.
    """

    def __init__(self, areas: Sequence[Area], levels: Sequence[str]) -> None:
        """Use `from_areas`."""
        self.levels = tuple(levels)
        order = sorted(areas, key=lambda area: (round(area_m2(area[2])), area[0]))
        #: The index of an area is its rank: lower wins.
        self._codes = np.array([code for code, _, _ in order], dtype=object)
        self._depths = np.array([self.levels.index(level) for _, level, _ in order], dtype=np.intp)
        self._polygons = np.array([polygon for _, _, polygon in order], dtype=object)
        self._rank = {code: rank for rank, code in enumerate(self._codes.tolist())}
        self._tree = shapely.STRtree(self._polygons)
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
        near = self._tree.query(shapely.Point(lon, lat))
        near = near[shapely.intersects_xy(self._polygons[near], lon, lat)]
        best: dict[int, int] = {}
        for rank in np.sort(near).tolist():
            best.setdefault(int(self._depths[rank]), rank)
        return {
            self.levels[depth]: self._codes[best[depth]] for depth in sorted(best, reverse=True)
        }

    def locate_many(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> dict[str, Codes]:
        """Return level → array of codes (None for none) for WGS-84 positions, decimal degrees.

        Answers for each position as `locate` does; every level is a key.
        """
        lons, lats = np.asarray(lon, np.float64).ravel(), np.asarray(lat, np.float64).ravel()
        none = len(self._codes)
        ranks = np.full((len(self.levels), len(lons)), none, dtype=np.intp)
        points, areas = self._tree.query(shapely.points(lons, lats))
        by_area = np.argsort(areas, kind="stable")
        points, areas = points[by_area], areas[by_area]
        starts = np.searchsorted(areas, np.arange(none + 1))
        # the worst rank first, so that a better one overwrites it
        for rank in range(none - 1, -1, -1):
            near = points[starts[rank] : starts[rank + 1]]
            inside = shapely.intersects_xy(self._polygons[rank], lons[near], lats[near])
            ranks[self._depths[rank], near[inside]] = rank
        codes = np.array([*self._codes, None], dtype=object)
        return {level: codes[ranks[depth]] for depth, level in enumerate(self.levels)}

    def nearest_m(self, lon: float, lat: float) -> float | None:
        """Return the distance in metres from a WGS-84 position to the nearest area; None without areas.

        0 inside one. The nearest border is found in degrees, then measured: good for a warning.
        """
        if not len(self._codes):
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

    def _warm(self) -> None:
        """Build now what the library would build at the first question, before threads ask."""
        shapely.prepare(self._polygons)
        for polygon in self._polygons:
            inside = polygon.representative_point()
            self.locate(inside.x, inside.y)

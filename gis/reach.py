"""Know which lines and areas answer for a position: lines as far as they reach, areas that hold it."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar

import numpy as np
import shapely

from gis.projection import area_m2, flatten, metres_per_degree

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Hit(Generic[Key]):
    """A shape that reaches a position."""

    key: Key
    #: From the position to the shape, metres; 0 on a line or inside an area.
    distance_m: float
    #: Of the shape, square metres; 0 for lines.
    size_m2: float


class Reach(Generic[Key]):
    """Finds shapes by position; immutable, so threads may share it: make a new one for new shapes."""

    def __init__(self, shapes: Sequence[tuple[Key, Any, float]]) -> None:
        """Use `from_shapes`."""
        self._keys = [key for key, _, _ in shapes]
        self._shapes = np.array([geometry for _, geometry, _ in shapes], dtype=object)
        self._reaches = np.array([reach for _, _, reach in shapes], dtype=np.float64)
        self._sizes = [area_m2(geometry) for _, geometry, _ in shapes]
        self._farthest = float(self._reaches.max(initial=0.0))
        self._tree = shapely.STRtree(self._shapes)
        if shapes:
            self.at(0.0, 0.0)  # builds the tree now, before threads ask

    @classmethod
    def from_shapes(cls, shapes: Iterable[tuple[Key, Any, float]]) -> Self:
        """Make one of (key, line or polygon, reach in metres); shapely, WGS-84 (lon, lat), valid."""
        return cls(list(shapes))

    def touching(self, area: Any) -> list[Key]:
        """Return what lies at least partly in a polygon (shapely, WGS-84), in the order given."""
        near = self._tree.query(area, predicate="intersects")
        return [self._keys[index] for index in np.sort(near).tolist()]

    def at(self, lon: float, lat: float) -> list[Hit[Key]]:
        """Return what reaches a WGS-84 position (decimal degrees), nearest first.

        Distances are good to 0.1 %. A position that is not a number is reached by nothing.
        """
        if not (np.isfinite(lon) and abs(lat) < 90):
            return []
        east, north = metres_per_degree(lat)
        # a little wider: the exact distance is measured below
        wide, high = self._farthest / east * 1.01, self._farthest / north * 1.01
        near = self._tree.query(shapely.box(lon - wide, lat - high, lon + wide, lat + high))
        here = shapely.Point(0.0, 0.0)
        found = []
        for index in np.sort(near).tolist():
            metres = float(shapely.distance(flatten(self._shapes[index], lon, lat), here))
            if metres <= self._reaches[index]:
                found.append(Hit(self._keys[index], metres, self._sizes[index]))
        return sorted(found, key=lambda hit: hit.distance_m)

"""Know which raw geometry is a place that is inspected: a point, a line or an area."""

from typing import Any

import shapely

from gis._clean import Cleaner, Refused
from gis._formats import Unreadable

#: A street or a river of the size of a town has some hundred vertices.
MAX_VERTICES = 20_000


class ShapeCleaner(Cleaner):
    """Accepts points, lines and polygons, and features that have no geometry at all."""

    def _accepted(self, raw: Any, row: int, name: str) -> Any:
        if isinstance(raw, Unreadable):
            raise Refused("unreadable_geometry", raw.reason)
        if raw is None or raw.is_empty:
            return None
        if shapely.get_num_coordinates(raw) > MAX_VERTICES:
            raise Refused("too_detailed", str(MAX_VERTICES))
        plain = _alone(raw)
        if plain.geom_type not in (
            "Point", "LineString", "MultiLineString", "Polygon", "MultiPolygon",
        ):  # fmt: skip
            raise Refused("unsupported_shape", raw.geom_type)
        placed = self._placed(plain)
        if plain.geom_type.endswith("Polygon"):
            return _alone(self._valid(placed, row, name))
        if plain.geom_type.endswith("LineString") and shapely.length(placed) == 0:
            raise Refused("zero_length")
        return placed


def _alone(shape: Any) -> Any:
    """Return the only part of a geometry of several parts, or the geometry itself."""
    parts = shapely.get_parts(shape)
    return parts[0] if len(parts) == 1 else shape

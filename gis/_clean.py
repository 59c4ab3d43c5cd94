"""Know which raw geometry is a boundary, mend what can be mended, and say why of the rest."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from gis._formats import Layer, Unreadable
from gis.coordinates import CoordSys, parse_crs, to_wgs84
from gis.errors import NeedsCoordSys, UnknownCoordSys
from gis.problems import name_of


class Refused(Exception):
    """Why one geometry is left out, as a code of `gis.problems`."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


@dataclass(slots=True)
class Cleaner:
    """Turns the geometry of one layer into valid WGS-84 multipolygons, noting every fault."""

    crs: str
    crs_source: str
    problems: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def for_layer(cls, layer: Layer, kind: str, given: str | None) -> "Cleaner":
        """Settle the coordinate system: given, else the file's, else RFC 7946 for GeoJSON.

        Raises NeedsCoordSys or UnknownCoordSys.
        """
        if given:
            return cls(given, "given")
        if layer.crs:
            return cls(_settled(layer.crs), "file")
        if kind == "geojson":
            return cls(CoordSys.WGS84.value, "rfc7946")
        raise NeedsCoordSys("The file does not say its coordinate system.")

    def clean(self, layer: Layer) -> tuple[dict[str, Any], list[bytes]]:
        """Return the answer for the parent process and the WKB of what is accepted.

        A feature is (row, properties, length of its WKB, the x and y of a point as given).
        """
        features, body = [], []
        for row, (properties, raw) in enumerate(layer.rows, start=1):
            try:
                shape = self._accepted(raw, row, name_of(properties))
            except Refused as verdict:
                self._note(verdict.code, row, name_of(properties), verdict.detail)
                continue
            body.append(b"" if shape is None else shapely.to_wkb(shape))
            given = shapely.get_coordinates(raw)[0] if _is_point(shape) else ()
            features.append((row, properties, len(body[-1]), [float(edge) for edge in given]))
        head = {
            "features": features,
            "problems": self.problems,
            "fields": layer.fields,
            "crs": self.crs,
            "crs_source": self.crs_source,
            "encoding": layer.encoding,
        }
        return head, body

    def _note(self, code: str, row: int, name: str, detail: str = "") -> None:
        self.problems.append({"code": code, "row": row, "name": name, "detail": detail})

    def _accepted(self, raw: Any, row: int, name: str) -> Any:
        """Return the geometry as it is kept, None for a feature without one. Raises Refused."""
        if isinstance(raw, Unreadable):
            raise Refused("unreadable_geometry", raw.reason)
        if raw is None or raw.is_empty:
            raise Refused("empty")
        if raw.geom_type not in ("Polygon", "MultiPolygon"):
            raise Refused("not_polygon", raw.geom_type)
        return self._valid(self._placed(raw), row, name)

    def _placed(self, raw: Any) -> Any:
        """Return the geometry in WGS-84, two-dimensional. Raises Refused."""
        if not np.isfinite(shapely.get_coordinates(raw)).all():
            raise Refused("not_finite")
        placed = shapely.transform(shapely.force_2d(raw), self._to_wgs84)
        lon, lat = shapely.get_coordinates(placed).T
        if not (np.all(np.abs(lon) <= 180.0) and np.all(np.abs(lat) <= 90.0)):
            raise Refused("outside_world", ", ".join(f"{edge:.6g}" for edge in raw.bounds))
        return placed

    def _to_wgs84(self, xy: Any) -> Any:
        return np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], self.crs))

    def _valid(self, placed: Any, row: int, name: str) -> Any:
        if not shapely.is_valid(placed):
            reason = shapely.is_valid_reason(placed)
            # "structure" keeps the outer ring as the border, where "linework" cuts holes into loops
            placed = shapely.make_valid(placed, method="structure", keep_collapsed=False)
            if shapely.area(placed) > 0:
                self._note("repaired", row, name, reason)
        parts = [
            part
            for part in shapely.get_parts(placed)
            if part.geom_type == "Polygon" and shapely.area(part) > 0
        ]
        if not parts:
            raise Refused("zero_area")
        return shapely.multipolygons(parts)


def _is_point(shape: Any) -> bool:
    return shape is not None and shape.geom_type == "Point"


def _settled(crs: str) -> str:
    try:
        return parse_crs(crs)
    except UnknownCoordSys:
        if "[" not in crs:
            raise
    to_wgs84(0.0, 0.0, crs)
    return crs

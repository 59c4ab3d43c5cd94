"""Knows which tasks lie near a place: one argument of the address bar, an indexed box, a circle."""

import math
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import aliased

from gis.cells import box_ranges
from gis.projection import metres_per_degree
from tracker.tasks.models import Task

#: The widest circle that may be asked for, metres.
MAX_METRES = 5000
#: Digits of a degree that are kept: a decimetre.
_DIGITS = 6


@dataclass(frozen=True)
class Near:
    """A circle: its middle in WGS-84 degrees, its radius in whole metres."""

    lon: float
    lat: float
    metres: int

    @classmethod
    def of(cls, lon: float, lat: float, metres: float) -> "Near":
        """The circle as the address bar can say it: the middle moves by a decimetre at most."""
        radius = min(max(math.ceil(metres), 1), MAX_METRES)
        return cls(round(lon, _DIGITS), round(lat, _DIGITS), radius)

    def __str__(self) -> str:
        return f"{self.lon:.{_DIGITS}f},{self.lat:.{_DIGITS}f},{self.metres}"

    def holds(self, lon: Any, lat: Any) -> Any:
        """Whether (lon, lat) lies in it: for numbers, arrays and columns alike.

        A plane at the latitude of the middle: 0.1 % from the truth up to MAX_METRES.
        """
        east, north = metres_per_degree(self.lat)
        x, y = (lon - self.lon) * east, (lat - self.lat) * north
        return x * x + y * y <= float(self.metres) ** 2


def of_near(place: Near | None) -> list[ColumnElement[bool]]:
    """What is asked of a task: to be among those of the indexed cells around; nothing without a place.

    A query of its own, so that a planner reads the cells and does not walk all days in search of a few.
    """
    if place is None:
        return []
    east, north = (place.metres * 1.01 / one for one in metres_per_degree(place.lat))
    ranges = box_ranges(
        max(place.lon - east, -180.0), max(place.lat - north, -90.0),
        min(place.lon + east, 180.0), min(place.lat + north, 90.0),
    )  # fmt: skip
    around = aliased(Task)
    cells = or_(*(around.cell.between(low, high) for low, high in ranges))
    return [Task.id.in_(select(around.id).where(cells, place.holds(around.lon, around.lat)))]


def near(text: str) -> Near:
    """A circle as 113.355000,22.045000,200. Raises ValueError."""
    parts = text.split(",")
    if len(text) > 60 or len(parts) != 3 or not all(map(_is_number, parts)):
        raise ValueError(text)
    lon, lat, metres = float(parts[0]), float(parts[1]), int(parts[2])
    # nearer to the poles a degree of longitude is no length any more
    if not (abs(lon) <= 180.0 and abs(lat) <= 85.0 and 1 <= metres <= MAX_METRES):
        raise ValueError(text)
    return Near(round(lon, _DIGITS), round(lat, _DIGITS), metres)


def _is_number(text: str) -> bool:
    """Digits, one point, a sign: no exponent, no nan, no digits of other scripts."""
    plain = text.removeprefix("-").replace(".", "", 1)
    return plain.isascii() and plain.isdigit()

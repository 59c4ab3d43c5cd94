"""Know how one fault of one boundary is told: which, what, how much and where."""

from collections.abc import Mapping
from dataclasses import dataclass

from gis.coordinates import LonLat

#: Property names under which boundary files carry the name of an area, best first.
NAME_KEYS = (
    "name",
    "名称",
    "社区名称",
    "社区",
    "网格名称",
    "网格",
    "镇",
    "town",
    "地市名",
    "qh",
    "nam",
    "标题",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One fault, told by a stable `code`; the words are the caller's.

    From reading a file: `repaired`, `empty`, `not_polygon`, `not_finite`, `zero_area`,
    `outside_world`, `unreadable_geometry`; of a file of places also `unsupported_shape`,
    `too_detailed`, `zero_length`. From the topology: `overlap`, `gap`, `outside_parent`.
    """

    code: str
    #: Number of the feature in its file, from 1; None where no single feature is at fault.
    row: int | None = None
    #: Name of the area, or as much of one as the file gives.
    name: str = ""
    #: Name of the second area of an overlap.
    other: str = ""
    #: What the geometry library says, in English.
    detail: str = ""
    #: Size of the fault, square metres.
    area_m2: float | None = None
    #: A point inside the fault, WGS-84, for the map.
    where: LonLat | None = None


def name_of(properties: Mapping[str, object]) -> str:
    """Return the likely name of an area: a known key, else the first text, else nothing."""
    by_key = {key.casefold(): value for key, value in properties.items()}
    known = [by_key[key] for key in NAME_KEYS if isinstance(by_key.get(key), str)]
    texts = known + [value for value in properties.values() if isinstance(value, str)]
    return next((text.strip() for text in map(str, texts) if text.strip()), "")

"""Knows what a row of a file says of a point: its words looked up, what it leaves out kept."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from shapely.geometry import mapping, shape
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.errors import Invalid
from tracker.places.columns import parse_flag
from tracker.places.models import Organization
from tracker.points.campaign import ACTIONS
from tracker.points.given import PointGiven
from tracker.points.importing_files import PointRecord
from tracker.points.models import InspectionPoint, SiteType
from tracker.points.site_types import site_type_of
from tracker.texts import N_

#: Two positions that differ by less are the same, degrees (a centimetre).
SAME = 1.5e-7
_BETWEEN = re.compile(r"[;；、,，\n]+")
_QUOTES = re.compile("[\"'“”‘’「」]")


class Words:
    """Looks up what cells name: site types, units and actions, loaded once for a file."""

    def __init__(self, session: Session) -> None:
        # the rows are held, so that the session finds them again without asking the database
        self._held = session.scalars(select(SiteType)).all()
        self._types = {word: row.code for row in self._held for word in (row.name, row.code)}
        self._units = {row.name: row for row in session.scalars(select(Organization))}
        self._actions = {
            _unquoted(word): action.code
            for action in ACTIONS.values()
            for word in (action.code, action.name, action.name.removesuffix("行动"), action.name_en)
        }

    def site_type(self, text: str) -> str:
        """The code of a type. Raises Invalid."""
        known = self._types.get(text) or site_type_of(text)
        if known is None:
            raise Invalid(
                N_("不认识的点位类型“%(text)s”，请填写类型名称或代码（如 农贸市场）"),
                text=text[:30],
            )
        return known

    def unit(self, name: str, now: int | None) -> int | None:
        """The id of a unit; one that is out of use only where it stands already. Raises Invalid."""
        if not name:
            return None
        found = self._units.get(name)
        if found is None or not (found.is_active or found.id == now):
            raise Invalid(
                N_("责任单位“%(name)s”不在系统中或已停用，请先建立该单位或改正名称"), name=name[:60]
            )
        return found.id

    def actions(self, text: str) -> tuple[str, ...]:
        """Codes of the actions that a cell names. Raises Invalid."""
        named = [part.strip() for part in _BETWEEN.split(text) if part.strip()]
        unknown = [part for part in named if _unquoted(part) not in self._actions]
        if unknown:
            raise Invalid(
                N_("不认识的行动“%(text)s”，请填写 1 至 15 的编号或行动名称，用分号隔开"),
                text=unknown[0][:40],
            )
        chosen = {self._actions[_unquoted(part)] for part in named}
        return tuple(code for code in ACTIONS if code in chosen)

    def given(
        self,
        record: PointRecord,
        stored: InspectionPoint | None,
        position: tuple[float, float] | None,
    ) -> PointGiven:
        """The whole point as the row wants it: what it has no column for stays as it is stored.

        An empty cell empties an address, a person, a unit and the actions; any other stays.
        """
        before = PointGiven.of(stored) if stored else PointGiven(code=record.code)
        cells = record.cells
        said: dict[str, Any] = {}
        if cells.get("name"):
            said["name"] = cells["name"]
        if cells.get("site_type"):
            said["site_type_code"] = self.site_type(cells["site_type"])
        for name in ("address", "person"):
            if name in cells:
                said[name] = cells[name]
        if "unit" in cells:
            said["unit_id"] = self.unit(cells["unit"], before.unit_id)
        if "actions" in cells:
            said["actions"] = self.actions(cells["actions"])
        if cells.get("community_code"):
            said["community_code"] = cells["community_code"]
        return replace(before, **said, **_numbers(cells), **_place(record, before, position))


def _numbers(cells: Mapping[str, str]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for name, field, heading in (
        ("model_point", "is_model_point", N_("示范点位")), ("active", "is_active", N_("启用")),
    ):  # fmt: skip
        try:
            flag = parse_flag(cells.get(name, ""))
        except ValueError:
            raise Invalid(
                N_("“%(heading)s”应为 是 或 否，不能是“%(text)s”"),
                heading=heading, text=cells[name][:20],
            ) from None  # fmt: skip
        if flag is not None:
            said[field] = flag
    if days := cells.get("cycle_days", ""):
        if not (days.isascii() and days.isdecimal() and len(days) < 6):
            raise Invalid(N_("检查周期“%(text)s”不是整数（天）"), text=days[:20])
        said["cycle_days"] = int(days)
    return said


def _place(
    record: PointRecord, before: PointGiven, position: tuple[float, float] | None
) -> dict[str, Any]:
    """The place as the row wants it; nothing where it is the stored one, however it is spelled."""
    drawn = record.shape
    if drawn is not None and drawn.geom_type != "Point":
        if before.geometry is not None and is_same_shape(drawn, shape(before.geometry)):
            return {}
        return {
            "geometry": mapping(drawn), "lon": None, "lat": None, "raw_x": None, "raw_y": None,
            "coord_sys": record.crs,
        }  # fmt: skip
    if drawn is not None:
        lon, lat = drawn.x, drawn.y
        raw = record.given
    elif position is not None:
        lon, lat = position
        raw = (float(record.cells["lon"]), float(record.cells["lat"]))
    else:
        return {}
    keeps_shape = before.geometry is not None and drawn is None and "wkt" not in record.cells
    if (before.geometry is None or keeps_shape) and _is_near(lon, lat, before):
        return {}
    return {
        "geometry": None, "lon": lon, "lat": lat, "raw_x": raw[0], "raw_y": raw[1],
        "coord_sys": record.crs,
    }  # fmt: skip


def _is_near(lon: float, lat: float, before: PointGiven) -> bool:
    if before.lon is None or before.lat is None:
        return False
    return abs(lon - before.lon) < SAME and abs(lat - before.lat) < SAME


def is_same_shape(one: Any, other: Any) -> bool:
    """Whether two shapely geometries differ by no more than a centimetre, whatever their direction."""
    import shapely

    return bool(shapely.equals_exact(*shapely.normalize([one, other]), tolerance=SAME))


def _unquoted(text: str) -> str:
    return _QUOTES.sub("", text).casefold()

"""Knows what a row of a file says of a post: its words looked up, what it leaves out kept."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from tracker.errors import Invalid
from tracker.points.importing_files import PointRecord
from tracker.points.importing_rows import Words as UnitWords
from tracker.points.importing_rows import is_same_shape
from tracker.responsibility.filters import day
from tracker.responsibility.given import PostGiven
from tracker.responsibility.importing_columns import DAY
from tracker.responsibility.scopes import Scope, Words
from tracker.texts import N_

_BETWEEN = re.compile(r"[;；\n]+")


class RowReader:
    """Reads rows against the units, matters and site types that are stored."""

    def __init__(self, session: Session) -> None:
        self.words = Words(session)
        self._units = UnitWords(session)

    def given(self, record: PointRecord, stored: PostGiven | None) -> PostGiven:
        """The whole post as the row wants it: what it has no column for stays as it is stored.

        An empty cell empties post, person, phone, hours, grade and the last day; any other stays.
        An empty first day is left to the operation: today for whoever takes over. Raises Invalid.
        """
        before = stored or PostGiven(code=record.code)
        cells = record.cells
        said: dict[str, Any] = {
            name: cells[name]
            for name in ("post", "person", "phone", "hours", "grade")
            if name in cells
        }
        for name in ("name", "community_code"):
            if cells.get(name):
                said[name] = cells[name]
        if cells.get("unit"):
            said["unit_id"] = self._units.unit(cells["unit"], before.unit_id)
        if cells.get("scope"):
            said["scopes"] = self.scopes(cells["scope"])
        if cells.get("reach_m"):
            said["reach_m"] = _metres(cells["reach_m"])
        if "valid_to" in cells:
            said["valid_to"] = _day(cells["valid_to"], N_("结束日期"))
        said["valid_from"] = _day(cells.get("valid_from", ""), N_("生效日期"))
        return replace(before, **said, **_ground(record, before))

    def scopes(self, text: str) -> tuple[Scope, ...]:
        """The matters that a cell names by code or name, between semicolons. Raises Invalid."""
        found = []
        for part in self._parts(text):
            scope = self.words.by_word(part)
            if scope is None:
                raise Invalid(
                    N_("不认识的负责事项“%(text)s”，请填写问题类别或点位类型的代码或名称，用分号隔开，或填“全部”"),
                    text=part[:30],
                )  # fmt: skip
            found.append(scope)
        return tuple(found)

    def _parts(self, text: str) -> Iterator[str]:
        """Between semicolons; between 、 too, unless that stands within a name."""
        for part in filter(None, (one.strip() for one in _BETWEEN.split(text))):
            if self.words.by_word(part) is None and "、" in part:
                yield from filter(None, (one.strip() for one in part.split("、")))
            else:
                yield part


def _ground(record: PointRecord, before: PostGiven) -> dict[str, Any]:
    """The line or polygon of the row; a shape that is the stored one changes nothing."""
    from shapely.geometry import mapping, shape

    drawn = record.shape
    if drawn is None:
        return {}
    if drawn.geom_type == "Point":
        raise Invalid(N_("责任范围须是线（路段）或面（片区），不能是点"))
    if before.geometry is not None and is_same_shape(drawn, shape(before.geometry)):
        return {}
    return {"geometry": mapping(drawn)}


def _metres(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise Invalid(N_("两侧米数“%(text)s”不是整数"), text=text[:20])
    return int(text)


def _day(text: str, heading: str) -> date | None:
    if not text:
        return None
    found = DAY.fullmatch(text.strip())
    try:
        if not found:
            raise ValueError(text)
        return day(f"{found[1]}-{int(found[2]):02d}-{int(found[3]):02d}")
    except ValueError:
        raise Invalid(
            N_("%(heading)s“%(text)s”看不懂，请写成 2026-11-22"), heading=heading, text=text[:20]
        ) from None

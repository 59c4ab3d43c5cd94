"""Knows what an import of areas would do: which rows are sound, under which parent, what changes."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import shapely
from shapely.geometry import shape
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.places.boundaries import differs
from tracker.places.columns import LEVEL_OF_DIGITS, parse_flag, parse_level
from tracker.places.importing_report import AreaRecord, Rejection
from tracker.places.models import LEVELS, Area, AreaBoundary, Level
from tracker.places.moving import may_move
from tracker.texts import N_

#: A code is letters and digits of any script, "-", "_" and "."; it stands in addresses and paths.
CODE = re.compile(r"[\w.-]{1,32}")
NAME_LENGTH = 100
#: Codes asked for in one statement: databases bound how many values one may carry.
_AT_ONCE = 1000


class _Refused(Exception):
    def __init__(self, reason: str, **facts: Any) -> None:
        super().__init__(reason)
        self.reason, self.facts = reason, facts


@dataclass(frozen=True)
class Known:
    """What an area is, stored or planned, as far as others hang on it."""

    code: str
    name: str
    level: Level
    parent_code: str | None
    is_pilot: bool = False
    is_retired: bool = False


@dataclass(frozen=True)
class PlannedArea:
    """One row that will be stored."""

    record: AreaRecord
    area: Known
    path: str
    is_new: bool
    #: name, parent or pilot mark become other than stored
    is_edited: bool
    has_new_boundary: bool

    @property
    def is_unchanged(self) -> bool:
        return not (self.is_new or self.is_edited or self.has_new_boundary)


@dataclass(frozen=True)
class Plan:
    """Everything an import will do, coarse levels first, and the rows it refuses."""

    areas: tuple[PlannedArea, ...]
    rejections: tuple[Rejection, ...]


@dataclass
class Planner:
    """Judges the rows of one file against the areas that are stored."""

    session: Session
    level: Level | None = None
    #: code of the parent for rows that name none and whose code has no known beginning
    parent: str | None = None
    known: dict[str, Known] = field(default_factory=dict)
    planned: dict[str, PlannedArea] = field(default_factory=dict)
    rejections: list[Rejection] = field(default_factory=list)

    def plan(self, records: Sequence[AreaRecord]) -> Plan:
        """Judge every row; a child is judged after its parent, wherever it stands in the file."""
        self.known = {
            area.code: Known(
                area.code, area.name, Level(area.level), area.parent_code, area.is_pilot, area.valid_to is not None
            )
            for area in self.session.scalars(select(Area))
        }  # fmt: skip
        stored = self._stored([record.code for record in records])
        sound = self._sound(records)
        for level in LEVELS:
            holder = _Holder(self, level)
            for record, at, pilot in sound:
                if at is level:
                    with self._judging(record):
                        self._take(record, level, pilot, holder, stored)
        return Plan(tuple(self.planned.values()), tuple(self.rejections))

    def _sound(self, records: Sequence[AreaRecord]) -> list[tuple[AreaRecord, Level, bool | None]]:
        rows_of: dict[str, list[int]] = defaultdict(list)
        for record in records:
            rows_of[record.code].append(record.row)
        sound: list[tuple[AreaRecord, Level, bool | None]] = []
        for record in records:
            with self._judging(record):
                sound.append((record, *self._read(record, rows_of[record.code])))
        return sound

    @contextmanager
    def _judging(self, record: AreaRecord) -> Iterator[None]:
        """What refuses a row refuses that row alone."""
        try:
            yield
        except _Refused as no:
            self.rejections.append(
                Rejection(record.row, record.code, record.name, no.reason, no.facts, record)
            )

    def _read(self, record: AreaRecord, rows: list[int]) -> tuple[Level, bool | None]:
        """The level and the pilot mark of a row that is sound in itself."""
        if not record.code:
            raise _Refused(N_("缺少代码：请填写“代码”列"))
        if not CODE.fullmatch(record.code):
            raise _Refused(N_("“代码”列只能由文字、数字和 . - _ 组成，最长 32 个字符"))
        if not record.name:
            raise _Refused(N_("缺少名称：请填写“名称”列"))
        if len(record.name) > NAME_LENGTH:
            raise _Refused(N_("“名称”列超过 %(most)d 个字"), most=NAME_LENGTH)
        if len(rows) > 1:
            raise _Refused(
                N_("代码在文件中重复（第 %(rows)s 条）"), rows="、".join(map(str, rows[:10]))
            )
        try:
            pilot = parse_flag(record.pilot)
        except ValueError:
            raise _Refused(
                N_("“试点”列应为 是 或 否，不能是“%(text)s”"), text=record.pilot[:20]
            ) from None
        return self._level(record), pilot

    def _level(self, record: AreaRecord) -> Level:
        if self.level:
            return self.level
        if record.level:
            level = parse_level(record.level)
            if level is None:
                raise _Refused(N_("“级别”列请填 区、镇街、社区 或 网格"))
            return level
        if record.code.isdecimal() and len(record.code) in LEVEL_OF_DIGITS:
            return LEVEL_OF_DIGITS[len(record.code)]
        raise _Refused(N_("没有级别：请加“级别”列，或为整个文件指定级别"))

    def _take(
        self,
        record: AreaRecord,
        level: Level,
        pilot: bool | None,
        holder: "_Holder",
        stored: Mapping[str, Any],
    ) -> None:
        before = self.known.get(record.code)
        if before and before.is_retired:
            raise _Refused(N_("该区域已停用，请先在区域页面恢复"))
        if before and before.level is not level:
            raise _Refused(N_("该代码已是另一级别的区域，级别不能改变"))
        parent = self._parent(record, level, before, holder)
        is_moved = before is not None and parent != before.parent_code
        if is_moved and not may_move(self.session, level, record.code):
            raise _Refused(N_("该区域已有任务，不能改到另一上级；请用新代码新建区域，再停用本区域"))
        was_pilot = before.is_pilot if before else False
        area = Known(record.code, record.name, level, parent, was_pilot if pilot is None else pilot)
        self.known[record.code] = area
        self.planned[record.code] = PlannedArea(
            record=record,
            area=area,
            path=self._path(record.code),
            is_new=before is None,
            is_edited=before is not None and before != area,
            has_new_boundary=differs(record.polygon, stored.get(record.code)),
        )

    def _parent(
        self, record: AreaRecord, level: Level, before: Known | None, holder: "_Holder"
    ) -> str | None:
        if level is Level.DISTRICT:
            return None
        if record.parent:
            return self._checked(record.parent, level)
        for digits in (12, 9, 6):
            found = self.known.get(record.code[:digits])
            if found and len(record.code) > digits and _is_coarser(found, level):
                return self._checked(found.code, level)
        if self.parent:
            return self._checked(self.parent, level)
        if before and before.parent_code:
            return before.parent_code
        inside = holder.of(record.polygon)
        if inside is None:
            raise _Refused(N_("找不到上级区域：请加“上级代码”列，或为整个文件指定上级"))
        return inside

    def _checked(self, code: str, level: Level) -> str:
        parent = self.known.get(code)
        if parent is None:
            raise _Refused(N_("上级区域 %(parent)s 不存在"), parent=code[:40])
        if parent.is_retired:
            raise _Refused(N_("上级区域 %(parent)s 已停用"), parent=code)
        if not _is_coarser(parent, level):
            raise _Refused(N_("上级区域 %(parent)s 的级别不高于本区域"), parent=code)
        return code

    def _path(self, code: str) -> str:
        parent = self.known[code].parent_code
        return (self._path(parent) if parent else "") + code + "/"

    def coarser_than(self, level: Level) -> list[tuple[str, str, Any]]:
        """Areas that could hold one of this level, as stored or as this file makes them."""
        levels = list(LEVELS[: LEVELS.index(level)])
        found = self._boundaries(Area.level.in_(levels), Area.valid_to.is_(None))
        for code, plan in self.planned.items():
            if plan.area.level in levels and plan.record.polygon is not None:
                found[code] = plan.record.polygon
        return [(code, self.known[code].level.value, polygon) for code, polygon in found.items()]

    def _stored(self, codes: Sequence[str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for start in range(0, len(codes), _AT_ONCE):
            found |= self._boundaries(Area.code.in_(codes[start : start + _AT_ONCE]))
        return found

    def _boundaries(self, *conditions: Any) -> dict[str, Any]:
        rows = self.session.execute(
            select(Area.code, AreaBoundary.geometry)
            .join(AreaBoundary, AreaBoundary.area_code == Area.code)
            .where(AreaBoundary.version == Area.boundary_version, *conditions)
        )
        return {code: shape(geometry) for code, geometry in rows}


class _Holder:
    """Finds which coarser area a boundary lies in; its index is built at the first question."""

    def __init__(self, planner: Planner, level: Level) -> None:
        self._planner, self._level = planner, level
        self._locator: Any = None

    def of(self, polygon: Any) -> str | None:
        from gis.grid import Locator

        if polygon is None:
            return None
        if self._locator is None:
            self._locator = Locator.from_areas(self._planner.coarser_than(self._level))
        point = shapely.point_on_surface(polygon)
        return next(iter(self._locator.locate(point.x, point.y).values()), None)


def _is_coarser(area: Known, level: Level) -> bool:
    return LEVELS.index(area.level) < LEVELS.index(level)

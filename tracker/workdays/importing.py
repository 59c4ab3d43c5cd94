"""Reads a yearly notice from a table: every row becomes a day or is rejected with its reason."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from tracker.calendar import CalendarDay, DayKind
from tracker.calendar.storing import layer_of
from tracker.errors import Invalid
from tracker.places.importing_tables import read_table
from tracker.texts import N_
from tracker.web.forms import without_controls

#: Days of a file: some years of notices.
MAX_DAYS = 5000
NAME_LENGTH, SOURCE_LENGTH = 60, 120
FIRST_YEAR, LAST_YEAR = 2000, 2100

_COLUMNS = {
    "day": ("date", "日期", "day"),
    "kind": ("kind", "类别", "类型", "type"),
    "name": ("name", "名称", "节日", "说明"),
    "source": ("source", "来源", "依据", "文号"),
}
#: Without these a file says nothing.
_NEEDED = {"day": "日期", "kind": "类别"}
#: The model file: the headings, and the shape of a notice as an example.
HEADINGS = ("日期", "类别", "名称", "来源")
EXAMPLE = (
    ("2027-01-01", "休", "元旦", "国办通知文号"),
    ("2027-01-03", "班", "元旦调休上班", "国办通知文号"),
    ("2027-09-16", "停工", "台风停工", "区三防办"),
)
_KINDS = {
    "休": DayKind.REST, "rest": DayKind.REST, "holiday": DayKind.REST, "放假": DayKind.REST,
    "班": DayKind.WORK, "work": DayKind.WORK, "workday": DayKind.WORK, "上班": DayKind.WORK, "调休上班": DayKind.WORK,
    "停工": DayKind.STOP, "stop": DayKind.STOP, "台风停工": DayKind.STOP,
}  # fmt: skip
#: 2027-01-01, 2027/1/1, 2027.1.1, 2027年1月1日, and a workbook's own date with its midnight.
_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?:[ T]00:00(?::00)?)?")
_WEEKDAYS = (
    N_("星期一"), N_("星期二"), N_("星期三"), N_("星期四"), N_("星期五"), N_("星期六"), N_("星期日"),
)  # fmt: skip


@dataclass(frozen=True)
class DayRefused:
    """One row that cannot be used; `reason` is a message id, filled with `facts`."""

    row: int
    what: str
    reason: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Notice:
    """What a file says: its days in order, and the rows that cannot be used."""

    days: tuple[CalendarDay, ...]
    rejections: tuple[DayRefused, ...] = ()

    @property
    def read(self) -> int:
        """Rows that were read: each is a day or a rejection."""
        return len(self.days) + len(self.rejections)


def read_notice(path: Path, *, encoding: str | None = None) -> Notice:
    """Read .csv or .xlsx (its first sheet) with the columns 日期, 类别, 名称, 来源.

    Raises Invalid for a file that cannot be used at all.
    """
    table = read_table(path, encoding=encoding)
    columns = _columns(table.fields)
    if not table.rows:
        raise Invalid(N_("文件里只有表头，没有日期。"), field="file")
    if len(table.rows) > MAX_DAYS:
        raise Invalid(N_("行数超过 %(limit)d，请分开导入。"), field="file", limit=MAX_DAYS)
    days: dict[tuple[date, str], tuple[int, CalendarDay]] = {}
    refused = []
    for row, cells in table.rows:
        said = {
            column: without_controls(cells.get(heading, "")) for column, heading in columns.items()
        }
        try:
            found = _day(said)
            first = days.setdefault((found.day, layer_of(found.kind)), (row, found))
            if first[0] != row:
                raise Invalid(N_("日期与第 %(first)d 行重复，请只保留一行"), first=first[0])
        except Invalid as fault:
            what = said.get("day", "")[:20]
            refused.append(DayRefused(row, what, fault.message, dict(fault.facts)))
    ordered = sorted((one for _, one in days.values()), key=lambda one: (one.day, one.kind))
    return Notice(tuple(ordered), tuple(refused))


def _columns(fields: tuple[str, ...]) -> dict[str, str]:
    by_key = {heading.casefold(): heading for heading in reversed(fields)}
    found = {
        column: next(by_key[key] for key in keys if key in by_key)
        for column, keys in _COLUMNS.items()
        if any(key in by_key for key in keys)
    }
    missing = [heading for column, heading in _NEEDED.items() if column not in found]
    if missing:
        raise Invalid(
            N_(
                "文件中没有“%(missing)s”列。现有的列：%(columns)s。首行应为：日期、类别、名称、来源。"
            ),
            field="file",
            missing="、".join(missing),
            columns="、".join(fields[:20]),
        )
    return found


def _day(said: Mapping[str, str]) -> CalendarDay:
    day = _date(said["day"])
    kind = _KINDS.get(said["kind"].casefold())
    if kind is None:
        raise Invalid(
            N_("类别“%(text)s”无法识别，请写 休、班 或 停工"), text=said["kind"][:20] or N_("空")
        )
    if kind is DayKind.WORK and day.weekday() < 5:
        raise Invalid(
            N_("%(weekday)s本来就上班，“班”只能是星期六或星期日，请核对日期"),
            weekday=_WEEKDAYS[day.weekday()],
        )
    for column, most in (("name", NAME_LENGTH), ("source", SOURCE_LENGTH)):
        if len(said.get(column, "")) > most:
            raise Invalid(N_("名称或来源超过 %(most)d 个字"), most=most)
    return CalendarDay(day, kind, said.get("name", ""), said.get("source", ""))


def _date(text: str) -> date:
    parts = _DATE.fullmatch(text)
    try:
        if parts is None:
            raise ValueError(text)
        day = date(int(parts[1]), int(parts[2]), int(parts[3]))
    except ValueError:
        raise Invalid(
            N_("日期“%(text)s”无法识别，请写成 2027-10-01"), text=text[:20] or N_("空")
        ) from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Invalid(N_("年份应在 %(first)d 到 %(last)d 之间"), first=FIRST_YEAR, last=LAST_YEAR)
    return day

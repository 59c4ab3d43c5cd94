"""Knows how a yearly notice or a stop-work order is written in a CSV file."""

import csv
from collections.abc import Iterable
from datetime import date

from tracker.calendar.days import CalendarDay, DayKind
from tracker.errors import Invalid
from tracker.texts import N_

_KINDS = {"rest": DayKind.REST, "休": DayKind.REST, "work": DayKind.WORK, "班": DayKind.WORK}
_COLUMNS = ("date", "kind", "name", "source")


def read_days(lines: Iterable[str]) -> tuple[CalendarDay, ...]:
    """Read CSV text with the columns date, kind, name, source.

    Dates are YYYY-MM-DD; kind is rest or work (also 休 or 班). Raises Invalid naming the line
    of the first row that cannot be used; nothing is returned in part.
    """
    rows = csv.DictReader(line.lstrip("\ufeff") for line in lines)
    missing = [name for name in _COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise Invalid(
            N_("日历文件缺少列：%(columns)s。首行应为 date,kind,name,source。"),
            columns="、".join(missing),
        )
    days: dict[date, CalendarDay] = {}
    for row in rows:
        found = _day(row, rows.line_num)
        if found.day in days:
            raise Invalid(
                N_("日历文件第 %(line)d 行：日期 %(day)s 重复，请只保留一行。"),
                line=rows.line_num,
                day=found.day.isoformat(),
            )
        days[found.day] = found
    return tuple(days[day] for day in sorted(days))


def _day(row: dict[str, str | None], line: int) -> CalendarDay:
    text = {name: (row[name] or "").strip() for name in _COLUMNS}
    try:
        day = date.fromisoformat(text["date"])
    except ValueError:
        raise Invalid(
            N_("日历文件第 %(line)d 行：日期“%(value)s”无法识别，请写成 2026-10-01。"),
            line=line,
            value=text["date"],
        ) from None
    kind = _KINDS.get(text["kind"].lower())
    if kind is None:
        raise Invalid(
            N_("日历文件第 %(line)d 行：类型“%(value)s”无法识别，请写 休 或 班。"),
            line=line,
            value=text["kind"],
        )
    return CalendarDay(day, kind, text["name"], text["source"])

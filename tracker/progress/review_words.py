"""Knows how a review is said: figures with their unit, the words of the map's script, rows of a file."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import quote_plus

from flask import url_for
from flask_babel import gettext as _

from tracker.progress.choropleths import Behind, Choropleth, Line, month_before
from tracker.progress.review import Choice, Review, shade_of
from tracker.web.filters import DASH, short_day


def label(column: Choropleth) -> str:
    """The head of a column with its unit, e.g. 整改率（%）."""
    words: str = _("%(what)s（%(unit)s）", what=_(column.label), unit=_(column.unit))
    return words


def figure(column: Choropleth, value: float | None) -> str:
    """A figure as a cell shows it; changes carry their sign."""
    if value is None:
        return DASH
    size = f"{abs(value):,.1f}".removesuffix(".0")
    if column.is_change:
        return _("持平") if not value else ("+" if value > 0 else "−") + size
    return f"{value:.1f}%" if column.is_rate else size


def list_url(choice: Choice, column: Choropleth, line: Line, one: Behind) -> str | None:
    """Address of the task list behind a number; None where no list can show it.

    It is written once for all areas: thousands of addresses differ in the area's code alone.
    """
    key = column.is_then, one.measure
    if key not in choice.addresses:
        args = choice.list_args(column, replace(line, code="CODE"), one)
        written = None if args is None else url_for("tasks.listing", **args)
        before, _mark, after = (written or "").rpartition("area=CODE")
        choice.addresses[key] = None if written is None else (before + "area=", after)
    found = choice.addresses[key]
    return None if found is None else quote_plus(line.code).join(found)


def period(review: Review) -> str:
    """The days that rates are of, and the day that stocks are of."""
    days, choice = review.choice.chosen.days, review.choice
    words = _("%(first)s 至 %(last)s", first=short_day(days.first), last=short_day(days.last))
    if choice.chosen.on is None:
        return _("未办结、超期为当前数 · 整改率、按期率按 %(days)s", days=words)
    return _(
        "未办结、超期为 %(day)s 结束时 · 整改率、按期率按 %(days)s",
        day=short_day(choice.day), days=words,
    )  # fmt: skip


def day_of_map(review: Review, *, is_then: bool) -> str:
    """The head above one of two maps: before or after, and the day."""
    day = review.choice.then if is_then else review.choice.day
    if is_then:
        return _("当时：%(day)s 结束时", day=short_day(day))
    if review.choice.chosen.on is None:
        return _("现在：%(day)s", day=short_day(day))
    return _("后来：%(day)s 结束时", day=short_day(day))


def change_note(review: Review) -> str:
    """Which day the change of a month is counted from."""
    before = short_day(month_before(review.choice.day))
    return _("较上月变化：与 %(day)s 结束时的未办结相比。", day=before)


def map_texts() -> dict[str, str]:
    """Words of the map; {…} is filled in by the script."""
    return {
        "communities": _("{n} 个"),
        "no_data": _("无数据"),
        "failed": _("数据没有载入，请检查网络后重试。"),
        "no_border": _("这些区域还没有边界，请看旁边的表格。"),
        "open": _("再点一次进入"),
    }


def measures(review: Review) -> dict[str, Any]:
    """What the map needs to know of each column: words, classes, how many have no figure."""
    found = {}
    for column in review.choice.columns:
        # of two days the classes are common, and each map counts its own
        lying = Counter(shade_of(review, column, line) for line in review.lines)
        found[column.name] = {
            "label": label(column),
            "shades": [
                {**shade.for_script(partial(figure, column)), "n": lying[n]}
                for n, shade in enumerate(review.shades[column.name])
            ],
            "none": lying[None],
            "worse": "high" if column.is_higher_worse else "low",
        }  # fmt: skip
    return found


def file_rows(review: Review) -> tuple[list[str], Iterator[list[Any]]]:
    """Header and rows of the table as it is shown, the whole area last."""
    columns = review.choice.columns
    header = [_("区域代码"), _("区域"), *(label(column) for column in columns), _("在用点位")]
    lines = review.lines if review.is_one else [*review.lines, review.total]
    rows = (
        [line.code, line.name, *(column.figure(line) for column in columns), line.points]
        for line in lines
    )
    return header, rows

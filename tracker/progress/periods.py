"""Knows the period and the filter of a board: what the address says, and the quick choices beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from werkzeug.datastructures import MultiDict

from tracker.clock import in_city
from tracker.counters.queries import Days
from tracker.errors import Invalid
from tracker.progress import chosen
from tracker.progress.chosen import Chosen
from tracker.texts import N_

#: A board shows at most so many days: each is a row of the table behind its chart.
MOST_DAYS = 366


@dataclass(frozen=True)
class Quick:
    """A period that is often wanted."""

    label: str
    days: Days


def from_request(args: Mapping[str, Any], at: datetime, *, of_unit: bool = False) -> Chosen:
    """The filter, and the days `from` and `to` of the address up to today; a board shows what is now.

    The unit of a unit's board is what it stands on. Raises Invalid for a day or a filter that is none,
    and for more than MOST_DAYS.
    """
    given = MultiDict(args)
    names = [
        "from",
        "to",
        *(name for name in chosen.FILTER_ARGS if not (of_unit and name == "unit")),
    ]
    found = chosen.from_request(
        MultiDict([(name, value) for name in names for value in given.getlist(name)]), at
    )
    today = in_city(at).date()
    if found.days.first > today:
        raise Invalid(N_("开始日期不能晚于今天。"), field="from")
    days = Days(found.days.first, min(found.days.last, today))
    if (days.last - days.first).days >= MOST_DAYS:
        raise Invalid(N_("看板一次最多看 366 天，请缩短时段。"), field="from")
    return replace(found, days=days)


def quick(today: date) -> list[Quick]:
    """The quick choices, all of them up to today or before."""
    month = today.replace(day=1)
    last_month = month - timedelta(days=1)
    return [
        Quick(N_("近 7 天"), Days(today - timedelta(days=6), today)),
        Quick(N_("近 30 天"), Days(today - timedelta(days=29), today)),
        Quick(N_("近 90 天"), Days(today - timedelta(days=89), today)),
        Quick(N_("本月"), Days(month, today)),
        Quick(N_("上月"), Days(last_month.replace(day=1), last_month)),
    ]

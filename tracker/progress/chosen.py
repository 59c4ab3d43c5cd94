"""Knows what a person chose to look at, as the address bar says it: the filter, the days, the day."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from werkzeug.datastructures import MultiDict

from tracker.clock import in_city
from tracker.counters.queries import Days
from tracker.errors import Invalid
from tracker.progress.figures import Asked
from tracker.tasks.filters import TaskFilter, from_args
from tracker.texts import N_
from tracker.web.arguments import day

#: Days of a period when nothing is said, the present one included.
USUAL_DAYS = 30
#: Filters that figures know; what else a list can be narrowed by is no matter of a figure.
FILTER_ARGS = ("unit", "category", "tag", "source", "action")


@dataclass(frozen=True)
class Chosen:
    """What the figures of a page are asked for; `to_args` makes an equal one again."""

    wanted: TaskFilter
    days: Days
    at: datetime
    #: None is now
    on: date | None = None
    #: the days were named, and do not move with the calendar
    is_named: bool = False

    def asked(self) -> Asked:
        """The same for `figures.of_areas`."""
        return Asked(self.wanted, self.days, self.at, self.on)

    def to_args(self) -> dict[str, list[str]]:
        """Query-string arguments from which `from_request` makes an equal choice."""
        args = self.wanted.to_args()
        if self.is_named:
            args |= {"from": [self.days.first.isoformat()], "to": [self.days.last.isoformat()]}
        if self.on is not None:
            args["on"] = [self.on.isoformat()]
        return args

    def list_args(self, area: str, **narrowed: Any) -> dict[str, list[str]]:
        """Arguments of the task list behind a figure of an area, e.g. `states=…` or `due=…`."""
        return replace(self.wanted, area=area, **narrowed).to_args()


def from_request(args: Mapping[str, Any], at: datetime) -> Chosen:
    """The choice in a query string: `from`, `to`, `on` (YYYY-MM-DD) and FILTER_ARGS.

    Raises Invalid with the argument's name.
    """
    given = MultiDict(args)
    wanted = from_args(MultiDict([(k, v) for k in FILTER_ARGS for v in given.getlist(k)]))
    today = in_city(at).date()
    on = day_in(given, "on")
    if on is not None and on > today:
        raise Invalid(N_("只能回看今天或以前的日期。"), field="on")
    if on == today:
        on = None
    first, last = day_in(given, "from"), day_in(given, "to")
    named = first is not None or last is not None
    last = last or (today if first and first <= today else first) or on or today
    first = first or last - timedelta(days=USUAL_DAYS - 1)
    if first > last:  # typed the other way round
        first, last = last, first
    return Chosen(wanted, Days(first, last), at, on, is_named=named)


def day_in(given: MultiDict[str, Any], name: str) -> date | None:
    """A day of a query string, None when it is not given. Raises Invalid with the argument's name."""
    text = given.get(name, "")
    if not text:
        return None
    try:
        return day(text)
    except ValueError:
        raise Invalid(N_("日期无效，请写成 2026-01-31 的样子。"), field=name) from None

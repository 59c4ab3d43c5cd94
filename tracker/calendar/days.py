"""Knows which days are worked, between which hours, and whether the year's notice is known."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from zoneinfo import ZoneInfo

from tracker.texts import N_

#: Zone of working days and office hours; no summer time since 1991.
CALENDAR_ZONE = ZoneInfo("Asia/Shanghai")


#: Before every deadline there is.
FIRST_DAY = date(1970, 1, 1)
#: A notice of the State Council names at least the 11 statutory holidays (13 since 2025); a year
#: with fewer days of rest has no whole notice yet.
MIN_REST_DAYS = 11


class DayKind(StrEnum):
    """What an exceptional day is."""

    REST = "rest"  #: 休: a holiday of the yearly notice
    WORK = "work"  #: 班: a make-up working day at a weekend
    STOP = "stop"  #: 停工: a stop-work order (typhoon), whatever the notice says

    @property
    def label(self) -> str:
        """The Chinese word (a message id)."""
        return _KIND_LABELS[self]


_KIND_LABELS = {DayKind.REST: N_("休"), DayKind.WORK: N_("班"), DayKind.STOP: N_("停工")}


@dataclass(frozen=True)
class CalendarDay:
    """A day that differs from "Monday to Friday are worked", and who says so."""

    day: date
    kind: DayKind
    name: str
    source: str


@dataclass(frozen=True)
class WorkPeriod:
    """Office hours from `opens` up to `closes`, both on the wall clock of the calendar's zone."""

    opens: time
    closes: time

    def __post_init__(self) -> None:
        if self.opens.tzinfo or self.closes.tzinfo or not self.opens < self.closes:
            raise ValueError(f"office hours {self.opens}-{self.closes} do not run forward in a day")


#: 08:00-12:00 and 14:00-18:00, so that one working day is eight working hours.
OFFICE_HOURS = (WorkPeriod(time(8), time(12)), WorkPeriod(time(14), time(18)))


@dataclass(frozen=True)
class WorkCalendar:
    """Working days and office hours; a year without a notice falls back to Monday-Friday.

    `days` holds the exceptions, the last word on a date winning. `known_years` are the years
    whose notice of the State Council (holidays and make-up days) is in `days`.
    """

    days: Mapping[date, CalendarDay] = field(default_factory=dict)
    known_years: frozenset[int] = frozenset()
    hours: tuple[WorkPeriod, ...] = OFFICE_HOURS
    zone: ZoneInfo = CALENDAR_ZONE

    def __post_init__(self) -> None:
        if not self.hours:
            raise ValueError("a working day needs office hours")
        if any(a.closes > b.opens for a, b in zip(self.hours, self.hours[1:], strict=False)):
            raise ValueError("office hours must follow one another without overlap")
        object.__setattr__(self, "days", MappingProxyType(dict(self.days)))

    def is_workday(self, day: date) -> bool:
        """Whether the offices work on `day`."""
        exception = self.days.get(day)
        if exception is not None:
            return exception.kind is DayKind.WORK
        return day.weekday() < 5

    def is_predicted(self, year: int) -> bool:
        """Whether the notice for `year` is missing, so that its days are only a guess."""
        return year not in self.known_years

    def day_of(self, moment: datetime) -> date:
        """The day of the calendar's zone on which `moment` (aware) lies."""
        if moment.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return moment.astimezone(self.zone).date()

    def closing_time(self, day: date) -> datetime:
        """When office hours end on `day`, were it worked; aware, in UTC."""
        return self._at(day, self.hours[-1].closes)

    def office_time(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The worked stretches of `day` as (from, to), aware, in UTC; none on a rest day."""
        if self.is_workday(day):
            for period in self.hours:
                yield self._at(day, period.opens), self._at(day, period.closes)

    @cached_property
    def day_length(self) -> timedelta:
        """Office time of one working day."""
        midnight = date(2000, 1, 1)
        return sum(
            (
                datetime.combine(midnight, p.closes) - datetime.combine(midnight, p.opens)
                for p in self.hours
            ),
            timedelta(),
        )

    def with_days(
        self, days: Iterable[CalendarDay], *, known_years: Iterable[int] = ()
    ) -> "WorkCalendar":
        """This calendar with `days` laid over it; `known_years` names notices now complete."""
        laid = {**self.days, **{day.day: day for day in days}}
        return replace(self, days=laid, known_years=self.known_years | frozenset(known_years))

    def first_difference(self, other: "WorkCalendar") -> date | None:
        """The first day that is worked otherwise in `other`; None when deadlines cannot differ.

        Other office hours change every day: then it is the first day there is.
        """
        if (self.hours, self.zone) != (other.hours, other.zone):
            return FIRST_DAY
        named = self.days.keys() | other.days.keys()
        return min((d for d in named if self.is_workday(d) != other.is_workday(d)), default=None)

    @cached_property
    def version(self) -> str:
        """A short name of the content: equal calendars have equal versions on every machine."""
        lines = [f"{day:%Y-%m-%d} {self.days[day].kind}" for day in sorted(self.days)]
        lines += [f"{p.opens:%H:%M:%S}-{p.closes:%H:%M:%S}" for p in self.hours]
        lines += [str(year) for year in sorted(self.known_years)] + [str(self.zone)]
        return "wc-" + hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]

    def _at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.zone).astimezone(UTC)

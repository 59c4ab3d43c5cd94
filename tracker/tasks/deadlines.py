"""Knows when a limit runs out, with nights, holidays and suspensions left out where they do not count.

Moments are aware; answers are in UTC. Rules: the units of city-management tables, and the
day count of administrative practice (the first day does not count; the last ends when offices
close). Nothing here depends on the machine's clock or zone.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from tracker.calendar import Limit, LimitReading, LimitUnit, WorkCalendar

__all__ = [
    "DueBand",
    "Limit",
    "LimitReading",
    "LimitUnit",
    "Pause",
    "after_pause",
    "due_at",
    "due_band",
    "left",
]

#: At or below this share of its time left, an open task is due soon.
DUE_SOON_SHARE = 0.2

_DAY = timedelta(days=1)
#: Of every unit but the working day, which is as long as the office is open.
_LENGTHS = {
    LimitUnit.MINUTE: timedelta(minutes=1),
    LimitUnit.WORK_MINUTE: timedelta(minutes=1),
    LimitUnit.URGENT_HOUR: timedelta(hours=1),
    LimitUnit.WORK_HOUR: timedelta(hours=1),
    LimitUnit.NATURAL_DAY: _DAY,
}


class DueBand(StrEnum):
    """How near an open task is to its deadline."""

    ON_TIME = "on_time"  #: more than a fifth of the time is left
    DUE_SOON = "due_soon"  #: a fifth or less is left
    OVERDUE = "overdue"  #: the deadline has passed


@dataclass(frozen=True)
class Pause:
    """A finished suspension: the clock stood from `start` up to `end`, both aware."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if _utc(self.end) < _utc(self.start):
            raise ValueError("a pause cannot end before it starts")


def due_at(
    start: datetime, limit: Limit, calendar: WorkCalendar, *, pauses: Iterable[Pause] = ()
) -> datetime:
    """The moment `limit` runs out when it starts at `start`; aware, in UTC.

    A rolling limit that ends exactly at the close of office hours is due then, not at the next
    opening. Of a day count, a day on which the clock stood at closing time does not count.
    Raises ValueError when a moment has no time zone.
    """
    begun, stopped = _utc(start), _merged(pauses)
    if limit.reading is LimitReading.DAY_COUNT:
        return _close_of_day(begun, limit, calendar, stopped)
    one = _LENGTHS.get(limit.unit, calendar.day_length)
    follows = limit.unit.follows_office
    running = _office(begun, calendar, stopped) if follows else _always(begun, stopped)
    return _spend(limit.value * one, running)


def after_pause(
    due: datetime,
    pause: Pause,
    unit: LimitUnit | None,
    reading: LimitReading | None,
    calendar: WorkCalendar,
) -> datetime:
    """Where `due` moves when the clock stood still in `pause`; aware, in UTC.

    As much is left at the end of the pause as at its start: clock time, office time, or whole days
    of a day count. A deadline that had passed already stays where it is. `unit` None is a fixed
    deadline, which moves by the clock.
    """
    stopped, again, ends = _utc(pause.start), _utc(pause.end), _utc(due)
    if ends <= stopped:
        return ends
    if reading is LimitReading.DAY_COUNT and unit is not None:
        return _nth_closing(again, _closings(stopped, ends, unit, calendar), unit, calendar)
    if unit is None or not unit.follows_office:
        return ends + (again - stopped)
    return _spend(left(stopped, ends, unit, calendar), _office(again, calendar, ()))


def _closings(start: datetime, end: datetime, unit: LimitUnit, calendar: WorkCalendar) -> int:
    """How many counted days close after `start`, up to `end`."""
    day, found = calendar.day_of(start), 0
    while calendar.closing_time(day) <= end:
        if calendar.closing_time(day) > start and (
            not unit.follows_office or calendar.is_workday(day)
        ):
            found += 1
        day += _DAY
    return found


def _nth_closing(start: datetime, number: int, unit: LimitUnit, calendar: WorkCalendar) -> datetime:
    """Closing time of the N-th counted day that closes after `start`."""
    day = calendar.day_of(start)
    while True:
        closing = calendar.closing_time(day)
        if closing > start and (not unit.follows_office or calendar.is_workday(day)):
            number -= 1
            if number <= 0:
                return closing
        day += _DAY


def left(now: datetime, due: datetime, unit: LimitUnit, calendar: WorkCalendar) -> timedelta:
    """Time from `now` to `due` as `unit` counts it: office time or clock time; negative when overdue."""
    here, there = _utc(now), _utc(due)
    if not unit.follows_office:
        return there - here
    if there < here:
        return -left(there, here, unit, calendar)
    spent = timedelta()
    for opens, closes in _office(here, calendar, ()):
        if opens >= there:
            break
        spent += min(closes, there) - opens
    return spent


def due_band(now: datetime, start: datetime, due: datetime) -> DueBand:
    """How near `now` is to `due`, as a share of the clock time from `start` to `due`.

    At the very moment of `due` the task is not yet overdue.
    """
    here, begun, ends = _utc(now), _utc(start), _utc(due)
    if here > ends:
        return DueBand.OVERDUE
    if ends - here <= (ends - begun) * DUE_SOON_SHARE:
        return DueBand.DUE_SOON
    return DueBand.ON_TIME


_Stretch = tuple[datetime, datetime]
_FOREVER = datetime.max.replace(tzinfo=UTC)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(UTC)


def _merged(pauses: Iterable[Pause]) -> tuple[_Stretch, ...]:
    """The pauses in order, overlapping ones joined."""
    joined: list[_Stretch] = []
    for start, end in sorted((_utc(pause.start), _utc(pause.end)) for pause in pauses):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(joined)


def _running(
    opens: datetime, closes: datetime, stopped: tuple[_Stretch, ...]
) -> Iterator[_Stretch]:
    """The parts of (opens, closes) outside every pause."""
    for start, end in stopped:
        if end <= opens or start >= closes:
            continue
        if start > opens:
            yield opens, start
        opens = end
    if opens < closes:
        yield opens, closes


def _always(begun: datetime, stopped: tuple[_Stretch, ...]) -> Iterator[_Stretch]:
    return _running(begun, _FOREVER, stopped)


def _office(
    begun: datetime, calendar: WorkCalendar, stopped: tuple[_Stretch, ...]
) -> Iterator[_Stretch]:
    """Office time from `begun` on, without the pauses, for as long as it is asked for."""
    day = calendar.day_of(begun)
    while True:
        for opens, closes in calendar.office_time(day):
            yield from _running(max(opens, begun), closes, stopped)
        day += _DAY


def _spend(budget: timedelta, stretches: Iterator[_Stretch]) -> datetime:
    """The moment at which `budget` is used up along `stretches`."""
    for opens, closes in stretches:
        if budget <= closes - opens:
            return opens + budget
        budget -= closes - opens
    raise AssertionError("office time and clock time have no end")


def _close_of_day(
    begun: datetime, limit: Limit, calendar: WorkCalendar, stopped: tuple[_Stretch, ...]
) -> datetime:
    """Closing time of the N-th day after the one of `begun` that counts."""
    day, counted = calendar.day_of(begun), 0
    while True:
        day += _DAY
        if limit.unit.follows_office and not calendar.is_workday(day):
            continue
        closing = calendar.closing_time(day)
        if any(start < closing <= end for start, end in stopped):
            continue
        counted += 1
        if counted == limit.value:
            return closing

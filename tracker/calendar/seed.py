"""Knows how to begin a calendar from the `holidays` library's copy of the yearly notices."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from tracker.calendar.days import OFFICE_HOURS, CalendarDay, DayKind, WorkCalendar, WorkPeriod

#: What the seed's days name as their source.
SEED_SOURCE = "holidays"


def seeded_calendar(
    years: Iterable[int], *, hours: tuple[WorkPeriod, ...] = OFFICE_HOURS
) -> WorkCalendar:
    """The calendar of `years` as the library knows the notices of the State Council.

    A year for which the library has no make-up working days is one it only predicts: nothing
    is taken from it, and `is_predicted` says so.
    """
    calendar = WorkCalendar(hours=hours)
    for year in sorted(set(years)):
        days = _notice(year)
        if days:
            calendar = calendar.with_days(days, known_years=[year])
    return calendar


@lru_cache(maxsize=64)
def _notice(year: int) -> tuple[CalendarDay, ...]:
    """The exceptional days of `year`; none when the library can only predict them."""
    # importing the library costs start-up time that most commands do not need
    from holidays import country_holidays

    rest: dict[date, str] = dict(country_holidays("CN", years=year, language="zh_CN"))
    table = country_holidays("CN", years=year)
    work = {day for day in table.weekend_workdays if day.year == year}
    if not work:
        return ()
    days = [CalendarDay(day, DayKind.REST, name, SEED_SOURCE) for day, name in rest.items()]
    days += [CalendarDay(day, DayKind.WORK, "调休上班", SEED_SOURCE) for day in work]
    return tuple(sorted(days, key=lambda found: found.day))

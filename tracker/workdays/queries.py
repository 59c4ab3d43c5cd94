"""Knows how the calendar is looked at: a year by months and weeks, and the list of its editions."""

import calendar as months_of
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.calendar import MIN_REST_DAYS, CalendarDay, WorkCalendar
from tracker.calendar.models import CalendarEdition
from tracker.calendar.storing import Key, rest_days
from tracker.web.paging import Page, pack, unpack

ROWS_A_PAGE = 25


@dataclass(frozen=True)
class DayCell:
    """A day on the page; `named` are the entries of the day, the one that holds last."""

    day: date
    is_worked: bool
    named: tuple[CalendarDay, ...] = ()


@dataclass(frozen=True)
class Month:
    """A month in weeks of seven cells from Monday; None outside of the month."""

    number: int
    weeks: tuple[tuple[DayCell | None, ...], ...]
    worked: int


@dataclass(frozen=True)
class Year:
    """A year of the calendar."""

    year: int
    months: tuple[Month, ...]
    #: every entry of the year, in order, with its layer
    named: tuple[tuple[str, CalendarDay], ...]
    #: the notice is not known: Monday-Friday is a guess
    is_predicted: bool
    rest: int
    worked: int

    @property
    def is_partial(self) -> bool:
        """Whether some days of rest are known, but not as many as a whole notice has."""
        return 0 < self.rest < MIN_REST_DAYS


def year_of(found: dict[Key, CalendarDay], in_force: WorkCalendar, year: int) -> Year:
    """The year as the page draws it."""
    own = {key: one for key, one in found.items() if key[0].year == year}
    by_day: dict[date, list[CalendarDay]] = {}
    for (day, _layer), one in own.items():
        by_day.setdefault(day, []).append(one)
    weeks_of = months_of.Calendar(firstweekday=0).monthdatescalendar
    months = []
    for number in range(1, 13):
        weeks = tuple(
            tuple(
                DayCell(day, in_force.is_workday(day), tuple(by_day.get(day, ())))
                if day.month == number
                else None
                for day in week
            )
            for week in weeks_of(year, number)
        )
        worked = sum(cell.is_worked for week in weeks for cell in week if cell)
        months.append(Month(number, weeks, worked))
    return Year(
        year,
        tuple(months),
        tuple((layer, one) for (_day, layer), one in own.items()),
        in_force.is_predicted(year),
        rest_days(own.values()).get(year, 0),
        sum(month.worked for month in months),
    )


def years_offered(found: dict[Key, CalendarDay], today: date) -> Sequence[int]:
    """The years a page leads to: those that are kept, this one and the next, the newest first."""
    return sorted({day.year for day, _layer in found} | {today.year, today.year + 1}, reverse=True)


def page_of_editions(
    session: Session, after: str | None = None, *, size: int = ROWS_A_PAGE
) -> Page[CalendarEdition]:
    """Editions, the newest first. Raises Invalid for a broken page key."""
    total = session.scalar(select(func.count()).select_from(CalendarEdition))
    query = select(CalendarEdition).order_by(CalendarEdition.id.desc())
    if after:
        (number,) = unpack(after, size=1)
        query = query.where(CalendarEdition.id < (number if isinstance(number, int) else 0))
    rows = session.scalars(query.limit(size + 1)).all()
    more = len(rows) > size
    rows = rows[:size]
    return Page(rows, pack([rows[-1].id]) if more else None, total)

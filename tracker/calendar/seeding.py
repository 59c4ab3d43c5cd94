"""Puts the shipped yearly notices into the calendar, leaving alone every year that is known."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from tracker import clock
from tracker.calendar.days import CalendarDay
from tracker.calendar.seed import SEED_SOURCE, seeded_calendar
from tracker.calendar.storing import (
    Change,
    EditionKind,
    calendar_in_force,
    carry_out,
    edition_in_force,
)
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work

#: The first year whose deadlines anybody may want recomputed.
FIRST_YEAR = 2015


def seed_calendar() -> int:
    """Add the notices of years that have none; returns how many days were added.

    Looks one year ahead: what a newer library knows comes in at the next start.
    """
    if not _missing(db.session()):
        db.session.rollback()
        return 0
    with unit_of_work() as work:
        days = _shipped(_missing(work))
        is_first = edition_in_force(work) == 0
        if not days and not is_first:
            return 0
        planned, edition = carry_out(
            work, Change(EditionKind.SEED, SEED_SOURCE, days), at=clock.now()
        )
        if edition is not None and is_first:
            edition.recomputed_at = edition.at
        return len(planned.changes)


def _missing(session: Session) -> list[int]:
    known = calendar_in_force(session).known_years
    return [year for year in range(FIRST_YEAR, clock.today().year + 2) if year not in known]


def _shipped(years: Sequence[int]) -> list[CalendarDay]:
    return list(seeded_calendar(years).days.values())

"""The calendar is data: what is kept is what counts, and every change is one more edition."""

from datetime import date

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError

from tracker import clock
from tracker.calendar import MIN_REST_DAYS, CalendarDay, DayKind, seeded_calendar
from tracker.calendar.models import CalendarEdition
from tracker.calendar.seeding import seed_calendar
from tracker.calendar.storing import (
    Change,
    EditionKind,
    calendar_in_force,
    carry_out,
    entries,
    missing_years,
    rest_days,
)
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work

DAY = date(2026, 9, 16)
STOP = CalendarDay(DAY, DayKind.STOP, "台风停工", "区三防办")
MADE_UP = date(2026, 9, 20)


def change(*put, drop=()):
    with unit_of_work() as work:
        _, edition = carry_out(work, Change(EditionKind.STOP, "台风", put, drop), at=clock.now())
        return edition.id if edition else None


def in_force():
    return calendar_in_force(db.session())


def test_a_new_database_has_the_notices_of_the_library_and_says_which_version(both):
    shipped = seeded_calendar(range(2015, clock.today().year + 2))
    assert in_force() == shipped
    edition = db.session.scalars(select(CalendarEdition)).one()
    assert (edition.id, edition.kind, edition.version) == (1, "seed", shipped.version)
    assert edition.recomputed_at is not None
    # what a whole notice has at least
    assert min(rest_days(entries(db.session()).values()).values()) >= MIN_REST_DAYS


def test_seeding_again_changes_nothing_and_fills_a_year_that_has_no_notice(both):
    assert seed_calendar() == 0
    before = in_force()
    gone = [key for key in entries(db.session()) if key[0].year == 2020]
    change(drop=gone)
    assert in_force().is_predicted(2020)
    assert seed_calendar() == len(gone)
    assert in_force().version == before.version


def test_a_stop_work_day_lies_over_the_notice_and_gives_it_back_when_lifted(both):
    before = in_force()
    assert change(STOP, CalendarDay(MADE_UP, DayKind.STOP, "台风停工", "")) == 2
    assert not in_force().is_workday(DAY)
    assert not in_force().is_workday(MADE_UP)
    assert in_force().version != before.version
    assert change(drop=[(DAY, "order"), (MADE_UP, "order")]) == 3
    assert in_force().is_workday(MADE_UP)
    assert in_force() == before


def test_putting_in_what_is_there_makes_no_edition(both):
    change(STOP)
    assert change(STOP) is None
    assert db.session.scalar(select(CalendarEdition.id).order_by(CalendarEdition.id.desc())) == 2


def test_the_days_are_read_once_per_version_and_another_process_s_change_is_noticed(both):
    in_force()
    said = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: said.append(a[2]))
    in_force()
    assert len([one for one in said if "calendar_day" in one]) == 0
    assert len([one for one in said if "calendar_edition" in one]) == 1
    change(STOP)
    assert not in_force().is_workday(DAY)


def test_of_two_editions_made_at_once_the_second_is_refused(both):
    change(STOP)
    second = CalendarEdition(id=2, version="x", kind="stop", hours=[], changes=[], at=clock.now())
    with pytest.raises(IntegrityError), unit_of_work() as work:
        work.add(second)


def test_from_october_on_the_next_year_is_asked_for_too():
    calendar = seeded_calendar([2026])
    assert missing_years(calendar, today=date(2026, 9, 30)) == ()
    assert missing_years(calendar, today=date(2026, 10, 1)) == (2027,)
    assert missing_years(calendar, today=date(2028, 12, 1)) == (2028, 2029)

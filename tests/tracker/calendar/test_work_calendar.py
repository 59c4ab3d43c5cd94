from datetime import UTC, date, datetime, time, timedelta

import pytest

from tracker.calendar import (
    CalendarDay,
    DayKind,
    Limit,
    LimitReading,
    LimitUnit,
    WorkCalendar,
    WorkPeriod,
    seeded_calendar,
)

REST_2026 = [
    ((1, 1), (1, 3)),
    ((2, 15), (2, 23)),
    ((4, 4), (4, 6)),
    ((5, 1), (5, 5)),
    ((6, 19), (6, 21)),
    ((9, 25), (9, 27)),
    ((10, 1), (10, 7)),
]
WORK_2026 = [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)]


def every_day(year):
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += timedelta(days=1)


def test_every_day_of_2026_is_as_the_notice_says():
    calendar = seeded_calendar([2026])
    made_up = {date(2026, *md) for md in WORK_2026}
    for day in every_day(2026):
        rest = any(date(2026, *a) <= day <= date(2026, *b) for a, b in REST_2026)
        expected = day in made_up or (day.weekday() < 5 and not rest)
        assert calendar.is_workday(day) is expected, day


def test_a_year_without_a_notice_falls_back_to_monday_to_friday_and_says_so():
    calendar = seeded_calendar([2026, 2031])
    assert calendar.is_predicted(2031)
    assert not calendar.is_predicted(2026)
    assert all(calendar.is_workday(day) is (day.weekday() < 5) for day in every_day(2031))


def test_a_stop_work_order_overrides_the_notice_and_leaves_the_old_calendar_alone():
    calendar = seeded_calendar([2026])
    typhoon = CalendarDay(date(2026, 9, 16), DayKind.STOP, "台风停工", "区三防办")
    stopped = calendar.with_days([typhoon])
    assert calendar.is_workday(typhoon.day)
    assert not stopped.is_workday(typhoon.day)
    assert stopped.version != calendar.version


def test_two_calendars_differ_from_the_first_day_that_is_worked_otherwise():
    calendar = seeded_calendar([2026])
    stops = [
        CalendarDay(date(2026, 9, day), DayKind.STOP, "台风停工", "区三防办") for day in (13, 16)
    ]
    assert calendar.first_difference(calendar.with_days(stops)) == date(2026, 9, 16)
    # the 13th is a Sunday: nobody would have worked
    assert calendar.first_difference(calendar.with_days(stops[:1])) is None
    longer = seeded_calendar([2026], hours=(WorkPeriod(time(8), time(19)),))
    assert calendar.first_difference(longer) < date(2000, 1, 1)


def test_an_imported_notice_makes_a_year_known():
    notice = [CalendarDay(date(2031, 1, 1), DayKind.REST, "元旦", "国办通知")]
    calendar = seeded_calendar([]).with_days(notice, known_years=[2031])
    assert not calendar.is_predicted(2031)
    assert not calendar.is_workday(date(2031, 1, 1))


def test_equal_calendars_have_equal_versions_and_other_hours_another():
    assert seeded_calendar([2025, 2026]).version == seeded_calendar([2026, 2025]).version
    summer = (WorkPeriod(time(8, 30), time(12)), WorkPeriod(time(15), time(18)))
    assert seeded_calendar([2026], hours=summer).version != seeded_calendar([2026]).version


def test_office_time_is_given_in_utc_and_is_empty_on_a_rest_day():
    calendar = seeded_calendar([2026])
    assert list(calendar.office_time(date(2026, 9, 20))) == [
        (datetime(2026, 9, 20, 0, tzinfo=UTC), datetime(2026, 9, 20, 4, tzinfo=UTC)),
        (datetime(2026, 9, 20, 6, tzinfo=UTC), datetime(2026, 9, 20, 10, tzinfo=UTC)),
    ]
    assert list(calendar.office_time(date(2026, 10, 1))) == []
    assert calendar.day_length == timedelta(hours=8)


def test_a_moment_late_at_night_in_utc_lies_on_the_next_day_of_the_city():
    assert WorkCalendar().day_of(datetime(2026, 1, 1, 17, tzinfo=UTC)) == date(2026, 1, 2)


@pytest.mark.parametrize(
    "hours",
    [(), (WorkPeriod(time(8), time(12)), WorkPeriod(time(11), time(18)))],
    ids=["none", "overlapping"],
)
def test_office_hours_that_make_no_sense_are_refused(hours):
    with pytest.raises(ValueError, match="office hours"):
        WorkCalendar(hours=hours)


def test_office_hours_that_run_backwards_are_refused():
    with pytest.raises(ValueError, match="do not run forward"):
        WorkPeriod(time(18), time(8))


@pytest.mark.parametrize(
    ("value", "unit", "reading"),
    [
        (0, LimitUnit.WORK_DAY, LimitReading.ROLLING),
        (-1, LimitUnit.WORK_DAY, LimitReading.ROLLING),
        (1.5, LimitUnit.WORK_DAY, LimitReading.ROLLING),
        (True, LimitUnit.WORK_DAY, LimitReading.ROLLING),
        (4, LimitUnit.WORK_HOUR, LimitReading.DAY_COUNT),
        (4, LimitUnit.URGENT_HOUR, LimitReading.DAY_COUNT),
        (15, LimitUnit.MINUTE, LimitReading.DAY_COUNT),
        (90, LimitUnit.WORK_MINUTE, LimitReading.DAY_COUNT),
    ],
)
def test_a_limit_that_cannot_be_kept_is_refused(value, unit, reading):
    with pytest.raises(ValueError, match="limit|counted"):
        Limit(value, unit, reading)

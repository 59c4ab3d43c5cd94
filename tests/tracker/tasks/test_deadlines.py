from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.calendar import Limit, LimitReading, LimitUnit, seeded_calendar
from tracker.tasks.deadlines import DueBand, Pause, due_at, due_band, left

CITY = ZoneInfo("Asia/Shanghai")
CALENDAR = seeded_calendar(range(2025, 2027))
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
ROLLING, DAY_COUNT = LimitReading.ROLLING, LimitReading.DAY_COUNT


def city(text):
    return datetime.fromisoformat(text).replace(tzinfo=CITY)


# domain rules §6.7: start, working hours rolling, working days counted
VECTORS = [
    ("2026-09-18 16:00", 4, "2026-09-20 10:00", 1, "2026-09-20 18:00"),
    ("2026-09-24 17:00", 8, "2026-09-28 17:00", 1, "2026-09-28 18:00"),
    ("2026-09-30 17:00", 8, "2026-10-08 17:00", 3, "2026-10-10 18:00"),
    ("2026-02-13 17:30", 4, "2026-02-14 11:30", 3, "2026-02-25 18:00"),
    ("2026-11-20 10:00", 24, "2026-11-25 10:00", 3, "2026-11-25 18:00"),
]


@pytest.mark.parametrize(("start", "hours", "rolled", "days", "counted"), VECTORS)
def test_the_vectors_of_the_working_day_rules(start, hours, rolled, days, counted):
    begun = city(start)
    assert due_at(begun, Limit(hours, LimitUnit.WORK_HOUR), CALENDAR) == city(rolled)
    assert due_at(begun, Limit(days, LimitUnit.WORK_DAY, DAY_COUNT), CALENDAR) == city(counted)


def test_a_rolling_working_day_is_eight_working_hours():
    begun = city("2026-11-20 10:00")
    days = due_at(begun, Limit(3, LimitUnit.WORK_DAY), CALENDAR)
    assert days == due_at(begun, Limit(24, LimitUnit.WORK_HOUR), CALENDAR)


def test_urgent_hours_and_natural_days_ignore_nights_and_holidays():
    begun = city("2026-10-01 23:30")
    assert due_at(begun, Limit(2, LimitUnit.URGENT_HOUR), CALENDAR) == city("2026-10-02 01:30")
    assert due_at(begun, Limit(2, LimitUnit.NATURAL_DAY), CALENDAR) == city("2026-10-03 23:30")
    counted = due_at(begun, Limit(2, LimitUnit.NATURAL_DAY, DAY_COUNT), CALENDAR)
    assert counted == city("2026-10-03 18:00")


def test_minutes_of_the_clock_run_through_the_break_and_minutes_of_the_office_do_not():
    begun = city("2026-11-20 11:50")
    assert due_at(begun, Limit(15, LimitUnit.MINUTE), CALENDAR) == city("2026-11-20 12:05")
    assert due_at(begun, Limit(15, LimitUnit.WORK_MINUTE), CALENDAR) == city("2026-11-20 14:05")
    # 大英: 1.5 工作时
    assert due_at(begun, Limit(90, LimitUnit.WORK_MINUTE), CALENDAR) == city("2026-11-20 15:20")


def test_a_limit_used_up_at_noon_is_due_at_noon_and_not_after_the_break():
    begun = city("2026-11-20 08:00")
    assert due_at(begun, Limit(4, LimitUnit.WORK_HOUR), CALENDAR) == city("2026-11-20 12:00")


def test_the_answer_is_in_utc():
    due = due_at(city("2026-11-20 08:00"), Limit(1, LimitUnit.WORK_HOUR), CALENDAR)
    assert due.tzinfo is UTC


def test_a_start_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        due_at(datetime(2026, 1, 1), Limit(1, LimitUnit.WORK_DAY), CALENDAR)  # noqa: DTZ001, RUF100


MINUTES_OF = {
    LimitUnit.MINUTE: 1, LimitUnit.WORK_MINUTE: 1, LimitUnit.URGENT_HOUR: 60, LimitUnit.WORK_HOUR: 60,
    LimitUnit.WORK_DAY: 8 * 60, LimitUnit.NATURAL_DAY: 24 * 60,
}  # fmt: skip


def naive_due(start, limit, *, pauses=()):
    """The oracle: walk minute by minute, or day by day, and count."""

    def stopped(moment):
        return any(pause.start <= moment < pause.end for pause in pauses)

    if limit.reading is DAY_COUNT:
        day, counted = start.astimezone(CITY), 0
        while counted < limit.value:
            day += DAY
            closing = day.replace(hour=18, minute=0, second=0)
            if limit.unit is LimitUnit.WORK_DAY and not CALENDAR.is_workday(day.date()):
                continue
            counted += not stopped(closing - MINUTE)
        return closing
    minutes = limit.value * MINUTES_OF[limit.unit]
    moment = start.astimezone(CITY)
    while minutes:
        office = CALENDAR.is_workday(moment.date()) and moment.hour in (
            8,
            9,
            10,
            11,
            14,
            15,
            16,
            17,
        )
        if (office or not limit.unit.follows_office) and not stopped(moment):
            minutes -= 1
        moment += MINUTE
    return moment


def limits(most):
    readings = st.sampled_from(LimitReading)
    return st.builds(
        lambda value, unit, reading: Limit(value, unit, ROLLING if unit.only_rolls else reading),
        st.integers(1, most),
        st.sampled_from(LimitUnit),
        readings,
    )


# the last months are left out so that no limit runs past the known years
starts = st.integers(0, (365 + 270) * 24 * 60).map(lambda n: city("2025-01-01 00:00") + n * MINUTE)


@settings(max_examples=300, deadline=None)
@given(start=starts, limit=limits(12))
def test_any_limit_agrees_with_counting_minutes_and_days(start, limit):
    assert due_at(start, limit, CALENDAR) == naive_due(start, limit)


@settings(max_examples=200, deadline=None)
@given(
    start=starts,
    limit=limits(6),
    gaps=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 6000)), max_size=3),
)
def test_suspended_time_does_not_count(start, limit, gaps):
    pauses = [Pause(start + a * MINUTE, start + (a + n) * MINUTE) for a, n in gaps]
    assert due_at(start, limit, CALENDAR, pauses=pauses) == naive_due(start, limit, pauses=pauses)


@settings(max_examples=200, deadline=None)
@given(start=starts, limit=limits(12), later=st.integers(1, 4000))
def test_starting_later_is_never_due_earlier(start, limit, later):
    assert due_at(start, limit, CALENDAR) <= due_at(start + later * MINUTE, limit, CALENDAR)


@settings(max_examples=200, deadline=None)
@given(start=starts, value=st.integers(1, 40))
def test_what_is_left_of_working_hours_at_the_start_is_the_whole_limit(start, value):
    limit = Limit(value, LimitUnit.WORK_HOUR)
    due = due_at(start, limit, CALENDAR)
    assert left(start, due, limit.unit, CALENDAR) == timedelta(hours=value)
    assert left(due, start, limit.unit, CALENDAR) == -timedelta(hours=value)


def test_what_is_left_of_urgent_hours_is_clock_time():
    now, due = city("2026-10-01 20:00"), city("2026-10-02 01:00")
    assert left(now, due, LimitUnit.URGENT_HOUR, CALENDAR) == timedelta(hours=5)
    assert left(now, due, LimitUnit.WORK_HOUR, CALENDAR) == timedelta()


def test_a_pause_cannot_end_before_it_starts():
    with pytest.raises(ValueError, match="pause"):
        Pause(city("2026-01-02 00:00"), city("2026-01-01 00:00"))


@pytest.mark.parametrize(
    ("now", "band"),
    [
        ("2026-11-20 08:00", DueBand.ON_TIME),
        ("2026-11-20 15:59", DueBand.ON_TIME),
        ("2026-11-20 16:00", DueBand.DUE_SOON),
        ("2026-11-20 18:00", DueBand.DUE_SOON),
        ("2026-11-20 18:01", DueBand.OVERDUE),
    ],
)
def test_the_last_fifth_is_due_soon_and_the_deadline_itself_is_still_in_time(now, band):
    assert due_band(city(now), city("2026-11-20 08:00"), city("2026-11-20 18:00")) is band

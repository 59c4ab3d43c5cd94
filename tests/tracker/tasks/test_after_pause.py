"""What is left of a limit when a suspension ends: days, office hours or clock time."""

from datetime import datetime

import pytest

from tracker.calendar import LimitReading, LimitUnit, seeded_calendar
from tracker.clock import CITY_ZONE
from tracker.tasks.deadlines import Pause, after_pause

CALENDAR = seeded_calendar([2026])


def city(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CITY_ZONE)


#: stopped, resumed, due before, due after: 2026-11-23 is a Monday, offices keep 08:00–12:00 and 14:00–18:00
PAUSES = {
    "days are left as days": ("work_day", "day_count", "2026-11-23 10:00", "2026-11-30 10:00", "2026-11-25 18:00", "2026-12-02 18:00"),
    "one that ends a day later moves by a day": ("work_day", "day_count", "2026-11-23 10:00", "2026-11-24 10:00", "2026-11-25 18:00", "2026-11-26 18:00"),
    "back within the same day nothing moves": ("work_day", "day_count", "2026-11-23 10:00", "2026-11-23 11:00", "2026-11-25 18:00", "2026-11-25 18:00"),
    "back after closing the day is lost": ("work_day", "day_count", "2026-11-23 10:00", "2026-11-23 18:00", "2026-11-25 18:00", "2026-11-26 18:00"),
    "a weekend gives no day": ("work_day", "day_count", "2026-11-27 10:00", "2026-11-28 10:00", "2026-11-27 18:00", "2026-11-30 18:00"),
    "office hours are left as office hours": ("work_hour", "rolling", "2026-11-23 11:00", "2026-11-24 11:00", "2026-11-23 15:30", "2026-11-24 15:30"),
    "a night costs no office hour": ("work_hour", "rolling", "2026-11-23 18:00", "2026-11-24 08:00", "2026-11-24 09:30", "2026-11-24 09:30"),
    "natural days are left by the clock": ("natural_day", "rolling", "2026-11-23 10:00", "2026-11-24 12:00", "2026-11-25 10:00", "2026-11-26 12:00"),
    "a fixed deadline moves by the clock": (None, None, "2026-11-23 10:00", "2026-11-23 13:00", "2026-11-24 00:00", "2026-11-24 03:00"),
    "what was overdue stays overdue": ("work_day", "day_count", "2026-11-23 10:00", "2026-11-30 10:00", "2026-11-20 18:00", "2026-11-20 18:00"),
    "due at the moment it stopped": ("urgent_hour", "rolling", "2026-11-23 10:00", "2026-11-30 10:00", "2026-11-23 10:00", "2026-11-23 10:00"),
}  # fmt: skip


@pytest.mark.parametrize("case", PAUSES.values(), ids=PAUSES)
def test_after_a_suspension_as_much_is_left_as_before(case: tuple[str | None, ...]):
    unit, reading, stopped, resumed, before, after = case
    moved = after_pause(
        city(str(before)), Pause(city(str(stopped)), city(str(resumed))),
        LimitUnit(unit) if unit else None, LimitReading(reading) if reading else None, CALENDAR,
    )  # fmt: skip
    assert moved == city(str(after))

"""Ten thousand deadlines agree with a slow count of minutes, day by day, that shares no line with ours."""

import os
import random
import time as process_time
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest

from tracker import clock
from tracker.calendar import (
    CalendarDay,
    DayKind,
    Limit,
    LimitReading,
    LimitUnit,
    WorkCalendar,
    WorkPeriod,
)
from tracker.tasks.deadlines import Pause, due_at

CASES = 10_000
CITY = timezone(timedelta(hours=8))
MIDNIGHT = datetime(2026, 1, 1, tzinfo=CITY)
WHOLE_DAY = (1 << 1440) - 1
HOURS = (
    ((8, 0, 12, 0), (14, 0, 18, 0)),
    ((8, 30, 12, 0), (14, 30, 17, 45)),
    ((9, 0, 17, 0),),
)
LENGTHS = {
    LimitUnit.MINUTE: 1, LimitUnit.WORK_MINUTE: 1, LimitUnit.URGENT_HOUR: 60, LimitUnit.WORK_HOUR: 60,
    LimitUnit.NATURAL_DAY: 1440,
}  # fmt: skip
OF_OFFICE = (LimitUnit.WORK_MINUTE, LimitUnit.WORK_HOUR, LimitUnit.WORK_DAY)


def stretch(first: int, last: int) -> int:
    """Bits of the minutes first, first + 1 … last - 1."""
    return ((1 << max(last - first, 0)) - 1) << first


class Oracle:
    """Counts free minutes of one day after the other; a day is 1440 bits."""

    def __init__(self, marks: dict[date, DayKind], hours: tuple[tuple[int, ...], ...]) -> None:
        self.marks = marks
        self.office = 0
        for h1, m1, h2, m2 in hours:
            self.office |= stretch(h1 * 60 + m1, h2 * 60 + m2)
        self.closing = hours[-1][2] * 60 + hours[-1][3]
        self.edges = [h * 60 + m for a, b, c, d in hours for h, m in ((a, b), (c, d))]

    def some_minute(self, chance: random.Random, minute: int) -> int:
        """The minute, or often the very opening or closing of an office on its day."""
        return (
            minute if chance.random() < 0.6 else minute // 1440 * 1440 + chance.choice(self.edges)
        )

    def is_worked(self, day: date) -> bool:
        mark = self.marks.get(day)
        return mark is DayKind.WORK if mark else day.isoweekday() <= 5

    def due(self, start: int, limit: Limit, pauses: list[tuple[int, int]]) -> int:
        """Minutes since MIDNIGHT; `start` and `pauses` too."""

        def free(number: int, bits: int) -> int:
            for a, b in pauses:
                bits &= ~stretch(
                    min(max(a - number * 1440, 0), 1440), min(max(b - number * 1440, 0), 1440)
                )
            return bits

        follows = limit.unit in OF_OFFICE
        number = start // 1440
        if limit.reading is LimitReading.DAY_COUNT:
            left = limit.value
            while left:
                number += 1
                if follows and not self.is_worked(MIDNIGHT.date() + timedelta(days=number)):
                    continue
                left -= bool(free(number, 1 << (self.closing - 1)))
            return number * 1440 + self.closing
        per_unit = LENGTHS.get(limit.unit) or self.office.bit_count()
        left, first = limit.value * per_unit, start % 1440
        while True:
            worked = self.is_worked(MIDNIGHT.date() + timedelta(days=number))
            day = self.office * worked if follows else WHOLE_DAY
            bits = free(number, day & stretch(first, 1440))
            if bits.bit_count() >= left:
                break
            left, first, number = left - bits.bit_count(), 0, number + 1
        for _ in range(left - 1):
            bits &= bits - 1
        return number * 1440 + (bits & -bits).bit_length()


def some_calendar(chance: random.Random) -> tuple[WorkCalendar, Oracle]:
    kinds = list(DayKind)
    marks = {
        MIDNIGHT.date() + timedelta(days=chance.randrange(120)): chance.choice(kinds)
        for _ in range(chance.randrange(40))
    }
    hours = chance.choice(HOURS)
    periods = tuple(WorkPeriod(time(a, b), time(c, d)) for a, b, c, d in hours)
    days = [CalendarDay(day, kind, "", "") for day, kind in marks.items()]
    return WorkCalendar(hours=periods).with_days(days), Oracle(marks, hours)


def some_limit(chance: random.Random) -> Limit:
    unit = chance.choice(list(LimitUnit))
    reading = LimitReading.ROLLING if unit.only_rolls else chance.choice(list(LimitReading))
    most = {LimitUnit.MINUTE: 600, LimitUnit.WORK_MINUTE: 600}.get(unit, 30)
    return Limit(chance.randint(1, most), unit, reading)


def test_ten_thousand_deadlines_agree_with_counting_the_minutes_of_each_day():
    chance = random.Random(20261129)  # noqa: S311 - cases, no secret
    calendars = [some_calendar(chance) for _ in range(50)]
    for case in range(CASES):
        calendar, oracle = calendars[case % len(calendars)]
        limit, start = some_limit(chance), oracle.some_minute(chance, chance.randrange(100 * 1440))
        pauses = []
        for _ in range(chance.choice((0, 0, 1, 2))):
            begins = oracle.some_minute(chance, start + chance.randrange(5000))
            ends = oracle.some_minute(chance, begins + chance.randrange(1, 8000))
            pauses.append((begins, max(begins, ends)))
        expected = MIDNIGHT + oracle.due(start, limit, pauses) * timedelta(minutes=1)
        stood = [
            Pause(MIDNIGHT + timedelta(minutes=a), MIDNIGHT + timedelta(minutes=b))
            for a, b in pauses
        ]
        found = due_at(MIDNIGHT + timedelta(minutes=start), limit, calendar, pauses=stood)
        assert found == expected, (case, limit, start, pauses)


@pytest.fixture
def zone_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    yield monkeypatch
    monkeypatch.undo()
    process_time.tzset()


def test_five_zones_of_the_machine_and_five_clocks_give_one_answer(zone_of_the_machine):
    calendar, _ = some_calendar(random.Random(1))  # noqa: S311
    seen, answers = set(), set()
    for zone in (
        "UTC",
        "Asia/Shanghai",
        "America/Los_Angeles",
        "Pacific/Kiritimati",
        "Asia/Kathmandu",
    ):
        for moment in ("1999-12-31", "2026-03-29", "2026-11-29", "2028-02-29", "2099-12-31"):
            zone_of_the_machine.setitem(os.environ, "TZ", zone)
            process_time.tzset()
            now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
            zone_of_the_machine.setattr(clock, "now", lambda now=now: now)
            seen.add((process_time.localtime(0).tm_hour, clock.today()))
            chance = random.Random(2)  # noqa: S311
            answers.add(
                tuple(
                    due_at(
                        MIDNIGHT + timedelta(minutes=chance.randrange(100 * 1440)),
                        some_limit(chance),
                        calendar,
                    ).isoformat()
                    for _ in range(100)
                )
            )
    assert len(seen) == 25
    assert len(answers) == 1

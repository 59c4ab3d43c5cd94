"""Knows the units and the two readings in which a limit is said."""

from dataclasses import dataclass
from enum import StrEnum

from tracker.texts import N_


class LimitUnit(StrEnum):
    """What one unit of a limit is; the words are those of the city-management tables.

    The four units of handling limits, and minutes of both kinds for the office's own stages
    (受理 15 分钟, 核查 1.5 工作时).
    """

    MINUTE = "minute"  #: 分钟: a minute of the clock, nights and holidays count
    WORK_MINUTE = "work_minute"  #: 工作分钟: a minute of office time
    URGENT_HOUR = "urgent_hour"  #: 紧急工作时: 60 minutes of the clock, nights and holidays count
    WORK_HOUR = "work_hour"  #: 工作时: 60 minutes of office time
    WORK_DAY = "work_day"  #: 工作日: a day the offices work
    NATURAL_DAY = "natural_day"  #: 自然日, 紧急工作日: a day of the calendar, whatever day it is

    @property
    def label(self) -> str:
        """The Chinese word (a message id)."""
        return _UNIT_LABELS[self]

    @property
    def only_rolls(self) -> bool:
        """Whether the unit is a minute or an hour, which cannot be counted in days."""
        return self not in (LimitUnit.WORK_DAY, LimitUnit.NATURAL_DAY)

    @property
    def follows_office(self) -> bool:
        """Whether only office time or working days count."""
        return self in (LimitUnit.WORK_MINUTE, LimitUnit.WORK_HOUR, LimitUnit.WORK_DAY)


class LimitReading(StrEnum):
    """How a limit runs."""

    ROLLING = "rolling"  #: from the minute it starts; one working day is a full day of office hours
    DAY_COUNT = "day_count"  #: the day it starts does not count; due when offices close on day N


_UNIT_LABELS = {
    LimitUnit.MINUTE: N_("分钟"),
    LimitUnit.WORK_MINUTE: N_("工作分钟"),
    LimitUnit.URGENT_HOUR: N_("紧急工作时"),
    LimitUnit.WORK_HOUR: N_("工作时"),
    LimitUnit.WORK_DAY: N_("工作日"),
    LimitUnit.NATURAL_DAY: N_("自然日"),
}


@dataclass(frozen=True)
class Limit:
    """So many units, read in one way.

    Raises ValueError when `value` is not a whole number from 1 to 3660, or when minutes or hours
    are to be counted in days.
    """

    value: int
    unit: LimitUnit
    reading: LimitReading = LimitReading.ROLLING

    def __post_init__(self) -> None:
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise ValueError(f"a limit is a whole number of units, not {self.value!r}")
        if not 1 <= self.value <= 3660:
            raise ValueError(f"a limit is from 1 to 3660 units, not {self.value}")
        if self.unit.only_rolls and self.reading is LimitReading.DAY_COUNT:
            raise ValueError(f"{self.unit} cannot be counted in days")

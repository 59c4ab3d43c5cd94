"""A typhoon that stopped work in the demo's sixty days, and limits the demo office set itself."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from tracker.calendar import CalendarDay, DayKind, Limit, LimitReading, LimitUnit
from tracker.calendar.storing import Change, EditionKind, calendar_in_force, carry_out
from tracker.clock import in_city
from tracker.tasks.limits.models import LimitRule
from tracker.tasks.limits.rules import Severity, Stage
from tracker.tasks.states import Source

#: How long before the end of the demo the typhoon came.
_TYPHOON_DAYS_AGO = 38
_ORDER = "台风停工（示例）"
_RULES = (
    (Severity.URGENT.value, "", Limit(4, LimitUnit.URGENT_HOUR), "示例：立行立改"),
    ("", Source.COVERT.value, Limit(1, LimitUnit.WORK_DAY, LimitReading.DAY_COUNT), "示例：即知即改"),
)  # fmt: skip


def load_workdays(work: Session, end: datetime) -> None:
    """Declare the stop-work day and write the limits; before the tasks, whose deadlines follow them."""
    day = in_city(end - timedelta(days=_TYPHOON_DAYS_AGO)).date()
    while not calendar_in_force(work).is_workday(day):
        day -= timedelta(days=1)
    stop = CalendarDay(day, DayKind.STOP, _ORDER, "区三防办")
    at = end - timedelta(days=_TYPHOON_DAYS_AGO + 1)
    _planned, edition = carry_out(work, Change(EditionKind.STOP, _ORDER, [stop]), at=at)
    if edition is not None:
        edition.recomputed_at = at
    for severity, source, limit, note in _RULES:
        work.add(
            LimitRule(
                stage=Stage.HANDLE.value,
                subject="",
                severity=severity,
                source=source,
                value=limit.value,
                unit=limit.unit.value,
                reading=limit.reading.value,
                note=note,
                updated_at=at,
            )
        )
    work.flush()

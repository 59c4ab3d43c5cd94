"""Knows what time it is: the only place that asks."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

#: The zone of every date a person reads or writes; China has had no summer time since 1991.
CITY_ZONE = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The present day in the city's zone."""
    return now().astimezone(CITY_ZONE).date()


def in_city(moment: datetime) -> datetime:
    """`moment` as the city's wall clock shows it."""
    return moment.astimezone(CITY_ZONE)

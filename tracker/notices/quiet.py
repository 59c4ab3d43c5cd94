"""Knows when nobody is to be disturbed: hours of the city's day, also across midnight."""

from datetime import datetime, timedelta

from tracker.clock import in_city


def until(at: datetime, quiet_from: int | None, quiet_until: int | None) -> datetime | None:
    """The end of the quiet that `at` lies in (UTC aware as given); None when it is not quiet."""
    if quiet_from is None or quiet_until is None or quiet_from == quiet_until:
        return None
    local = in_city(at)
    hour = local.hour
    inside = (
        quiet_from <= hour < quiet_until
        if quiet_from < quiet_until
        else hour >= quiet_from or hour < quiet_until
    )
    if not inside:
        return None
    end = local.replace(hour=quiet_until, minute=0, second=0, microsecond=0)
    return end if end > local else end + timedelta(days=1)

"""Knows how to read a moment as people and programs write it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tracker.tasks.importing.profile import Profile
from tracker.tasks.importing.reasons import Reason, RowRejected
from tracker.texts import N_

_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")
_FIRST_YEAR, _LAST_YEAR = 1980, 2100
_TIME_OF_DAY = re.compile(r"%[HIMSXc]")
_END_OF_DAY = timedelta(days=1) - timedelta(seconds=1)
_REMEMBERED = 20_000


@dataclass(frozen=True)
class Moment:
    """A moment in UTC, and whether only its day was given (then it is that day's first)."""

    at: datetime
    is_date: bool

    @property
    def end(self) -> datetime:
        """The moment itself, or the last second of a day that was given alone."""
        return self.at + _END_OF_DAY if self.is_date else self.at


class Clock:
    """Reads moments by a profile's formats and zone, remembering what it read.

    Wall times follow the zone's summer time; of an hour that comes twice the first is meant.
    """

    def __init__(self, profile: Profile) -> None:
        self._zone: ZoneInfo = profile.time_zone
        self._formats = profile.date_formats
        self._seen: dict[str, Moment] = {}

    def read(self, text: str, *, column: str) -> Moment:
        """The moment `text` says. Raises RowRejected."""
        found = self._seen.get(text)
        if found is None:
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            found = self._seen[text] = self._parse(text, column)
        return found

    def _parse(self, text: str, column: str) -> Moment:
        wall, is_date = self._wall(text)
        if wall is None:
            raise RowRejected(
                Reason.DATE, N_("“%(column)s”的时间“%(text)s”无法识别，请写成 2026-01-31 08:00（年份四位）"),
                column=column, text=text[:40],
            )  # fmt: skip
        if not _FIRST_YEAR <= wall.year <= _LAST_YEAR:
            raise RowRejected(
                Reason.DATE, N_("“%(column)s”的年份 %(year)d 不合理"), column=column, year=wall.year
            )
        aware = wall if wall.tzinfo else wall.replace(tzinfo=self._zone)
        return Moment(aware.astimezone(UTC), is_date)

    def _wall(self, text: str) -> tuple[datetime | None, bool]:
        if _ISO.fullmatch(text):
            try:
                return datetime.fromisoformat(text), len(text) == len("2026-01-31")
            except ValueError:
                return None, False
        for form in self._formats:
            try:
                return datetime.strptime(text, form), not _TIME_OF_DAY.search(form)
            except ValueError:
                continue
        return None, False

    def at_midnight(self, moment: Moment) -> bool:
        """Whether the wall clock of the profile's zone shows 00:00."""
        return moment.at.astimezone(self._zone).time() == time()

"""Keeps the working calendar in tables: what is in force, and how a change becomes an edition."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker import clock
from tracker.calendar.days import (
    MIN_REST_DAYS,
    OFFICE_HOURS,
    CalendarDay,
    DayKind,
    WorkCalendar,
    WorkPeriod,
)
from tracker.calendar.models import CalendarEdition, CalendarEntry
from tracker.texts import N_


class EditionKind(StrEnum):
    """What changed the calendar."""

    SEED = "seed"  #: the notices shipped with the product
    IMPORT = "import"  #: a yearly notice from a file
    STOP = "stop"  #: a stop-work order
    REMOVE = "remove"  #: a day taken out
    HOURS = "hours"  #: other office hours


EDITION_KIND_LABELS = {
    EditionKind.SEED: N_("随产品附带"),
    EditionKind.IMPORT: N_("导入放假安排"),
    EditionKind.STOP: N_("停工"),
    EditionKind.REMOVE: N_("移除日期"),
    EditionKind.HOURS: N_("调整工作时间"),
}

NOTICE, ORDER = "notice", "order"
#: Calendars by their version. A version names the content, so it is the same in every database.
_KNOWN: dict[str, WorkCalendar] = {}
_KEPT = 8

#: (day, layer), the key of an entry.
Key = tuple[date, str]


@dataclass(frozen=True)
class Change:
    """Days to put in, days to take out, other hours; and what the edition says of it."""

    kind: EditionKind
    note: str = ""
    put: Sequence[CalendarDay] = ()
    drop: Sequence[Key] = ()
    hours: tuple[WorkPeriod, ...] | None = None


@dataclass(frozen=True)
class Plan:
    """What a change would do: the calendars before and after, and the days that differ."""

    before: WorkCalendar
    after: WorkCalendar
    changes: Sequence[dict[str, Any]]
    #: entries given that are in the calendar already, word for word
    known: int = 0
    entries: Mapping[Key, CalendarDay] = field(default_factory=dict)

    @property
    def is_nothing(self) -> bool:
        """Whether neither a day nor the hours would change."""
        return not self.changes and self.before.hours == self.after.hours


def layer_of(kind: DayKind) -> str:
    """Where a day of this kind is kept."""
    return ORDER if kind is DayKind.STOP else NOTICE


def _newest(column: Any) -> Any:
    return select(column).order_by(CalendarEdition.id.desc()).limit(1)


#: Asked by every page: written once.
_VERSION, _ID, _HOURS = map(
    _newest, (CalendarEdition.version, CalendarEdition.id, CalendarEdition.hours)
)


def calendar_in_force(session: Session) -> WorkCalendar:
    """The calendar in force. Costs one read of a key; the days are read once per version.

    The connection is asked, not the session: a half-changed object is not written for it.
    """
    version = session.connection().scalar(_VERSION)
    known = _KNOWN.get(version or "")
    if known is None:
        known = _built(entries(session), hours_in_force(session))
        while len(_KNOWN) >= _KEPT:
            _KNOWN.pop(next(iter(_KNOWN)), None)
        _KNOWN[known.version] = known
    return known


def edition_in_force(session: Session) -> int:
    """The number of the newest edition; 0 before the first."""
    return session.connection().scalar(_ID) or 0


def hours_in_force(session: Session) -> tuple[WorkPeriod, ...]:
    """The office hours."""
    kept = session.connection().scalar(_HOURS)
    return parsed_hours(kept) if kept else OFFICE_HOURS


def entries(session: Session) -> dict[Key, CalendarDay]:
    """Every day that is kept, by day and layer."""
    rows = session.connection().execute(
        select(
            CalendarEntry.day,
            CalendarEntry.layer,
            CalendarEntry.kind,
            CalendarEntry.name,
            CalendarEntry.source,
        ).order_by(CalendarEntry.day, CalendarEntry.layer)
    )
    return {
        (row.day, row.layer): CalendarDay(row.day, DayKind(row.kind), row.name, row.source)
        for row in rows
    }


def plan(session: Session, change: Change) -> Plan:
    """What `change` would do to the calendar in force; writes nothing."""
    kept, hours = entries(session), hours_in_force(session)
    laid, changes, known = dict(kept), [], 0
    for given in change.put:
        key = (given.day, layer_of(given.kind))
        known += kept.get(key) == given
        laid[key] = given
    for key in change.drop:
        laid.pop(key, None)
    for key in sorted(kept.keys() | laid.keys()):
        was, becomes = kept.get(key), laid.get(key)
        if was != becomes:
            changes.append(
                {
                    "day": key[0].isoformat(),
                    "layer": key[1],
                    "before": _said(was),
                    "after": _said(becomes),
                }
            )
    return Plan(_built(kept, hours), _built(laid, change.hours or hours), changes, known, laid)


def carry_out(
    work: Session,
    change: Change,
    *,
    at: datetime,
    after: int | None = None,
    by_id: int | None = None,
    by_name: str = "",
) -> tuple[Plan, CalendarEdition | None]:
    """Make `change` the next edition, inside the open unit of work; None when nothing changes.

    `after` is the edition it was decided on: of two that follow the same one the database lets
    one in, the other raises IntegrityError.
    """
    planned = plan(work, change)
    if planned.is_nothing:
        return planned, None
    first = planned.before.first_difference(planned.after)
    edition = CalendarEdition(
        id=(edition_in_force(work) if after is None else after) + 1,
        version=planned.after.version,
        kind=change.kind.value,
        note=change.note,
        hours=[[f"{p.opens:%H:%M}", f"{p.closes:%H:%M}"] for p in planned.after.hours],
        changes=[] if change.kind is EditionKind.SEED else list(planned.changes),
        change_count=len(planned.changes),
        first_day=first,
        at=at,
        by_id=by_id,
        by_name=by_name,
        recomputed_at=at if first is None else None,
    )
    work.add(edition)
    work.flush()
    for one in planned.changes:
        key = (date.fromisoformat(one["day"]), one["layer"])
        _store(work, key, planned.entries.get(key), edition.id)
    work.flush()
    return planned, edition


def parsed_hours(kept: Iterable[Sequence[str]]) -> tuple[WorkPeriod, ...]:
    """Office hours from pairs of HH:MM. Raises ValueError."""
    return tuple(
        WorkPeriod(time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in kept
    )


def rest_days(days: Iterable[CalendarDay]) -> dict[int, int]:
    """How many days of rest each year has."""
    found: dict[int, int] = {}
    for one in days:
        if one.kind is DayKind.REST:
            found[one.day.year] = found.get(one.day.year, 0) + 1
    return found


def missing_years(calendar: WorkCalendar, *, today: date | None = None) -> tuple[int, ...]:
    """This year, and from October on the next, where the notice is not known: Monday-Friday is a guess.

    The State Council's notice for the next year appears from October to December.
    """
    day = today or clock.today()
    asked = (day.year, day.year + 1) if day.month >= 10 else (day.year,)
    return tuple(year for year in asked if calendar.is_predicted(year))


def _built(kept: Mapping[Key, CalendarDay], hours: tuple[WorkPeriod, ...]) -> WorkCalendar:
    """The notices, then the orders over them."""
    notices = [one for (_, layer), one in kept.items() if layer == NOTICE]
    orders = [one for (_, layer), one in kept.items() if layer == ORDER]
    whole = [year for year, count in rest_days(notices).items() if count >= MIN_REST_DAYS]
    return WorkCalendar(hours=hours).with_days([*notices, *orders], known_years=whole)


def _store(work: Session, key: Key, given: CalendarDay | None, edition_id: int) -> None:
    entry = work.get(CalendarEntry, key)
    if given is None:
        work.delete(entry)
        return
    if entry is None:
        entry = CalendarEntry(day=key[0], layer=key[1])
        work.add(entry)
    entry.kind, entry.name, entry.source = given.kind.value, given.name, given.source
    entry.edition_id = edition_id


def _said(day: CalendarDay | None) -> dict[str, str] | None:
    return {"kind": day.kind.value, "name": day.name, "source": day.source} if day else None

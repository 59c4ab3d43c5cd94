"""Knows by which steps, at which times, a task comes to stand where its record says."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from tracker import clock
from tracker.catalogue.models import Category
from tracker.clock import in_city
from tracker.tasks.deadlines import due_at
from tracker.tasks.given import NOTHING, Given, Place
from tracker.tasks.importing.mapping import Record
from tracker.tasks.importing.profile import Profile
from tracker.tasks.importing.reasons import Reason, RowRejected
from tracker.tasks.importing.resolving import Resolved
from tracker.tasks.running import work_calendar
from tracker.tasks.states import Action, State
from tracker.texts import N_

Walked = tuple[Action, Given, datetime]

#: Kept with the steps an import takes, so that nobody reads them as somebody's own words.
IMPORTED = "历史导入"
#: A shelved record without its date is looked at again after this many days.
SHELVED_DAYS = 180

_HELD = (State.HANDLING, State.SUBMITTED, State.CLOSED, State.SUSPENDED)


def begins(record: Record, resolved: Resolved) -> datetime:
    """The moment of the first step."""
    at_once = record.state is State.CLOSED and resolved.unit is None
    return record.closed_at if at_once and record.closed_at else record.reported_at


def steps(record: Record, resolved: Resolved, place: Place, profile: Profile) -> Iterator[Walked]:
    """The actions from the report to the record's state, each with its historical moment.

    Steps of which the record knows no time are taken when it was reported; a merged record is
    cancelled with that reason, since its other task is not named. Raises RowRejected.
    """
    start = record.reported_at
    if record.state is State.CLOSED and resolved.unit is None:
        yield _at_once(record, resolved, place)
        return
    yield Action.REPORT, _report(record, resolved, place), start
    state = record.state
    if state is State.REPORTED:
        return
    word = f"{IMPORTED}：原状态“{record.state_word or state.value}”"
    if state is State.REJECTED:
        yield Action.REJECT, Given(reason=word), record.closed_at or start
        return
    void = state in (State.CANCELLED, State.MERGED)
    if not void or resolved.unit is not None:
        yield from _filed(record, resolved, start, dispatch=state is not State.FILED)
    if state in _HELD:
        yield Action.ACKNOWLEDGE, NOTHING, start
    if state is State.SUSPENDED:
        yield from _shelved(word)
    if state is State.SUBMITTED:
        yield Action.SUBMIT, _done(word), record.submitted_at or start
    if state is State.CLOSED:
        yield from _closed(record, resolved, profile, word)
    if void:
        yield Action.CANCEL, Given(reason=word), record.closed_at or start


def _at_once(record: Record, resolved: Resolved, place: Place) -> Walked:
    """No unit ever held it: whoever found it settled it (即时处置)."""
    if record.closed_at is None:
        raise RowRejected(Reason.MISSING, N_("已结案的记录须有结案时间"))
    given = replace(_report(record, resolved, place), measures=IMPORTED)
    return Action.SELF_HANDLE, given, record.closed_at


def _report(record: Record, resolved: Resolved, place: Place) -> Given:
    return Given(
        place=place,
        category_id=resolved.category.id if resolved.category else None,
        title=record.title,
        description=record.description,
        source=record.source,
        external_id=record.external_id,
        found_at=record.found_at,
        point_id=resolved.point_id,
    )


def _filed(
    record: Record, resolved: Resolved, start: datetime, *, dispatch: bool
) -> Iterator[Walked]:
    category, unit = resolved.category, resolved.unit
    yield Action.FILE, Given(category_id=category.id if category else None), start
    if dispatch and unit is not None and category is not None:
        limit = None if record.due_at else category.limit
        yield Action.DISPATCH, Given(unit_id=unit.id, due_at=record.due_at, limit=limit), start


def _due(record: Record, category: Category) -> datetime:
    return record.due_at or due_at(record.reported_at, category.limit, work_calendar())


def _done(word: str) -> Given:
    return Given(measures=word)


def _shelved(word: str) -> Iterator[Walked]:
    now = clock.now()
    until = in_city(now).date() + timedelta(days=SHELVED_DAYS)
    given = Given(reason=word, until=until)
    yield Action.ASK_SUSPENSION, given, now
    yield Action.SUSPEND, given, now


def _closed(record: Record, resolved: Resolved, profile: Profile, word: str) -> Iterator[Walked]:
    """Submitted and passed at the closing time, or where the word 按期 / 逾期 puts it."""
    at, note = record.closed_at, ""
    if at is None:
        if profile.closed_time_missing == "reject" or resolved.category is None:
            raise RowRejected(Reason.MISSING, N_("已结案的记录须有结案时间"))
        late = timedelta(days=1) if record.overdue else timedelta()
        at = min(_due(record, resolved.category) + late, clock.now())
        note = f"原记录没有结案时间，按“{record.state_word}”推定"
    yield Action.SUBMIT, _done(word), min(record.submitted_at or at, at)
    yield Action.PASS, Given(text=note), at

"""Lists what is counted, and says what one task adds to it.

Two families. A stock counts who stands somewhere: it is written when a task comes and taken away
when it leaves, and the sum up to a day is how many stood there at the end of that day. A dated
figure belongs to one day of the task's row as it is now (the day it was found, closed or due), so
that it always equals the list that the same filter opens.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from tracker.clock import in_city
from tracker.tasks.reasons import REASONS
from tracker.tasks.standing import Standing
from tracker.tasks.states import OPEN, RECTIFIED, RUNNING, VOID, Action, Closing, State

#: (measure, day) → how many; what never was is no entry.
Contribution = Counter[tuple[str, date]]


class Measure(StrEnum):
    """Beside the ten states themselves, whose values are measures of the family of stocks."""

    #: stock: a unit holds it and its deadline has passed at the end of that day
    OVERDUE = "overdue"
    #: found that day, of whatever became of it
    FOUND = "found"
    #: found that day, without what never became a case
    VALID = "valid"
    #: found that day, and passed by a check or settled on the spot since
    RECTIFIED = "rectified"
    #: closed that day, by whatever closing
    ENDED = "ended"
    #: due that day, without shelved, void and noticed ones
    DUE = "due"
    #: of those, submitted by then
    ON_TIME = "on_time"
    #: found that day, and still open
    WAITING = "waiting"
    #: sent back by the verifier that day
    REWORK = "rework"
    #: sent back by the unit that day
    RETURN = "return"


STATES = tuple(State)
#: Measures whose sum over the days is how many stand there.
STOCKS: tuple[str, ...] = (*(state.value for state in STATES), Measure.OVERDUE.value)
#: What is open, whoever holds it.
OPEN_STOCKS: tuple[str, ...] = tuple(state.value for state in STATES if state in OPEN)

#: Steps that are counted themselves; taking one back takes it off again.
STEPS: Mapping[str, Measure] = {
    Action.REWORK.value: Measure.REWORK,
    Action.RETURN.value: Measure.RETURN,
}

#: Way of ending → its measure, which belongs to the day of the ending.
ENDINGS: Mapping[str, str] = {closing.value: f"c:{closing.value}" for closing in Closing}

#: Of each of these steps: code of its reason → measure. Steps from before the codes have none.
STEP_REASONS: Mapping[str, Mapping[str, str]] = {
    Action.REWORK.value: {code: f"w:{code}" for code in REASONS[Action.REWORK]},
    Action.RETURN.value: {code: f"r:{code}" for code in REASONS[Action.RETURN]},
}

_OPEN = frozenset(OPEN_STOCKS)
_RUNNING = frozenset(state.value for state in RUNNING)
_VOID = frozenset(state.value for state in VOID)
_NEVER_DUE = _VOID | {State.SUSPENDED.value}
_RECTIFIED = frozenset(closing.value for closing in RECTIFIED)


def _is_due(task: Standing) -> bool:
    return (
        task.due_at is not None
        and task.state not in _NEVER_DUE
        and task.closing != Closing.BY_NOTICE.value
    )


def _is_on_time(task: Standing) -> bool:
    return (
        _is_due(task)
        and not task.was_overdue
        and task.submitted_at is not None
        and task.due_at is not None
        and task.submitted_at <= task.due_at
    )


#: Dated figure → the moment whose day it belongs to, and for which tasks.
DATED: Mapping[
    Measure, tuple[Callable[[Standing], datetime | None], Callable[[Standing], bool]]
] = {
    Measure.FOUND: (lambda t: t.reported_at, lambda _t: True),
    Measure.VALID: (lambda t: t.reported_at, lambda t: t.state not in _VOID),
    Measure.RECTIFIED: (lambda t: t.reported_at, lambda t: t.closing in _RECTIFIED),
    Measure.WAITING: (lambda t: t.reported_at, lambda t: t.state in _OPEN),
    Measure.ENDED: (lambda t: t.closed_at, lambda t: t.state == State.CLOSED.value),
    Measure.DUE: (lambda t: t.due_at, _is_due),
    Measure.ON_TIME: (lambda t: t.due_at, _is_on_time),
}


#: What is counted under a filter too: the others are told of whole areas alone.
NARROWED = frozenset((*STOCKS, *DATED, *STEPS.values()))


def stocks(task: Standing, day: date) -> Contribution:
    """What the task stands in when it came there, or left, on `day`.

    Whoever is held by a unit is overdue from its deadline's day on, so the row of a day to come is
    written at once and no clock has to count: `overdue` of a day holds at its end.
    """
    found: Contribution = Counter({(task.state, day): 1})
    if task.state in _RUNNING and task.due_at is not None:
        found[Measure.OVERDUE.value, max(day, in_city(task.due_at).date())] += 1
    return found


def dated(task: Standing) -> Contribution:
    """What the task adds to the figures of its own days."""
    found: Contribution = Counter()
    for measure, (moment, counts) in DATED.items():
        at = moment(task)
        if at is not None and counts(task):
            found[measure.value, in_city(at).date()] += 1
    if task.closing and task.closed_at is not None:
        found[ENDINGS[task.closing], in_city(task.closed_at).date()] += 1
    return found


def of_step(action: str, payload: Mapping[str, Any], day: date) -> Contribution:
    """What the step itself adds, whatever it did to the row.

    What is taken back is taken off its own day, also after midnight; an older event, which does not
    say when that was, off the day of taking it back.
    """
    taken, code, sign = action, payload.get("reason_code"), 1
    if action == Action.UNDO.value:
        taken, code, sign = str(payload.get("undone")), payload.get("undone_reason"), -1
        done = payload.get("undone_at")
        day = in_city(datetime.fromisoformat(str(done))).date() if done else day
    if taken not in STEPS:
        return Counter()
    reason = STEP_REASONS[taken].get(str(code))
    return Counter({(one, day): sign for one in (STEPS[taken].value, reason) if one})

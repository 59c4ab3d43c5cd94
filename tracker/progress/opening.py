"""Knows which list of tasks each figure opens: one rule for boards, review maps, comparison and time line.

A rate opens nothing itself: it stands beside the two numbers that it is made of, e.g. 674 / 870, and
each of them opens its own list. A test opens every list and counts.
"""

from collections.abc import Callable, Mapping
from typing import Any

from tracker.counters.measures import OPEN_STOCKS, Measure
from tracker.counters.queries import Days
from tracker.tasks.filters import Due
from tracker.tasks.states import OPEN_STATES, RECTIFIED, VOID, State

#: What 未办结 is called beside the measures, see tasks.states.OPEN_STATES.
OPEN_TASKS = "open"
#: What became a case.
CASE_STATES = tuple(state for state in State if state not in VOID)
#: Of the present moment alone: no list can show what stood on a past day.
STOCKS = frozenset({OPEN_TASKS, Measure.OVERDUE.value, *OPEN_STOCKS})

Narrowed = dict[str, Any]


def _reported(days: Days) -> Narrowed:
    return {"since": days.first, "until": days.last}


def _ended(days: Days) -> Narrowed:
    return {"states": (State.CLOSED,), "ended_since": days.first, "ended_until": days.last}


def _due(days: Days) -> Narrowed:
    return {"due_since": days.first, "due_until": days.last}


_LISTS: Mapping[str, Callable[[Days], Narrowed]] = {
    OPEN_TASKS: lambda _days: {"states": OPEN_STATES},
    Measure.OVERDUE: lambda _days: {"due": Due.OVERDUE},
    Measure.FOUND: _reported,
    Measure.VALID: lambda days: {"states": CASE_STATES, **_reported(days)},
    Measure.RECTIFIED: lambda days: {"closings": RECTIFIED, **_reported(days)},
    Measure.WAITING: lambda days: {"states": OPEN_STATES, **_reported(days)},
    Measure.ENDED: _ended,
    Measure.DUE: _due,
    Measure.ON_TIME: lambda days: {"due": Due.ON_TIME, **_due(days)},
}


def narrowed(measure: str, days: Days) -> Narrowed | None:
    """What a `TaskFilter` holds for the list behind a figure of these days; None where none can.

    A rework counts times and not tasks: no list has as many rows.
    """
    if measure in OPEN_STOCKS:
        return {"states": (State(measure),)}
    found = _LISTS.get(measure)
    return None if found is None else found(days)

"""Knows the classes that a time line shades its areas by: those of every day of the span, so that days compare."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tracker.counters.measures import OPEN_STOCKS, Measure
from tracker.maps import shading
from tracker.maps.shading import Shade
from tracker.progress.opening import OPEN_TASKS
from tracker.progress.timeline import MEASURES, Line
from tracker.web.filters import number

#: What is told of a day beside the measures: how 未办结 changed since a day before.
CHANGE = "change"


def classes(
    lines: Sequence[Line], days: int, meetings: Sequence[int]
) -> Mapping[str, tuple[Shade, ...]]:
    """By figure the classes of all areas on all days. `meetings` are offsets of days, ascending."""
    stood = {
        measure: np.array([_days(line, measure, days) for line in lines]) for measure in MEASURES
    }
    every = np.sum([stood[state] for state in OPEN_STOCKS], axis=0)
    change = every - every[:, _bases(days, meetings)]
    found = {
        measure: shading.rising(values.ravel(), shading.BLUES) for measure, values in stood.items()
    }
    return found | {
        OPEN_TASKS: shading.rising(every.ravel(), shading.BLUES),
        Measure.OVERDUE.value: shading.rising(stood[Measure.OVERDUE].ravel(), shading.REDS),
        CHANGE: shading.around_zero(change.ravel(), shading.PURPLE_TO_ORANGE),
    }


def _days(line: Line, measure: str, days: int) -> Any:
    """The figure of each day of the span."""
    found = np.zeros(days, np.int64)
    found[0] = line.start[MEASURES.index(measure)]
    for day, n in line.changes.get(measure, ()):
        found[day] += n
    return found.cumsum()


def _bases(days: int, meetings: Sequence[int]) -> Any:
    """From which day the change of each is counted: the last meeting before it, else the first day."""
    before = np.searchsorted(meetings, np.arange(days), side="left")
    return np.array([0, *meetings], np.int64)[before]


def for_script(found: Mapping[str, tuple[Shade, ...]]) -> dict[str, list[dict[str, Any]]]:
    """The classes as the page's script reads them."""
    return {
        name: [shade.for_script(_signed if name == CHANGE else _plain) for shade in shades]
        for name, shades in found.items()
    }


_plain: Callable[[float], str] = number


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else '−' if value else ''}{number(abs(value))}"

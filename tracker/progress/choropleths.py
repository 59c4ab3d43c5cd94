"""Lists the figures that colour a review map and stand in its table: one row each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tracker.counters.measures import Measure
from tracker.counters.queries import Days
from tracker.places.models import Level
from tracker.progress import shading
from tracker.progress.figures import Figures
from tracker.progress.shading import Classing, Shade
from tracker.tasks.filters import Due
from tracker.tasks.states import OPEN_STATES, VOID, State
from tracker.texts import N_

#: What became a case, as the address of a list says it.
CASE_STATES = tuple(state for state in State if state not in VOID)


@dataclass(frozen=True)
class Line:
    """One area of a review: how it stands, how it stood, and its inspection points in use."""

    code: str
    name: str
    level: Level
    now: Figures
    #: on the day compared with; None where the past cannot be counted
    then: Figures | None
    points: int
    is_schematic: bool = False
    #: of a total: open tasks of those of its areas that have points
    open_near_points: int | None = None

    @property
    def pointed(self) -> int:
        """Open tasks that are set against points."""
        return self.now.open if self.open_near_points is None else self.open_near_points


@dataclass(frozen=True)
class Choropleth:
    """One figure. `value` of a line is None where there is no figure (无数据)."""

    name: str
    label: str
    value: Callable[[Line], float | None]
    ramp: tuple[str, ...] = shading.BLUES
    classing: Classing = shading.rising
    unit: str = N_("件")
    is_higher_worse: bool = True
    is_rate: bool = False
    is_change: bool = False
    #: what the figure was divided by and of, for those who want to know how many cases it stands on
    sample: Callable[[Line], tuple[int, int]] | None = None
    #: the list behind it, by the days of the period; None where no list can show it
    behind: Callable[[Days], Mapping[str, Any]] | None = None
    #: the list shows the present alone
    is_stock: bool = False

    def figure(self, line: Line) -> float | None:
        """The value as it is shown: rates and parts with one decimal."""
        found = self.value(line)
        return found if found is None or isinstance(found, int) else round(found, 1)

    def shades(self, lines: list[Line]) -> tuple[Shade, ...]:
        """The classes of the known figures, ascending."""
        known = [found for line in lines if (found := self.figure(line)) is not None]
        ramp = self.ramp if self.is_higher_worse else self.ramp[::-1]
        return self.classing(known, ramp)


def _open(_days: Days) -> Mapping[str, Any]:
    return {"states": OPEN_STATES}


def _overdue(_days: Days) -> Mapping[str, Any]:
    return {"due": Due.OVERDUE}


def _found(days: Days) -> Mapping[str, Any]:
    return {"states": CASE_STATES, "since": days.first, "until": days.last}


def _due(days: Days) -> Mapping[str, Any]:
    return {"due_since": days.first, "due_until": days.last}


def _per_points(line: Line) -> float | None:
    return 100 * line.pointed / line.points if line.points else None


def _change(of: Callable[[Figures], float | None]) -> Callable[[Line], float | None]:
    def value(line: Line) -> float | None:
        if line.then is None:
            return None
        now, then = of(line.now), of(line.then)
        return None if now is None or then is None else now - then

    return value


def _then(of: Callable[[Figures], float | None]) -> Callable[[Line], float | None]:
    return lambda line: None if line.then is None else of(line.then)


_OPEN = Choropleth(
    "open", N_("未办结"), lambda line: line.now.open, behind=_open, is_stock=True
)  # fmt: skip
_OVERDUE = Choropleth(
    "overdue", N_("超期"), lambda line: line.now.overdue,
    ramp=shading.REDS, behind=_overdue, is_stock=True,
)  # fmt: skip
RECTIFIED = Choropleth(
    "rectified", N_("整改率"), lambda line: line.now.rectified_rate,
    ramp=shading.GREENS, classing=shading.of_rate, unit="%", is_higher_worse=False, is_rate=True,
    sample=lambda line: (line.now[Measure.RECTIFIED], line.now[Measure.VALID]), behind=_found,
)  # fmt: skip
ON_TIME = Choropleth(
    "on_time", N_("按期率"), lambda line: line.now.on_time_rate,
    ramp=shading.GREENS, classing=shading.of_rate, unit="%", is_higher_worse=False, is_rate=True,
    sample=lambda line: (line.now[Measure.ON_TIME], line.now[Measure.DUE]), behind=_due,
)  # fmt: skip
_PER_POINTS = Choropleth(
    "per_points", N_("每百点位未办结"), _per_points,
    sample=lambda line: (line.pointed, line.points), behind=_open, is_stock=True,
)  # fmt: skip


def _change_of(
    name: str, label: str, of: Callable[[Figures], float | None], unit: str, worse: bool
) -> Choropleth:
    return Choropleth(
        name, label, _change(of), ramp=shading.PURPLE_TO_ORANGE, classing=shading.around_zero,
        unit=unit, is_higher_worse=worse, is_change=True,
    )  # fmt: skip


def _open_of(one: Figures) -> float:
    return one.open


def _overdue_of(one: Figures) -> float:
    return one.overdue


#: Columns of a review of one day, and of two days side by side.
USUAL = (
    _OPEN, _OVERDUE, RECTIFIED, ON_TIME, _PER_POINTS,
    _change_of("month_change", N_("较上月变化"), _open_of, N_("件"), True),
)  # fmt: skip
COMPARED = (
    Choropleth("open_then", N_("当时未办结"), _then(_open_of)), _OPEN,
    _change_of("open_change", N_("未办结变化"), _open_of, N_("件"), True),
    Choropleth("overdue_then", N_("当时超期"), _then(_overdue_of), ramp=shading.REDS), _OVERDUE,
    _change_of("overdue_change", N_("超期变化"), _overdue_of, N_("件"), True),
    _change_of(
        "rectified_change", N_("整改率变化"), lambda one: one.rectified_rate, N_("百分点"), False
    ),
    _change_of(
        "on_time_change", N_("按期率变化"), lambda one: one.on_time_rate, N_("百分点"), False
    ),
)  # fmt: skip
#: What colours the map when nothing is said.
FIRST = {USUAL: "open", COMPARED: "open_change"}
NAMES = frozenset(one.name for one in (*USUAL, *COMPARED))


def month_before(day: date) -> date:
    """The same day of the month before, or its last day."""
    year, month = (day.year, day.month - 1) if day.month > 1 else (day.year - 1, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    raise AssertionError(day)

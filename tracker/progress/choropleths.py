"""Lists the figures that colour a review map and stand in its table: one row each."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from tracker.counters.measures import Measure
from tracker.maps import shading
from tracker.maps.shading import Classing, Shade
from tracker.places.models import Level
from tracker.progress.figures import Figures
from tracker.progress.opening import OPEN_TASKS
from tracker.texts import N_


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


class Behind(NamedTuple):
    """A number that a figure is made of, and the measure whose list has as many rows; "" for none."""

    n: int
    measure: str = ""


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
    #: it is of the day compared with
    is_then: bool = False
    #: itself for a plain number, part and whole of a rate, nothing for a change
    behind: Callable[[Line], tuple[Behind, ...]] = lambda _line: ()
    #: its classes are made together with those of this one: both are the same figure of two days
    shares_classes_with: str = ""

    def figure(self, line: Line) -> float | None:
        """The value as it is shown: rates and parts with one decimal."""
        found = self.value(line)
        return found if found is None or isinstance(found, int) else round(found, 1)

    def figures(self, lines: Iterable[Line]) -> list[float]:
        """The known figures."""
        return [found for line in lines if (found := self.figure(line)) is not None]

    def shades(self, known: Sequence[float]) -> tuple[Shade, ...]:
        """The classes of known figures, ascending; darker is worse."""
        return self.classing(known, self.ramp if self.is_higher_worse else self.ramp[::-1])

    def ranked(self, lines: Iterable[Line], *, is_best_first: bool = False) -> list[Line]:
        """The worst first, or the best; those without a figure last, equal ones in code order."""
        sign = -1 if self.is_higher_worse != is_best_first else 1

        def key(line: Line) -> tuple[bool, float, str]:
            value = self.figure(line)
            return value is None, sign * (value or 0), line.code

        return sorted(lines, key=key)


_Of = Callable[[Figures], float | None]
_Parts = Callable[[Figures], tuple[Behind, ...]]


def _per_points(line: Line) -> float | None:
    return 100 * line.pointed / line.points if line.points else None


def _behind_points(line: Line) -> tuple[Behind, ...]:
    """Of a total whose areas have not all points, no list holds the open tasks of those that do."""
    is_all = line.pointed == line.now.open
    return Behind(line.pointed, OPEN_TASKS if is_all else ""), Behind(line.points)


def _open_of(one: Figures) -> int:
    return one.open


def _overdue_of(one: Figures) -> int:
    return one.overdue


def _counted(of: Callable[[Figures], int], measure: str) -> _Parts:
    return lambda one: (Behind(of(one), measure),)


def _divided(part: Measure, whole: Measure) -> _Parts:
    return lambda one: (Behind(one[part], part), Behind(one[whole], whole))


def _three(
    name: str, labels: tuple[str, str, str], of: _Of, parts: _Parts, **looks: Any
) -> tuple[Choropleth, Choropleth, Choropleth]:
    """A figure of one day, the same of the day compared with, and the change from that to this."""

    def then(line: Line) -> float | None:
        return None if line.then is None else of(line.then)

    def change(line: Line) -> float | None:
        now, before = of(line.now), then(line)
        return None if now is None or before is None else now - before

    is_rate = looks.get("is_rate", False)
    return (
        Choropleth(name, labels[0], lambda line: of(line.now), behind=lambda line: parts(line.now), **looks),
        Choropleth(
            f"{name}_then", labels[1], then, is_then=True, shares_classes_with=name,
            behind=lambda line: () if line.then is None else parts(line.then), **looks,
        ),
        Choropleth(
            f"{name}_change", labels[2], change, shading.PURPLE_TO_ORANGE, shading.around_zero,
            N_("百分点") if is_rate else N_("件"), looks.get("is_higher_worse", True), is_change=True,
        ),
    )  # fmt: skip


_RATE: dict[str, Any] = {
    "ramp": shading.GREENS, "classing": shading.of_rate, "unit": "%", "is_higher_worse": False,
    "is_rate": True,
}  # fmt: skip
_OPEN = _three(
    "open", (N_("未办结"), N_("当时未办结"), N_("未办结变化")), _open_of, _counted(_open_of, OPEN_TASKS)
)  # fmt: skip
_OVERDUE = _three(
    "overdue", (N_("超期"), N_("当时超期"), N_("超期变化")), _overdue_of,
    _counted(_overdue_of, Measure.OVERDUE), ramp=shading.REDS,
)  # fmt: skip
_RECTIFIED = _three(
    "rectified", (N_("整改率"), N_("当时整改率"), N_("整改率变化")), lambda one: one.rectified_rate,
    _divided(Measure.RECTIFIED, Measure.VALID), **_RATE,
)  # fmt: skip
_ON_TIME = _three(
    "on_time", (N_("按期率"), N_("当时按期率"), N_("按期率变化")), lambda one: one.on_time_rate,
    _divided(Measure.ON_TIME, Measure.DUE), **_RATE,
)  # fmt: skip
#: Where this is looked at, only what is overdue is asked why.
LATE = _OVERDUE[0].name
RECTIFIED, ON_TIME = _RECTIFIED[0], _ON_TIME[0]
#: What the rates are made of; nothing else that happened stands in a review.
RATED = (Measure.VALID, Measure.RECTIFIED, Measure.DUE, Measure.ON_TIME)

#: What stands in every review, on the printed sheet too.
PRINTED = (_OPEN[0], _OVERDUE[0], RECTIFIED, ON_TIME)
#: Columns of a review of one day, and of two days side by side.
USUAL = (
    *PRINTED,
    Choropleth("per_points", N_("每百点位未办结"), _per_points, behind=_behind_points),
    replace(_OPEN[2], name="month_change", label=N_("较上月变化")),
)  # fmt: skip
COMPARED = tuple(
    one for now, then, change in (_OPEN, _OVERDUE, _RECTIFIED, _ON_TIME) for one in (then, now, change)
)  # fmt: skip
#: What colours the map when nothing is said.
FIRST = {USUAL: "open", COMPARED: "open_change"}
NAMES = frozenset(one.name for one in (*USUAL, *COMPARED))
#: Name of a column of one day → that of its change between two.
CHANGES = {now.name: change.name for now, _then, change in (_OPEN, _OVERDUE, _RECTIFIED, _ON_TIME)}
#: Name of a column of two days → that of the figure itself, which colours the two maps.
PLAIN = {one.name: one.name.removesuffix("_then").removesuffix("_change") for one in COMPARED}


def classes_of(
    columns: Iterable[Choropleth], lines: Sequence[Line]
) -> dict[str, tuple[Shade, ...]]:
    """The classes of each column, by name; the same figure of two days has one scale for both."""
    together: dict[str, list[float]] = {}
    for column in columns:
        known = together.setdefault(column.shares_classes_with or column.name, [])
        known += column.figures(lines)
    return {one.name: one.shades(together[one.shares_classes_with or one.name]) for one in columns}


def month_before(day: date) -> date:
    """The same day of the month before, or its last day."""
    year, month = (day.year, day.month - 1) if day.month > 1 else (day.year - 1, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    raise AssertionError(day)

"""Knows how figures of areas become a few shades: every map, the time line and the printed sheet ask here.

Classes are made of all the figures that are shown together: of one map, of two maps beside each other,
of all days of a time line. The colours are those of ColorBrewer (Cynthia Brewer, Penn State;
Apache-2.0) that stay apart for the colour-blind; light to dark, from few to many. Red is for overdue alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

BLUES = ("#eff3ff", "#bdd7e7", "#6baed6", "#3182bd", "#08519c")
REDS = ("#fee5d9", "#fcae91", "#fb6a4a", "#de2d26", "#a50f15")
GREENS = ("#edf8fb", "#b2e2e2", "#66c2a4", "#2ca25f", "#006d2c")
#: fewer on the one side, more on the other, no change between
PURPLE_TO_ORANGE = ("#5e3c99", "#b2abd2", "#ffffff", "#fdb863", "#e66101")
#: none at all, apart from the lightest shade
NONE = "#ffffff"
#: Darker than this needs light letters on it (relative luminance).
_DARK_BELOW = 0.4
#: More different figures than this are grouped by number; what lies together is then no matter.
_MOST_DISTINCT = 150

#: The least and the greatest figure of a class, both found there, and how many there are.
_Group = tuple[float, float, int]
Values = Sequence[float] | npt.NDArray[np.float64]


@dataclass(frozen=True)
class Shade:
    """One class: the least and the greatest figure in it, both found there, and its colour."""

    low: float
    high: float
    colour: str
    n: int

    @property
    def is_dark(self) -> bool:
        """Whether dark letters would be lost on it."""
        red, green, blue = (int(self.colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue < _DARK_BELOW

    def for_script(self, words: Callable[[float], str]) -> dict[str, Any]:
        """The class as `classes.js` reads it; `words` say a figure."""
        return {
            "low": self.low, "high": self.high, "from": words(self.low), "to": words(self.high),
            "colour": self.colour, "dark": self.is_dark, "n": self.n,
        }  # fmt: skip


#: How classes are made of the known figures with the colours of a ramp.
Classing = Callable[[Values, Sequence[str]], tuple[Shade, ...]]


def rising(values: Values, ramp: Sequence[str]) -> tuple[Shade, ...]:
    """Classes of a figure that cannot be negative; 0 is a class of its own and stays white."""
    known = np.asarray(values, float)
    zeros = int((known == 0).sum())
    found = [Shade(0, 0, NONE, zeros)] if zeros else []
    return (*found, *_spread(natural(known[known != 0], len(ramp)), ramp))


def of_rate(values: Values, ramp: Sequence[str]) -> tuple[Shade, ...]:
    """Classes of a figure in per cent, where 0 is a figure as any other."""
    return _spread(quantiles(values, len(ramp)), ramp)


def around_zero(values: Values, ramp: Sequence[str]) -> tuple[Shade, ...]:
    """Classes of a change: two of falls, none, two of rises."""
    known = np.asarray(values, float)
    falls, rises = quantiles(known[known < 0], 2), quantiles(known[known > 0], 2)
    zeros = int((known == 0).sum())
    down = ramp[2 - len(falls) : 2]
    up = ramp[3:] if len(rises) > 1 else ramp[3:4]
    found = [_shade(group, colour) for group, colour in zip(falls, down, strict=True)]
    if zeros:
        found.append(Shade(0, 0, ramp[2], zeros))
    return (*found, *(_shade(group, colour) for group, colour in zip(rises, up, strict=False)))


def index_of(value: float | None, shades: Sequence[Shade]) -> int | None:
    """Which class a figure of the same areas lies in; None has none."""
    if value is None:
        return None
    return next((i for i, shade in enumerate(shades) if shade.low <= value <= shade.high), None)


def quantiles(values: Values, most: int) -> list[_Group]:
    """The values in at most `most` groups of about as many each, equal ones together, ascending."""
    ordered = np.sort(np.asarray(values, float))
    if not len(ordered):
        return []
    tops = np.unique([ordered[-(-part * len(ordered) // most) - 1] for part in range(1, most + 1)])
    return _groups(ordered, np.searchsorted(ordered, tops, side="right"))


def natural(values: Values, most: int) -> list[_Group]:
    """The values in at most `most` groups that lie as close together as can be, ascending.

    Natural breaks (Fisher and Jenks): a few areas with many cases do not share a class with those
    that have few. Found exactly, by the least sum of squares.
    """
    ordered = np.sort(np.asarray(values, float))
    distinct, first, weights = np.unique(ordered, return_index=True, return_counts=True)
    if len(distinct) > _MOST_DISTINCT:
        return quantiles(ordered, most)
    if not len(distinct):
        return []
    ends = _best_ends(distinct, weights, min(most, len(distinct)))
    return _groups(ordered, [*first[ends[:-1]], len(ordered)])


def _best_ends(distinct: Any, weights: Any, groups: int) -> list[int]:
    """Where each of so many groups of the distinct figures ends, so that the spread is the least."""
    middle = distinct - distinct.mean()
    n, s, q = (np.concatenate([[0.0], np.cumsum(weights * middle**power)]) for power in range(3))
    begin, end = np.meshgrid(np.arange(len(distinct)), np.arange(len(distinct) + 1), indexing="ij")
    inside = end > begin
    size = np.where(inside, n[end] - n[begin], 1.0)
    spread = np.where(inside, q[end] - q[begin] - (s[end] - s[begin]) ** 2 / size, np.inf)
    least, cuts = spread[0], []
    for _ in range(groups - 1):
        # least[cut] is that of the figures before the cut, in one group fewer
        whole = least[:-1, None] + spread
        cuts.append(whole.argmin(axis=0))
        least = whole.min(axis=0)
    ends = [len(distinct)]
    for cut in reversed(cuts):
        ends.insert(0, int(cut[ends[0]]))
    return ends


def _groups(ordered: Any, ends: Any) -> list[_Group]:
    """The groups of sorted values that end before these positions."""
    found, start = [], 0
    for end in map(int, ends):
        found.append((float(ordered[start]), float(ordered[end - 1]), end - start))
        start = end
    return found


def _spread(groups: Sequence[_Group], ramp: Sequence[str]) -> tuple[Shade, ...]:
    """Few classes use the whole range of the ramp."""
    if len(groups) == 1:
        return (_shade(groups[0], ramp[len(ramp) // 2]),)
    last = max(1, len(groups) - 1)
    return tuple(
        _shade(group, ramp[round(rank * (len(ramp) - 1) / last)])
        for rank, group in enumerate(groups)
    )


def _shade(group: _Group, colour: str) -> Shade:
    low, high, n = group
    return Shade(_plain(low), _plain(high), colour, n)


def _plain(value: float) -> float:
    """Whole figures as such: a number of cases is no decimal."""
    return int(value) if value == int(value) else value

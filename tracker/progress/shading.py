"""Knows how figures of areas become a few shades: classes of the figures themselves.

The colours are those of ColorBrewer (Cynthia Brewer, Penn State; Apache-2.0) that stay apart for
the colour-blind; light to dark, from few to many. Red is for overdue alone.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

BLUES = ("#eff3ff", "#bdd7e7", "#6baed6", "#3182bd", "#08519c")
REDS = ("#fee5d9", "#fcae91", "#fb6a4a", "#de2d26", "#a50f15")
GREENS = ("#edf8fb", "#b2e2e2", "#66c2a4", "#2ca25f", "#006d2c")
#: fewer on the one side, more on the other, no change between
PURPLE_TO_ORANGE = ("#5e3c99", "#b2abd2", "#ffffff", "#fdb863", "#e66101")
#: none at all, apart from the lightest shade
NONE = "#ffffff"
#: Darker than this needs light letters on it (relative luminance).
_DARK_BELOW = 0.3


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
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue < _DARK_BELOW + 0.1


def classes(values: Sequence[float], most: int) -> list[list[float]]:
    """The values in at most `most` groups of about as many each, equal ones together, ascending."""
    ordered = sorted(values)
    if not ordered:
        return []
    tops = {ordered[-(-part * len(ordered) // most) - 1] for part in range(1, most + 1)}
    groups: list[list[float]] = [[] for _ in tops]
    bounds = sorted(tops)
    for value in ordered:
        groups[next(i for i, top in enumerate(bounds) if value <= top)].append(value)
    return groups


#: More different figures than this are grouped by number; what lies together is then no matter.
_MOST_DISTINCT = 150


def natural(values: Sequence[float], most: int) -> list[list[float]]:
    """The values in at most `most` groups that lie as close together as can be, ascending.

    Natural breaks (Fisher and Jenks): a few areas with many cases do not share a class with those
    that have few. Found exactly, by the least sum of squares.
    """
    distinct = sorted(set(values))
    if len(distinct) > _MOST_DISTINCT:
        return classes(values, most)
    counts = Counter(values)
    sums = [(0.0, 0.0, 0.0)]
    for value in distinct:
        n, s, q = sums[-1]
        weight = counts[value]
        sums.append((n + weight, s + weight * value, q + weight * value * value))

    def spread(first: int, end: int) -> float:
        n, s, q = (b - a for a, b in zip(sums[first], sums[end], strict=True))
        return q - s * s / n

    # least[end]: the least spread of the first `end` figures, and where each group begins
    least: dict[int, tuple[float, tuple[int, ...]]] = {
        end: (spread(0, end), (0,)) for end in range(1, len(distinct) + 1)
    }
    for groups in range(2, min(most, len(distinct)) + 1):
        least = {
            end: min(
                (least[cut][0] + spread(cut, end), (*least[cut][1], cut))
                for cut in range(groups - 1, end)
            )
            for end in range(groups, len(distinct) + 1)
        }
    begins = least[len(distinct)][1] if distinct else ()
    bounds = [distinct[i] for i in begins]
    found: list[list[float]] = [[] for _ in bounds]
    for value in sorted(values):
        found[bisect_right(bounds, value) - 1].append(value)
    return found


def rising(values: Sequence[float], ramp: Sequence[str]) -> tuple[Shade, ...]:
    """Classes of a figure that cannot be negative; 0 is a class of its own and stays white."""
    zeros = [value for value in values if value == 0]
    found = [Shade(0, 0, NONE, len(zeros))] if zeros else []
    return (*found, *_spread(natural([value for value in values if value], len(ramp)), ramp))


def of_rate(values: Sequence[float], ramp: Sequence[str]) -> tuple[Shade, ...]:
    """Classes of a figure in per cent, where 0 is a figure as any other."""
    return _spread(classes(values, len(ramp)), ramp)


def around_zero(values: Sequence[float], ramp: Sequence[str]) -> tuple[Shade, ...]:
    """Classes of a change: two of falls, none, two of rises."""
    falls = classes([value for value in values if value < 0], 2)
    rises = classes([value for value in values if value > 0], 2)
    zeros = [value for value in values if value == 0]
    down = ramp[2 - len(falls) : 2] if len(falls) > 1 else ramp[1:2]
    up = ramp[3:] if len(rises) > 1 else ramp[3:4]
    found = [_shade(group, colour) for group, colour in zip(falls, down, strict=False)]
    if zeros:
        found.append(_shade(zeros, ramp[2]))
    return (*found, *(_shade(group, colour) for group, colour in zip(rises, up, strict=False)))


#: How classes are made of the known figures with the colours of a ramp.
Classing = Callable[[Sequence[float], Sequence[str]], tuple[Shade, ...]]


def index_of(value: float | None, shades: Sequence[Shade]) -> int | None:
    """Which class a figure of the same areas lies in; None has none."""
    if value is None:
        return None
    return next((i for i, shade in enumerate(shades) if shade.low <= value <= shade.high), None)


def _spread(groups: Sequence[list[float]], ramp: Sequence[str]) -> tuple[Shade, ...]:
    """Few classes use the whole range of the ramp."""
    if len(groups) == 1:
        return (_shade(groups[0], ramp[len(ramp) // 2]),)
    last = max(1, len(groups) - 1)
    return tuple(
        _shade(group, ramp[round(rank * (len(ramp) - 1) / last)])
        for rank, group in enumerate(groups)
    )


def _shade(group: Sequence[float], colour: str) -> Shade:
    return Shade(group[0], group[-1], colour, len(group))

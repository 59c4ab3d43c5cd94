"""Knows into which classes the values of a sheet fall, and how each is shaded and said."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from tracker.progress.sheet_options import RATES, SheetMeasure

#: Light to dark; told apart in grey too, since offices print in grey.
_BLUES = ("#e3ecf9", "#b5cff0", "#7fa8e0", "#4a7ac6", "#1f4e9e")
_REDS = ("#fde5e0", "#f8bcae", "#ee8b76", "#d9553f", "#a8261b")
NO_DATA = "#ffffff"
#: Shares of the areas with any, at which the next class of a count begins.
QUANTILES = (0.5, 0.75, 0.9)
#: Fixed bounds of rates, so that sheets of two months compare.
_RATE_BOUNDS = (60.0, 75.0, 85.0, 95.0)


@dataclass(frozen=True)
class ShadeClass:
    """One entry of the legend."""

    words: str
    colour: str


@dataclass(frozen=True)
class Shades:
    """Bounds and classes of one sheet; `bounds` are where a class begins, the first has none."""

    bounds: tuple[float, ...]
    classes: tuple[ShadeClass, ...]

    def of(self, value: float | None) -> str:
        """The colour of a value."""
        return NO_DATA if value is None else self.classes[bisect_right(self.bounds, value)].colour


def shades(measure: SheetMeasure, values: Sequence[float | None]) -> Shades:
    """At most five classes; darker is always worse: more of a count, less of a rate.

    Counts are parted by how many areas have less (QUANTILES), so that the worst tenth stands out
    however many tasks there are, with a class of its own for none.
    """
    if measure in RATES:
        words = _between(_RATE_BOUNDS, "%", whole=False)
        return Shades(_RATE_BOUNDS, _paired(words, tuple(reversed(_REDS))))
    ramp = _REDS if measure is SheetMeasure.OVERDUE else _BLUES
    some = sorted(value for value in values if value)
    cuts = {some[int(len(some) * share)] for share in QUANTILES} - {some[0]} if some else set()
    bounds = (1.0, *sorted(cuts)) if some else ()
    return Shades(bounds, _paired(_between(bounds, "", whole=True), ramp))


def _paired(words: Sequence[str], ramp: Sequence[str]) -> tuple[ShadeClass, ...]:
    """The first class has the lightest, the last the darkest, the others what lies between."""
    last = len(words) - 1
    picked = [round(n * (len(ramp) - 1) / last) if last else 0 for n in range(len(words))]
    return tuple(ShadeClass(said, ramp[n]) for said, n in zip(words, picked, strict=True))


def _between(bounds: Sequence[float], unit: str, *, whole: bool) -> list[str]:
    """E.g. 0, 1–3, 4–7, ≥ 8 of whole numbers; < 60%, 60–75%, ≥ 95% of others."""
    if not bounds:
        return ["0"]
    first = "0" if whole else f"< {bounds[0]:g}{unit}"
    said = [first]
    for low, next_low in zip(bounds, bounds[1:], strict=False):
        high = next_low - 1 if whole else next_low
        said.append(f"{low:g}{unit}" if high == low else f"{low:g}–{high:g}{unit}")
    return [*said, f"≥ {bounds[-1]:g}{unit}"]

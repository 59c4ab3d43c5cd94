"""Draws a row of values as the points of a small line, for an SVG without any script."""

from collections.abc import Sequence
from dataclasses import dataclass

#: The drawing's own units; the style sheet says how large it is shown.
WIDTH, HEIGHT = 100.0, 24.0
#: Kept free above and below, so that a line of some thickness is not cut.
_EDGE = 2.0

Values = Sequence[float | None]


@dataclass(frozen=True)
class Spark:
    """Pieces of a line as `points` of SVG polylines (a gap where there is no value), and its ends."""

    pieces: tuple[str, ...]
    first: float | None
    last: float | None
    most: float | None
    #: where the line ends: x and y
    end: tuple[float, float] | None


def spark(values: Values) -> Spark:
    """The line of some values, the smallest at the bottom unless all are at least 0: then 0 is."""
    known = [value for value in values if value is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    pieces: list[list[tuple[float, float]]] = [[]]
    for n, value in enumerate(values):
        if value is None:
            pieces.append([])
            continue
        share = (value - low) / (high - low) if high > low else 0.0
        x = WIDTH * n / max(len(values) - 1, 1)
        pieces[-1].append((x, HEIGHT - _EDGE - share * (HEIGHT - 2 * _EDGE)))
    drawn = [piece for piece in pieces if piece]
    return Spark(
        tuple(" ".join(f"{x:.1f},{y:.1f}" for x, y in piece) for piece in drawn),
        known[0] if known else None, known[-1] if known else None, max(known, default=None),
        drawn[-1][-1] if drawn else None,
    )  # fmt: skip

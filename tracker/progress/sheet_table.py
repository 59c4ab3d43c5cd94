"""Draws the table of a sheet: the areas with their figures, the worst first, in as many columns as fit."""

from collections.abc import Sequence
from dataclasses import dataclass

from gis.labels import cut, width_of
from gis.sheet import Box
from tracker.progress.figures import Figures
from tracker.progress.sheet_data import Part, SheetData
from tracker.progress.sheet_pen import LINE, MUTED, Pen
from tracker.progress.sheet_words import SheetWords
from tracker.web.filters import number, percent

#: Rows are this high where there is room, and no lower than the second (millimetres of A3).
_ROW, _LEAST_ROW = 6.0, 3.4
_COLUMN = 96.0
#: Where the columns end, shares of the width; the first two begin at the left.
_ENDS = (0.52, 0.68, 0.84, 1.0)


@dataclass(frozen=True)
class _Grid:
    columns: int
    rows: int
    row: float
    #: letters of a row
    size: float


def draw_table(
    pen: Pen, box: Box, data: SheetData, words: SheetWords, *, without_border: Sequence[Part]
) -> None:
    """Head, total and one line an area; what finds no room is counted at the foot."""
    notes = []
    if without_border:
        names = "、".join(f"{part.rank} {part.name}" for part in without_border)
        notes.append(words.without_border % {"names": names})
    grid = _grid(len(data.parts), box)
    capacity = grid.columns * grid.rows
    if len(data.parts) > capacity:
        notes.insert(0, words.left_out % {"n": len(data.parts) - capacity})
    gap = 8.0
    width = (box.width - gap * (grid.columns - 1)) / grid.columns
    for column in range(grid.columns):
        shown = data.parts[column * grid.rows : min((column + 1) * grid.rows, capacity)]
        if not shown and column:
            break
        part_of_box = Box(box.left + column * (width + gap), box.top, width, box.height)
        _column(pen, part_of_box, grid, data.total, shown, words)
    for n, note in enumerate(notes):
        y = box.bottom - 4.5 * (len(notes) - n - 1) - 0.5
        pen.write(box.left, y, cut(note, 3.4, box.width), 3.4, fill=MUTED)


def _grid(parts: int, box: Box) -> _Grid:
    """As few columns and as high rows as the box allows; head, total and notes take some of it."""
    most = max(1, int((box.width + 8) // (_COLUMN + 8)))
    room = box.height - 10
    for columns in range(1, most + 1):
        rows = -(-parts // columns)
        row = min(_ROW, room / (rows + 2))
        if row >= _LEAST_ROW or columns == most:
            row = max(row, _LEAST_ROW)
            return _Grid(columns, max(1, int(room / row) - 2), row, min(4.0, row * 0.72))
    raise AssertionError


def _column(
    pen: Pen, box: Box, grid: _Grid, total: Figures, parts: Sequence[Part], words: SheetWords
) -> None:
    y = box.top + grid.row
    pen.write(box.left, y - 1.4, words.columns[0], grid.size, font_weight=700)
    pen.write(box.left + grid.size * 2.6, y - 1.4, words.columns[1], grid.size, font_weight=700)
    _heads(pen, box, y, words.columns[2:], grid)
    _rule(pen, box, y, 0.4)
    rows = [("", words.total, total, 700)]
    rows += [(str(part.rank), part.name, part.figures, 400) for part in parts]
    for rank, name, figures, weight in rows:
        y += grid.row
        base = y - grid.row * 0.28
        left = box.left + grid.size * 2.6
        room = box.left + box.width * _ENDS[0] - left - grid.size * 2.4
        pen.write(box.left, base, rank, grid.size, fill=MUTED)
        pen.write(left, base, cut(name, grid.size, room), grid.size, font_weight=weight)
        _cells(pen, box, base + 1.4, _said(figures), grid, font_weight=weight)
        _rule(pen, box, y, 0.15)


def _said(figures: Figures) -> tuple[str, ...]:
    return (
        number(figures.open), number(figures.overdue),
        percent(figures.rectified_rate), percent(figures.on_time_rate),
    )  # fmt: skip


def _cells(pen: Pen, box: Box, y: float, texts: Sequence[str], grid: _Grid, **more: object) -> None:
    for text, end in zip(texts, _ENDS, strict=True):
        pen.write(box.left + box.width * end, y - 1.4, text, grid.size, text_anchor="end", **more)


def _heads(pen: Pen, box: Box, y: float, texts: Sequence[str], grid: _Grid) -> None:
    """Heads above figures; two words stand over each other, and long ones are smaller."""
    room = box.width * (_ENDS[1] - _ENDS[0]) * 0.94
    for text, end in zip(texts, _ENDS, strict=True):
        lines = text.rsplit(" ", 1)
        size = min(grid.size, room / max(width_of(line, 1.0) for line in lines))
        for n, line in enumerate(reversed(lines)):
            pen.write(
                box.left + box.width * end, y - 1.4 - n * size * 1.1, line, size,
                text_anchor="end", font_weight=700,
            )  # fmt: skip


def _rule(pen: Pen, box: Box, y: float, width: float) -> None:
    pen.put("path", d=f"M{box.left:g} {y:.2f}H{box.right:g}", stroke=LINE, stroke_width=width)

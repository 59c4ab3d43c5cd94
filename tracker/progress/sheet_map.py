"""Draws the map of a sheet: shaded areas with their names, single tasks, scale bar, north arrow."""

from dataclasses import dataclass
from typing import Any

import shapely
from flask_babel import gettext as _
from shapely.geometry import shape

from gis import outlines
from gis.labels import LINE as LINE_HEIGHT
from gis.labels import Placed, Wanted, cut, placed
from gis.sheet import Box, Fit, Plane, fitted, path_data, scale_bar
from tracker.progress.sheet_data import Part, SheetData
from tracker.progress.sheet_pen import INK, MUTED, NO_DATA, Pen, dot
from tracker.progress.sheet_words import SheetWords

#: How far a border may be moved on the paper of A3, millimetres: less than its line is wide.
_TOLERANCE_MM = 0.12
_LABEL_MM, _DOT_MM = 4.2, 1.1
#: A longer name is shortened on the map; the table and the tooltip have more of it.
_LONGEST_NAME_MM = 50.0


@dataclass(frozen=True)
class Drawn:
    """What the rest of the sheet says of its map."""

    #: coordinate system of the drawing, in words
    plane_words: str
    #: ranks and names of the areas that have no border
    without_border: list[Part]


def draw_map(
    pen: Pen,
    box: Box,
    data: SheetData,
    words: SheetWords,
    *,
    paper_factor: float,
) -> Drawn:
    """The map in its frame. `paper_factor` is the paper's width by that of the drawing."""
    frame = {"x": box.left, "y": box.top, "width": box.width, "height": box.height}
    pen.put("rect", **frame, fill="#f8fafc", stroke=INK, stroke_width=0.5)
    parts = [part for part in data.parts if part.border]
    polygons = [shape(part.border) for part in parts]
    whole = shape(data.outline) if data.outline else None
    everything = polygons + ([whole] if whole else [])
    without = [part for part in data.parts if not part.border]
    if not everything:
        pen.write(
            box.left + box.width / 2, box.top + box.height / 2, words.nothing, 6,
            text_anchor="middle", fill=MUTED,
        )  # fmt: skip
        return Drawn("", without)
    west, south, east, north = outlines.bounds(everything) or (0.0, 0.0, 0.0, 0.0)
    plane = Plane.around((west + east) / 2, (south + north) / 2)
    # the scale bar below and the arrow above keep clear of the areas as far as the frame allows
    room = Box(box.left + 8, box.top + 12, box.width - 16, box.height - 32)
    fit = fitted([plane.flat(polygon) for polygon in everything], room)
    tolerance = _TOLERANCE_MM / fit.mm_per_m
    plain = outlines.simplified(polygons, tolerance_m=tolerance)
    on_paper = [fit.place(plane.flat(polygon)) for polygon in plain]
    _areas(pen, parts, on_paper)
    if whole is not None:
        line = fit.place(plane.flat(outlines.simplified([whole], tolerance_m=tolerance)[0]))
        pen.put("path", d=path_data(line), fill="none", stroke=INK, stroke_width=0.9)
    _dots(pen, data, plane, fit)
    _names(pen, parts, on_paper, words)
    _scale(pen, box, fit, words, paper_factor)
    _arrow(pen, box, words)
    return Drawn(_plane_words(plane), without)


def _areas(pen: Pen, parts: list[Part], on_paper: list[Any]) -> None:
    group = pen.group(stroke=MUTED, stroke_width=0.35, stroke_linejoin="round", fill_rule="evenodd")
    for part, polygon in zip(parts, on_paper, strict=True):
        fill = part.shade.colour if part.shade else NO_DATA
        path = Pen(group.put("path", d=path_data(polygon), fill=fill))
        path.put("title", part.name)


def _dots(pen: Pen, data: SheetData, plane: Plane, fit: Fit) -> None:
    if not data.dots:
        return
    group = pen.group()
    spots = fit.place(plane.flat(shapely.points([(one.lon, one.lat) for one in data.dots])))
    for one, (x, y) in zip(data.dots, shapely.get_coordinates(spots).tolist(), strict=True):
        dot(group, x, y, is_overdue=one.is_overdue, size=_DOT_MM)


def _names(pen: Pen, parts: list[Part], on_paper: list[Any], words: SheetWords) -> None:
    """Name and value in each area; where they find no place, its number in the table."""
    wanted = [
        Wanted(
            (cut(part.name, _LABEL_MM, _LONGEST_NAME_MM), words.said(part.value)),
            str(part.rank),
            polygon,
        )
        for part, polygon in zip(parts, on_paper, strict=True)
    ]
    # a white rim keeps words readable on every shade
    group = pen.group(
        text_anchor="middle", stroke="#ffffff", stroke_width=0.9, paint_order="stroke",
        stroke_linejoin="round",
    )  # fmt: skip
    for one in placed(wanted, size=_LABEL_MM):
        _lines(group, one)


def _lines(pen: Pen, one: Placed) -> None:
    top = one.y - LINE_HEIGHT * one.size * len(one.lines) / 2
    for n, line in enumerate(one.lines):
        base = top + LINE_HEIGHT * one.size * (n + 0.78)
        pen.write(one.x, base, line, one.size, font_weight=400 if n else 700)


def _scale(pen: Pen, box: Box, fit: Fit, words: SheetWords, paper_factor: float) -> None:
    """A bar of four fields, and the scale in figures for the paper chosen."""
    bar = scale_bar(fit.mm_per_m, longest_mm=70)
    x, y, field = box.left + 8, box.bottom - 9, bar.mm / 4
    group = pen.group(stroke=INK, stroke_width=0.3)
    for n in range(4):
        group.put(
            "rect", x=x + n * field, y=y, width=field, height=2, fill=INK if n % 2 == 0 else "#ffffff"
        )  # fmt: skip
    long = bar.metres >= 1000
    end = f"{bar.metres / 1000:g} {words.kilometres}" if long else f"{bar.metres} {words.metres}"
    pen.write(x, y + 6, "0", 3.6, text_anchor="middle")
    pen.write(x + bar.mm, y + 6, end, 3.6, text_anchor="middle")
    # millimetres of this drawing are `paper_factor` millimetres of paper
    one_to = 1000 / (fit.mm_per_m * paper_factor)
    rounded = round(one_to, 2 - len(str(int(one_to))))
    pen.write(x, y - 2.5, words.scale % {"n": f"{rounded:,.0f}"}, 3.8)


def _arrow(pen: Pen, box: Box, words: SheetWords) -> None:
    x, y = box.right - 10, box.top + 5
    pen.put("path", d=f"M{x:g} {y + 3:g}L{x + 3.2:g} {y + 14:g}L{x:g} {y + 11.4:g}Z", fill=INK)
    pen.put(
        "path", d=f"M{x:g} {y + 3:g}L{x - 3.2:g} {y + 14:g}L{x:g} {y + 11.4:g}Z", fill="#ffffff",
        stroke=INK, stroke_width=0.3,
    )  # fmt: skip
    pen.write(x, y + 1.5, words.north, 4, text_anchor="middle", font_weight=700)


def _plane_words(plane: Plane) -> str:
    if plane.meridian is None:
        return _("局部平面坐标")
    return _("CGCS2000 三度带，中央经线 %(n)d°E", n=plane.meridian)

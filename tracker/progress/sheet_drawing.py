"""Draws a map sheet as SVG: frame, title, map, legend, table, foot; the master of PNG, PDF and print.

Everything is laid out in millimetres of A3; A4 is the same drawing, smaller. Text goes through an
XML writer and never becomes markup.
"""

from dataclasses import dataclass
from xml.etree import ElementTree as ET

from gis.labels import cut, width_of
from gis.sheet import Box
from tracker.progress.sheet_data import SheetData
from tracker.progress.sheet_map import draw_map
from tracker.progress.sheet_options import Paper, SheetOptions
from tracker.progress.sheet_pen import INK, LINE, MUTED, Pen, dot, hatch
from tracker.progress.sheet_table import draw_table
from tracker.progress.sheet_words import SheetWords

#: Families that hold Chinese, as viewers and the renderer look for them, in this order.
FAMILIES = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN",
    "Microsoft YaHei", "PingFang SC", "Hiragino Sans GB", "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei", "SimHei", "SimSun", "Noto Serif CJK SC", "Source Han Serif SC",
)  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """Where the pieces lie, millimetres of A3."""

    width: float
    height: float
    map: Box
    legend: Box
    table: Box


LANDSCAPE = Layout(
    420, 297, map=Box(12, 36, 288, 238), legend=Box(306, 36, 102, 62), table=Box(306, 36, 102, 238)
)
PORTRAIT = Layout(
    297, 420, map=Box(12, 36, 273, 236), legend=Box(12, 278, 60, 119), table=Box(78, 278, 207, 119)
)


def svg(data: SheetData, options: SheetOptions, words: SheetWords) -> str:
    """The whole sheet; `width` and `height` are those of the paper chosen."""
    layout = layout_of(options.paper)
    wide, high = options.paper.millimetres
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": f"{wide}mm",
            "height": f"{high}mm",
            "viewBox": f"0 0 {layout.width:g} {layout.height:g}",
            "font-family": ", ".join(f"'{one}'" for one in FAMILIES) + ", sans-serif",
            "fill": INK,
        },
    )
    pen = Pen(root)
    pen.put("title", words.title)
    hatch(pen)
    pen.put("rect", width=layout.width, height=layout.height, fill="#ffffff")
    _head(pen, layout, words)
    drawn = draw_map(pen, layout.map, data, words, paper_factor=wide / layout.width)
    end = _legend(pen, layout.legend, data, words)
    table = layout.table.below(end + 5) if layout is LANDSCAPE else layout.table
    draw_table(pen.group(), table, data, words, without_border=drawn.without_border)
    _foot(pen, layout, words, drawn.plane_words)
    return ET.tostring(root, encoding="unicode")


def layout_of(paper: Paper) -> Layout:
    """The layout of a paper's way."""
    return PORTRAIT if paper.endswith("portrait") else LANDSCAPE


def _head(pen: Pen, layout: Layout, words: SheetWords) -> None:
    room = layout.width - 24
    size = _size(words.title, 10.0, room)
    middle = {"x": layout.width / 2, "text_anchor": "middle"}
    pen.put("text", words.title, **middle, y=21.0, font_size=size, font_weight=700)
    subtitle = cut(words.subtitle, 4.0, room)
    pen.put("text", subtitle, **middle, y=30.0, font_size=4, fill=MUTED)


def _legend(pen: Pen, box: Box, data: SheetData, words: SheetWords) -> float:
    """The classes, and the signs of single tasks beside or under them; returns where it ends."""
    group = pen.group()
    group.put("title", words.legend)
    group.write(box.left, box.top + 5, words.legend, 5.5, font_weight=700)
    beside = width_of(words.legend, 5.5) + 4
    is_beside = beside + width_of(words.legend_note, 3.6) <= box.width
    at = (box.left + beside, box.top + 5) if is_beside else (box.left, box.top + 10.5)
    group.write(*at, words.legend_note, 3.6, fill=MUTED)
    first = box.top + (9.5 if is_beside else 14.5)
    y = first
    for colour, said in words.classes:
        group.put(
            "rect", x=box.left, y=y, width=11, height=5.5,
            fill=colour, stroke=LINE, stroke_width=0.25,
        )  # fmt: skip
        group.write(box.left + 14, y + 4.2, said, 4)
        y += 7
    end = y
    if data.dots:
        signs = ((True, words.overdue_dot), (False, words.open_dot))
        beside = 20 + max((width_of(said, 4) for _colour, said in words.classes), default=0.0)
        is_wide = beside + 14 + max(width_of(said, 4) for _late, said in signs) <= box.width
        left = box.left + (beside if is_wide else 0)
        y = first if is_wide else y + 2
        for is_overdue, said in signs:
            dot(group, left + 5.5, y + 2.75, is_overdue=is_overdue, size=1.6)
            group.write(left + 14, y + 4.2, said, 4)
            y += 7
    return max(end, y)


def _foot(pen: Pen, layout: Layout, words: SheetWords, plane: str) -> None:
    y = layout.height - 15
    room = layout.width - 24
    note, source = " · ".join(words.notes), f"{words.source} · {plane}".removesuffix(" · ")
    pen.write(12, y, note, _size(note, 4.2, room), font_weight=700)
    pen.write(12, y + 7, source, _size(source, 3.6, room), fill=MUTED)


def _size(text: str, size: float, room: float) -> float:
    """The size at which a line that must be read whole fits."""
    return size * min(1.0, room / max(width_of(text, size), 1.0))

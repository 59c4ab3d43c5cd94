"""Knows what a person chose for a map sheet: figure, parts, paper, title, single tasks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tracker.errors import Invalid
from tracker.places.levels import below
from tracker.places.models import Level
from tracker.progress.choropleths import PRINTED, Choropleth
from tracker.texts import N_
from tracker.web.arguments import one_of, unknown

#: What the areas may be shaded by: the columns of a review, with the same classes and colours.
COLUMNS: Mapping[str, Choropleth] = {column.name: column for column in PRINTED}


class Paper(StrEnum):
    """Size and way of the paper."""

    A3_LANDSCAPE = "a3-landscape"
    A3_PORTRAIT = "a3-portrait"
    A4_LANDSCAPE = "a4-landscape"
    A4_PORTRAIT = "a4-portrait"

    @property
    def millimetres(self) -> tuple[int, int]:
        """Width and height."""
        short, long = (297, 420) if self.startswith("a3") else (210, 297)
        return (short, long) if self.endswith("portrait") else (long, short)


PAPER_LABELS = {
    Paper.A3_LANDSCAPE: N_("A3 横向"),
    Paper.A3_PORTRAIT: N_("A3 纵向"),
    Paper.A4_LANDSCAPE: N_("A4 横向"),
    Paper.A4_PORTRAIT: N_("A4 纵向"),
}
#: Dots an inch of a picture; A3 at 300 is 17 million dots, and more is refused.
RESOLUTIONS = (150, 300)
LONGEST_TITLE = 40


@dataclass(frozen=True)
class SheetOptions:
    """What a sheet is asked to look like."""

    measure: str = PRINTED[0].name
    paper: Paper = Paper.A3_LANDSCAPE
    #: "" is the usual one
    title: str = ""
    with_tasks: bool = False
    #: which areas inside the chosen one; None are those directly below
    level: Level | None = None

    @property
    def column(self) -> Choropleth:
        """What the areas are shaded by."""
        return COLUMNS[self.measure]

    def to_args(self) -> dict[str, str]:
        """Query-string arguments from which `from_args` makes equal options."""
        args = {"measure": self.measure, "paper": self.paper.value, "title": self.title}
        args |= {"tasks": "1" if self.with_tasks else "", "level": self.level or ""}
        return {name: value for name, value in args.items() if value}


def from_args(args: Mapping[str, str], area_level: Level) -> SheetOptions:
    """The options in a query string for an area. Raises Invalid with the argument's name."""
    title = legal(args.get("title", "")).strip()
    if len(title) > LONGEST_TITLE:
        raise Invalid(N_("标题最多 %(most)d 个字。"), field="title", most=LONGEST_TITLE)
    level = one_of(args, "level", Level, None)
    if level is not None and level not in below(area_level):
        raise Invalid(N_("这个区域内没有这一级的区域。"), field="level")
    if args.get("tasks", "") not in ("", "0", "1"):
        raise unknown("tasks", args["tasks"])
    return SheetOptions(
        measure=_measure(args),
        paper=one_of(args, "paper", Paper, Paper.A3_LANDSCAPE),
        title=title,
        with_tasks=args.get("tasks") == "1",
        level=level,
    )


def _measure(args: Mapping[str, str]) -> str:
    name = args.get("measure", "") or PRINTED[0].name
    if name not in COLUMNS:
        raise unknown("measure", name)
    return name


def resolution(args: Mapping[str, str]) -> int:
    """Dots an inch that are asked for. Raises Invalid for any but RESOLUTIONS."""
    text = args.get("dpi", str(RESOLUTIONS[0]))
    if text not in map(str, RESOLUTIONS):
        raise unknown("dpi", text)
    return int(text)


def legal(text: str) -> str:
    """The text without what no XML file may hold."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)

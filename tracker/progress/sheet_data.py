"""Knows what stands on a map sheet: the parts of an area with their figures and borders, and single tasks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.errors import Invalid
from tracker.maps.queries import in_map
from tracker.maps.shading import Shade, index_of
from tracker.places.levels import below
from tracker.places.models import Area, Level
from tracker.places.queries import areas_within, boundaries_of
from tracker.progress.choropleths import Line, classes_of
from tracker.progress.chosen import Chosen
from tracker.progress.figures import NOTHING, Figures, of_areas
from tracker.progress.sheet_options import SheetOptions
from tracker.tasks import filters, presenting
from tracker.tasks.deadlines import DueBand
from tracker.tasks.models import Task
from tracker.tasks.states import OPEN
from tracker.texts import N_

#: More areas than these are not told apart on a sheet.
MAX_PARTS = 300
#: More single tasks are not drawn; the sheet says so.
MAX_TASKS = 3000


@dataclass(frozen=True)
class Part:
    """One area of the sheet; its rank is its number in the table and on the map, the worst first."""

    rank: int
    name: str
    figures: Figures
    value: float | None
    #: the class of the value; None is 无数据
    shade: Shade | None
    #: GeoJSON geometry, WGS-84 (lon, lat); None where no boundary is known
    border: dict[str, Any] | None = field(repr=False)


@dataclass(frozen=True)
class Dot:
    """One open task, WGS-84 degrees."""

    lon: float
    lat: float
    is_overdue: bool


@dataclass(frozen=True)
class SheetData:
    """Everything a sheet is drawn from, but for its words."""

    area: Area
    level: Level
    total: Figures
    parts: Sequence[Part]
    #: the classes of the map on the screen, ascending
    shades: Sequence[Shade]
    outline: dict[str, Any] | None
    is_schematic: bool
    dots: Sequence[Dot] = ()
    dots_left_out: bool = False


def gather(
    session: Session, actor: Actor, area: Area, options: SheetOptions, chosen: Chosen
) -> SheetData:
    """The sheet of an area that the actor may see.

    Raises Invalid for more than MAX_PARTS parts, and for single tasks of a past day.
    """
    if options.with_tasks and chosen.on is not None:
        raise Invalid(N_("过去的日期只有统计数，不能画出单个任务。"), field="tasks")
    level, areas = _parts(session, area, options.level, is_past=chosen.on is not None)
    if len(areas) > MAX_PARTS:
        raise Invalid(
            N_("这一级有 %(n)d 个区域，一张图最多画 %(most)d 个，请选择上一级或较小的区域。"),
            field="level", n=len(areas), most=MAX_PARTS,
        )  # fmt: skip
    codes = [one.code for one in areas]
    asked = chosen.asked()
    found = of_areas(session, actor, codes, level, asked)
    total = of_areas(session, actor, [area.code], Level(area.level), asked)
    borders = boundaries_of(session, [area.code, *codes])
    column = options.column
    lines = [Line(one.code, one.name, level, found[one.code], None, 0) for one in areas]
    shades = classes_of([column], lines)[column.name]
    parts = []
    for rank, line in enumerate(column.ranked(lines), start=1):
        value, border = column.figure(line), borders.get(line.code)
        shade = index_of(value, shades)
        parts.append(
            Part(
                rank, line.name, line.now, value, None if shade is None else shades[shade],
                border.geometry if border else None,
            )
        )  # fmt: skip
    whole = borders.get(area.code)
    dots, is_cut = (
        _dots(session, actor, area, chosen.asked().wanted, chosen.at)
        if options.with_tasks
        else ([], False)
    )
    return SheetData(
        area, level, total.get(area.code, NOTHING), parts, shades,
        outline=whole.geometry if whole else None,
        is_schematic=any(one.is_schematic for one in areas),
        dots=dots, dots_left_out=is_cut,
    )  # fmt: skip


def _parts(
    session: Session, area: Area, level: Level | None, *, is_past: bool
) -> tuple[Level, Sequence[Area]]:
    """The areas of a level, else of the first level below that has any; else the area itself.

    Grids are counted as they are now only, so that a past day stops at the community.
    """
    own = Level(area.level)
    for one in [level] if level else below(own):
        if one is Level.GRID and is_past and level is None:
            break
        found = areas_within(session, area, one)
        if found:
            return one, found
    return own, [area]


def _dots(
    session: Session, actor: Actor, area: Area, wanted: filters.TaskFilter, at: datetime
) -> tuple[list[Dot], bool]:
    rows = session.execute(
        select(Task.lon, Task.lat, Task.state, Task.due_at, Task.due_soon_at)
        .where(
            in_map(area, actor), Task.state.in_(sorted(OPEN)), Task.lon.is_not(None),
            *filters.clauses(wanted, at, actor.user_id),
        )
        .order_by(Task.due_at.asc().nulls_last(), Task.id)
        .limit(MAX_TASKS + 1)
    ).all()  # fmt: skip
    made = [
        Dot(row.lon, row.lat, presenting.band(row, at) == DueBand.OVERDUE)
        for row in rows[:MAX_TASKS]
    ]
    return made, len(rows) > MAX_TASKS

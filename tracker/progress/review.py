"""Knows one review: an area, the areas in it, their figures; map, table, file and page all show this."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from tracker.access.actor import Actor
from tracker.clock import in_city
from tracker.counters.queries import Days
from tracker.errors import Invalid
from tracker.maps.shading import Shade, index_of
from tracker.places.levels import below
from tracker.places.models import LEVELS, Area, Level
from tracker.places.queries import areas_within, children
from tracker.points.queries import active_by_area
from tracker.progress.choropleths import (
    COMPARED,
    FIRST,
    NAMES,
    PLAIN,
    RATED,
    USUAL,
    Behind,
    Choropleth,
    Line,
    classes_of,
    month_before,
)
from tracker.progress.chosen import Chosen, day_in, from_request
from tracker.progress.figures import Asked, Figures, of_areas
from tracker.progress.opening import STOCKS, narrowed
from tracker.texts import N_


@dataclass(frozen=True)
class Choice:
    """What a person chose to review; `to_args` makes an equal one again."""

    chosen: Chosen
    measure: str = ""
    is_best_first: bool = False
    #: areas of which level; None is those directly below
    by: Level | None = None
    #: the day compared with; None is the same day a month before
    against: date | None = None

    @property
    def day(self) -> date:
        """The day the stocks are of."""
        return self.chosen.on or in_city(self.chosen.at).date()

    @property
    def then(self) -> date:
        """The day before to which changes are told."""
        return self.against or month_before(self.day)

    @property
    def columns(self) -> tuple[Choropleth, ...]:
        return USUAL if self.against is None else COMPARED

    @property
    def column(self) -> Choropleth:
        """What colours the map and sorts the table."""
        found = {one.name: one for one in self.columns}
        plain = PLAIN.get(self.measure, "")  # of two days, when one is looked at
        return found.get(self.measure) or found.get(plain) or found[FIRST[self.columns]]

    @property
    def sheet_measure(self) -> str:
        """The figure of the printed sheet that comes nearest."""
        plain = PLAIN.get(self.column.name, self.column.name)
        return plain if plain in PLAIN.values() else FIRST[USUAL]

    def before(self) -> Chosen:
        """The same for the day before, its period as long and as far from that day."""
        back: timedelta = self.day - self.then
        days = self.chosen.days
        return replace(self.chosen, on=self.then, days=Days(days.first - back, days.last - back))

    def asked(self) -> tuple[Asked, Asked]:
        """What is asked of the day and of the day before; of that the rates only where they are compared."""
        now = replace(self.chosen.asked(), flows=RATED)
        return now, replace(now, on=self.then, days=self.before().days if self.against else None)

    def list_args(self, column: Choropleth, line: Line, one: Behind) -> dict[str, Any] | None:
        """Arguments of the task list behind a number of a figure; None where no list can show it."""
        chosen = self.before() if column.is_then else self.chosen
        if chosen.on is not None and one.measure in STOCKS:
            return None
        wanted = narrowed(one.measure, chosen.days)
        return None if wanted is None else chosen.list_args(line.code, **wanted)

    @cached_property
    def addresses(self) -> dict[tuple[bool, str], tuple[str, str] | None]:
        """What `review_words.list_url` wrote for this choice."""
        return {}

    def to_args(self, **changed: Any) -> dict[str, Any]:
        """Query-string arguments; `changed` ones are put over, None takes one away."""
        args: dict[str, Any] = self.chosen.to_args()
        if self.measure:
            args["measure"] = self.measure
        if self.is_best_first:
            args["order"] = "best"
        if self.by is not None:
            args["by"] = self.by.value
        if self.against is not None:
            args["with"] = self.against.isoformat()
        args |= changed
        return {name: value for name, value in args.items() if value is not None}


def read(args: Mapping[str, Any], at: datetime) -> Choice:
    """The choice in a query string. Raises Invalid with the argument's name."""
    given = MultiDict(args)
    measure, by = given.get("measure", ""), given.get("by", "")
    if measure and measure not in NAMES:
        raise Invalid(N_("没有这个指标，请从列表中选择。"), field="measure")
    if by and by not in LEVELS:
        raise Invalid(N_("没有这个层级，请从列表中选择。"), field="by")
    choice = Choice(
        from_request(args, at), measure, given.get("order") == "best",
        Level(by) if by else None, day_in(given, "with"),
    )  # fmt: skip
    if choice.against is not None and choice.against > in_city(at).date():
        raise Invalid(N_("只能回看今天或以前的日期。"), field="with")
    if choice.against == choice.day:
        raise Invalid(N_("两个日期相同，请选另一天来对比。"), field="with")
    return choice


@dataclass(frozen=True)
class Review:
    """Lines in the order chosen, and the area they lie in as the last line."""

    area: Area
    lines: list[Line]
    total: Line
    choice: Choice
    #: lines of the area that stands beside: both maps have one scale
    beside: tuple[Line, ...] = ()

    @cached_property
    def shades(self) -> dict[str, tuple[Shade, ...]]:
        """The classes of each column."""
        return classes_of(self.choice.columns, [*self.lines, *self.beside])

    def short_name(self, name: str) -> str:
        """A part's name without that of the area, e.g. 第04网格."""
        return name.removeprefix(self.area.name) or name

    @property
    def elsewhere(self) -> int:
        """Open tasks of the area that lie in none of its parts."""
        return self.total.now.open - sum(line.now.open for line in self.lines)

    @property
    def is_one(self) -> bool:
        """Nothing lies below the area: it stands for itself."""
        return [line.code for line in self.lines] == [self.area.code]


def levels_below(area: Area) -> list[Level]:
    """The levels that an area can be looked at by, the next one first; grids only of a community."""
    found = list(below(area.level))
    return found if area.level == Level.COMMUNITY else [one for one in found if one != Level.GRID]


def parts_of(session: Session, area: Area, by: Level | None) -> list[Area]:
    """The areas in force to be told apart in an area, in code order; itself when it has none.

    Raises Invalid for a level that does not lie below it.
    """
    if by is None or by == area.level:
        found = list(children(session, area.code))
    elif by not in levels_below(area):
        raise Invalid(N_("这个区域不能按该层级查看。"), field="by")
    else:
        found = list(areas_within(session, area, by))
    return found or [area]


def of(session: Session, actor: Actor, area: Area, choice: Choice) -> Review:
    """The review of an area the actor may see. Raises Invalid for a past day that cannot be counted."""
    parts = parts_of(session, area, choice.by)
    asked = choice.asked()
    lines = _lines(session, actor, parts, choice, *asked)
    if parts == [area]:
        total = lines[0]
    else:
        near = sum(line.now.open for line in lines if line.points)
        own = _lines(session, actor, [area], choice, *asked)[0]
        total = replace(own, open_near_points=near)
    ranked = choice.column.ranked(lines, is_best_first=choice.is_best_first)
    return Review(area, ranked, total, choice)


def _lines(
    session: Session, actor: Actor, parts: list[Area], choice: Choice, asked: Asked, before: Asked
) -> list[Line]:
    """Areas of one level; a level that is mixed (a grid beside towns) is asked for one by one."""
    found: list[Line] = []
    for level in LEVELS:
        here = [area for area in parts if area.level == level]
        if not here:
            continue
        codes = [area.code for area in here]
        now = of_areas(session, actor, codes, level, asked)
        then = _then(session, actor, codes, level, choice, before)
        points = active_by_area(session, actor, level, codes, choice.chosen.wanted.action)
        found += [
            Line(
                area.code, area.name, level, now[area.code], then.get(area.code),
                points.get(area.code, 0), area.is_schematic,
            )
            for area in here
        ]  # fmt: skip
    return found


def _then(
    session: Session, actor: Actor, codes: list[str], level: Level, choice: Choice, before: Asked
) -> dict[str, Figures]:
    """Figures of the day before; nothing where they cannot be counted and nobody asked for them."""
    try:
        return of_areas(session, actor, codes, level, before)
    except Invalid as fault:
        if choice.against is not None:
            raise Invalid(fault.message, field="with", **fault.facts) from None
        return {}


def shade_of(review: Review, column: Choropleth, line: Line) -> int | None:
    """Which class of a column a line lies in; None is 无数据."""
    return index_of(column.figure(line), review.shades[column.name])


def on_map(column: Choropleth, side: str) -> str:
    """The column that colours a map when this one is chosen: of two days, each map has its own."""
    if not side:
        return column.name
    return PLAIN.get(column.name, column.name) + ("_then" if side == "then" else "")


def standing(session: Session, actor: Actor, area: Area, chosen: Chosen) -> Figures:
    """How the area stands now."""
    now = replace(chosen, on=None).asked()
    return of_areas(session, actor, [area.code], Level(area.level), now)[area.code]

"""Knows how areas stood at the end of each day of a span: one picture, and what each day changed.

A page that plays the days needs nothing else from the server. The last day is the present moment
when the span ends today: what is due later today is not overdue yet, as everywhere. A filter is what
the counters know of every day; the tasks of an action are known by their points as these are now.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from tracker.access.actor import Actor
from tracker.clock import in_city
from tracker.counters import kind_days
from tracker.counters.kinds import Kinds
from tracker.counters.measures import OPEN_STOCKS, Measure
from tracker.counters.queries import Counts, Days, due_later_today
from tracker.errors import Invalid, NotFound
from tracker.maps.queries import visible_area
from tracker.places.models import Area, Level
from tracker.places.queries import children
from tracker.progress.chosen import FILTER_ARGS, USUAL_DAYS, Chosen, from_request
from tracker.progress.figures import NO_PAST_OF_ACTIONS
from tracker.progress.scope import is_watched, kinds_of, roots
from tracker.tasks import filters
from tracker.tasks.filters import TaskFilter
from tracker.tasks.queries import COLUMN_OF
from tracker.texts import N_

#: Days of the longest span.
MOST_DAYS = 400
#: What is told of each day, in this order.
MEASURES: tuple[str, ...] = (Measure.OVERDUE.value, *OPEN_STOCKS)

_UNSEEN = N_("时间轴按社区及以上的区域统计，您看不到这个区域的全部任务。")


@dataclass(frozen=True)
class Line:
    """One area: `start` is the first day's figures in the order of MEASURES.

    `changes` are, by measure, (days after the first, by how much), in the order of days.
    """

    start: tuple[int, ...]
    changes: Mapping[str, Sequence[tuple[int, int]]] = field(default_factory=dict)

    def on(self, offset: int) -> dict[str, int]:
        """The figures `offset` days after the first."""
        return {
            measure: first + sum(n for day, n in self.changes.get(measure, ()) if day <= offset)
            for measure, first in zip(MEASURES, self.start, strict=True)
        }

    def as_json(self) -> list[Any]:
        """[start, changes]: of each measure its days and changes in turn, in one flat list."""
        flat = [[n for pair in self.changes.get(one, ()) for n in pair] for one in MEASURES]
        return [list(self.start), flat]


@dataclass(frozen=True)
class Place:
    """What a time line is shown of: an area, and the areas that its map shades."""

    area: Area
    parts: tuple[Area, ...]

    @property
    def shown(self) -> list[Area]:
        """The parts, and the whole unless it is its only part."""
        return list({area.code: area for area in (*self.parts, self.area)}.values())

    @property
    def is_community(self) -> bool:
        return self.area.level == Level.COMMUNITY


def place_of(session: Session, actor: Actor, code: str) -> Place | None:
    """The area of a code, or the first of the person's own; None for who has no area to look at.

    The parts are what lies directly below; of a community it is itself, its tasks are drawn one by
    one. Raises NotFound for a foreign area, for a grid, and for one seen by unit only.
    """
    if not code:
        own = [area for area in roots(session, actor) if can_open(session, actor, area)]
        return Place(own[0], _parts(session, own[0])) if own else None
    area = visible_area(session, code, actor)
    if not can_open(session, actor, area):
        raise NotFound(_UNSEEN)
    return Place(area, _parts(session, area))


def found_place(session: Session, actor: Actor, code: str) -> Place:
    """As `place_of`; also raises NotFound when there is no area to look at."""
    place = place_of(session, actor, code)
    if place is None:
        raise NotFound(_UNSEEN)
    return place


def visible_community(session: Session, actor: Actor, code: str) -> Area:
    """The community of a code, for its single tasks. Raises NotFound."""
    area = visible_area(session, code, actor)
    if area.level != Level.COMMUNITY:
        raise NotFound(N_("只有社区可以逐件回看任务。"))
    return area


def can_open(session: Session, actor: Actor, area: Area) -> bool:
    """Whether the actor sees every task of an area whose days are counted."""
    return area.level != Level.GRID and is_watched(session, actor, [area.code])


def _parts(session: Session, area: Area) -> tuple[Area, ...]:
    below = () if area.level == Level.COMMUNITY else children(session, area.code)
    return tuple(one for one in below if one.level != Level.GRID) or (area,)


def span_of(args: Mapping[str, Any], at: datetime) -> Chosen:
    """The filter and the days of a time line, and the day shown, from `from`, `to` and `on`; see chosen.

    The span ends today unless it is said; a day before it, alone, begins one of the usual length.
    Raises Invalid for days to come and for more than MOST_DAYS.
    """
    given = MultiDict(args)
    on = from_request(MultiDict({"on": given.get("on", "")}), at).on
    named = [(one, n) for one in ("from", "to", *FILTER_ARGS) for n in given.getlist(one)]
    chosen = from_request(MultiDict(named), at)
    if on is not None and not chosen.is_named and on < chosen.days.first:
        span = Days(on, on + timedelta(days=USUAL_DAYS - 1))
        chosen = replace(chosen, days=span, is_named=True)
    chosen = replace(chosen, on=on)
    if chosen.days.last > in_city(at).date():
        raise Invalid(N_("只能回看今天或以前的日期。"), field="to")
    if (chosen.days.last - chosen.days.first).days >= MOST_DAYS:
        raise Invalid(N_("一次最多回看 %(most)d 天。"), field="from", most=MOST_DAYS)
    return chosen


def counted_kinds(session: Session, wanted: TaskFilter) -> Kinds:
    """The filter as the counters of past days know it. Raises Invalid for an action."""
    kinds = kinds_of(session, wanted)
    if kinds is None:
        raise Invalid(NO_PAST_OF_ACTIONS, field="action")
    return kinds


def lines(session: Session, areas: Sequence[Area], chosen: Chosen) -> dict[str, Line]:
    """The lines of areas by code. Reads the counters of the span, and today's deadlines.

    Raises Invalid for a filter that they do not know.
    """
    kinds, days = counted_kinds(session, chosen.wanted), chosen.days
    codes = [area.code for area in areas]
    found, changed = kind_days.line(session, codes, kinds, MEASURES, days)
    first = {code: Counts() for code in codes} | found
    changes: dict[str, dict[str, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    for (code, measure), pairs in changed.items():
        changes[code][measure] = pairs
    for code, n in _not_yet_late(session, areas, chosen).items():
        if days.first == days.last:
            first[code][Measure.OVERDUE] -= n
        else:
            changes[code][Measure.OVERDUE.value].append((days.count - 1, -n))
    return {
        code: Line(tuple(first[code][one] for one in MEASURES), changes.get(code, {}))
        for code in codes
    }


def _not_yet_late(session: Session, areas: Sequence[Area], chosen: Chosen) -> dict[str, int]:
    """By area, what counts as overdue at the end of today and is not yet."""
    found: dict[str, int] = {}
    if chosen.days.last != in_city(chosen.at).date():
        return found
    asked = filters.clauses(chosen.wanted, chosen.at)
    for level in {Level(area.level) for area in areas}:
        codes = sorted(area.code for area in areas if area.level == level)
        column = COLUMN_OF[level]
        rows = due_later_today(session, column, chosen.at, [column.in_(codes), *asked])
        found |= {code: n for code, n in rows.items() if code and n}
    return found

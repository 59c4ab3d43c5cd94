"""Knows two areas side by side: their figures, the line of their last days, and the difference in words."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.clock import in_city
from tracker.counters import kind_days
from tracker.counters.measures import OPEN_STOCKS, Measure
from tracker.counters.queries import Days
from tracker.places.models import Area, Level
from tracker.points.queries import active_by_area
from tracker.progress import causes
from tracker.progress.choropleths import ON_TIME, RECTIFIED, USUAL, Choropleth, Line
from tracker.progress.chosen import Chosen
from tracker.progress.figures import of_areas
from tracker.progress.scope import is_watched, kinds_of
from tracker.progress.sparklines import Spark, spark
from tracker.texts import N_

#: Days of the little lines, today included.
SPARK_DAYS = 30
#: The columns of a review that stand side by side; a change has no place here.
COLUMNS = tuple(column for column in USUAL if not column.is_change)


def shaded_by(name: str) -> Choropleth:
    """The column that colours the two maps, the first where none of that name is compared."""
    return next((one for one in COLUMNS if one.name == name), COLUMNS[0])


@dataclass(frozen=True)
class Side:
    """One of the two areas. `lines` are day by day, oldest first; empty where no counter tells."""

    area: Area
    line: Line
    #: column's name → the line of the last days
    lines: dict[str, Spark]
    #: (code, words, open tasks); None when there are too many to look through
    categories: list[tuple[str, str, int]] | None


def side(session: Session, actor: Actor, area: Area, chosen: Chosen, *, english: bool) -> Side:
    """How an area stands now, and its last days."""
    level, now = Level(area.level), replace(chosen, on=None)
    figures = of_areas(session, actor, [area.code], level, now.asked())[area.code]
    points = active_by_area(session, actor, level, [area.code], chosen.wanted.action)
    line = Line(area.code, area.name, level, figures, None, points.get(area.code, 0))
    found = None
    if figures.open <= causes.MOST_TASKS:
        found = causes.categories(session, actor, area, now, english=english)
    return Side(area, line, _last_days(session, actor, line, now), found)


def _last_days(session: Session, actor: Actor, line: Line, chosen: Chosen) -> dict[str, Spark]:
    kinds = kinds_of(session, chosen.wanted)
    if kinds is None or line.level is Level.GRID or not is_watched(session, actor, [line.code]):
        return {}
    today = in_city(chosen.at).date()
    days = Days(today - timedelta(days=SPARK_DAYS - 1), today)
    wanted = (*OPEN_STOCKS, Measure.FOUND, Measure.ENDED)
    found = kind_days.daily(session, [line.code], kinds, wanted, days)
    changed: Counter[date] = Counter()
    for state in OPEN_STOCKS:
        changed.update(found.get(state, Counter()))
    every = [days.first + timedelta(days=n) for n in range(SPARK_DAYS)]
    stood, standing = [], line.now.open
    for day in reversed(every):
        stood.append(standing)
        standing -= changed[day]
    return {
        "open": spark(stood[::-1]),
        "found": spark([found.get(Measure.FOUND, Counter())[day] for day in every]),
        "ended": spark([found.get(Measure.ENDED, Counter())[day] for day in every]),
    }


def sentences(a: Side, b: Side) -> list[str]:
    """The difference in plain words: what is open and of what, what is late, how punctual."""
    said = [_open(a, b)]
    late = a.line.now.overdue - b.line.now.overdue
    if late:
        words = (
            _("%(a)s 超期比%(b)s多 %(n)s 件。") if late > 0 else _("%(a)s 超期比%(b)s少 %(n)s 件。")
        )
        said.append(_filled(words, a, b, abs(late)))
    for column, higher, lower in (
        (RECTIFIED, N_("%(a)s 整改率比%(b)s高 %(n)s 个百分点。"), N_("%(a)s 整改率比%(b)s低 %(n)s 个百分点。")),
        (ON_TIME, N_("%(a)s 按期率比%(b)s高 %(n)s 个百分点。"), N_("%(a)s 按期率比%(b)s低 %(n)s 个百分点。")),
    ):  # fmt: skip
        x, y = column.figure(a.line), column.figure(b.line)
        if x is not None and y is not None and x != y:
            said.append(_filled(_(higher if x > y else lower), a, b, round(abs(x - y), 1)))
    return said


def _open(a: Side, b: Side) -> str:
    more = a.line.now.open - b.line.now.open
    if not more:
        return _filled(_("%(a)s 与%(b)s未办结一样多，都是 %(n)s 件。"), a, b, a.line.now.open)
    words = _("%(a)s 未办结比%(b)s多 %(n)s 件") if more > 0 else _("%(a)s 未办结比%(b)s少 %(n)s 件")
    mainly = _mainly(a, b, more)
    end: str = (
        _("，主要在%(what)s（%(n)s 件）。", what=mainly[0], n=mainly[1]) if mainly else _("。")
    )
    return _filled(words, a, b, abs(more)) + end


def _mainly(a: Side, b: Side, more: int) -> tuple[str, str] | None:
    """The category in which the two differ most, in the direction in which they differ."""
    if a.categories is None or b.categories is None:
        return None
    names = {code: words for code, words, _n in (*b.categories, *a.categories)}
    gap = Counter({code: n for code, _words, n in a.categories})
    gap.subtract({code: n for code, _words, n in b.categories})
    sign = 1 if more > 0 else -1
    code = max(sorted(names), key=lambda one: sign * gap[one], default="")
    most = sign * gap[code] if code else 0
    return (names[code], f"{most:,}") if 2 * most >= abs(more) else None


def _filled(words: str, a: Side, b: Side, n: float) -> str:
    return words % {"a": a.area.name, "b": b.area.name, "n": f"{n:,}"}

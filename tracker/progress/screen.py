"""Knows the picture of the command room's screen: counts of areas, and nothing of any person."""

from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tracker.clock import in_city
from tracker.counters import queries as counters
from tracker.counters.queries import Days
from tracker.places.models import Level
from tracker.places.queries import areas_within
from tracker.progress import board_figures, board_tables, holders
from tracker.progress.board_figures import Headline
from tracker.progress.board_scope import Scope
from tracker.progress.board_tables import Stage
from tracker.progress.chosen import USUAL_DAYS
from tracker.progress.figures import Asked
from tracker.progress.holders import Place
from tracker.progress.trend import each, trend
from tracker.tasks.filters import TaskFilter
from tracker.tasks.models import Task
from tracker.tasks.states import State
from tracker.web.filters import change, number, percent

#: Areas in the ranking: what fits the screen.
RANKED = 12


def state(session: Session, scope: Scope, at: datetime) -> tuple[Any, ...]:
    """What the picture depends on: equal states, equal pictures. Two queries of a few rows."""
    later = counters.due_later_today(session, Task.district_code, at, scope.clauses)
    stamps = counters.stamps(session, scope.codes)
    return in_city(at).date(), sum(later.values()), stamps


def picture(session: Session, scope: Scope, at: datetime) -> dict[str, Any]:
    """Everything the screen shows of an area, in the reader's words."""
    today = in_city(at).date()
    days = Days(today - timedelta(days=USUAL_DAYS - 1), today)
    found = trend(session, scope, board_tables.first_day(days, today), at)
    places = _places(session, scope, days, at)
    most = max((place.open for place in places), default=0)
    return {
        "area": scope.name,
        "days": [day.strftime("%m-%d") for day in each(days)],
        "headlines": [
            {
                "key": one.key, "label": _(one.label),
                "value": percent(one.value) if one.is_rate else number(one.value),
                "change": _change(one),
            }
            for one in board_figures.headlines(scope, found, days)
        ],
        "funnel": [
            {"key": one.state.value, "label": _stage(one), "count": one.count}
            for one in board_tables.funnel(scope, found, days)
        ],
        "ageing": [[one.least, one.most, one.count] for one in board_tables.ageing(scope, found)],
        "trend": {
            "found": found.per_day("found", days),
            "closed": found.per_day("ended", days),
            "open": [found.open_at(day) for day in each(days)],
        },
        "ranking": [
            {
                "name": one.name, "open": one.open, "overdue": one.overdue,
                "rate": percent(one.rectified_rate), "share": one.open / most if most else 0,
            }
            for one in places[:RANKED]
        ],
        "late": [
            _("%(place)s 超期 %(n)s 件", place=one.name, n=one.overdue)
            for one in places
            if one.overdue
        ],
    }  # fmt: skip


def _stage(one: Stage) -> str:
    return _("结案（30 天）") if one.state is State.CLOSED else _(one.label)


def _change(one: Headline) -> str:
    if one.is_ripening and one.before is not None:
        return _("前期 %(value)s", value=percent(one.before))
    difference = change(one.value, one.before, _(" 个百分点") if one.is_rate else "")
    return _("较前期 %(difference)s", difference=difference)


def _places(session: Session, scope: Scope, days: Days, at: datetime) -> list[Place]:
    """The communities of an area side by side; of a community itself its grids."""
    area = scope.area
    assert area is not None, "a screen stands on an area"
    level = Level.GRID if area.level == Level.COMMUNITY else Level.COMMUNITY
    areas = areas_within(session, area, level)
    return holders.below(session, scope, areas, days, Asked(TaskFilter(), days, at))

"""The one query layer for figures of areas: maps, boards, tables and exports all ask here.

Three ways give equal figures (a test compares them): the counters of areas when nothing is
filtered, the counters of kinds under a filter they know, and the tasks themselves for a person who
sees tasks by unit or by being part of them, who has few. Every figure names the list it opens.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.clock import in_city
from tracker.counters import queries as counters
from tracker.counters.measures import DATED, OPEN_STOCKS, Measure
from tracker.counters.models import EVERYWHERE
from tracker.counters.queries import Counts, Days, Kinds
from tracker.errors import Invalid
from tracker.places.models import Level
from tracker.places.tree import tree
from tracker.progress import direct
from tracker.progress.scope import is_watched, kinds_of
from tracker.tasks import filters
from tracker.tasks.filters import TaskFilter
from tracker.tasks.queries import COLUMN_OF
from tracker.texts import N_

#: What is summed over the days of a period.
FLOWS = (*DATED, Measure.REWORK, Measure.RETURN)


@dataclass(frozen=True)
class Figures:
    """How an area stands at one moment, and what happened there in a period."""

    counts: Mapping[str, int] = field(default_factory=Counts)

    def __getitem__(self, measure: str) -> int:
        return self.counts.get(str(measure), 0)

    @property
    def open(self) -> int:
        """未办结."""
        return sum(self[state] for state in OPEN_STOCKS)

    @property
    def overdue(self) -> int:
        """超期未办结: a unit holds it and its deadline has passed."""
        return self[Measure.OVERDUE]

    @property
    def rectified_rate(self) -> float | None:
        """整改率 in per cent: of the cases found in the period, those rectified since."""
        return _rate(self[Measure.RECTIFIED], self[Measure.VALID])

    @property
    def on_time_rate(self) -> float | None:
        """按期率 in per cent: of what was due in the period, what was submitted by then."""
        return _rate(self[Measure.ON_TIME], self[Measure.DUE])


NOTHING = Figures()


def _rate(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None


@dataclass(frozen=True)
class Asked:
    """What figures are wanted for."""

    wanted: TaskFilter
    #: the days of what happened; stocks do not depend on it
    days: Days
    #: the present moment
    at: datetime
    #: the end of a past day instead of the present
    on: date | None = None


def of_areas(
    session: Session, actor: Actor, codes: Collection[str], level: Level, asked: Asked
) -> dict[str, Figures]:
    """Figures by code, zeros for an area without tasks. `codes` are areas of one level.

    Only what the actor may see is counted. Raises Invalid for a past day that nobody counted, see
    `why_no_past`.
    """
    kinds = kinds_of(session, asked.wanted)
    why = _why_uncounted(session, actor, codes, level, kinds)
    if kinds is None or why:
        if asked.on is not None and asked.on < in_city(asked.at).date():
            raise Invalid(why, field="on")
        return _from_tasks(session, actor, codes, level, asked)
    counted = (
        _from_areas(session, codes, asked)
        if kinds.is_empty
        else _from_kinds(session, codes, kinds, asked)
    )
    if asked.on is None:
        column = COLUMN_OF[level]
        clauses = [column.in_(sorted(codes)), *filters.clauses(asked.wanted, asked.at)]
        for code, n in counters.due_later_today(session, column, asked.at, clauses).items():
            counted[code or EVERYWHERE][Measure.OVERDUE] -= n
    return {code: Figures(counted.get(code, Counts())) for code in codes}


def why_no_past(
    session: Session, actor: Actor, codes: Collection[str], level: Level, wanted: TaskFilter
) -> str:
    """Why past days of these areas cannot be looked at, in words; empty when they can."""
    return _why_uncounted(session, actor, codes, level, kinds_of(session, wanted))


def _why_uncounted(
    session: Session, actor: Actor, codes: Collection[str], level: Level, kinds: Kinds | None
) -> str:
    if kinds is None:
        return N_(
            "按“工程与行动”筛选只能看当前情况：每天的数字没有按行动分开留存。去掉这个条件后可以回看。"
        )
    if level is Level.GRID:
        return N_(
            "网格只能看当前情况：每天的数字只留存到社区。回看过去的日期请看社区及以上的区域。"
        )
    if not is_watched(session, actor, codes):
        return N_(
            "您只看得到本单位或经您办理的任务，只能看当前情况：每天的数字按整个区域留存，没有按经办人分开。"
        )
    return ""


def _stocks_day(asked: Asked) -> date:
    """Overdue is written for days to come: the present ends today."""
    return asked.on or in_city(asked.at).date()


def _from_areas(session: Session, codes: Collection[str], asked: Asked) -> dict[str, Counts]:
    found = counters.stocks(session, codes, on=_stocks_day(asked))
    for code, counts in counters.flows(session, codes, FLOWS, asked.days).items():
        found[code].update(counts)
    return found


def _from_kinds(
    session: Session, codes: Collection[str], kinds: Kinds, asked: Asked
) -> dict[str, Counts]:
    parents = tree(session).within(codes)
    stocks = counters.kind_stocks(session, kinds, on=_stocks_day(asked))
    flows = counters.kind_flows(session, kinds, FLOWS, asked.days)
    found = counters.folded(stocks, parents)
    for code, counts in counters.folded(flows, parents).items():
        found[code].update(counts)
    return found


def _from_tasks(
    session: Session, actor: Actor, codes: Collection[str], level: Level, asked: Asked
) -> dict[str, Figures]:
    found = direct.counts(
        session, actor, COLUMN_OF[level], codes, asked.wanted, asked.days, asked.at
    )
    return {code: Figures(found.get(code, Counts())) for code in codes}

"""The one query layer for figures of areas: maps, boards, tables and exports all ask here.

Three ways give equal figures (a test compares them): the counters of areas when nothing is
filtered, the counters of kinds under a filter they know, and the tasks themselves for a person who
sees tasks by unit or by being part of them, who has few. Every figure names the list it opens.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.clock import in_city
from tracker.counters import kinds as counters
from tracker.counters.kinds import Kinds, Read
from tracker.counters.measures import OPEN_STOCKS, Measure
from tracker.counters.models import EVERYWHERE
from tracker.counters.queries import Counts, Days, due_later_today
from tracker.errors import Invalid
from tracker.places.models import Level
from tracker.progress import direct
from tracker.progress.direct import FLOWS as FLOWS
from tracker.progress.scope import is_watched, kinds_of
from tracker.tasks import filters
from tracker.tasks.filters import TaskFilter
from tracker.tasks.queries import COLUMN_OF
from tracker.texts import N_

NO_PAST_OF_ACTIONS = N_(
    "按“工程与行动”筛选只能看当前情况：每天的数字没有按行动分开留存。去掉这个条件后可以回看。"
)
#: Of more areas than this, today's deadlines are read without asking where each lies.
FEW = 50


@dataclass(frozen=True)
class Figures:
    """How an area stands at one moment, and what happened there in a period."""

    counts: Mapping[str, int] = field(default_factory=Counts)

    def __getitem__(self, measure: str) -> int:
        return self.counts.get(measure, 0)

    @cached_property
    def open(self) -> int:
        """未办结."""
        return sum([self.counts.get(state, 0) for state in OPEN_STOCKS])

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
    #: the days of what happened; None where only the stocks are wanted, which do not depend on it
    days: Days | None
    #: the present moment
    at: datetime
    #: the end of a past day instead of the present
    on: date | None = None
    #: which of `FLOWS` are wanted of these days; more may be told
    flows: tuple[Measure, ...] = FLOWS
    #: what was read under the filter, for more areas that are asked the same
    read: Read = field(default_factory=dict, compare=False, repr=False)


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
    counted = counters.stocks(
        session, codes, kinds, on=asked.on or in_city(asked.at).date(), read=asked.read
    )
    if asked.days is not None:
        happened_by = counters.flows(
            session, codes, kinds, asked.flows, asked.days, read=asked.read
        )
        for code, happened in happened_by.items():
            counted[code].update(happened)  # no measure is both a stock and a flow
    if asked.on is None:
        column = COLUMN_OF[level]
        clauses = filters.clauses(asked.wanted, asked.at)
        if len(codes) <= FEW:
            clauses.append(column.in_(sorted(codes)))
        for held, n in due_later_today(session, column, asked.at, clauses).items():
            counted[held or EVERYWHERE][Measure.OVERDUE] -= n
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
        return NO_PAST_OF_ACTIONS
    if level is Level.GRID:
        return N_(
            "网格只能看当前情况：每天的数字只留存到社区。回看过去的日期请看社区及以上的区域。"
        )
    if not is_watched(session, actor, codes):
        return N_(
            "您只看得到本单位或经您办理的任务，只能看当前情况：每天的数字按整个区域留存，没有按经办人分开。"
        )
    return ""


def _from_tasks(
    session: Session, actor: Actor, codes: Collection[str], level: Level, asked: Asked
) -> dict[str, Figures]:
    found = direct.counts(
        session, actor, COLUMN_OF[level], codes, asked.wanted, asked.days, asked.at,
        flows=asked.flows,
    )  # fmt: skip
    return {code: Figures(found.get(code, Counts())) for code in codes}

"""Knows the headline figures of a board: value, change against the period before, the line of days."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from tracker.counters.measures import Measure
from tracker.counters.queries import Days
from tracker.progress.board_scope import Scope
from tracker.progress.opening import OPEN_TASKS
from tracker.progress.sparklines import Spark, spark
from tracker.progress.trend import Trend, each
from tracker.texts import N_

#: Days over which each point of a rate's line looks back: of one day alone it would only jump.
RATE_DAYS = 7
Args = dict[str, list[str]]


@dataclass(frozen=True)
class Part:
    """A number that a rate is made of, and the list that has as many rows."""

    n: int
    args: Args | None


@dataclass(frozen=True)
class Headline:
    """One figure; `before` is that of the period before, of a stock at its end."""

    key: str
    label: str
    value: float | None
    before: float | None
    spark: Spark
    #: arguments of the list behind it; None when no filter of the list says it
    args: Args | None
    #: what the figure means
    meaning: str
    is_rate: bool = False
    #: it still grows when its period is over, so that a difference would mislead
    is_ripening: bool = False
    #: of a rate: how many of how many
    parts: tuple[Part, ...] = ()


def before(days: Days) -> Days:
    """The period of the same length right before."""
    length = (days.last - days.first).days + 1
    return Days(days.first - timedelta(days=length), days.first - timedelta(days=1))


@dataclass(frozen=True)
class _Figure:
    """What a headline is made of: one measure, or part and whole of a rate."""

    measures: tuple[str, ...]
    label: str
    meaning: str


_HAPPENED = (
    _Figure((Measure.FOUND,), N_("发现"), N_("本期上报的问题，不论后来如何办理。")),
    _Figure((Measure.ENDED,), N_("结案"), N_("本期结案的任务，含告知性结案。")),
)
_RATES = (
    _Figure((Measure.RECTIFIED, Measure.VALID), N_("整改率"), N_("本期上报的问题中，至今已整改（核查通过或即时处置）的比例；不予立案、并案、作废的不计。点“/”前的数是已整改的，后的数是应整改的。前期的问题已多出一段整改时间，因此不算增减。")),
    _Figure((Measure.ON_TIME, Measure.DUE), N_("按期率"), N_("时限在本期到期的任务中，在时限内提交整改的比例；挂账、告知性结案、不予立案、并案和作废的不计。点“/”前的数是按期处置的，后的数是应处置的。")),
)  # fmt: skip
_REWORK = _Figure((Measure.REWORK,), N_("返工"), N_("本期核查不通过、退回返工的次数，一件可有多次。列表记的是件数，此数没有对应的列表。"))  # fmt: skip


def headlines(scope: Scope, trend: Trend, days: Days) -> list[Headline]:
    """The figures of a period, in their order."""
    return [
        _stock(scope, trend, days, OPEN_TASKS, N_("未办结"), N_("目前未办结的任务；变化是与本期开始前一天相比。"), trend.open_at),
        _stock(scope, trend, days, Measure.OVERDUE, N_("超期"), N_("目前由责任单位办理、已过时限的任务；变化是与本期开始前一天相比。"), trend.overdue_at),
        *(_happening(scope, trend, days, one) for one in _HAPPENED),
        *(_rate(scope, trend, days, one) for one in _RATES),
        _happening(scope, trend, days, _REWORK),
    ]  # fmt: skip


def _stock(
    scope: Scope,
    trend: Trend,
    days: Days,
    measure: str,
    label: str,
    meaning: str,
    at: Callable[[date], int | None],
) -> Headline:
    line = spark([at(day) for day in each(days)])
    return Headline(
        str(measure), label, at(trend.today), at(days.first - timedelta(days=1)), line,
        scope.opens(measure, days), meaning,
    )  # fmt: skip


def _happening(scope: Scope, trend: Trend, days: Days, one: _Figure) -> Headline:
    measure = one.measures[0]
    return Headline(
        str(measure), one.label, trend.sum(measure, days), trend.sum(measure, before(days)),
        spark(trend.per_day(measure, days)), scope.opens(measure, days), one.meaning,
    )  # fmt: skip


def _rate(scope: Scope, trend: Trend, days: Days, one: _Figure) -> Headline:
    part, whole = one.measures

    def of(span: Days) -> float | None:
        found = trend.sum(whole, span)
        return 100 * trend.sum(part, span) / found if found else None

    line = spark([of(Days(day - timedelta(days=RATE_DAYS - 1), day)) for day in each(days)])
    parts = tuple(Part(trend.sum(name, days), scope.opens(name, days)) for name in one.measures)
    return Headline(
        f"{part}_rate", one.label, of(days), of(before(days)), line, None, one.meaning,
        is_rate=True, is_ripening=part == Measure.RECTIFIED, parts=parts,
    )  # fmt: skip

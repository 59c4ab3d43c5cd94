"""Knows the headline figures of a board: value, change against the period before, the line of days."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tracker.counters.measures import Measure
from tracker.counters.queries import Days
from tracker.progress.board_scope import Scope
from tracker.progress.sparklines import Spark, spark
from tracker.progress.trend import Trend, each
from tracker.tasks.filters import Due
from tracker.tasks.states import OPEN_STATES, RECTIFIED, State
from tracker.texts import N_

#: Days over which each point of a rate's line looks back: of one day alone it would only jump.
RATE_DAYS = 7


@dataclass(frozen=True)
class Headline:
    """One figure; `before` is that of the period before, of a stock at its end."""

    key: str
    label: str
    value: float | None
    before: float | None
    spark: Spark
    #: arguments of the list behind it; None when no filter of the list says it
    args: dict[str, list[str]] | None
    #: what the figure means
    meaning: str
    is_rate: bool = False
    #: it still grows when its period is over, so that a difference would mislead
    is_ripening: bool = False


def before(days: Days) -> Days:
    """The period of the same length right before."""
    length = (days.last - days.first).days + 1
    return Days(days.first - timedelta(days=length), days.first - timedelta(days=1))


@dataclass(frozen=True)
class _Happened:
    """A figure of what happened in a period."""

    measure: Measure
    label: str
    meaning: str
    narrowed: Callable[[Days], dict[str, Any]] | None


@dataclass(frozen=True)
class _Rate:
    part: Measure
    whole: Measure
    label: str
    meaning: str
    narrowed: Callable[[Days], dict[str, Any]] | None


def _found(days: Days) -> dict[str, Any]:
    return {"since": days.first, "until": days.last}


def _closed(days: Days) -> dict[str, Any]:
    return {"states": (State.CLOSED,), "ended_since": days.first, "ended_until": days.last}


def _mended(days: Days) -> dict[str, Any]:
    return {"closings": RECTIFIED, **_found(days)}


def _due(days: Days) -> dict[str, Any]:
    return {"due_since": days.first, "due_until": days.last}


_HAPPENED = (
    _Happened(Measure.FOUND, N_("发现"), N_("本期上报的问题，不论后来如何办理。"), _found),
    _Happened(Measure.ENDED, N_("结案"), N_("本期结案的任务，含告知性结案。"), _closed),
)
_RATES = (
    _Rate(Measure.RECTIFIED, Measure.VALID, N_("整改率"), N_("本期上报的问题中，至今已整改（核查通过或即时处置）的比例；不予立案、并案、作废的不计。点开是其中已整改的。前期的问题已多出一段整改时间，因此不算增减。"), _mended),
    _Rate(Measure.ON_TIME, Measure.DUE, N_("按期率"), N_("时限在本期到期的任务中，在时限内提交整改的比例；挂账、告知性结案、不予立案、并案和作废的不计。点开是其中应处置的。"), _due),
)  # fmt: skip
_REWORK = _Happened(Measure.REWORK, N_("返工"), N_("本期核查不通过、退回返工的次数，一件可有多次。列表记的是件数，此数没有对应的列表。"), None)  # fmt: skip


def headlines(scope: Scope, trend: Trend, days: Days) -> list[Headline]:
    """The figures of a period, in their order."""
    stocks = [
        _stock(scope, trend, days, "open", N_("未办结"), N_("目前未办结的任务；变化是与本期开始前一天相比。"), trend.open_at, {"states": OPEN_STATES}),
        _stock(scope, trend, days, "overdue", N_("超期"), N_("目前由责任单位办理、已过时限的任务；变化是与本期开始前一天相比。"), trend.overdue_at, {"due": Due.OVERDUE}),
    ]  # fmt: skip
    happened = [_happening(scope, trend, days, one) for one in _HAPPENED]
    rates = [_rate(scope, trend, days, one) for one in _RATES]
    return [*stocks, *happened, *rates, _happening(scope, trend, days, _REWORK)]


def _stock(
    scope: Scope,
    trend: Trend,
    days: Days,
    key: str,
    label: str,
    meaning: str,
    at: Callable[[Any], int | None],
    narrowed: dict[str, Any],
) -> Headline:
    line = spark([at(day) for day in each(days)])
    return Headline(
        key, label, at(trend.today), at(days.first - timedelta(days=1)), line,
        scope.list_args(**narrowed), meaning,
    )  # fmt: skip


def _happening(scope: Scope, trend: Trend, days: Days, one: _Happened) -> Headline:
    return Headline(
        one.measure.value, one.label, trend.sum(one.measure, days),
        trend.sum(one.measure, before(days)), spark(trend.per_day(one.measure, days)),
        scope.list_args(**one.narrowed(days)) if one.narrowed else None, one.meaning,
    )  # fmt: skip


def _rate(scope: Scope, trend: Trend, days: Days, one: _Rate) -> Headline:
    def of(span: Days) -> float | None:
        whole = trend.sum(one.whole, span)
        return 100 * trend.sum(one.part, span) / whole if whole else None

    line = spark([of(Days(day - timedelta(days=RATE_DAYS - 1), day)) for day in each(days)])
    return Headline(
        f"{one.part.value}_rate", one.label, of(days), of(before(days)), line,
        scope.list_args(**one.narrowed(days)) if one.narrowed else None, one.meaning, is_rate=True, is_ripening=one.part is Measure.RECTIFIED,
    )  # fmt: skip

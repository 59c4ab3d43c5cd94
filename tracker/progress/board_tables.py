"""Knows the tables of a board: stages, ages, days, who has the tasks, what was sent back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from tracker.counters.measures import STEP_REASONS, STEPS, Measure
from tracker.counters.queries import Days
from tracker.progress.board_scope import Scope
from tracker.progress.trend import Trend, each
from tracker.tasks.reasons import REASONS, UNSAID
from tracker.tasks.states import OPEN_STATES, STATE_LABELS, Action, State

Args = dict[str, list[str]] | None

#: The way of a task through the stages; shelved tasks stand beside it. A unit has those from _OF_UNIT on.
STAGES = (
    State.REPORTED, State.FILED, State.DISPATCHED, State.HANDLING, State.SUBMITTED,
    State.CLOSED, State.SUSPENDED,
)  # fmt: skip
_OF_UNIT = STAGES.index(State.DISPATCHED)
#: Days since the report, both ends included; None is without end.
AGES: tuple[tuple[int, int | None], ...] = ((0, 3), (4, 7), (8, 15), (16, 30), (31, None))
#: The longest age that is counted by day; whatever is older is the rest.
OLDEST = 30
#: More days than these are shown by week.
MOST_DAYS = 62


@dataclass(frozen=True)
class Stage:
    """How many stand at one stage; of the last one how many came there in the period."""

    state: State
    label: str
    count: int
    args: Args


def funnel(scope: Scope, trend: Trend, days: Days) -> list[Stage]:
    """The stages in their order."""
    found = []
    for state in STAGES[_OF_UNIT if scope.unit else 0 :]:
        if state is State.CLOSED:
            count, args = trend.sum(Measure.ENDED, days), scope.opens(Measure.ENDED, days)
        else:
            count, args = trend.now[state.value], scope.opens(state.value, days)
        found.append(Stage(state, STATE_LABELS[state], count, args))
    return found


@dataclass(frozen=True)
class Age:
    """Open tasks reported so many days ago."""

    least: int
    most: int | None
    count: int
    args: Args


def ageing(scope: Scope, trend: Trend) -> list[Age]:
    """Open tasks by days since they were reported; the list of each band says the days."""
    found: list[Age] = []
    for least, most in AGES:
        until = trend.today - timedelta(days=least)
        if most is None:
            since = None
            count = (trend.open_at(trend.today) or 0) - sum(age.count for age in found)
        else:
            since = trend.today - timedelta(days=most)
            count = trend.sum(Measure.WAITING, Days(since, until))
        args = scope.list_args(states=OPEN_STATES, since=since, until=until)
        found.append(Age(least, most, count, args))
    return found


@dataclass(frozen=True)
class Span:
    """A day, or a week of a long period, in the trend."""

    days: Days
    found: int
    closed: int
    #: at its end; None when the past is not known
    open: int | None
    found_args: Args
    closed_args: Args


def spans(scope: Scope, trend: Trend, days: Days) -> list[Span]:
    """The trend of a period, by day or by week."""
    every = each(days)
    step = 1 if len(every) <= MOST_DAYS else 7
    return [
        _span(scope, trend, Days(first, min(first + timedelta(days=step - 1), days.last)))
        for first in every[::step]
    ]


def _span(scope: Scope, trend: Trend, days: Days) -> Span:
    return Span(
        days, trend.sum(Measure.FOUND, days), trend.sum(Measure.ENDED, days),
        trend.open_at(days.last), scope.opens(Measure.FOUND, days), scope.opens(Measure.ENDED, days),
    )  # fmt: skip


@dataclass(frozen=True)
class SentBack:
    """How often tasks were sent back in a period by one kind of step, and why."""

    action: Action
    total: int
    #: (words, how often), the most frequent first; those never given are left out, all where they are not known
    reasons: tuple[tuple[str, int], ...]


def sent_back(trend: Trend, days: Days) -> list[SentBack]:
    """Reworks and returns with their reasons."""
    return [_sent_back(trend, days, Action(action)) for action in STEP_REASONS]


def _sent_back(trend: Trend, days: Days, action: Action) -> SentBack:
    words: Mapping[str, str] = REASONS[action]
    measures = STEP_REASONS[action.value]
    counted = [(words[code], trend.sum(measure, days)) for code, measure in measures.items()]
    total = trend.sum(STEPS[action.value], days)
    if not trend.has_reasons:
        return SentBack(action, total, ())
    counted.append((UNSAID, total - sum(n for _, n in counted)))
    ranked = sorted((pair for pair in counted if pair[1] > 0), key=lambda pair: -pair[1])
    return SentBack(action, total, tuple(ranked))


def first_day(days: Days, today: date) -> date:
    """From when on a board needs the days: the period before, and all that ages are counted of."""
    length = (days.last - days.first).days + 1
    return min(days.first - timedelta(days=length + 7), today - timedelta(days=OLDEST))

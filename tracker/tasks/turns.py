"""Knows who held a task when: every minute of its life belongs to one holder or one pause.

Read from the events alone, so that any past day comes out again as it was. A step that was taken
back held for the minutes it stood; an ending that was taken back never ended anything.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from tracker.calendar import LimitUnit, WorkCalendar
from tracker.tasks.deadlines import left
from tracker.tasks.models import TaskEvent
from tracker.tasks.states import OPEN, Action, State
from tracker.texts import N_


class Holder(StrEnum):
    """Who answers for the time of a turn."""

    OFFICE = "office"  #: the campaign office has to accept, dispatch or convene
    UNIT = "unit"  #: a unit has to sign for it or to rectify it
    VERIFIER = "verifier"  #: somebody else has to check what was done
    JOINT = "joint"  #: heads of several units and one decider have to say whose it is
    PAUSE = "pause"  #: nobody: it is shelved for a reason


class Stage(StrEnum):
    """What was to be done in a turn."""

    ACCEPT = "accept"
    DISPATCH = "dispatch"
    SIGN = "sign"
    RECTIFY = "rectify"
    CHECK = "check"
    MEET = "meet"
    SHELVED = "shelved"
    ON_THE_SPOT = "on_the_spot"


HOLDER_LABELS = {
    Holder.OFFICE: N_("迎检办"),
    Holder.UNIT: N_("责任单位"),
    Holder.VERIFIER: N_("核查人员"),
    Holder.JOINT: N_("会商各方"),
    Holder.PAUSE: N_("挂账暂停"),
}
STAGE_LABELS = {
    Stage.ACCEPT: N_("受理"),
    Stage.DISPATCH: N_("派遣"),
    Stage.SIGN: N_("签收"),
    Stage.RECTIFY: N_("整改"),
    Stage.CHECK: N_("核查"),
    Stage.MEET: N_("会商"),
    Stage.SHELVED: N_("挂账"),
    Stage.ON_THE_SPOT: N_("即时处置"),
}

#: Who holds a task by its state, and for what; a joint decision over a filed one is its own case.
_OF_STATE = {
    State.REPORTED: (Holder.OFFICE, Stage.ACCEPT),
    State.FILED: (Holder.OFFICE, Stage.DISPATCH),
    State.DISPATCHED: (Holder.UNIT, Stage.SIGN),
    State.HANDLING: (Holder.UNIT, Stage.RECTIFY),
    State.SUBMITTED: (Holder.VERIFIER, Stage.CHECK),
    State.SUSPENDED: (Holder.PAUSE, Stage.SHELVED),
}
if set(_OF_STATE) != OPEN or set(HOLDER_LABELS) != set(Holder) or set(STAGE_LABELS) != set(Stage):
    raise RuntimeError("every open state has a holder, every holder and stage its word")


@dataclass(frozen=True)
class Hand:
    """Who has a task in hand, and for what."""

    holder: Holder
    stage: Stage
    #: of a unit's turn: its id and its name when it was dispatched; of one settled on the spot
    #: the name of who did; else None and ""
    unit_id: int | None = None
    unit: str = ""
    #: of a pause: the kind of reason in words, and the last day of it (ISO)
    reason: str = ""
    until: str = ""


@dataclass(frozen=True)
class Turn:
    """One stretch of time in one hand; `start` and `end` are aware."""

    hand: Hand
    start: datetime
    end: datetime
    #: the part of it within office hours
    office: timedelta
    #: it goes on
    is_open: bool = False

    @property
    def clock(self) -> timedelta:
        """Its length by the clock, nights and holidays included."""
        return self.end - self.start


@dataclass(frozen=True)
class _Standing:
    """What the events so far say that bears on who holds the task."""

    state: State = State.REPORTED
    unit_id: int | None = None
    unit: str = ""
    is_joint: bool = False
    is_convened: bool = False
    asked_reason: str = ""
    reason: str = ""
    until: str = ""


@dataclass(frozen=True)
class _Span:
    hand: Hand | None
    start: datetime
    end: datetime


def turns(events: Iterable[TaskEvent], calendar: WorkCalendar, *, now: datetime) -> list[Turn]:
    """The turns of a task from its report to its end, or to `now` (aware) while it is open.

    `events` in order of their sequence; those after `now` are left out, which gives the turns as
    they stood then. The turns follow one another without gap; those without length are left
    out, but of a problem settled on the spot, whose one turn has none.
    """
    spans = _spans([event for event in events if event.at <= now], now)
    last = spans[-1] if spans else None
    goes_on = last is not None and last.hand is not None
    joined: list[Turn] = []
    for hand, start, end in _owned(spans):
        if joined and joined[-1].hand == hand:
            start = joined.pop().start
        joined.append(Turn(hand, start, end, office_time(start, end, calendar)))
    if joined and goes_on:
        joined[-1] = replace(joined[-1], is_open=True)
    return joined


def office_time(start: datetime, end: datetime, calendar: WorkCalendar) -> timedelta:
    """The office time between two moments (aware)."""
    return left(start, end, LimitUnit.WORK_HOUR, calendar)


def _spans(events: list[TaskEvent], now: datetime) -> list[_Span]:
    """One span an event, up to the next; the last one to `now`. No moment lies before an earlier one."""
    found: list[_Span] = []
    before, standing = _Standing(), _Standing()
    for event in events:
        if event.action == Action.UNDO:
            before, standing = standing, replace(before, state=State(event.target_state))
        else:
            before, standing = standing, _after(standing, event)
        at = max(event.at, found[-1].start) if found else event.at
        if found:
            found[-1] = replace(found[-1], end=at)
        if event.action == Action.SELF_HANDLE:
            found.append(
                _Span(Hand(Holder.UNIT, Stage.ON_THE_SPOT, None, event.actor_name), at, at)
            )
        found.append(_Span(_hand(standing), at, at))
    if found and found[-1].hand is not None:
        found[-1] = replace(found[-1], end=max(now, found[-1].start))
    return found


def _owned(spans: list[_Span]) -> Iterable[tuple[Hand, datetime, datetime]]:
    """The spans that somebody held; the time of an ending that was taken back goes to who holds it again."""
    pending: datetime | None = None
    for span in spans:
        if span.hand is None:
            pending = pending or span.start
            continue
        start, pending = pending or span.start, None
        if span.end > start or span.hand.stage is Stage.ON_THE_SPOT:
            yield span.hand, start, span.end


def _after(standing: _Standing, event: TaskEvent) -> _Standing:
    payload, action = event.payload, Action(event.action)
    standing = replace(standing, state=State(event.target_state))
    change = _CHANGES.get(action)
    return replace(standing, **change(standing, payload)) if change else standing


def _given(_standing: _Standing, payload: dict[str, Any]) -> dict[str, Any]:
    return {
        "unit_id": payload.get("unit_id"), "unit": str(payload.get("unit", "")),
        "is_joint": False, "is_convened": False,
    }  # fmt: skip


def _returned(_standing: _Standing, payload: dict[str, Any]) -> dict[str, Any]:
    return {"unit_id": None, "unit": "", "is_joint": bool(payload.get("joint"))}


def _shelved(standing: _Standing, payload: dict[str, Any]) -> dict[str, Any]:
    """The kind of reason was chosen when it was asked for; an import knows only words."""
    return {
        "reason": standing.asked_reason or str(payload.get("reason", "")),
        "until": str(payload.get("until", "")),
    }


#: What an event changes of the standing besides the state.
_CHANGES: dict[Action, Callable[[_Standing, dict[str, Any]], dict[str, Any]]] = {
    Action.DISPATCH: _given,
    Action.REDISPATCH: _given,
    Action.DECIDE_JOINT: _given,
    Action.RETURN: _returned,
    Action.CONVENE: lambda _s, _p: {"is_convened": True},
    Action.ASK_SUSPENSION: lambda _s, p: {"asked_reason": str(p.get("reason_kind", ""))},
    Action.SUSPEND: _shelved,
}


def _hand(standing: _Standing) -> Hand | None:
    """Who holds a task that stands so; None when it has ended."""
    if standing.state not in OPEN:
        return None
    holder, stage = _OF_STATE[standing.state]
    if standing.state is State.FILED and standing.is_joint:
        # until it is convened the office keeps everybody waiting
        return Hand(Holder.JOINT if standing.is_convened else Holder.OFFICE, Stage.MEET)
    if holder is Holder.UNIT:
        return Hand(holder, stage, standing.unit_id, standing.unit)
    if holder is Holder.PAUSE:
        return Hand(holder, stage, reason=standing.reason, until=standing.until)
    return Hand(holder, stage)

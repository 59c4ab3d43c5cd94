"""Knows what may be done to a round, by whom and when, and says why not."""

from datetime import date, datetime

from tracker.access.actor import Actor
from tracker.access.permissions import Permission
from tracker.access.policy import WHO, allows
from tracker.access.predicates import in_area_of
from tracker.access.roles import Role
from tracker.clock import in_city
from tracker.errors import Conflict, NotPermitted
from tracker.inspections.round_models import Round, RoundKind, RoundState
from tracker.texts import N_

_dispatches_there = in_area_of(Role.DISPATCHER)


def may_manage(actor: Actor, round_: Round) -> bool:
    """The policy's line, and besides: a unit's head manages no round but the unit's own 自查."""
    if actor.is_system:
        return True
    if not allows(actor, Permission.ROUND_MANAGE, round_):
        return False
    return round_.kind == RoundKind.SELF or _dispatches_there(actor, round_)


def may_plan(actor: Actor) -> bool:
    """Whether there is any round this person could plan."""
    return actor.has(Role.DISPATCHER) or bool(actor.units_as([Role.UNIT_HEAD]))


def is_unit_bound(actor: Actor) -> bool:
    """Plans for the own unit alone: 自查, with its own points and people."""
    return not actor.is_system and not actor.has(Role.DISPATCHER)


def demand_manage(actor: Actor, round_: Round) -> None:
    """Raise NotPermitted unless `may_manage`."""
    if not may_manage(actor, round_):
        raise NotPermitted(WHO[Permission.ROUND_MANAGE])


def why_points_stay(round_: Round) -> str | None:
    """Why no point may be added or taken out now, as words to translate; None when it may."""
    if round_.state == RoundState.CLOSED:
        return N_("批次已结束，点位不能再增减。")
    if round_.frozen_at is not None:
        return N_("点位名单已冻结（迎检模式），不能再增减点位；检查和整改照常进行。")
    return None


def demand_points_may_change(round_: Round) -> None:
    """Raise Conflict, saying why, when the points of a round are settled."""
    if reason := why_points_stay(round_):
        raise Conflict(reason, code="frozen" if round_.frozen_at else "closed")


def demand_planned(round_: Round) -> None:
    """Raise Conflict unless the round is still being prepared."""
    if round_.state != RoundState.PLANNED:
        raise Conflict(N_("批次已经开始，不能重新抽取；可以逐个增减点位。"), code="state")


def demand_not_closed(round_: Round) -> None:
    """Raise Conflict for a round that is over."""
    if round_.state == RoundState.CLOSED:
        raise Conflict(N_("批次已结束，不能再修改。"), code="closed")


def counts_for(round_: Round, at: datetime) -> bool:
    """Whether a visit finished at `at` counts for the round: it was open then, however late it arrives."""
    if round_.state == RoundState.OPEN:
        return True
    return round_.closed_at is not None and at <= round_.closed_at


def days_left(day: date | None, now: datetime) -> int | None:
    """Days from today (city calendar) to a day; negative when it is over."""
    return None if day is None else (day - in_city(now).date()).days

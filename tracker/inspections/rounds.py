"""Writes rounds: planned, changed, opened, frozen, closed; and notes which points were visited.

Every function works inside the caller's unit of work; round_requests is a person's whole request.
"""

import secrets
from datetime import date, datetime

from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import Actor
from tracker.audit.operations import record as audit
from tracker.errors import Conflict, Invalid
from tracker.inspections import round_people, round_points
from tracker.inspections.round_given import OF_A_UNIT, RoundGiven, check_days, check_words
from tracker.inspections.round_models import (
    ROUND_KIND_LABELS,
    Round,
    RoundKind,
    RoundPoint,
    RoundState,
)
from tracker.inspections.round_rules import counts_for, demand_manage, demand_not_closed
from tracker.places.locating import of_area
from tracker.places.models import Area, Organization
from tracker.texts import N_


def new_seed() -> str:
    """A seed nobody chose; it is kept and shown, so that anybody can repeat the draw."""
    return secrets.token_hex(8)


def drafted(session: Session, given: RoundGiven, *, actor: Actor, uuid: str, at: datetime) -> Round:
    """The round as it would be, not yet in the session: what a preview draws for.

    Raises Invalid, and NotPermitted outside the actor's own area or unit.
    """
    given.check(today=clock.in_city(at).date())
    area = session.get(Area, given.area_code)
    if area is None or area.valid_to is not None:
        raise Invalid(N_("没有这个区域，或已停用。"), field="area_code")
    unit = session.get(Organization, given.unit_id) if given.kind in OF_A_UNIT else None
    if given.kind in OF_A_UNIT and (unit is None or not unit.is_active):
        raise Invalid(N_("请选择在用的单位。"), field="unit_id")
    round_ = Round(
        uuid=uuid, name=given.name or _name(given, area, unit), kind=given.kind.value,
        month=given.month, area_code=area.code, unit_id=unit.id if unit else None,
        draw=given.draw.value, draw_options=given.options.as_document(),
        seed=given.seed or new_seed(), state=RoundState.PLANNED.value, due_on=given.due_on,
        review_on=given.review_on if given.kind is RoundKind.REVIEW else None,
        note=given.note, created_at=at, created_by_id=actor.user_id, **vars(of_area(session, area.code)),
    )  # fmt: skip
    round_.area = area
    demand_manage(actor, round_)
    return round_


def plan(session: Session, given: RoundGiven, *, actor: Actor, uuid: str, at: datetime) -> Round:
    """Make a round with its drawn points and its inspectors. Raises Invalid, NotPermitted."""
    round_ = drafted(session, given, actor=actor, uuid=uuid, at=at)
    found = round_points.drawn(session, round_, actor=actor, now=at, by_hand=given.point_codes)
    session.add(round_)
    session.flush()
    round_points.put_in(session, round_, found)
    round_people.set_inspectors(session, round_, given.inspector_ids, actor=actor)
    audit("round.plan", actor=actor, object=round_.name, points=len(found), seed=round_.seed)
    return round_


def change(
    session: Session, round_: Round, *, name: str, due_on: date, review_on: date | None, note: str,
    now: datetime,
) -> None:  # fmt: skip
    """Change words and days of a round that is not over. Raises Invalid, Conflict."""
    demand_not_closed(round_)
    check_words(name, note)
    if not name:
        raise Invalid(N_("请填写批次名称。"), field="name")
    wanted = review_on if round_.kind == RoundKind.REVIEW else None
    if (due_on, wanted) != (round_.due_on, round_.review_on):
        check_days(round_.kind, due_on, wanted, today=clock.in_city(now).date())
    round_.name, round_.note = name, note
    round_.due_on, round_.review_on = due_on, wanted


def open_round(session: Session, round_: Round, *, now: datetime) -> None:
    """Begin: from now on the inspectors have it on their phones. Raises Conflict, Invalid."""
    if round_.state != RoundState.PLANNED:
        raise Conflict(N_("批次已经开始或结束。"), code="state")
    if round_.due_on < clock.in_city(now).date():
        raise Invalid(N_("截止日期已过，请先改期再开始。"), field="due_on")
    if not round_points.count(session, round_.id):
        raise Invalid(N_("批次里还没有点位，请先加入点位。"), field="codes")
    if not round_.inspector_ids:
        raise Invalid(N_("还没有检查人，请先指定检查人。"), field="inspectors")
    if closed := round_people.inactive_names(session, round_):
        raise Invalid(
            N_("检查人 %(names)s 的账号已停用，请先更换。"),
            field="inspectors",
            names="、".join(closed),
        )
    round_.state = RoundState.OPEN.value


def close_round(session: Session, round_: Round, *, now: datetime) -> None:
    """End: later visits do not count for it; what was found stays. Raises Conflict."""
    if round_.state == RoundState.CLOSED:
        raise Conflict(N_("批次已经结束。"), code="state")
    round_.state, round_.closed_at = RoundState.CLOSED.value, now


def freeze(session: Session, round_: Round, *, now: datetime) -> None:
    """迎检模式: from now on the list of points stays as it is. Raises Conflict, Invalid."""
    demand_not_closed(round_)
    if round_.kind != RoundKind.REVIEW:
        raise Conflict(N_("只有迎检批次可以冻结点位名单。"), code="state")
    if round_.frozen_at is not None:
        raise Conflict(N_("点位名单已经冻结。"), code="frozen")
    if not round_points.count(session, round_.id):
        raise Invalid(N_("批次里还没有点位，不能冻结空名单。"), field="codes")
    round_.frozen_at = now


def mark_visited(session: Session, round_id: int, point_id: int, at: datetime) -> bool:
    """Note the first visit of a point that counts for a round; later ones change nothing.

    Called by the recording of a visit in its unit of work. False when the point is no part of the
    round, or the round was not open at `at`.
    """
    row = session.get(RoundPoint, (round_id, point_id))
    if row is None or not counts_for(row.round, at):
        return False
    if row.visited_at is None:
        row.visited_at = at
    return True


def _name(given: RoundGiven, area: Area, unit: Organization | None) -> str:
    year, month = given.month.split("-")
    where = unit.name if unit else area.name
    return f"{year}年{int(month)}月{ROUND_KIND_LABELS[given.kind]}（{where}）"[:100]

"""Writes the points of a round: drawn, added, taken out, given to inspectors, put in order.

Every function works inside the caller's unit of work on a locked round.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.errors import Conflict, Invalid, NotFound
from tracker.inspections import drawing, round_candidates
from tracker.inspections.drawing import DrawOptions
from tracker.inspections.round_candidates import Found
from tracker.inspections.round_models import Draw, Round, RoundPoint
from tracker.inspections.round_rules import (
    demand_not_closed,
    demand_planned,
    demand_points_may_change,
)
from tracker.inspections.route_order import ordered, shortest
from tracker.points.models import InspectionPoint
from tracker.texts import N_
from tracker.web import crowding

#: A phone carries no more points (docs/sync.md).
MOST_POINTS = 3000


def drawn(
    session: Session, round_: Round, *, actor: Actor, now: datetime, by_hand: Collection[str] = ()
) -> list[Found]:
    """What the round's own options and seed draw now, in the order of a route. Raises Invalid."""
    found = round_candidates.all_of(session, round_, actor)
    chosen = drawing.draw(
        Draw(round_.draw), [one.candidate for one in found.values()],
        DrawOptions.of_document(round_.draw_options), seed=round_.seed, now=now, by_hand=by_hand,
    )  # fmt: skip
    if len(chosen) > MOST_POINTS:
        raise Invalid(
            N_("抽到 %(n)d 个点位，一个批次最多 %(most)d 个。请缩小区域、选类型或填总数。"),
            field="size", n=len(chosen), most=MOST_POINTS,
        )  # fmt: skip
    if not chosen and round_.draw != Draw.BY_HAND:
        raise Invalid(N_("没有符合条件的点位：请放宽类型、社区或抽取方式。"), field="draw")
    picked = [found[one.code] for one in chosen]
    return [picked[i] for i in ordered([(one.candidate.community, one.place) for one in picked])]


def put_in(session: Session, round_: Round, found: Sequence[Found], *, first: int = 1) -> None:
    """Append points to the route from position `first` on."""
    session.add_all(
        RoundPoint(round_id=round_.id, point_id=one.candidate.point_id, position=place)
        for place, one in enumerate(found, start=first)
    )
    session.flush()


def redraw(session: Session, round_: Round, seed: str, *, actor: Actor, now: datetime) -> None:
    """Draw anew with another seed, before the round begins. Points chosen by hand are not drawn."""
    demand_points_may_change(round_)
    demand_planned(round_)
    if round_.draw == Draw.BY_HAND:
        raise Conflict(N_("点位是手工选择的，没有可以重抽的。"), code="state")
    round_.seed = seed
    found = drawn(session, round_, actor=actor, now=now)
    session.execute(delete(RoundPoint).where(RoundPoint.round_id == round_.id))
    put_in(session, round_, found)


def add(session: Session, round_: Round, codes: Collection[str], *, actor: Actor) -> int:
    """Add points by code; those in it already are passed over. Returns how many were added.

    Raises NotFound, Invalid (outside the round's bounds, too many), Conflict (frozen, closed).
    """
    demand_points_may_change(round_)
    if not codes:
        raise Invalid(N_("请填写要加入的点位代码。"), field="codes")
    here = _rows(session, round_)
    known = {row.point_id for row in here}
    found = round_candidates.by_codes(session, round_, actor, codes)
    new = [one for one in found if one.candidate.point_id not in known]
    if len(known) + len(new) > MOST_POINTS:
        raise Invalid(N_("一个批次最多 %(most)d 个点位。"), field="codes", most=MOST_POINTS)
    last = max((row.position for row in here), default=0)
    put_in(session, round_, new, first=last + 1)
    return len(new)


def remove(session: Session, round_: Round, point_ids: Collection[int]) -> int:
    """Take points out; visited ones stay. Returns how many were taken out."""
    demand_points_may_change(round_)
    rows = [row for row in _rows(session, round_) if row.point_id in set(point_ids)]
    if not rows:
        raise Invalid(N_("请勾选要移出的点位。"), field="points")
    if any(row.visited_at is not None for row in rows):
        raise Conflict(N_("已检查的点位不能移出批次；请只勾选未检查的点位。"), code="visited")
    for row in rows:
        session.delete(row)
    session.flush()
    _number(_rows(session, round_))
    return len(rows)


def give(
    session: Session, round_: Round, point_ids: Collection[int], inspector_id: int | None
) -> int:
    """Give points to one of the round's inspectors, or to any of them (None)."""
    demand_not_closed(round_)
    if inspector_id is not None and inspector_id not in round_.inspector_ids:
        raise Invalid(N_("请从本批次的检查人中选择。"), field="inspector_id")
    rows = [row for row in _rows(session, round_) if row.point_id in set(point_ids)]
    if not rows:
        raise Invalid(N_("请勾选要分配的点位。"), field="points")
    for row in rows:
        row.inspector_id = inspector_id
    return len(rows)


def split_by_community(session: Session, round_: Round) -> None:
    """Share the communities out: the largest first, each to whoever has the fewest points yet."""
    demand_not_closed(round_)
    loads = dict.fromkeys(sorted(round_.inspector_ids), 0)
    if not loads:
        raise Invalid(N_("请先指定检查人，再按社区分配。"), field="inspectors")
    groups: dict[str, list[RoundPoint]] = {}
    rows = session.execute(
        select(RoundPoint, InspectionPoint.community_code)
        .join(InspectionPoint, InspectionPoint.id == RoundPoint.point_id)
        .where(RoundPoint.round_id == round_.id)
        .order_by(RoundPoint.position)
    )
    for row, community in rows:
        groups.setdefault(community or "", []).append(row)
    for community in sorted(groups, key=lambda code: (-len(groups[code]), code)):
        inspector = min(loads, key=lambda user_id: (loads[user_id], user_id))
        loads[inspector] += len(groups[community])
        for row in groups[community]:
            row.inspector_id = inspector


def shortest_order(session: Session, round_: Round) -> list[int]:
    """Ids of the points along a short walk of each inspector's own; what is nobody's comes last.

    Takes about ten seconds for three thousand points: to be found before the round is locked.
    Raises Busy.
    """
    rows = session.execute(
        select(
            RoundPoint.point_id, RoundPoint.inspector_id, InspectionPoint.community_code,
            InspectionPoint.lon, InspectionPoint.lat,
        )
        .join(InspectionPoint, InspectionPoint.id == RoundPoint.point_id)
        .where(RoundPoint.round_id == round_.id)
        .order_by(InspectionPoint.code)
    ).all()  # fmt: skip
    shares: dict[int | None, list[Any]] = {}
    for row in rows:
        shares.setdefault(row.inspector_id, []).append(row)
    found: list[int] = []
    with crowding.a_place():
        for inspector in sorted(shares, key=lambda user_id: (user_id is None, user_id or 0)):
            share = shares[inspector]
            places = [
                (p.community_code or "", None if p.lon is None or p.lat is None else (p.lon, p.lat))
                for p in share
            ]
            found += [share[i].point_id for i in shortest(places)]
    return found


def put_in_order(session: Session, round_: Round, point_ids: Sequence[int]) -> None:
    """Number the points as they are named; what came in since stays behind them."""
    demand_not_closed(round_)
    place = {point_id: at for at, point_id in enumerate(point_ids)}
    rows = _rows(session, round_)
    _number(sorted(rows, key=lambda row: place.get(row.point_id, len(place))))


def move(session: Session, round_: Round, point_id: int, position: int) -> None:
    """Put one point at a place of the route, from 1; the others make room."""
    demand_not_closed(round_)
    rows = _rows(session, round_)
    moved = next((row for row in rows if row.point_id == point_id), None)
    if moved is None:
        raise NotFound(N_("本批次没有这个点位。"))
    rows.remove(moved)
    rows.insert(min(max(position, 1), len(rows) + 1) - 1, moved)
    _number(rows)


def count(session: Session, round_id: int) -> int:
    """How many points the round has."""
    of_round = select(func.count()).select_from(RoundPoint).where(RoundPoint.round_id == round_id)
    return session.scalar(of_round) or 0


def _rows(session: Session, round_: Round) -> list[RoundPoint]:
    query = select(RoundPoint).where(RoundPoint.round_id == round_.id)
    return list(session.scalars(query.order_by(RoundPoint.position, RoundPoint.point_id)))


def _number(rows: Sequence[RoundPoint]) -> None:
    for place, row in enumerate(rows, start=1):
        if row.position != place:
            row.position = place

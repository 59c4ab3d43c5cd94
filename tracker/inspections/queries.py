"""Names the SELECTs on visits, held items and the points a person may inspect: the policy as SQL."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, false, or_, select, true
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.access.actor import Actor
from tracker.access.predicates import WATCHERS
from tracker.access.roles import FOR_UNIT, Role
from tracker.errors import NotFound
from tracker.inspections.models import Answer, HeldItem, Visit
from tracker.inspections.round_models import Round, RoundInspector, RoundPoint, RoundState
from tracker.points.checklist_models import CheckItem
from tracker.points.models import InspectionPoint
from tracker.texts import N_

#: Roles that inspect whatever lies in their area (the first line of visit.make).
INSPECTING = (Role.INSPECTOR, Role.GRID_WORKER, Role.GRID_LEAD, Role.DISPATCHER, Role.VERIFIER)


def visible_visits(actor: Actor) -> ColumnElement[bool]:
    """The policy line of visit.view as SQL; a test keeps it equal to `policy.allows`."""
    if actor.is_system:
        return true()
    clauses = _areas(Visit, actor, WATCHERS)
    units = actor.units_as(FOR_UNIT)
    if units:
        clauses.append(Visit.unit_id.in_(sorted(units)))
    if actor.user_id is not None:
        clauses.append(Visit.inspector_id == actor.user_id)
    return or_(*clauses) if clauses else false()


def inspectable(actor: Actor) -> ColumnElement[bool]:
    """The policy line of visit.make as SQL on points: jurisdiction, own unit, named by a round."""
    if actor.is_system:
        return true()
    clauses = _areas(InspectionPoint, actor, INSPECTING)
    units = actor.units_as(FOR_UNIT)
    if units:
        clauses.append(InspectionPoint.unit_id.in_(sorted(units)))
    if actor.user_id is not None:
        clauses.append(InspectionPoint.id.in_(_named(actor.user_id)))
    return or_(*clauses) if clauses else false()


def visible_held(actor: Actor) -> ColumnElement[bool]:
    """The policy line of held.decide as SQL."""
    if actor.is_system:
        return true()
    clauses = _areas(HeldItem, actor, (Role.DISPATCHER,))
    return or_(*clauses) if clauses else false()


def _areas(
    table: type[Visit] | type[InspectionPoint] | type[HeldItem],
    actor: Actor,
    roles: Iterable[Role],
) -> list[ColumnElement[bool]]:
    """The row lies in an area for which the actor holds one of the roles."""
    codes = actor.areas_as(roles)
    if None in codes:
        return [true()]
    wanted = sorted(code for code in codes if code is not None)
    columns: list[Any] = [table.district_code, table.town_code, table.community_code]
    if table is not HeldItem:
        columns.append(table.grid_code)
    return [column.in_(wanted) for column in columns] if wanted else []


def _named(user_id: int) -> Select[Any]:
    """Ids of the points for which open rounds name the person."""
    return (
        select(RoundPoint.point_id)
        .join(Round, Round.id == RoundPoint.round_id)
        .join(RoundInspector, RoundInspector.round_id == Round.id)
        .where(
            Round.state == RoundState.OPEN,
            RoundInspector.user_id == user_id,
            or_(RoundPoint.inspector_id.is_(None), RoundPoint.inspector_id == user_id),
        )
    )


def own_rounds(actor: Actor) -> Select[Round]:
    """Open rounds that name the person or are their unit's, the nearest deadline first."""
    clauses: list[ColumnElement[bool]] = [
        Round.id.in_(select(RoundInspector.round_id).where(RoundInspector.user_id == actor.user_id))
    ]
    units = actor.units_as(FOR_UNIT)
    if units:
        clauses.append(Round.unit_id.in_(sorted(units)))
    return (
        select(Round)
        .where(Round.state == RoundState.OPEN, or_(*clauses))
        .order_by(Round.due_on, Round.id)
    )


def find_visit(session: Session, visit_id: int, actor: Actor) -> Visit:
    """One visible visit with its answers. Raises NotFound for an unknown and for a foreign one."""
    visit = session.scalar(
        select(Visit)
        .where(Visit.id == visit_id, visible_visits(actor))
        .options(
            joinedload(Visit.point).joinedload(InspectionPoint.site_type),
            joinedload(Visit.round),
            selectinload(Visit.answers).joinedload(Answer.item).joinedload(CheckItem.edition),
            selectinload(Visit.answers).joinedload(Answer.task),
            selectinload(Visit.answers).selectinload(Answer.photos),
        )
    )
    if visit is None:
        raise NotFound(N_("没有这次检查，或您无权查看。"))
    return visit


def find_held(session: Session, held_id: int, actor: Actor, *, lock: bool = False) -> HeldItem:
    """One held item of the actor's office. Raises NotFound for an unknown and for a foreign one."""
    query = select(HeldItem).where(HeldItem.id == held_id, visible_held(actor))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    item = session.scalar(query)
    if item is None:
        raise NotFound(N_("没有这一件，或您无权处理。"))
    return item

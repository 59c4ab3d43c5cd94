"""The page of one inspection point: what it is, how it stands, what to do there."""

from uuid import uuid4

from flask import Blueprint, Response, current_app, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tracker import clock
from tracker.access.actor import Actor
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.access.policy import allows
from tracker.errors import NotFound
from tracker.inspections import subjects
from tracker.inspections.models import Visit
from tracker.inspections.point_standing import standing
from tracker.inspections.round_models import ROUND_KIND_LABELS, RoundKind
from tracker.points import choices, queries, rivers
from tracker.points.campaign import action_name
from tracker.points.checklist_models import DIMENSION_LABELS, Dimension
from tracker.points.filters import is_overdue
from tracker.points.history import FIELD_LABELS, KIND_LABELS
from tracker.points.label_views import qr_svg, scan_address
from tracker.points.models import InspectionPoint
from tracker.storage.db import db
from tracker.texts import N_
from tracker.web import map_answers

blueprint = Blueprint("point_pages", __name__, url_prefix="/points")


def find(session: Session, code: str, actor: Actor) -> InspectionPoint:
    """A point by its code, for whoever the policy lets see it: the area's, the unit's, a round's.

    Raises NotFound for an unknown and for a foreign one.
    """
    point = session.scalar(
        select(InspectionPoint)
        .where(InspectionPoint.code == code)
        .options(
            joinedload(InspectionPoint.site_type),
            joinedload(InspectionPoint.unit),
            joinedload(InspectionPoint.community),
        )
    )
    if point is None or not allows(actor, Permission.POINT_VIEW, subjects.of_point(session, point)):
        raise NotFound(N_("没有这个点位，或您无权查看。"))
    return point


@blueprint.get("/<code>")
@requires(Permission.POINT_VIEW)
def detail(code: str) -> Response:
    """Facts, map, QR code, visits, gaps, open tasks, history."""
    session, actor = db.session(), current_actor()
    point = find(session, code, actor)
    subject = subjects.of_point(session, point)
    page = render_template(
        "points/detail.html",
        point=point,
        english=choices.is_english(),
        actions=[action_name(code, english=choices.is_english()) for code in point.actions],
        is_late=point.is_active and is_overdue(point.last_visit_at, point.cycle_days, clock.now()),
        standing=standing(session, point, actor),
        visit_kind=visit_kind,
        visit_url=visit_url,
        dimension=lambda value: _(DIMENSION_LABELS[Dimension(value)]),
        history=queries.history(session, point),
        fields=FIELD_LABELS,
        kinds_of_change=KIND_LABELS,
        may_manage=allows(actor, Permission.POINT_MANAGE, subject),
        may_visit=point.is_active and allows(actor, Permission.VISIT_MAKE, subject),
        may_report=allows(actor, Permission.TASK_REPORT),
        qr=qr_svg(point.code),
        scan=scan_address(point.code),
        river=rivers.card_for(session, point),
        basemaps=map_answers.layers(),
        request_uuid=str(uuid4()),
    )
    return map_answers.with_layers(page)


def visit_kind(visit: Visit) -> str:
    """In whose name it was made."""
    return _(ROUND_KIND_LABELS[RoundKind(visit.kind)])


def visit_url(visit: Visit) -> str | None:
    """The page of a visit, where the installation has one."""
    if "visits.detail" not in current_app.view_functions:
        return None
    return url_for("visits.detail", visit_id=visit.id)

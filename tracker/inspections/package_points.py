"""Knows how points are described for a phone: what is open there, what the last visit found wanting."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.inspections.models import Answer, Result, Visit
from tracker.places.models import Area, Organization
from tracker.points.models import InspectionPoint, SiteType
from tracker.tasks.models import Task
from tracker.tasks.queries import visible
from tracker.tasks.states import OPEN, STATE_LABELS, State

#: Results that stand on the list of gaps (缺项清单).
WANTING = (Result.FAIL, Result.BASIC)
#: Points asked for in one statement: every database takes so many values.
_BATCH = 800


def is_channel() -> ColumnElement[bool]:
    """A point of a channel (渠道类) is nowhere and is not visited."""
    return InspectionPoint.site_type_code.in_(select(SiteType.code).where(SiteType.is_channel))


def described(
    session: Session, points: Sequence[InspectionPoint], actor: Actor
) -> list[dict[str, Any]]:
    """The points as docs/sync.md has them; WGS-84 degrees."""
    gaps: dict[int, list[int]] = defaultdict(list)
    tasks: dict[int, list[dict[str, Any]]] = defaultdict(list)
    ids = [point.id for point in points]
    for start in range(0, len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        for point_id, item_id in session.execute(_gaps(batch)):
            gaps[point_id].append(item_id)
        for task in session.scalars(_open_tasks(batch, actor)):
            if task.point_id is not None:
                tasks[task.point_id].append(_task(task))
    communities = _names(session, Area.code, Area.name, {p.community_code for p in points})
    units = _names(session, Organization.id, Organization.name, {p.unit_id for p in points})
    return [
        {
            "id": point.id,
            "code": point.code,
            "name": point.name,
            "site_type": point.site_type_code,
            "lon": point.lon,
            "lat": point.lat,
            "geometry": point.geometry,
            "address": point.address,
            "community": communities.get(point.community_code, ""),
            "unit": units.get(point.unit_id, ""),
            "person": point.person,
            "version": point.version,
            "last_visit_at": point.last_visit_at.isoformat() if point.last_visit_at else None,
            "last_score": point.last_score,
            "gaps": gaps[point.id],
            "open_tasks": tasks[point.id],
        }
        for point in points
    ]


def _gaps(ids: Sequence[int]) -> Any:
    """Point and item of what the newest visit of each point found wanting."""
    return (
        select(Visit.point_id, Answer.item_id)
        .join(Answer, Answer.visit_id == Visit.id)
        .join(
            InspectionPoint,
            and_(
                InspectionPoint.id == Visit.point_id,
                InspectionPoint.last_visit_at == Visit.at,
            ),
        )
        .where(InspectionPoint.id.in_(ids), Answer.result.in_([one.value for one in WANTING]))
        .order_by(Visit.point_id, Answer.id)
    )


def _open_tasks(ids: Sequence[int], actor: Actor) -> Any:
    return (
        select(Task)
        .where(Task.point_id.in_(ids), Task.state.in_(sorted(OPEN)), visible(actor))
        .order_by(Task.id)
    )


def _task(task: Task) -> dict[str, Any]:
    return {
        "number": task.number,
        "title": task.title,
        "item_id": task.check_item_id,
        "category_id": task.category_id,
        "state": task.state,
        "state_name": _(STATE_LABELS[State(task.state)]),
        "lon": task.lon,
        "lat": task.lat,
        "reported_at": task.reported_at.isoformat(),
    }


def _names(session: Session, key: Any, name: Any, wanted: set[Any]) -> dict[Any, str]:
    known = sorted(one for one in wanted if one is not None)
    found: dict[Any, str] = {}
    for start in range(0, len(known), _BATCH):
        rows = session.execute(select(key, name).where(key.in_(known[start : start + _BATCH])))
        found.update((row[0], row[1]) for row in rows)
    return found

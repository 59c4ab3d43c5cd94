"""Knows which tasks a phone takes along: those that this person may submit."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from tracker import clock
from tracker.access.actor import Actor
from tracker.access.roles import FOR_UNIT
from tracker.evidence.models import Phase, Photo
from tracker.places.models import Area
from tracker.tasks import presenting
from tracker.tasks.deadlines import DueBand
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.states import RUNNING, STATE_LABELS, Action, State

#: The most urgent ones; a unit with more works at a desk.
MAX_TASKS = 300
_PHOTOS = 3


def own_tasks(session: Session, actor: Actor) -> list[dict[str, Any]]:
    """Tasks of the person's units and their own, dispatched or in hand, the most urgent first."""
    units = sorted(actor.units_as(FOR_UNIT))
    tasks = session.scalars(
        select(Task)
        .where(
            Task.state.in_(sorted(RUNNING)),
            or_(Task.unit_id.in_(units), Task.assignee_id == actor.user_id),
        )
        .order_by(Task.due_at.is_(None), Task.due_at, Task.id)
        .limit(MAX_TASKS)
        .options(joinedload(Task.category))
    ).all()
    ids = [task.id for task in tasks]
    photos, reasons = _photos(session, ids), _rework_reasons(session, ids)
    areas = _communities(session, {task.community_code for task in tasks})
    now = clock.now()
    return [
        {
            "number": task.number,
            "version": task.version,
            "title": task.title,
            "description": task.description,
            "category": task.category.name if task.category else "",
            "category_id": task.category_id,
            "state": task.state,
            "state_name": _(STATE_LABELS[State(task.state)]),
            "due_at": task.due_at.isoformat() if task.due_at else None,
            "due_soon_at": task.due_soon_at.isoformat() if task.due_soon_at else None,
            "is_overdue": presenting.band(task, now) is DueBand.OVERDUE,
            "lon": task.lon,
            "lat": task.lat,
            "address": task.address,
            "community": areas.get(task.community_code or "", ""),
            "rework_reason": reasons.get(task.id, ""),
            "before_photos": photos.get(task.id, [])[:_PHOTOS],
        }
        for task in tasks
    ]


def _photos(session: Session, ids: list[int]) -> dict[int, list[str]]:
    """Addresses of the photos before the work, the newest first."""
    found: dict[int, list[str]] = {}
    rows = session.execute(
        select(Photo.task_id, Photo.uuid)
        .where(Photo.task_id.in_(ids), Photo.phase == Phase.BEFORE)
        .order_by(Photo.received_at.desc(), Photo.uuid)
    )
    for task_id, uuid in rows:
        if task_id is not None:
            found.setdefault(task_id, []).append(f"/photos/{uuid}/view")
    return found


def _rework_reasons(session: Session, ids: list[int]) -> dict[int, str]:
    """Why a task came back, in the words of the newest rework and those drawn on its picture."""
    rows = session.execute(
        select(TaskEvent.task_id, TaskEvent.payload)
        .where(TaskEvent.task_id.in_(ids), TaskEvent.action == Action.REWORK)
        .order_by(TaskEvent.sequence)
    )
    return {task_id: _rework_words(payload) for task_id, payload in rows}


def _rework_words(payload: dict[str, Any]) -> str:
    kind, reason, drawing = (payload.get(name) for name in ("reason_kind", "reason", "drawing"))
    reason = _("：").join(str(one) for one in (_(kind) if kind else "", reason) if one)
    if not drawing:
        return reason
    drawn = [str(shape["text"]) for shape in drawing["shapes"] if shape.get("text")]
    told = _("标注：%(words)s", words=_("；").join(drawn)) if drawn else _("另有图上标注")
    return _("%(reason)s（%(drawn)s，请先在任务页面点“知悉返工要求”）", reason=reason, drawn=told)


def _communities(session: Session, codes: set[str | None]) -> dict[str, str]:
    wanted = sorted(code for code in codes if code)
    rows = session.execute(select(Area.code, Area.name).where(Area.code.in_(wanted))).all()
    return dict(rows)

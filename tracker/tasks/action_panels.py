"""Knows the forms that stand on a task page: those possible now, filled with sensible values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.calendar import Limit, LimitReading, LimitUnit
from tracker.catalogue.models import Category
from tracker.evidence.models import Photo
from tracker.places.suggesting import Suggestion
from tracker.tasks import deadlines
from tracker.tasks.action_fields import ActionForm
from tracker.tasks.action_forms import CONFIRMATIONS, FORMS, WITH_PHOTOS
from tracker.tasks.limits.queries import handling_limit
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.offers import Offer, offers
from tracker.tasks.panel_choices import Choices
from tracker.tasks.panel_groups import ANSWERS
from tracker.tasks.running import work_calendar
from tracker.tasks.states import Action, Source
from tracker.tasks.suggestions import suggested_unit

#: The short new limit proposed for a rework.
REWORK_LIMIT = Limit(1, LimitUnit.WORK_DAY, LimitReading.ROLLING)
#: Never the one big button of a page.
_SECONDARY = frozenset(
    {
        Action.RELOCATE, Action.COMMENT, Action.CANCEL, Action.RETURN, Action.WITHDRAW, Action.REDISPATCH,
        Action.ADD_ASSIST, Action.REMOVE_ASSIST, Action.SUPERVISE, Action.URGE, Action.INSTRUCT,
        Action.LINK_RECURRENCE, Action.APPEAL, Action.ASK_EXTENSION, Action.ASK_SUSPENSION, Action.UNDO,
        Action.RESUME, Action.CLOSE_BY_NOTICE, Action.DECLINE, Action.DENY_EXTENSION, Action.DENY_SUSPENSION,
        Action.DENY_APPEAL,
    }
)  # fmt: skip


@dataclass(frozen=True)
class Panel:
    """One action with its form. `open` panels show their fields; one panel is primary."""

    offer: Offer
    form: ActionForm
    request_uuid: str
    is_primary: bool = False
    is_open: bool = False
    #: photos of one's tray that were handed over with a refused form
    photos: Sequence[Photo] = ()
    photo_name: str = ""
    photo_label: str = ""
    #: asked once more before it is sent
    confirmation: str = ""
    #: unit suggested, and why
    suggestion: Suggestion | None = None
    #: when the proposed limit would run out if sent now
    due_preview: datetime | None = None

    @property
    def action(self) -> Action:
        return self.offer.action


@dataclass(frozen=True)
class Typed:
    """A form that came back: shown again instead of a fresh one."""

    form: ActionForm
    request_uuid: str
    photos: Sequence[Photo] = ()


def panels(
    session: Session, task: Task, actor: Actor, *, at: datetime, typed: Typed | None = None
) -> tuple[list[Panel], list[Offer]]:
    """The panels of what is possible, and the offers that are not but might be looked for."""
    found, refused = [], []
    primary: Action | None = None
    known = Choices(session, task)
    for offer in offers(task, actor, at=at):
        if offer.refusal is not None:
            if offer.action not in ANSWERS:
                refused.append(offer)
            continue
        if primary is None and not _is_secondary(offer.action, task):
            primary = offer.action
        found.append(panel(session, task, offer, at=at, primary=primary, typed=typed, known=known))
    return found, refused


def _is_secondary(action: Action, task: Task) -> bool:
    """To name another decider is possible, but not what a convened meeting waits for."""
    return action in _SECONDARY or (action is Action.CONVENE and task.joint_decider_id is not None)


def panel(
    session: Session,
    task: Task,
    offer: Offer,
    *,
    at: datetime,
    primary: Action | None = None,
    typed: Typed | None = None,
    known: Choices | None = None,
) -> Panel:
    """The panel of one action: with what was typed, else with proposals."""
    action = offer.action
    again = typed if typed is not None and typed.form.action is action else None
    suggestion = None
    if action in (Action.FILE, Action.DISPATCH):
        suggestion = suggested_unit(session, task, task.category)
    form = again.form if again else new_form(session, task, action, suggestion)
    (known or Choices(session, task)).fill(form)
    photo_name, photo_label = WITH_PHOTOS.get(action, ("", ""))
    return Panel(
        offer=offer,
        form=form,
        request_uuid=again.request_uuid if again else str(uuid4()),
        is_primary=action is primary,
        is_open=again is not None or (typed is None and action is primary),
        photos=again.photos if again else (),
        photo_name=photo_name,
        photo_label=photo_label,
        confirmation=CONFIRMATIONS.get(action, ""),
        suggestion=suggestion,
        due_preview=preview(form, at),
    )


def new_form(
    session: Session, task: Task, action: Action, suggestion: Suggestion | None
) -> ActionForm:
    """A fresh form with proposals: category, suggested unit, the limit by the rules, the asked date."""
    values: dict[str, Any] = {}
    if action in (Action.FILE, Action.DISPATCH):
        values = {
            "category_id": str(task.category_id or ""),
            "unit_id": str(suggestion.unit_id) if suggestion else "",
            **_limit_values(default_limit(session, task, task.category)),
        }
    elif action is Action.REWORK:
        values = _limit_values(REWORK_LIMIT)
    elif action in (Action.REDISPATCH, Action.DECIDE_JOINT):
        values = _limit_values(default_limit(session, task, task.category))
    elif action is Action.SUPERVISE:
        values = {
            "limit_unit": REWORK_LIMIT.unit.value,
            "limit_reading": REWORK_LIMIT.reading.value,
        }
    elif action is Action.SUSPEND:
        values = {"until": _asked_until(session, task)}
    elif action is Action.RELOCATE:
        values = {"community_code": task.community_code or ""}
    return FORMS[action](action, **values)


def _asked_until(session: Session, task: Task) -> date | None:
    """The end date that the unit asked for last."""
    payload = session.scalar(
        select(TaskEvent.payload)
        .where(TaskEvent.task_id == task.id, TaskEvent.action == Action.ASK_SUSPENSION.value)
        .order_by(TaskEvent.sequence.desc())
        .limit(1)
    )
    return date.fromisoformat(payload["until"]) if payload and payload.get("until") else None


def default_limit(session: Session, task: Task, category: Category | None) -> Limit:
    """The limit of the rules for this task under `category`, see tasks.limits.rules."""
    return handling_limit(session, category, is_urgent=task.is_urgent, source=Source(task.source))


def deadline(limit: Limit, at: datetime) -> datetime:
    """When a limit that starts at `at` runs out, by the calendar in force."""
    return deadlines.due_at(at, limit, work_calendar())


def preview(form: ActionForm, at: datetime) -> datetime | None:
    """When the limit in a form would run out; None without one or with a wrong one."""
    if "limit_value" not in form:
        return None
    try:
        limit = Limit(
            form["limit_value"].data or 0,
            LimitUnit(form["limit_unit"].data),
            LimitReading(form["limit_reading"].data),
        )
    except ValueError:
        return None
    return deadline(limit, at)


def _limit_values(limit: Limit) -> dict[str, Any]:
    return {
        "limit_value": limit.value,
        "limit_unit": limit.unit.value,
        "limit_reading": limit.reading.value,
    }

"""Knows the forms that stand on a task page: those possible now, filled with sensible values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from flask_babel import gettext as _
from sqlalchemy.orm import Session
from wtforms.fields import SelectChoice

from tracker.access.actor import Actor
from tracker.calendar import Limit, LimitReading, LimitUnit
from tracker.catalogue.models import Category
from tracker.evidence.models import Photo
from tracker.places.suggesting import Suggestion
from tracker.tasks import choices, deadlines
from tracker.tasks.action_forms import CONFIRMATIONS, FORMS, WITH_PHOTOS, ActionForm
from tracker.tasks.models import Task
from tracker.tasks.offers import Offer, offers
from tracker.tasks.running import work_calendar
from tracker.tasks.states import Action
from tracker.tasks.suggestions import suggested_unit
from tracker.tasks.words import is_english

#: The short new limit proposed for a rework.
REWORK_LIMIT = Limit(1, LimitUnit.WORK_DAY, LimitReading.ROLLING)
#: Never the one big button of a page.
_SECONDARY = frozenset(
    {Action.RELOCATE, Action.COMMENT, Action.CANCEL, Action.RETURN, Action.WITHDRAW}
)


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
    """The panels of what is possible, and the offers that are not."""
    found, refused = [], []
    primary: Action | None = None
    for offer in offers(task, actor, at=at):
        if offer.refusal is not None:
            refused.append(offer)
            continue
        if primary is None and offer.action not in _SECONDARY:
            primary = offer.action
        found.append(panel(session, task, offer, at=at, primary=primary, typed=typed))
    return found, refused


def panel(
    session: Session,
    task: Task,
    offer: Offer,
    *,
    at: datetime,
    primary: Action | None = None,
    typed: Typed | None = None,
) -> Panel:
    """The panel of one action: with what was typed, else with proposals."""
    action = offer.action
    again = typed if typed is not None and typed.form.action is action else None
    suggestion = None
    if action in (Action.FILE, Action.DISPATCH):
        suggestion = suggested_unit(session, task, task.category)
    form = again.form if again else new_form(task, action, suggestion)
    offer_choices(session, task, form)
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


def new_form(task: Task, action: Action, suggestion: Suggestion | None) -> ActionForm:
    """A fresh form with proposals: category, suggested unit, the category's limit."""
    values: dict[str, Any] = {}
    if action in (Action.FILE, Action.DISPATCH):
        values = {
            "category_id": str(task.category_id or ""),
            "unit_id": str(suggestion.unit_id) if suggestion else "",
            **_limit_values(default_limit(task.category)),
        }
    elif action is Action.REWORK:
        values = _limit_values(REWORK_LIMIT)
    elif action is Action.RELOCATE:
        values = {"community_code": task.community_code or ""}
    return FORMS[action](action, **values)


def default_limit(category: Category | None) -> Limit:
    """The limit of a category, else three working days."""
    if category is None:
        return Limit(3, LimitUnit.WORK_DAY, LimitReading.DAY_COUNT)
    return category.limit


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


def offer_choices(session: Session, task: Task, form: ActionForm) -> None:
    """Fill the selects of a form."""
    if "unit_id" in form:
        found = [(unit_id, name, None) for unit_id, name in choices.units(session)]
        form["unit_id"].choices = _options(_("请选择责任单位"), found)
    if "category_id" in form:
        members = [
            (member.id, f"{member.code} {member.label}", f"{major.code} {major.label}")
            for major in choices.categories(session, english=is_english())
            for member in major.members
        ]
        form["category_id"].choices = _options(_("请选择问题类别"), members)
    if "community_code" in form:
        form["community_code"].choices = _community_options(session)
    if "assignee_id" in form:
        people = [
            (user_id, name, None) for user_id, name in choices.people_of(session, task.unit_id)
        ]
        form["assignee_id"].choices = _options(_("请选择经办人"), people)


def _community_options(session: Session) -> list[SelectChoice]:
    """Communities under their towns."""
    found = [SelectChoice("", _("请选择社区"))]
    town = None
    for area in choices.areas(session):
        if area.depth == 1:
            town = area.name
        elif area.depth == 2:
            found.append(SelectChoice(area.code, area.name, optgroup=town))
    return found


def _options(empty: str, found: Sequence[tuple[int, str, str | None]]) -> list[SelectChoice]:
    """(id, words, group) as options after one that is no choice."""
    named = [SelectChoice(str(key), label, optgroup=group) for key, label, group in found]
    return [SelectChoice("", empty), *named]

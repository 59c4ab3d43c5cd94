"""Knows how states, actions, sources, roles and limits of tasks are said in the reader's language."""

from datetime import datetime
from typing import Any

from flask import Flask
from flask_babel import gettext as _
from sqlalchemy import select

from tracker import clock
from tracker.access.roles import LABELS as ROLE_LABELS
from tracker.access.roles import Role
from tracker.calendar import LimitReading, LimitUnit
from tracker.catalogue.models import Category
from tracker.places.suggesting import Suggestion
from tracker.storage.db import db
from tracker.tasks import presenting
from tracker.tasks.deadlines import DueBand
from tracker.tasks.numbers import short_order
from tracker.tasks.states import (
    ACTION_LABELS,
    CLOSING_LABELS,
    SOURCE_LABELS,
    STATE_LABELS,
    Action,
    Closing,
    Source,
    State,
)
from tracker.tasks.timeline import Fact
from tracker.texts import N_
from tracker.web.filters import moment
from tracker.web.locale import is_english as is_english

READING_LABELS = {
    LimitReading.ROLLING: N_("连续计时"),
    LimitReading.DAY_COUNT: N_("按日计算（次日起算，下班截止）"),
}


def state_label(state: str) -> str:
    """The word of a state."""
    return _(STATE_LABELS[State(state)])


def action_label(action: str) -> str:
    """The word of an action."""
    return _(ACTION_LABELS[Action(action)])


def closing_label(closing: str) -> str:
    """How a task ended, in words."""
    return _(CLOSING_LABELS[Closing(closing)])


def source_label(source: str) -> str:
    """Where a report came from, in words."""
    return _(SOURCE_LABELS[Source(source)])


def role_words(roles: str) -> str:
    """The roles of an event (comma separated) in words; an unknown one is left out."""
    known = [Role(role) for role in roles.split(",") if role in set(Role)]
    return _("、").join(_(ROLE_LABELS[role]) for role in known)


def limit_words(task: Any) -> str:
    """E.g. 3 工作日; empty when the deadline was fixed by date."""
    if not task.limit_value or not task.limit_unit:
        return ""
    return _("%(n)d %(unit)s", n=task.limit_value, unit=_(LimitUnit(task.limit_unit).label))


def band_of(task: Any) -> DueBand | None:
    """How near a task is to its deadline now; None when no unit's clock runs."""
    return presenting.band(task, clock.now())


def suggestion_words(suggestion: Suggestion | None) -> str:
    """Which unit is proposed, and why."""
    if suggestion is None:
        return _("没有建议单位，请选择。")
    return _(
        "建议：%(unit)s（%(reason)s）",
        unit=suggestion.name,
        reason=_(suggestion.reason, **suggestion.facts),
    )


def due_words(due: datetime | None) -> str:
    """When a limit that starts now runs out; empty without one."""
    return _("从现在起算，截止于 %(when)s", when=moment(due)) if due else ""


def matter_of(category: Any) -> str:
    """A category row as a task's matter in the reader's language."""
    if category is None:
        return ""
    return presenting.matter(category.kind, category.name, category.name_en, english=is_english())


#: Words of a list that an event keeps as they were said.
_SAID_IN_CHINESE = frozenset({"reason_kind", "undone_step"})


def fact_words(fact: Fact) -> Any:
    """What an event says; the category it recorded in the reader's language."""
    if isinstance(fact.value, datetime):
        return moment(fact.value)
    if fact.key == "category" and is_english():
        code = str(fact.value).split(" ")[0]
        named = db.session.scalar(select(Category.name_en).where(Category.code == code))
        return f"{code} {named}" if named else fact.value
    if fact.key in _SAID_IN_CHINESE:
        return _(str(fact.value))
    return fact.value


def install(app: Flask) -> None:
    """Give templates and macros the words."""
    app.jinja_env.globals.update(
        state_label=state_label,
        action_label=action_label,
        source_label=source_label,
        closing_label=closing_label,
        short_order=short_order,
        band_of=band_of,
        role_words=role_words,
        limit_words=limit_words,
        matter_of=matter_of,
        suggestion_words=suggestion_words,
        due_from_now=due_words,
        fact_words=fact_words,
    )

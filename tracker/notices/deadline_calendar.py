"""Writes the deadlines a person answers for as an iCalendar file (RFC 5545), zone Asia/Shanghai."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Row, Select, and_, false, or_, select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.access.roles import FOR_UNIT, Role
from tracker.catalogue.models import Category
from tracker.clock import in_city
from tracker.places.models import Area
from tracker.tasks import queries, words
from tracker.tasks.models import Task
from tracker.tasks.presenting import matter
from tracker.tasks.states import RUNNING

#: The next deadlines, and the last ones that passed: a calendar program reads the file again and again.
MOST_AHEAD, MOST_PAST = 300, 200
#: A deadline is shown as the half hour before it.
SHOWN_LENGTH = timedelta(minutes=30)
#: Who watches an area and answers for no single task: sees what is late or about to be.
_OFFICE = (Role.DISPATCHER, Role.VERIFIER, Role.LEADER)

_Line = Row[Any]


def _responsible(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """Of the visible tasks those the person answers for."""
    clauses: list[ColumnElement[bool]] = []
    units = actor.units_as(FOR_UNIT)
    if units:
        clauses.append(Task.unit_id.in_(sorted(units)))
    if actor.user_id is not None:
        clauses.append(Task.assignee_id == actor.user_id)
    if actor.has(*_OFFICE):
        clauses.append(and_(queries.in_areas(actor.areas_as(_OFFICE)), Task.due_soon_at <= now))
    return or_(*clauses) if clauses else false()


def _select(actor: Actor, now: datetime) -> Select[*tuple[object, ...]]:
    return (
        select(
            Task.uuid, Task.number, Task.due_at, Task.updated_at, Task.version, Task.state,
            Category.kind.label("category_kind"), Category.name.label("category"), Category.name_en.label("category_en"), Area.name.label("place"),
        )
        .outerjoin(Category, Task.category_id == Category.id)
        .outerjoin(Area, Task.community_code == Area.code)
        .where(
            queries.visible(actor), _responsible(actor, now), Task.state.in_(sorted(RUNNING)),
            Task.due_at.is_not(None),
        )
    )  # fmt: skip


def deadlines(session: Session, actor: Actor, *, now: datetime) -> Sequence[_Line]:
    """The nearest deadlines on both sides of now, in their order."""
    ahead = session.execute(
        _select(actor, now)
        .where(Task.due_at >= now)
        .order_by(Task.due_at, Task.id)
        .limit(MOST_AHEAD)
    ).all()
    past = session.execute(
        _select(actor, now)
        .where(Task.due_at < now)
        .order_by(Task.due_at.desc(), Task.id.desc())
        .limit(MOST_PAST)
    ).all()
    return [*reversed(past), *ahead]  # type: ignore[list-item]


def write(lines: Sequence[_Line], *, address: Callable[[str], str]) -> bytes:
    """The file. Number, category, community and deadline, nothing else of a task.

    The same deadlines give the same bytes: every moment in it is of the task, none of the writing.
    """
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", "-//civic-grid-tracker//deadlines//ZH")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _("整改时限"))
    calendar.add("x-wr-timezone", "Asia/Shanghai")
    for line in lines:
        event = Event()
        event.add("uid", f"{line.uuid}@civic-grid-tracker")
        event.add("dtstamp", line.updated_at.replace(microsecond=0))
        event.add("sequence", line.version)
        due = in_city(line.due_at).replace(microsecond=0)
        event.add("dtstart", due - SHOWN_LENGTH)
        event.add("dtend", due)
        what = matter(
            line.category_kind, line.category, line.category_en, english=words.is_english()
        )
        where = " · ".join(part for part in (what, line.place) if part)
        event.add(
            "summary", _("整改时限 %(number)s %(what)s", number=line.number, what=where).strip()
        )
        event.add("url", address(line.number))
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return calendar.to_ical()


def etag(content: bytes) -> str:
    """Names the content, so that a program that has it is told so."""
    return hashlib.sha256(content).hexdigest()[:32]

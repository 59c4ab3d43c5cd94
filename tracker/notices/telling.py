"""Tells of an event inside the transaction that writes it: inbox rows, and lines for the digests."""

from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from tracker import clock
from tracker.catalogue.models import Category
from tracker.notices import recipients
from tracker.notices.models import Channel, DigestLine, Notice
from tracker.notices.recipients import Found, Person
from tracker.notices.rules import RULES, Telling, Who, text_key
from tracker.places.models import Area
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.presenting import matter
from tracker.tasks.states import Action

#: Told in the name of the organization to which they belong.
_IN_THEIR_OFFICE = frozenset(
    {Who.DISPATCHERS, Who.VERIFIERS, Who.ASSESSORS, Who.ASSISTING, Who.CONSULTED}
)
#: What happened longer ago is history that is being written down, no news.
NEWS = timedelta(days=1)


def tell(session: Session, event: TaskEvent, task: Task) -> None:
    """Write what the table says of this event; the one who acted is never told of it.

    The number of queries does not depend on the number of people.
    """
    action = Action(event.action)
    tellings = [line for line in RULES[action] if line.when is None or line.when(task)]
    # a suspension that ended is always news, however late a worker sees it
    if not tellings or (event.recorded_at - event.at > NEWS and action is not Action.RESUME):
        return
    session.flush()
    found = recipients.find(session, tellings, event, task)
    if not found.people:
        return
    told: dict[int, tuple[Telling, Person]] = {}
    for telling in tellings:
        for person in found.of(telling.to):
            told.setdefault(person.id, (telling, person))
    params = what_is_said(session, task)
    now = clock.now()
    session.execute(
        insert(Notice),
        [
            {
                "user_id": user_id, "task_id": task.id, "event_id": event.id,
                "kind": telling.kind.value, "text_key": text_key(action, telling),
                "params": params, "created_at": now, "read_at": None,
            }
            for user_id, (telling, _) in told.items()
        ],
    )  # fmt: skip
    _add_lines(session, event, params, _audiences(session, task, found, told.values()))


def what_is_said(session: Session, task: Task) -> dict[str, Any]:
    """All that a notice ever says of a task: no words that somebody typed, no person."""
    category = session.get(Category, task.category_id) if task.category_id else None
    code = task.community_code or task.town_code or task.district_code
    area = session.get(Area, code) if code else None
    return {
        "number": task.number,
        "category": _matter(category, english=False),
        "category_en": _matter(category, english=True),
        "place": area.name if area else "",
        "due": task.due_at.isoformat() if task.due_at else None,
    }


def _matter(category: Category | None, *, english: bool) -> str:
    if category is None:
        return ""
    return matter(category.kind, category.name, category.name_en, english=english)


def _audiences(session: Session, task: Task, found: Found, told: Any) -> dict[str, Telling]:
    """Who is sent a line: the units that have a channel, the people who asked to be sent this kind."""
    wanted: dict[str, Telling] = {}
    units: dict[int, Telling] = {}
    for telling, person in told:
        if person.email and telling.kind.value in person.kinds:
            wanted[f"person:{person.id}"] = telling
        unit_id = _unit_of(telling, person, task, found)
        if unit_id is not None:
            units.setdefault(unit_id, telling)
    if units:
        open_units = session.scalars(
            select(Channel.organization_id)
            .where(Channel.organization_id.in_(sorted(units)), Channel.is_active.is_(True))
            .distinct()
        )
        wanted |= {f"unit:{unit_id}": units[unit_id] for unit_id in open_units}
    return wanted


def _unit_of(telling: Telling, person: Person, task: Task, found: Found) -> int | None:
    """In whose name somebody is told; what concerns a person alone goes into no unit's digest."""
    if telling.to in (Who.UNIT, Who.HEADS):
        return task.unit_id
    if telling.to is Who.FORMER_UNIT:
        return found.former_unit_id
    if telling.to in _IN_THEIR_OFFICE:
        return person.organization_id
    return None


def _add_lines(
    session: Session, event: TaskEvent, params: dict[str, Any], audiences: dict[str, Telling]
) -> None:
    if audiences:
        session.execute(
            insert(DigestLine),
            [
                {
                    "audience": audience, "event_id": event.id, "digest_id": None,
                    "text_key": text_key(Action(event.action), telling), "params": params,
                }
                for audience, telling in audiences.items()
            ],
        )  # fmt: skip

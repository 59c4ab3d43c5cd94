"""Finds the people whom a line of the table means: bounded in number, in four queries at most."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from tracker.access.roles import FOR_UNIT, HEADS, Role
from tracker.notices.models import NoticeSetting
from tracker.notices.rules import Telling, Who
from tracker.people.models import RoleGrant, User
from tracker.places.models import Organization
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.states import Action

#: One step tells at most so many people; a unit or a district has far fewer of a role.
MOST = 200
#: So far back in a task's events the asker, the submitter and the leaders are looked for.
EVENTS_BACK = 100

_AREA_ROLES = {
    Who.DISPATCHERS: Role.DISPATCHER,
    Who.VERIFIERS: Role.VERIFIER,
    Who.ASSESSORS: Role.ASSESSOR,
}
#: The steps behind a person of the task's past; of `STEERERS` every one counts, else the last.
_PAST = {
    Who.ASKER: (Action.ASK_EXTENSION, Action.ASK_SUSPENSION, Action.APPEAL),
    Who.SUBMITTER: (Action.SUBMIT,),
    Who.STEERERS: (Action.SUPERVISE, Action.URGE, Action.INSTRUCT),
    Who.FORMER_UNIT: (Action.DISPATCH, Action.REDISPATCH, Action.DECIDE_JOINT),
}


@dataclass
class Person:
    """Somebody who is told, with what they want to be sent."""

    id: int
    organization_id: int | None
    email: str
    kinds: Sequence[str]


@dataclass
class Found:
    """The people of each line, and the units in whose name they are told."""

    people: dict[int, Person] = field(default_factory=dict)
    members: dict[Who, list[int]] = field(default_factory=dict)
    former_unit_id: int | None = None

    def of(self, who: Who) -> list[Person]:
        """The people a line means, in the order of their keys, inactive accounts left out."""
        ids = sorted(set(self.members.get(who, ())))
        return [self.people[one] for one in ids if one in self.people]


def find(session: Session, tellings: Iterable[Telling], event: TaskEvent, task: Task) -> Found:
    """Everybody whom the lines mean, the one who acted left out."""
    wanted = {telling.to for telling in tellings}
    found = Found()
    _past(session, wanted, event, task, found)
    for who, user_id in (
        (Who.ASSIGNEE, task.assignee_id),
        (Who.REPORTER, task.reporter_id),
        (Who.DECIDER, task.joint_decider_id),
    ):
        if who in wanted and user_id is not None:
            found.members[who] = [user_id]
    _granted(session, wanted, task, found)
    _people(session, event, found)
    return found


def _past(session: Session, wanted: set[Who], event: TaskEvent, task: Task, found: Found) -> None:
    asked = {action: who for who in wanted & set(_PAST) for action in _PAST[who]}
    if not asked:
        return
    rows = session.execute(
        select(TaskEvent.action, TaskEvent.actor_id, TaskEvent.payload)
        .where(
            TaskEvent.task_id == task.id,
            TaskEvent.sequence < event.sequence,
            TaskEvent.action.in_(sorted(asked)),
        )
        .order_by(TaskEvent.sequence.desc())
        .limit(EVENTS_BACK)
    ).all()
    for row in rows:
        who = asked[Action(row.action)]
        if who is Who.FORMER_UNIT:
            if found.former_unit_id is None:
                found.former_unit_id = _unit_named(session, row.payload.get("unit", ""), task)
        elif row.actor_id is not None and (who is Who.STEERERS or who not in found.members):
            found.members.setdefault(who, []).append(row.actor_id)


def _unit_named(session: Session, name: str, task: Task) -> int | None:
    """The unit an event names; 0 for none that can be told, so that nobody looks further back."""
    unit_id = session.scalar(select(Organization.id).where(Organization.name == name).limit(1))
    return 0 if unit_id is None or unit_id == task.unit_id else unit_id


def _granted(session: Session, wanted: set[Who], task: Task, found: Found) -> None:
    """Those who are told by their role: in a unit, or in the area where the task lies."""
    teams = [team for team in _teams(task, found) if team[0] in wanted and team[1]]
    roles = {role: who for who, role in _AREA_ROLES.items() if who in wanted}
    clauses: list[ColumnElement[bool]] = [
        and_(RoleGrant.role.in_(sorted(held)), RoleGrant.organization_id.in_(sorted(units)))
        for _who, units, held in teams
    ]
    if roles:
        codes = (task.district_code, task.town_code, task.community_code, task.grid_code)
        here = RoleGrant.area_code.in_([code for code in codes if code])
        clauses.append(
            and_(RoleGrant.role.in_(sorted(roles)), or_(here, RoleGrant.area_code.is_(None)))
        )
    if not clauses:
        return
    rows = session.execute(
        select(RoleGrant.user_id, RoleGrant.role, RoleGrant.organization_id)
        .where(RoleGrant.revoked_at.is_(None), or_(*clauses))
        .order_by(RoleGrant.user_id, RoleGrant.id)
        .limit(MOST * 2)
    )
    for user_id, role, unit_id in rows:
        in_area = roles.get(Role(role))
        if in_area is not None:
            found.members.setdefault(in_area, []).append(user_id)
        for who, units, held in teams:
            if unit_id in units and role in held:
                found.members.setdefault(who, []).append(user_id)


def _teams(task: Task, found: Found) -> list[tuple[Who, set[int], frozenset[Role]]]:
    """Who is told in the name of which units, and in which roles."""
    own = {task.unit_id} if task.unit_id else set()
    former = {found.former_unit_id} if found.former_unit_id else set()
    return [
        (Who.FORMER_UNIT, former, FOR_UNIT),
        (Who.UNIT, own, FOR_UNIT),
        (Who.HEADS, own, HEADS),
        (Who.ASSISTING, set(task.assist_unit_ids), FOR_UNIT),
        (Who.CONSULTED, set(task.joint_unit_ids), HEADS),
    ]


def _people(session: Session, event: TaskEvent, found: Found) -> None:
    ids = {one for members in found.members.values() for one in members} - {event.actor_id}
    if not ids:
        return
    rows = session.execute(
        select(User.id, User.organization_id, NoticeSetting.email, NoticeSetting.kinds)
        .outerjoin(NoticeSetting, NoticeSetting.user_id == User.id)
        .where(User.id.in_(sorted(ids)[:MOST]), User.is_active.is_(True))
    )
    found.people = {
        row.id: Person(row.id, row.organization_id, row.email or "", row.kinds or ())
        for row in rows
    }

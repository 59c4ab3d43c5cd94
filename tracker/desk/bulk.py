"""Knows what a step does to many tasks at once: rehearsed first, then each in its own transaction.

A rehearsal runs the very checks and effects of `tasks.operations.apply` on copies that belong to no
session, so that what it says and what is then done cannot differ by a rule.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tracker.access.actor import Actor
from tracker.calendar import Limit
from tracker.errors import Fault, NotFound
from tracker.places.models import Organization
from tracker.points.models import InspectionPoint
from tracker.tasks import checks, queries
from tracker.tasks.effects import EFFECTS
from tracker.tasks.given import Given
from tracker.tasks.lifecycle import BY_ACTION
from tracker.tasks.limits.queries import all_rules
from tracker.tasks.limits.rules import USUAL, Rule, Severity, Stage, limit_for
from tracker.tasks.linking import merge_into, other_task
from tracker.tasks.models import Task
from tracker.tasks.operations import Order
from tracker.tasks.running import one_calendar
from tracker.tasks.states import Action, Source, State
from tracker.tasks.steps import Step
from tracker.tasks.suggestions import suggested_units
from tracker.texts import N_

#: So many rows are taken at once; a page says so and says when there are more.
BULK_LIMIT = 200


@dataclass(frozen=True)
class Kind:
    """One thing that can be done to many tasks, and which settings it asks for."""

    key: str
    label: str
    action: Action
    fields: tuple[str, ...]
    #: words that must be given
    needs_text: bool = False


KINDS = {
    kind.key: kind
    for kind in (
        Kind("dispatch", N_("批量派遣"), Action.DISPATCH, ("unit_id", "limit_value", "limit_unit", "limit_reading", "text")),
        Kind("merge", N_("批量并案"), Action.MERGE, ("other_number", "text")),
        Kind("extend", N_("批量同意延期"), Action.GRANT_EXTENSION, ("text",)),
        Kind("urge", N_("批量催办"), Action.URGE, ("text",), needs_text=True),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """What holds for all rows of a batch."""

    kind: Kind
    #: None: to each the unit that is suggested for it
    unit_id: int | None = None
    #: None: to each the limit of its category
    limit: Limit | None = None
    other_number: str = ""
    text: str = ""


@dataclass(frozen=True)
class Choice:
    """What one row is given; fixed by the rehearsal and sent along, so that a resend asks the same."""

    number: str
    version: int
    #: filed with this category before it is dispatched
    category_id: int | None = None
    unit_id: int | None = None
    limit: Limit | None = None

    def orders(self, settings: Settings) -> list[Order]:
        """The steps of this row."""
        given = Given(
            unit_id=self.unit_id, limit=self.limit, text=settings.text,
            other_number=settings.other_number,
        )  # fmt: skip
        filing = [Order(Action.FILE, Given(category_id=self.category_id))]
        return [*(filing if self.category_id else []), Order(settings.kind.action, given)]

    def request_uuid(self, batch: str) -> str:
        """The row's own request UUID: a resend of the batch repeats nothing."""
        return str(uuid5(UUID(batch), self.number))


@dataclass(frozen=True)
class Line:
    """What will happen to a row, or why not."""

    number: str
    title: str = ""
    place: str = ""
    state: str = ""
    choice: Choice | None = None
    unit: str = ""
    due_before: datetime | None = None
    due_at: datetime | None = None
    refusal: Fault | None = field(default=None, compare=False)


def rehearse(
    session: Session, actor: Actor, settings: Settings, numbers: Sequence[str], *, at: datetime
) -> list[Line]:
    """A line for each number, in their order; a handful of queries, however many there are."""
    tasks = _tasks(session, actor, numbers)
    choices = _choices(session, settings, tasks.values())
    wanted = {choice.unit_id for choice in choices.values() if choice.unit_id}
    # held here, so that the session finds each unit without asking again
    units = {
        unit.id: unit
        for unit in session.scalars(select(Organization).where(Organization.id.in_(sorted(wanted))))
    }
    other = _other(session, actor, settings)
    for loaded in tasks.values():
        session.expunge(loaded)
    lines = []
    with one_calendar(session):
        for number in numbers:
            task = tasks.get(number)
            if task is None:
                lines.append(Line(number, refusal=NotFound(N_("没有这项任务，或您无权查看。"))))
                continue
            lines.append(_line(session, task, choices[number], settings, actor, at, other, units))
    return lines


def _tasks(session: Session, actor: Actor, numbers: Sequence[str]) -> dict[str, Task]:
    found = session.scalars(
        queries.visible_to(actor)
        .where(Task.number.in_(list(numbers)))
        .options(
            joinedload(Task.category),
            joinedload(Task.unit),
            joinedload(Task.point).joinedload(InspectionPoint.unit),
        )
    )
    return {task.number: task for task in found}


def _choices(session: Session, settings: Settings, tasks: Any) -> dict[str, Choice]:
    plain = {task.number: Choice(task.number, task.version) for task in tasks}
    if settings.kind.action is not Action.DISPATCH:
        return plain
    suggested = {} if settings.unit_id else suggested_units(session, tasks)
    rules = all_rules(session, Stage.HANDLE)
    found = {}
    for task in tasks:
        proposal = suggested.get(task.id)
        found[task.number] = replace(
            plain[task.number],
            category_id=task.category_id if task.state == State.REPORTED else None,
            unit_id=settings.unit_id or (proposal.unit_id if proposal else None),
            limit=settings.limit or _limit(rules, task),
        )
    return found


def _limit(rules: Sequence[Rule], task: Task) -> Limit:
    """The limit of the rules, which were read once for all rows."""
    severity, source = Severity.of(task.is_urgent), Source(task.source)
    return limit_for(rules, task.category, severity, source, Stage.HANDLE) or USUAL


def _other(session: Session, actor: Actor, settings: Settings) -> Callable[[], Task]:
    """Finds the task that the others are merged into, once."""
    found: list[Task | Fault] = []

    def find() -> Task:
        if not found:
            try:
                found.append(other_task(session, actor, settings.other_number))
            except Fault as fault:
                found.append(fault)
        if isinstance(found[0], Fault):
            raise found[0]
        return found[0]

    return find


def _line(
    session: Session,
    task: Task,
    choice: Choice,
    settings: Settings,
    actor: Actor,
    at: datetime,
    other: Callable[[], Task],
    units: dict[int, Organization],
) -> Line:
    line = Line(
        task.number, task.title, task.address, task.state, choice,
        units[choice.unit_id].name if choice.unit_id in units else "", task.due_at,
    )  # fmt: skip
    try:
        for order in choice.orders(settings):
            _rehearse(Step(session, task, actor, order.given, at), order.action, other)
    except Fault as fault:
        return replace(line, refusal=fault)
    return replace(line, due_at=task.due_at if task.due_at != line.due_before else None)


def _rehearse(step: Step, action: Action, other: Callable[[], Task]) -> None:
    """What `operations.apply` would do to the row itself. Raises what it would raise."""
    row, task = BY_ACTION[action], step.task
    checks.check_state(row, State(task.state))
    checks.check_permission(row, task, step.actor)
    checks.check_conditions(row, task, step.at)
    checks.check_needs(row, task, step.given, step.actor)
    if action is Action.MERGE:
        merge_into(step, other())
    else:
        EFFECTS[action](step)
    if row.target is not None:
        task.state = row.target.value

"""Knows how a task is tied to another: merged into it (并案), or come back after it (复发)."""

from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.errors import Invalid
from tracker.tasks.models import Task
from tracker.tasks.queries import visible_to
from tracker.tasks.states import OPEN, State
from tracker.tasks.steps import Payload, Step
from tracker.texts import N_


def merge(step: Step) -> Payload:
    """The other one goes on, this one ends; only an open task of the same district takes it."""
    return merge_into(step, other_task(step.session, step.actor, step.given.other_number))


def merge_into(step: Step, other: Task) -> Payload:
    """Merge into a task that was looked up already. Raises Invalid."""
    task = step.task
    if other.district_code != task.district_code:
        raise _unknown(step.given.other_number)
    if other.id == task.id:
        raise Invalid(N_("不能并入任务自身。"), field="other_number")
    if other.state not in OPEN:
        raise Invalid(
            N_("任务 %(number)s 已办结，不能并入。"), field="other_number", number=other.number
        )
    task.merged_into_id = other.id
    return {"into": other.number}


def link_recurrence(step: Step) -> Payload:
    """The same problem came back: it points to the task that was closed before."""
    old = other_task(step.session, step.actor, step.given.other_number)
    if old.id == step.task.id:
        raise Invalid(N_("不能关联任务自身。"), field="other_number")
    if old.state != State.CLOSED or old.closed_at is None or old.closed_at > step.at:
        raise Invalid(
            N_("任务 %(number)s 没有结案，不能关联为复发。"),
            field="other_number",
            number=old.number,
        )
    step.task.recurrence_of_id = old.id
    return {"recurrence_of": old.number}


def other_task(session: Session, actor: Actor, number: str) -> Task:
    """Another task by the number that was typed. Raises Invalid for an unknown and a foreign one."""
    wanted = number.strip().upper()
    found = (
        session.scalar(visible_to(actor).where(Task.number == wanted))
        if "\0" not in wanted
        else None
    )
    if found is None:
        raise _unknown(number)
    return found


def _unknown(number: str) -> Invalid:
    return Invalid(
        N_("没有编号为“%(number)s”的任务，请核对。"),
        field="other_number",
        number=number.strip().upper(),
    )

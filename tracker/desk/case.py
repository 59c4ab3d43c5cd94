"""Knows what stands beside a case on the office's desk: photos, place, neighbours, the forms of its queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.desk.queues import Queue
from tracker.evidence.models import Phase, Photo
from tracker.tasks import presenting, queries
from tracker.tasks.action_panels import Panel, Typed, panel
from tracker.tasks.deadlines import DueBand
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.offers import Offer, offers
from tracker.tasks.states import Action, State
from tracker.tasks.timeline import Entry, entries

#: The newest events that are shown; the task's page has them all.
EVENTS_SHOWN = 4


@dataclass(frozen=True)
class Case:
    """A task as it lies on the desk."""

    task: Task
    band: DueBand | None
    before: Sequence[Photo]
    after: Sequence[Photo]
    areas: list[tuple[str, str]]
    nearby: list[tuple[Task, float]]
    history: list[Entry]
    panels: list[Panel]
    #: of the queue's actions those that are not possible, with the reason
    refused: list[Offer]

    @property
    def primary(self) -> Panel | None:
        return next((one for one in self.panels if one.is_primary), None)


def case_of(
    session: Session,
    task: Task,
    queue: Queue,
    actor: Actor,
    *,
    at: datetime,
    typed: Typed | None = None,
) -> Case:
    """Everything about one visible task, in a bounded number of queries."""
    possible, refused = _panels(session, task, queue, actor, at, typed)
    photos = session.scalars(
        select(Photo).where(Photo.task_id == task.id).order_by(Photo.received_at, Photo.uuid)
    ).all()
    newest = session.scalars(
        select(TaskEvent)
        .where(TaskEvent.task_id == task.id)
        .order_by(TaskEvent.sequence.desc())
        .limit(EVENTS_SHOWN)
    ).all()
    return Case(
        task=task,
        band=presenting.band(task, at),
        before=[photo for photo in photos if photo.phase == Phase.BEFORE],
        after=[photo for photo in photos if photo.phase == Phase.AFTER],
        areas=queries.areas_of(session, task),
        nearby=queries.neighbours(session, task, actor),
        history=entries(reversed(newest)),
        panels=possible,
        refused=refused,
    )


def _panels(
    session: Session, task: Task, queue: Queue, actor: Actor, at: datetime, typed: Typed | None
) -> tuple[list[Panel], list[Offer]]:
    """The forms of the queue's actions in its order; the first possible one is the primary."""
    known = {offer.action: offer for offer in offers(task, actor, at=at)}
    wanted = [known[action] for action in _actions(queue, task) if action in known]
    possible = [offer for offer in wanted if offer.refusal is None]
    primary = possible[0].action if possible else None
    shown = [panel(session, task, offer, at=at, primary=primary, typed=typed) for offer in possible]
    return shown, [offer for offer in wanted if offer.refusal is not None]


def _actions(queue: Queue, task: Task) -> tuple[Action, ...]:
    """The queue's actions; a case that was only filed here can be dispatched here too."""
    if Action.FILE in queue.actions and task.state == State.FILED:
        return (*queue.actions, Action.DISPATCH)
    return queue.actions

"""Knows how a point stands: its last visits, what is missing there (缺项清单), its open tasks."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from tracker.access.actor import Actor
from tracker.inspections.models import Answer, Result, Visit
from tracker.inspections.queries import visible_visits
from tracker.points.checklist_models import CheckItem
from tracker.points.models import InspectionPoint
from tracker.tasks import queries as tasks
from tracker.tasks.models import Task
from tracker.tasks.states import OPEN, State

#: Visits and tasks that the page shows; the rest stands behind a link.
SHOWN = 8


@dataclass(frozen=True)
class Gap:
    """An item that failed at the newest visit and was not closed since."""

    item: CheckItem
    note: str
    #: number of its task, None when there is none the reader may see
    task: str | None


@dataclass(frozen=True)
class Standing:
    """What the page says besides the facts of the register."""

    visits: Sequence[Visit]
    gaps: Sequence[Gap]
    tasks: Sequence[Task]
    open_count: int
    closed_count: int


def standing(session: Session, point: InspectionPoint, actor: Actor) -> Standing:
    """How the point stands in the eyes of `actor`: only visits and tasks that they may see."""
    visits = session.scalars(
        select(Visit)
        .where(Visit.point_id == point.id, visible_visits(actor))
        .order_by(Visit.at.desc(), Visit.id.desc())
        .limit(SHOWN)
    ).all()
    open_tasks = session.scalars(
        tasks.visible_to(actor)
        .where(Task.point_id == point.id, Task.state.in_(sorted(OPEN)))
        .options(joinedload(Task.category))
        .order_by(Task.due_at.is_(None), Task.due_at, Task.id)
        .limit(SHOWN)
    ).all()
    return Standing(
        visits,
        _gaps(session, visits[0], actor) if visits else [],
        open_tasks,
        _count(session, point, actor, is_open=True),
        _count(session, point, actor, is_open=False),
    )


def _count(session: Session, point: InspectionPoint, actor: Actor, *, is_open: bool) -> int:
    state = Task.state.in_(sorted(OPEN)) if is_open else Task.state == State.CLOSED.value
    wanted = select(func.count(Task.id)).where(
        tasks.visible(actor), Task.point_id == point.id, state
    )
    return session.scalar(wanted) or 0


def _gaps(session: Session, visit: Visit, actor: Actor) -> list[Gap]:
    """Failures of the newest visit not rectified by a task since, in the order of the card."""
    of_the_item = or_(
        Task.id == Answer.task_id,
        and_(Task.point_id == visit.point_id, Task.check_item_id == Answer.item_id),
    )
    mended = exists().where(of_the_item, tasks.rectified(), Task.closed_at >= visit.at)
    failed = session.scalars(
        select(Answer)
        .join(CheckItem, CheckItem.id == Answer.item_id)
        .where(Answer.visit_id == visit.id, Answer.result == Result.FAIL.value, ~mended)
        .options(joinedload(Answer.item))
        .order_by(CheckItem.sort, CheckItem.id)
    ).all()
    ids = [answer.task_id for answer in failed if answer.task_id is not None]
    rows = session.execute(
        select(Task.id, Task.number).where(Task.id.in_(ids), tasks.visible(actor))
    )
    numbers: dict[int, str] = {task_id: number for task_id, number in rows}  # noqa: C416
    return [Gap(answer.item, answer.note, numbers.get(answer.task_id or 0)) for answer in failed]

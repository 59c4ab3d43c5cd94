"""Knows how a failed item becomes a task, or joins the open one that says the same already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.access.permissions import Permission
from tracker.access.policy import allows
from tracker.catalogue.models import Category
from tracker.inspections.round_models import SOURCE_OF, RoundKind
from tracker.inspections.visit_joining import (
    Failure,
    NearOne,
    NearTasks,
    Scene,
    as_inspector,
    commenting,
    decided,
    usable_category,
)
from tracker.inspections.visit_places import place_of
from tracker.tasks.given import Given
from tracker.tasks.joining import join_in
from tracker.tasks.models import Task
from tracker.tasks.operations import apply
from tracker.tasks.states import Action

#: Written on a task whose answer has no photo.
NO_PHOTO = "检查时未拍照"


@dataclass(frozen=True)
class MadeTask:
    """What a failure became; `number` is None when its item has no usable category."""

    item_id: int
    number: str | None
    joined: bool


def make_tasks(
    session: Session, scene: Scene, failures: Sequence[Failure], near_chosen: Mapping[str, str]
) -> list[MadeTask]:
    """A task or a comment for each failure, in the order of the items.

    All is decided before the first task exists, so that two failures of one visit are never taken
    for each other. Open tasks are locked in the order of their ids and before new numbers are
    taken: two visits never wait for each other. Raises NearTasks, Invalid and what `apply` raises.
    """
    chosen: dict[str, Task | None] = {}
    open_questions: list[NearOne] = []
    for failure in failures:
        task, questions = decided(session, scene, failure, near_chosen.get(failure.key, ""))
        chosen[failure.key] = task
        open_questions += questions
    if open_questions:
        raise NearTasks(open_questions)
    _lock(session, [task.id for task in chosen.values() if task is not None])
    made: dict[int, MadeTask] = {}
    for joining in (True, False):
        for failure in failures:
            task = chosen[failure.key]
            if (task is not None) is joining:
                made[failure.item.id] = _carry_out(session, scene, failure, task)
    return [made[failure.item.id] for failure in failures]


def _lock(session: Session, ids: list[int]) -> None:
    if ids:
        session.scalars(
            select(Task)
            .where(Task.id.in_(ids))
            .order_by(Task.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).all()


def _carry_out(session: Session, scene: Scene, failure: Failure, task: Task | None) -> MadeTask:
    category = usable_category(session, failure.item)
    if category is None:
        return MadeTask(failure.item.id, None, False)
    given = _given(scene, failure, category)
    if task is None:
        uuid = str(uuid5(NAMESPACE_OID, f"{scene.visit.uuid} {failure.key}"))
        event = apply(Action.REPORT, None, actor=_reporting(scene), given=given, uuid=uuid)
    else:
        event = join_in(session, task, given, commenting(scene, task) or scene.actor)
    failure.row.task_id, failure.row.joined = event.task_id, task is not None
    session.flush()
    return MadeTask(failure.item.id, event.task.number, task is not None)


def _given(scene: Scene, failure: Failure, category: Category) -> Given:
    note = ""
    if scene.accepted_by is not None:
        note = f"由{scene.accepted_by.name}代为录入"
    return Given(
        place=place_of(scene.point, scene.visit),
        category_id=category.id,
        title=f"{scene.point.name}{failure.words}",
        description=failure.words,
        source=SOURCE_OF[RoundKind(scene.visit.kind)],
        found_at=scene.visit.at,
        before_photos=failure.given.photos,
        no_photo_reason="" if failure.given.photos else NO_PHOTO,
        point_id=scene.point.id,
        check_item_id=failure.item.id,
        text=note,
    )


def _reporting(scene: Scene) -> Actor:
    """Whoever may inspect a point may report what was found there: a leader named by a round too."""
    actor = scene.actor
    return actor if allows(actor, Permission.TASK_REPORT) else as_inspector(scene)

"""Knows whether a failed item is a new task, joins an open one, or is a question for the person."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor, Grant
from tracker.access.permissions import Permission
from tracker.access.policy import allows
from tracker.access.roles import Role
from tracker.catalogue.models import Category
from tracker.errors import Conflict, Invalid
from tracker.inspections.models import Answer, Result, Visit
from tracker.inspections.scoring import RESULT_LABELS
from tracker.inspections.visit_checklist import AnswerGiven, Asked
from tracker.inspections.visit_places import place_of
from tracker.points.checklist_models import CheckItem
from tracker.points.checklists import AppliedItem
from tracker.points.models import InspectionPoint
from tracker.tasks.models import Task
from tracker.tasks.queries import near
from tracker.tasks.states import OPEN
from tracker.tasks.suggestions import DUPLICATE_WINDOW
from tracker.texts import N_

#: The decision to make a task although others like it are open nearby.
NEW = "NEW"


@dataclass(frozen=True)
class NearOne:
    """An open task that may be the same problem as the failure `key`; metres."""

    key: str
    task: Task
    distance_m: int


class NearTasks(Conflict):
    """Open tasks of the category lie near: the person says whether to join one of them."""

    code = "near"

    def __init__(self, found: Sequence[NearOne]) -> None:
        super().__init__(N_("附近有同类的在办任务，请选择并入其中一件，或作为新问题上报。"))
        self.found = list(found)


@dataclass(frozen=True)
class Failure:
    """A failed item with what was said about it; `row` is its answer."""

    asked: Asked
    given: AnswerGiven
    result: Result
    row: Answer

    @property
    def key(self) -> str:
        """How decisions name it."""
        return str(self.given.item_id)

    @property
    def item(self) -> AppliedItem:
        return self.asked.item

    @property
    def words(self) -> str:
        """What the task says: the item and the note, or the result when nothing was noted."""
        label = RESULT_LABELS[self.asked.labels][self.result]
        return f"{self.item.text}：{self.given.note or label}"


@dataclass(frozen=True)
class Scene:
    """One visit, whose failures become tasks."""

    visit: Visit
    point: InspectionPoint
    actor: Actor
    accepted_by: Actor | None


def decided(
    session: Session, scene: Scene, failure: Failure, choice: str
) -> tuple[Task | None, list[NearOne]]:
    """The task to join or None for a new one; or the question that has to be answered first."""
    same = _open_of_item(session, scene, failure)
    candidates = {one.task.number: one for one in _near(session, scene, failure)}
    if choice == NEW:
        return None, []
    if not choice:
        return (same, []) if same else (None, list(candidates.values()))
    if same is not None and same.number == choice:
        return same, []
    if choice in candidates:
        return candidates[choice].task, []
    known = session.scalar(select(Task).where(Task.number == choice))
    if known is None or not allows(scene.actor, Permission.TASK_VIEW, known):
        raise Invalid(N_("没有编号为“%(number)s”的任务，请核对。"), field="near", number=choice)
    # it was closed or moved meanwhile, and the problem is still there
    return same, [] if same else list(candidates.values())


def _open_of_item(session: Session, scene: Scene, failure: Failure) -> Task | None:
    """The open task that the same item at the same point became before, if it can be joined."""
    task = session.scalar(
        select(Task)
        .join(CheckItem, CheckItem.id == Task.check_item_id)
        .where(
            Task.point_id == scene.point.id,
            # by its code: the next edition asks the same under another id
            CheckItem.code == failure.item.code,
            Task.state.in_(sorted(OPEN)),
        )
        .order_by(Task.id.desc())
        .limit(1)
    )
    if task is None or commenting(scene, task) is None:
        return None
    return task


def _near(session: Session, scene: Scene, failure: Failure) -> list[NearOne]:
    place = place_of(scene.point, scene.visit)
    category = usable_category(session, failure.item)
    if place.lon is None or place.lat is None or category is None:
        return []
    found = near(
        session,
        place.lon,
        place.lat,
        actor=scene.actor,
        category_id=category.id,
        since=scene.visit.received_at - DUPLICATE_WINDOW,
    )
    return [
        NearOne(failure.key, task, round(metres))
        for task, metres in found
        # another item of the same point is another problem, whatever its category
        if task.point_id != scene.point.id or task.check_item_id is None
    ]


def usable_category(session: Session, item: AppliedItem) -> Category | None:
    """The item's category, or one of the same group when it was retired since."""
    category = session.get(Category, item.category_id) if item.category_id else None
    if category is None or category.is_active:
        return category
    return session.scalar(
        select(Category)
        .where(Category.major_code == category.major_code, Category.is_active)
        .order_by(Category.code)
        .limit(1)
    )


def commenting(scene: Scene, task: Task) -> Actor | None:
    """Who adds to an open task of the point; None when not even its inspector could see it."""
    for actor in (scene.actor, as_inspector(scene)):
        if allows(actor, Permission.TASK_COMMENT, task):
            return actor
    return None


def as_inspector(scene: Scene) -> Actor:
    """The person as the inspector of this point's community, which the round or the unit made them."""
    point = scene.point
    area = point.community_code or point.town_code or point.district_code
    if area is None:
        return scene.actor
    return replace(scene.actor, grants=(*scene.actor.grants, Grant(Role.INSPECTOR, area)))

"""Knows what stands on a paper of a task: the notice to rectify and the supervision order, nobody's own data."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.clock import in_city
from tracker.errors import Conflict
from tracker.evidence.models import Phase, Photo
from tracker.places.models import Area
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.states import Action
from tracker.tasks.words import is_english
from tracker.texts import N_

#: Photos on a paper.
PHOTOS = 2
#: Mobile and identity numbers that a citizen's words may hold.
_OWN = re.compile(r"(?<!\d)(1\d{2})\d{4,}(\d{4})(?!\d)|(?<!\d)(\d{6})\d{8}([\dXx]{4})(?![\dXx])")


@dataclass(frozen=True)
class Paper:
    """What is printed. `asked` are the words of the order, `issued_at` when it was given."""

    task: Task
    district: str
    place: str
    description: str
    photos: Sequence[Photo]
    issued_at: datetime
    asked: str = ""

    @property
    def day(self) -> str:
        """The day it was given as papers write it: always with the year."""
        day = in_city(self.issued_at).date()
        return f"{day.year}年{day.month}月{day.day}日" if not is_english() else day.isoformat()


def notice(session: Session, task: Task) -> Paper:
    """The notice to rectify (整改通知书). Raises Conflict before the task is with a unit."""
    if task.unit is None or task.due_at is None or task.dispatched_at is None:
        raise Conflict(N_("任务尚未派遣给责任单位，没有整改通知书。"), code="condition")
    return _paper(session, task, task.dispatched_at)


def order(session: Session, task: Task) -> Paper:
    """The newest supervision order (督办单). Raises Conflict without one."""
    event = session.scalars(
        select(TaskEvent)
        .where(TaskEvent.task_id == task.id, TaskEvent.action == Action.SUPERVISE.value)
        .order_by(TaskEvent.sequence.desc())
        .limit(1)
    ).first()
    if not task.order_number or event is None:
        raise Conflict(N_("这项任务没有督办，没有督办单。"), code="condition")
    return _paper(session, task, event.at, masked(str(event.payload.get("text", ""))))


def _paper(session: Session, task: Task, issued_at: datetime, asked: str = "") -> Paper:
    codes = [code for code in (task.district_code, task.town_code, task.community_code) if code]
    found = session.execute(select(Area.code, Area.name).where(Area.code.in_(codes)))
    names = {row.code: row.name for row in found}
    photos = session.scalars(
        select(Photo)
        .where(Photo.task_id == task.id, Photo.phase == Phase.BEFORE.value)
        .order_by(Photo.received_at, Photo.uuid)
        .limit(PHOTOS)
    ).all()
    address = masked(task.address)
    lower = [
        names[code] for code in codes
        if code != task.district_code and code in names and not address.startswith(names[code])
    ]  # fmt: skip
    return Paper(
        task,
        names.get(task.district_code or "", ""),
        "".join([*lower, address]),
        masked(task.description),
        photos,
        issued_at,
        asked,
    )


def masked(text: str) -> str:
    """Words without telephone and identity numbers."""
    return _OWN.sub(lambda m: f"{m[1] or m[3]}****{m[2] or m[4]}", text)

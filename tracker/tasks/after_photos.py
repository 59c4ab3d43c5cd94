"""Gathers what is known of a task's after-photos, and says the findings in the reader's language."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.evidence.exif import Position
from tracker.evidence.models import Phase, Photo
from tracker.evidence.near_copies import Copy, copies_of, copies_of_each
from tracker.tasks.evidence_checks import (
    ELSEWHERE,
    LEVEL_LABELS,
    Facts,
    Finding,
    Level,
    Relation,
    Repeat,
    check,
)
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.queries import visible
from tracker.tasks.states import Action
from tracker.texts import N_
from tracker.web.filters import moment

#: Photos that are proof; those before the work prove nothing about it.
PROOF = (Phase.AFTER, Phase.CHECK)
#: What a photo of a phase must be later than, and what that is called in a reason.
_STARTS: dict[Phase, dict[Action, str]] = {
    Phase.AFTER: {
        Action.DISPATCH: N_("派遣"), Action.REDISPATCH: N_("改派"), Action.REWORK: N_("退回返工"),
    },
    Phase.CHECK: {Action.SUBMIT: N_("提交核查")},
}  # fmt: skip


@dataclass(frozen=True)
class Checked:
    """One photo with what is to be said of it, in the reader's language."""

    photo: Photo
    level: Level
    label: str
    reasons: tuple[str, ...]


def checked(
    session: Session,
    task: Task,
    photos: Sequence[Photo],
    *,
    events: Sequence[TaskEvent],
    actor: Actor,
) -> list[Checked]:
    """Those of a task's photos that are proof, each with its findings, in the order given.

    `events` are all the task's, in order. Nothing is kept: a changed rule judges old photos too.
    """
    return [
        _checked(session, task, photo, Phase(photo.phase), events, actor)
        for photo in photos
        if photo.phase in PROOF
    ]


def check_new(session: Session, task: Task, photo: Photo, *, phase: Phase, actor: Actor) -> Checked:
    """What would be said of a photo that is still in its owner's tray."""
    events = session.scalars(
        select(TaskEvent).where(TaskEvent.task_id == task.id).order_by(TaskEvent.sequence)
    ).all()
    return _checked(session, task, photo, phase, events, actor)


def levels(session: Session, shown: Sequence[tuple[Any, Photo]]) -> dict[str, Level]:
    """How much speaks against each after-photo, by its uuid, in three queries however many they are.

    Each comes with its task: anything with id, lon, lat and accuracy_m.
    """
    rows = session.execute(
        select(TaskEvent.id, TaskEvent.task_id, TaskEvent.action, TaskEvent.at)
        .where(
            TaskEvent.task_id.in_({task.id for task, _photo in shown}),
            TaskEvent.action.in_([action.value for action in _STARTS[Phase.AFTER]]),
        )
        .order_by(TaskEvent.id)
    )
    steps: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        steps[row.task_id].append(row)
    copies = copies_of_each(session, [photo for _task, photo in shown])
    return {
        photo.uuid: check(
            _facts(
                task, photo, _start(photo, Phase.AFTER, steps[task.id]),
                tuple(
                    Repeat(_relation(copy, task), copy.is_same_file) for copy in copies[photo.uuid]
                ),
            )
        ).level
        for task, photo in shown
    }  # fmt: skip


def _checked(
    session: Session,
    task: Task,
    photo: Photo,
    phase: Phase,
    events: Sequence[TaskEvent],
    actor: Actor,
) -> Checked:
    repeats = _repeats(session, task, copies_of(session, photo), actor)
    verdict = check(_facts(task, photo, _start(photo, phase, events), repeats))
    said = tuple(in_words(finding) for finding in verdict.findings)
    return Checked(photo, verdict.level, _(LEVEL_LABELS[verdict.level]), said)


def _facts(
    task: Any, photo: Photo, start: tuple[datetime | None, str], repeats: tuple[Repeat, ...]
) -> Facts:
    since, what = start
    return Facts(
        taken_at=photo.taken_at,
        received_at=photo.received_at,
        position=_position(photo.taken_lon, photo.taken_lat),
        task_position=_position(task.lon, task.lat),
        accuracy_m=task.accuracy_m,
        since=since,
        since_what=what,
        repeats=repeats,
    )


def _start(photo: Photo, phase: Phase, events: Sequence[Any]) -> tuple[datetime | None, str]:
    """The newest step before the photo's own after which such a photo can have been taken."""
    starts = _STARTS[phase]
    for event in reversed(events):
        is_own = photo.event_id is not None and event.id >= photo.event_id
        if not is_own and event.action in starts:
            return event.at, starts[Action(event.action)]
    return None, ""


def _position(lon: float | None, lat: float | None) -> Position | None:
    return Position(lon, lat) if lon is not None and lat is not None else None


def _repeats(
    session: Session, task: Task, copies: Sequence[Copy], actor: Actor
) -> tuple[Repeat, ...]:
    others = {copy.task_id for copy in copies if copy.task_id not in (None, task.id)}
    numbers: dict[int, str] = {}
    if others:
        rows = session.execute(
            select(Task.id, Task.number).where(Task.id.in_(others), visible(actor))
        )
        numbers = {row.id: row.number for row in rows}
    return tuple(
        Repeat(_relation(copy, task), copy.is_same_file, numbers.get(copy.task_id or 0, ""))
        for copy in copies
    )


def _relation(copy: Copy, task: Any) -> Relation:
    if copy.task_id != task.id:
        return Relation.OTHER_TASK
    return Relation.OWN_BEFORE if copy.phase == Phase.BEFORE else Relation.OWN_AFTER


def in_words(finding: Finding) -> str:
    """A finding in the reader's language."""
    return _(finding.words, **{name: _said(value) for name, value in finding.values.items()})


def _said(value: Any) -> Any:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, tuple):
        named = _("、").join(value)
        return _("任务 %(numbers)s ", numbers=named) if named else _(ELSEWHERE)
    return _(value) if isinstance(value, str) else value

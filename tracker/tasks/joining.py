"""Knows how a second report of the same problem joins the open task instead of becoming one."""

from typing import Any

from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.access.policy import allows
from tracker.errors import Conflict, Invalid, NotFound
from tracker.tasks.given import Given
from tracker.tasks.lifecycle import BY_ACTION
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.operations import apply, once
from tracker.tasks.states import OPEN, STATE_LABELS, Action, State
from tracker.texts import N_

#: How the comment begins, so that the time line tells a joined report from a remark.
PREFIX = "补充上报："


def join(number: str, *, given: Given, actor: Actor, request_uuid: str) -> dict[str, Any]:
    """Add a report's words and photos to an open task, as one transaction, once.

    Returns {"number", "state", "version"}; a resend of the same request gets the same answer,
    also when the task was closed in between. Raises NotFound for an unknown or foreign task, and
    what `join_in` raises.
    """

    def carry_out(session: Session, task: Task | None) -> Task:
        assert task is not None
        join_in(session, task, given, actor)
        return task

    return once(
        carry_out,
        {"join": number, "given": given.as_content()},
        number=number,
        version=None,
        actor=actor,
        request_uuid=request_uuid,
    )


def join_in(session: Session, task: Task, given: Given, actor: Actor) -> TaskEvent:
    """The same inside the caller's unit of work, which has locked the task; returns the comment.

    Raises NotFound when the actor may not see the task, Conflict (code `not_open`) when no work
    remains on it, Invalid when there is nothing to add or a photo is not in the actor's tray.
    """
    if not allows(actor, BY_ACTION[Action.COMMENT].permission, task):
        raise NotFound(N_("没有这项任务，或您无权查看。"))
    state = State(task.state)
    if state not in OPEN:
        raise Conflict(
            N_("任务 %(number)s 当前为“%(state)s”，不能再补充，请作为新问题上报。"),
            code="not_open",
            number=task.number,
            state=STATE_LABELS[state],
        )
    return apply(Action.COMMENT, task, actor=actor, given=as_comment(given))


def as_comment(given: Given) -> Given:
    """What of a report a comment carries: all words, where it was seen, all photos.

    Raises Invalid when there are neither words nor photos.
    """
    said = [given.description.strip(), given.measures.strip()]
    if given.place is not None and given.place.address.strip():
        said.append(f"（{given.place.address.strip()}）")
    words = " ".join(word for word in said if word)
    photos = (*given.before_photos, *given.after_photos)
    if not photos and not (given.description.strip() or given.measures.strip()):
        raise Invalid(N_("请写明情况或添加照片后再补充。"), field="description")
    return Given(
        text=PREFIX + words if words else PREFIX.rstrip("："),
        before_photos=given.before_photos,
        after_photos=given.after_photos,
    )

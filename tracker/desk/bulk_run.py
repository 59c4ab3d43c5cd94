"""Carries out a rehearsed batch, row by row, and keeps what became of each as the batch's receipt."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import Actor
from tracker.desk.bulk import Choice, Settings
from tracker.errors import Fault, NotFound
from tracker.places.models import Organization
from tracker.storage import receipts
from tracker.storage.db import db
from tracker.storage.receipts import Receipt
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks import queries
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.operations import StaleVersion, perform
from tracker.texts import N_

#: What a report says of itself, so that no other receipt is taken for one.
_MARK = "desk.bulk"


def carry_out(
    batch: str, settings: Settings, choices: Sequence[Choice], *, actor: Actor
) -> dict[str, Any]:
    """Take the step on each row in its own transaction; returns the report, which is kept.

    `batch` is the UUID of the whole: sent again it answers with the same report, and rows that were
    done before a break are answered, not repeated. Raises Conflict when the UUID was used otherwise.
    """
    content = {
        "bulk": settings.kind.key, "text": settings.text, "other": settings.other_number,
        "rows": [str(choice) for choice in choices],
    }  # fmt: skip
    digest = receipts.digest_of(content)
    kept = receipts.earlier(db.session(), batch, actor_id=actor.user_id, digest=digest)
    if kept is not None:
        return kept
    refusals = {choice.number: _perform(batch, settings, choice, actor) for choice in choices}
    rows = _rows(db.session(), actor, choices, refusals)
    report = {"what": _MARK, "kind": settings.kind.key, "at": clock.now().isoformat(), "rows": rows}
    try:
        with unit_of_work() as session:
            receipts.keep(session, batch, actor_id=actor.user_id, digest=digest, outcome=report)
    except IntegrityError:  # its twin was quicker by a moment; both found the same rows done
        again = receipts.earlier(db.session(), batch, actor_id=actor.user_id, digest=digest)
        return again or report
    return report


def _perform(batch: str, settings: Settings, choice: Choice, actor: Actor) -> Fault | None:
    try:
        perform(
            choice.orders(settings), number=choice.number, actor=actor, version=choice.version,
            request_uuid=choice.request_uuid(batch),
        )  # fmt: skip
    except Fault as fault:
        db.session.rollback()
        return fault
    return None


def _rows(
    session: Session, actor: Actor, choices: Sequence[Choice], refusals: dict[str, Fault | None]
) -> list[dict[str, Any]]:
    """What the report says of each row: what was done, or the reason and who was there first."""
    found = {
        line.number: line
        for line in session.execute(
            queries.visible_to(actor)
            .with_only_columns(Task.id, Task.number, Task.title, Task.due_at, Organization.name)
            .outerjoin(Organization, Organization.id == Task.unit_id)
            .where(Task.number.in_([choice.number for choice in choices]))
        )
    }
    stale = [n for n, fault in refusals.items() if isinstance(fault, StaleVersion) and n in found]
    last = _last_events(session, [found[number].id for number in stale])
    rows = []
    for choice in choices:
        line, fault = found.get(choice.number), refusals[choice.number]
        row: dict[str, Any] = {"number": choice.number, "title": line.title if line else ""}
        if fault is not None:
            row |= {"refusal": fault.message, "facts": dict(fault.facts)}
            if line is not None and line.id in last:
                row["last"] = last[line.id]
        elif line is not None:
            row |= {"unit": line.name or "", "due_at": _iso(line.due_at)}
        rows.append(row)
    return rows


def _last_events(session: Session, ids: list[int]) -> dict[int, list[str]]:
    """Who did what last to each task: name, action, moment."""
    if not ids:
        return {}
    newest = select(Task.id).where(
        Task.id == TaskEvent.task_id, Task.event_count == TaskEvent.sequence
    )
    events = session.scalars(select(TaskEvent).where(TaskEvent.task_id.in_(ids), newest.exists()))
    return {
        event.task_id: [event.actor_name, event.action, event.at.isoformat()] for event in events
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def report_of(session: Session, batch: str, actor: Actor) -> dict[str, Any]:
    """The report of one's own batch. Raises NotFound."""
    kept = session.get(Receipt, batch)
    if kept is None or kept.actor_id != actor.user_id or kept.outcome.get("what") != _MARK:
        raise NotFound(N_("没有这份批量办理报告，或不是您办理的。"))
    return kept.outcome

"""Knows how a checked post becomes a term, and what each change leaves behind."""

from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.audit import operations as audit
from tracker.responsibility.checking import Checked
from tracker.responsibility.given import scopes_of
from tracker.responsibility.models import (
    Responsibility,
    ResponsibilityChange,
    ResponsibilityEpoch,
    ResponsibilityScope,
)


def new_term(
    work: Session, code: str, checked: Checked, *, before: Responsibility | None, at: datetime
) -> Responsibility:
    """The next term of a code; the one before it ends the day before this begins."""
    begins = checked.given.valid_from
    assert begins is not None
    if before is not None:
        before.is_latest = False
        last = begins - timedelta(days=1)
        before.valid_to = last if before.valid_to is None else min(before.valid_to, last)
        before.updated_at = at
    row = Responsibility(
        code=code,
        term=before.term + 1 if before else 1,
        is_latest=True,
        version=before.version + 1 if before else 1,
        created_at=at,
        updated_at=at,
        scopes=[],
    )
    fill(row, checked)
    work.add(row)
    return row


def fill(row: Responsibility, checked: Checked) -> None:
    """Make the columns of a term what was checked; whoever calls it notes the history."""
    given = checked.given
    for name in (
        "name", "unit_id", "post", "person", "phone", "hours", "grade", "reach_m", "valid_from",
        "valid_to",
    ):  # fmt: skip
        setattr(row, name, getattr(given, name))
    row.kind = given.kind
    if row.geometry != given.geometry or row.geometry is None:
        row.geometry = given.geometry
    row.lon, row.lat = checked.lon, checked.lat
    for level in ("district_code", "town_code", "community_code", "grid_code"):
        setattr(row, level, getattr(checked.located, level))
    if scopes_of(row) != given.scopes:
        kept = {(one.kind, one.value): one for one in row.scopes}
        row.scopes = [
            kept.get((one.kind, one.value)) or ResponsibilityScope(kind=one.kind, value=one.value)
            for one in given.scopes
        ]


def change_of(
    row: Responsibility, changes: dict[str, list[str]], kind: str, *, actor: Actor, at: datetime
) -> ResponsibilityChange:
    """The history row of a change."""
    return ResponsibilityChange(
        code=row.code, term=row.term, kind=kind, at=at, actor_id=actor.user_id,
        actor_name=actor.name, changes=changes,
    )  # fmt: skip


def note(
    work: Session,
    row: Responsibility,
    changes: dict[str, list[str]],
    kind: str,
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """History, audit and the new epoch, in the transaction of the change."""
    work.add(change_of(row, changes, kind, actor=actor, at=at))
    audit.record(f"responsibility.{kind}", actor=actor, object=row.code, fields=sorted(changes))
    bump_epoch(work)


def bump_epoch(work: Session) -> None:
    """Say that the map changed, in the transaction of the change."""
    row = work.get(ResponsibilityEpoch, 1)
    if row is None:
        work.add(ResponsibilityEpoch(id=1, value=str(uuid4())))
    else:
        row.value = str(uuid4())

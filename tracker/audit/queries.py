"""Finds audit entries by person, kind and time, newest first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, or_, select

from tracker.audit.models import AuditEntry
from tracker.storage.db import db
from tracker.web.paging import PAGE_SIZE, Page, pack, unpack


@dataclass(frozen=True)
class AuditFilter:
    """What the log is narrowed to; empty means all. `since` is included, `until` is not."""

    #: part of the person's name, of the account name or of the object acted on
    person: str = ""
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None


def find(wanted: AuditFilter, *, after: str = "", limit: int = PAGE_SIZE) -> Page[AuditEntry]:
    """One page of entries in the reverse order of writing. Raises Invalid for a foreign key."""
    matching = _matching(wanted)
    total = db.session.scalar(select(func.count()).select_from(matching.subquery())) or 0
    query = matching.order_by(AuditEntry.id.desc())
    if after:
        (last,) = unpack(after, size=1)
        query = query.where(AuditEntry.id < (last if isinstance(last, int) else 0))
    rows = db.session.scalars(query.limit(limit + 1)).all()
    next_key = pack([rows[limit - 1].id]) if len(rows) > limit else None
    return Page(rows[:limit], next_key, total)


def _matching(wanted: AuditFilter) -> Select[AuditEntry]:
    query = select(AuditEntry)
    if wanted.person:
        query = query.where(
            or_(
                AuditEntry.actor_name.icontains(wanted.person, autoescape=True),
                AuditEntry.object.icontains(wanted.person, autoescape=True),
            )
        )
    if wanted.kind:
        query = query.where(AuditEntry.kind == wanted.kind)
    if wanted.since is not None:
        query = query.where(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditEntry.at < wanted.until)
    return query


def kinds() -> list[str]:
    """The kinds that occur, in order."""
    return list(db.session.scalars(select(AuditEntry.kind).distinct().order_by(AuditEntry.kind)))

"""Finds a person's notices: always their own, by key, on an index."""

import logging
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tracker.errors import NotFound
from tracker.notices.models import Notice
from tracker.storage.db import db
from tracker.texts import N_
from tracker.web.paging import PAGE_SIZE, Page, pack, unpack

log = logging.getLogger(__name__)

#: The bell counts so far; beyond it says 99+.
BELL_CEILING = 99


@dataclass(frozen=True)
class Bell:
    """How many unread notices the frame shows."""

    count: int

    @property
    def label(self) -> str:
        """E.g. "7" or "99+"; empty for none."""
        if self.count > BELL_CEILING:
            return f"{BELL_CEILING}+"
        return str(self.count) if self.count else ""


_FEW = (
    select(Notice.id)
    .where(Notice.user_id == bindparam("user_id"), Notice.read_at.is_(None))
    .limit(BELL_CEILING + 1)
)
#: Asked by every page: written once, a tenth of what it costs.
_UNREAD = select(func.count()).select_from(_FEW.subquery())


def unread(session: Session, user_id: int) -> int:
    """Unread notices of a person, counted to one above the bell's ceiling on the index alone."""
    return session.connection().scalar(_UNREAD, {"user_id": user_id}) or 0


def bell(user_id: int | None) -> Bell:
    """The bell of the frame; an error page needs one too when the database is away."""
    if user_id is None:
        return Bell(0)
    try:
        return Bell(unread(db.session(), user_id))
    except OperationalError:
        log.warning("the unread notices could not be counted")
        db.session.rollback()
        return Bell(0)


def page(
    session: Session, user_id: int, *, only_unread: bool, after: str | None = None
) -> Page[Notice]:
    """One page of a person's notices, the newest first. Raises Invalid for a foreign key."""
    query = select(Notice).where(Notice.user_id == user_id)
    if only_unread:
        query = query.where(Notice.read_at.is_(None))
    if after:
        (last,) = unpack(after, size=1)
        query = query.where(Notice.id < (last if isinstance(last, int) else 0))
    rows = session.scalars(query.order_by(Notice.id.desc()).limit(PAGE_SIZE + 1)).all()
    next_key = pack([rows[PAGE_SIZE - 1].id]) if len(rows) > PAGE_SIZE else None
    return Page(rows[:PAGE_SIZE], next_key)


def own(session: Session, notice_id: int, user_id: int) -> Notice:
    """One's own notice. Raises NotFound, also for somebody else's."""
    notice = session.scalar(select(Notice).where(Notice.id == notice_id, Notice.user_id == user_id))
    if notice is None:
        raise NotFound(N_("没有这条通知。"))
    return notice

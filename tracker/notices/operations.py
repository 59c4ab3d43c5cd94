"""Marks notices as read; only one's own, and a second time changes nothing."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tracker import clock
from tracker.notices import queries
from tracker.notices.models import Notice
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.models import Task


def mark_read(notice_id: int, *, user_id: int) -> None:
    """One notice. Raises NotFound."""
    with unit_of_work() as work:
        notice = queries.own(work, notice_id, user_id)
        notice.read_at = notice.read_at or clock.now()


def mark_all_read(*, user_id: int, up_to: int) -> None:
    """Those the person has seen: what came in after the page was opened stays unread."""
    with unit_of_work() as work:
        work.execute(
            update(Notice)
            .where(Notice.user_id == user_id, Notice.read_at.is_(None), Notice.id <= up_to)
            .values(read_at=clock.now())
            .execution_options(synchronize_session=False)
        )


def mark_task_read(session: Session, number: str, *, user_id: int) -> None:
    """The notices of a task that its reader opens; writes only when there is an unread one."""
    waiting = session.scalars(
        select(Notice.id)
        .join(Task, Notice.task_id == Task.id)
        .where(Task.number == number, Notice.user_id == user_id, Notice.read_at.is_(None))
    ).all()
    if not waiting:
        return
    with unit_of_work() as work:
        work.execute(
            update(Notice)
            .where(Notice.id.in_(waiting))
            .values(read_at=clock.now())
            .execution_options(synchronize_session=False)
        )

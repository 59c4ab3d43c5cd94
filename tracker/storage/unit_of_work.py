"""Knows when a change becomes true: one commit, at the edge, or nothing at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tracker.errors import StorageFull, Unavailable
from tracker.storage.db import db, writing
from tracker.texts import N_

#: Key in the session's notes: a unit of work is open on it.
_OPEN = "tracker_unit_of_work"
#: Key in the session's notes: its commit does not wait for the disk, `unit_of_work` does afterwards.
_RELEASED = "tracker_released_early"


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """Run a block as one writing transaction; commit at its end, roll back on any error.

    A read snapshot that is still open is ended first (SQLite cannot upgrade it safely); objects
    loaded before are read anew inside. Units do not nest: the inner one would undo or commit what
    the outer one wrote. Raises Unavailable or StorageFull when the database
    refuses: then nothing was written.
    """
    session = cast(Session, db.session())
    if session.info.get(_OPEN):
        raise RuntimeError("a unit of work is open already; the caller's holds this change too")
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("changes were made outside a unit of work")
    session.rollback()
    session.info[_OPEN] = True
    try:
        session.connection(execution_options=writing(session.get_bind()))
        yield session
        session.commit()
        if session.info.pop(_RELEASED, False):
            _wait_for_disk(session)
    except OperationalError as error:
        session.rollback()
        raise _refusal(error) from error
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop(_OPEN, None)
        session.info.pop(_RELEASED, None)


def release_early(session: Session) -> None:
    """Let the commit of the unit that is open give its locks back before the disk has the rows.

    PostgreSQL only. The unit still ends only when the disk has them: see ADR 42. For rows that
    everybody writes to, so that writers wait for the disk together instead of one after the other.
    """
    if session.info.get(_RELEASED) or not session.info.get(_OPEN):
        return
    if session.get_bind().dialect.name == "postgresql":
        _driver(session).execute("SET LOCAL synchronous_commit = off")
        session.info[_RELEASED] = True


def _wait_for_disk(session: Session) -> None:
    """Commit a mark in the log with the server's own setting: what was logged before it is kept too."""
    session.connection().exec_driver_sql("SELECT pg_logical_emit_message(true, 'tracker', '')")
    session.commit()


def _driver(session: Session) -> Any:
    return session.connection().connection.driver_connection


def _refusal(error: OperationalError) -> Unavailable:
    text = str(error.orig).lower()
    if "full" in text or "no space" in text:
        return StorageFull(N_("磁盘空间不足，本次操作没有保存。请联系系统管理员。"))
    return Unavailable(N_("数据库暂时无法写入，本次操作没有保存。请稍后重试。"))

"""Lets SQLite know how many rows an index entry stands for; PostgreSQL finds out by itself."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session


def refresh(session: Session) -> None:
    """Look at the tables anew, wholly: a sample takes the index of a district for a sharp one.

    It takes a second or two a million tasks; writers wait meanwhile. A connection that is open
    reads the statistics anew only when the schema changed, so the old ones are dropped first.
    """
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("DROP TABLE IF EXISTS sqlite_stat1"))
        session.execute(text("ANALYZE"))


def is_known(session: Session) -> bool:
    """Whether SQLite has looked at its tables."""
    if session.get_bind().dialect.name != "sqlite":
        return False
    known = "SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'"
    return session.scalar(text(known)) is not None


def is_due(session: Session, _now: datetime) -> bool:
    """Whether the largest table has grown twofold since SQLite looked at it."""
    if session.get_bind().dialect.name != "sqlite":
        return False
    known = 0
    if is_known(session):
        looked = "SELECT max(CAST(stat AS INTEGER)) FROM sqlite_stat1 WHERE tbl = 'task_event'"
        known = session.scalar(text(looked)) or 0
    rows = session.scalar(text("SELECT max(id) FROM task_event")) or 0
    return bool(rows > 2 * known + 1000)

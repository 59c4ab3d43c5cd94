"""Knows how the schema comes to the newest version, once, however many processes start."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import flask_migrate
from alembic.migration import MigrationContext
from sqlalchemy import select, text

from tracker import clock
from tracker.storage import statistics
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work

log = logging.getLogger(__name__)

#: Any number that no other program on the same PostgreSQL uses for its advisory lock.
_LOCK = 4404040001
_process_lock = threading.Lock()


def upgrade_schema() -> None:
    """Bring the database to the newest migration and what is shipped; safe to call again."""
    with _process_lock, _one_at_a_time():
        before = _revision()
        flask_migrate.upgrade()
        is_new = _revision() != before
        _fill_quarters()
        _seed_calendar()
        _fill_counters()
    from tracker.catalogue.seeding import seed_catalogue
    from tracker.points.checklist_seeding import seed_checklists

    seed_catalogue()
    seed_checklists()
    with unit_of_work() as session:
        # an index that was not looked at would be preferred to all that were
        if (is_new and statistics.is_known(session)) or statistics.is_due(session, clock.now()):
            statistics.refresh(session)


def _revision() -> str | None:
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _fill_quarters() -> None:
    """While nobody else writes: it is done once, or not yet."""
    from tracker.evidence.filling import fill_missing

    if filled := fill_missing():
        log.info("cut the hashes of %d photos", filled)


def _seed_calendar() -> None:
    """Under the lock: every edition of the calendar has one number."""
    from tracker.calendar.seeding import seed_calendar

    seed_calendar()


def _fill_counters() -> None:
    """A database from before the counters has tasks and no counts."""
    from tracker.counters.recounting import is_empty, rebuild

    if is_empty():
        log.info("counted %d tasks", rebuild())


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """On PostgreSQL two starting workers would race; SQLite's migrations lock by themselves."""
    if db.engine.dialect.name != "postgresql":
        yield
        return
    with db.engine.connect() as connection:
        connection.execute(select(text(f"pg_advisory_lock({_LOCK})")))
        try:
            yield
        finally:
            connection.execute(select(text(f"pg_advisory_unlock({_LOCK})")))

"""The engine's promises: acknowledged rows survive a power cut, moments have a zone."""

import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, event, select, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tests.factories.world import make_task, make_world, task
from tracker import clock
from tracker.audit.models import AuditEntry
from tracker.storage import db as engine_rules
from tracker.storage.db import NotDurable, db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.models import Task


def pragma(name: str) -> Any:
    with db.engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def test_sqlite_keeps_what_it_acknowledged_through_a_power_cut(app: Flask):
    settings = {name: pragma(name) for name in ("journal_mode", "synchronous", "foreign_keys")}
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    assert pragma("busy_timeout") == engine_rules.BUSY_TIMEOUT_MS


def test_every_connection_of_the_pool_has_these_settings(app: Flask):
    connections = [db.engine.connect() for _ in range(4)]
    levels = [c.exec_driver_sql("PRAGMA synchronous").scalar() for c in connections]
    for connection in connections:
        connection.close()
    assert levels == [2, 2, 2, 2]


class Stubborn(sqlite3.Connection):
    """A SQLite that ignores the wish for one setting, as a wrong build or file system does."""

    ignored = ""

    def cursor(self, *_: Any, **__: Any) -> Any:  # type: ignore[override]
        return self._Cursor(self)

    class _Cursor(sqlite3.Cursor):
        def execute(self, statement: str, *more: Any) -> Any:
            ignored = Stubborn.ignored
            return super().execute("SELECT 'delete'" if ignored in statement else statement, *more)


@pytest.mark.parametrize("ignored", ["journal_mode=", "synchronous=FULL"])
def test_a_sqlite_that_does_not_take_the_settings_is_not_used(tmp_path: Any, ignored: str):
    Stubborn.ignored = ignored
    engine = create_engine(f"sqlite:///{tmp_path / 'x.db'}", connect_args={"factory": Stubborn})
    engine_rules.prepare_engine(engine)
    first = sqlite3.connect(tmp_path / "x.db")
    first.execute("PRAGMA journal_mode=WAL")
    first.close()
    if ignored == "synchronous=FULL":
        event.listen(
            engine, "connect", lambda c, _r: c.execute("PRAGMA synchronous=NORMAL"), insert=True
        )
    with pytest.raises(NotDurable):
        engine.connect()
    engine.dispose()


def test_postgresql_confirms_only_what_is_on_disk(both: Flask):
    if db.engine.dialect.name != "postgresql":
        assert pragma("synchronous") == 2
        return
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
        assert connection.exec_driver_sql("SHOW fsync").scalar() in ("on", "off")


def test_a_step_on_postgresql_ends_when_the_disk_has_it_though_its_locks_went_before(both: Flask):
    if db.engine.dialect.name != "postgresql":
        return
    world, settings, logged = make_world(), [], []

    def look(connection: Any) -> None:
        settings.append(connection.exec_driver_sql("SHOW synchronous_commit").scalar())
        logged.append(connection.exec_driver_sql("SELECT pg_current_wal_insert_lsn()").scalar())

    event.listen(db.engine, "commit", look)
    make_task(world)
    event.remove(db.engine, "commit", look)
    assert settings == ["off", "on"], "the step, and the mark that is waited for"
    kept = text("SELECT pg_current_wal_flush_lsn() >= CAST(:lsn AS pg_lsn)")
    assert db.session.scalar(kept, {"lsn": logged[-1]})


def test_a_row_that_points_nowhere_is_refused(both: Flask):
    with pytest.raises(IntegrityError), unit_of_work() as work:
        work.add(AuditEntry(at=clock.now(), kind="x", actor_id=987654, detail={}))


def test_a_moment_without_a_zone_cannot_be_stored(both: Flask):
    with pytest.raises(StatementError, match="without a zone"), unit_of_work() as work:
        work.add(AuditEntry(at=datetime(2026, 1, 1), kind="x", detail={}))  # noqa: DTZ001, RUF100


def test_a_moment_comes_back_aware_and_the_same_from_any_zone(both: Flask):
    beijing = timezone(timedelta(hours=8))
    moment = datetime(2026, 1, 1, 7, 59, 59, 123456, tzinfo=beijing)
    with unit_of_work() as work:
        work.add(AuditEntry(at=moment, kind="x", detail={}))
    db.session.expunge_all()
    found = db.session.scalars(select(AuditEntry.at)).one()
    assert found == moment
    assert found.utcoffset() == timedelta(0)
    assert found.date() == datetime(2025, 12, 31, tzinfo=UTC).date()


def test_moments_sort_and_compare_in_the_database_as_they_do_in_python(both: Flask):
    start = datetime(2026, 1, 1, tzinfo=UTC)
    moments = [start + timedelta(microseconds=n * 499_999) for n in (3, 0, 1, 2)]
    with unit_of_work() as work:
        work.add_all(AuditEntry(at=moment, kind="x", detail={}) for moment in moments)
    found = db.session.scalars(select(AuditEntry.at).order_by(AuditEntry.at)).all()
    assert list(found) == sorted(moments)
    later = select(AuditEntry.at).where(AuditEntry.at > start)
    assert len(db.session.scalars(later).all()) == 3


def test_a_document_keeps_chinese_and_structure(both: Flask):
    detail = {"原因": "积水", "n": [1, 2.5, None], "deep": {"真": True}}
    with unit_of_work() as work:
        work.add(AuditEntry(at=clock.now(), kind="x", detail=detail))
    db.session.expunge_all()
    assert db.session.scalars(select(AuditEntry.detail)).one() == detail


def test_a_lost_race_of_two_sessions_is_noticed_by_the_version(both: Flask):
    number = make_task(make_world())
    db.session.remove()
    with Session(db.engine) as first:
        mine = first.scalars(select(Task).where(Task.number == number)).one()
        first.expunge(mine)
    with unit_of_work() as work:
        other = work.scalars(select(Task).where(Task.number == number)).one()
        other.title = "theirs"
    db.session.remove()
    mine.title = "mine"
    with pytest.raises(StaleDataError), unit_of_work() as work:
        work.add(mine)
    assert task(number).title == "theirs"


def test_every_table_has_a_named_primary_key_and_named_constraints():
    unnamed = [
        (table.name, type(constraint).__name__)
        for table in db.metadata.tables.values()
        for constraint in table.constraints
        if constraint.name is None
    ]
    assert unnamed == []

"""A change becomes true by one commit at the edge, or not at all."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import OperationalError

from tracker import clock
from tracker.audit.models import AuditEntry
from tracker.errors import StorageFull, Unavailable
from tracker.storage import db as engine_rules
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work


def entry(kind: str = "test") -> AuditEntry:
    return AuditEntry(at=clock.now(), kind=kind, detail={})


def kept() -> int:
    """How many entries another connection sees."""
    with db.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(AuditEntry)) or 0


def add_and_fail(error: BaseException) -> None:
    with unit_of_work() as work:
        work.add(entry())
        work.flush()
        raise error


def add_and_open_another() -> None:
    with unit_of_work() as work:
        work.add(entry())
        work.flush()
        with unit_of_work():
            raise AssertionError("the inner block must not run")


def test_a_block_is_committed_once_at_its_end(both: Flask):
    commits: list[int] = []
    event.listen(db.engine, "commit", lambda _connection: commits.append(1))
    with unit_of_work() as work:
        work.add(entry())
        work.flush()
        work.add(entry())
        assert (kept(), commits) == (0, [])
    assert (kept(), commits) == (2, [1])


def test_an_error_rolls_everything_back_and_goes_on_to_the_caller(both: Flask):
    with pytest.raises(ZeroDivisionError):
        add_and_fail(ZeroDivisionError())
    assert kept() == 0
    with unit_of_work() as work:
        work.add(entry())
    assert kept() == 1


def test_an_interrupt_rolls_back_too(both: Flask):
    with pytest.raises(KeyboardInterrupt):
        add_and_fail(KeyboardInterrupt())
    assert kept() == 0


def test_changes_made_before_it_opened_are_refused(both: Flask):
    db.session.add(entry())
    with pytest.raises(RuntimeError, match="outside a unit of work"), unit_of_work():
        raise AssertionError("the block must not run")
    db.session.rollback()
    assert kept() == 0


def test_a_changed_object_left_outside_is_refused(both: Flask):
    with unit_of_work() as work:
        work.add(entry())
    found = db.session.scalars(select(AuditEntry)).one()
    found.kind = "changed"
    with pytest.raises(RuntimeError, match="outside a unit of work"), unit_of_work():
        raise AssertionError("the block must not run")
    db.session.rollback()


def test_units_do_not_nest_and_the_outer_one_is_rolled_back(both: Flask):
    with pytest.raises(RuntimeError, match="open already"):
        add_and_open_another()
    assert kept() == 0
    with unit_of_work() as work:
        work.add(entry())
    assert kept() == 1


def test_what_was_loaded_before_is_read_anew_inside(both: Flask):
    with unit_of_work() as work:
        work.add(entry("old"))
    found = db.session.scalars(select(AuditEntry)).one()
    assert found.kind == "old"
    db.session.commit()
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE audit_entry SET kind = 'new'"))
    with unit_of_work():
        assert found.kind == "new"


def test_on_sqlite_the_write_lock_is_taken_at_the_start(app: Flask):
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    with unit_of_work() as work:
        work.add(entry())
    writes = [s for s in statements if not s.startswith("PRAGMA")]
    assert writes[0] == "BEGIN IMMEDIATE"
    statements.clear()
    db.session.scalars(select(AuditEntry)).all()
    assert statements
    assert not any(statement.startswith("BEGIN") for statement in statements)
    assert db.session.connection().connection.driver_connection.in_transaction  # type: ignore[union-attr]


def test_a_database_that_stays_locked_answers_try_again_later(
    app: Flask, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(engine_rules, "BUSY_TIMEOUT_MS", 20)
    db.session.remove()
    db.engine.dispose()
    with db.engine.connect() as holder:
        holder.exec_driver_sql("COMMIT")
        holder.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable) as caught:
            add_and_fail(AssertionError("the block must not run"))
        holder.exec_driver_sql("ROLLBACK")
    assert caught.value.status == 503
    assert kept() == 0


@pytest.mark.parametrize(
    ("words", "kind"),
    [("database or disk is full", StorageFull), ("No space left on device", StorageFull), ("database is locked", Unavailable)],
)  # fmt: skip
def test_a_refusal_of_the_database_is_told_apart(app: Flask, words: str, kind: type[Unavailable]):
    with pytest.raises(kind) as caught, unit_of_work():
        raise OperationalError("INSERT", {}, Exception(words))
    assert type(caught.value) is kind

"""Knows the engine: names of constraints, SQLite's durability, how a transaction begins."""

from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, MetaData, event
from sqlalchemy.orm import DeclarativeBase

#: Constraint names, so that a migration can name what it changes on both databases.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

#: Execution option: this transaction will write, take SQLite's write lock at its start.
WRITES = "tracker_writes"

#: How a reading transaction begins on PostgreSQL: it sees one moment, as on SQLite. One that writes
#: sees what was committed before each statement, so that it goes on when it waited for a row.
ONE_MOMENT, EACH_STATEMENT = "REPEATABLE READ", "READ COMMITTED"

#: Wait this long for another process's write before answering 503 (milliseconds).
BUSY_TIMEOUT_MS = 10_000

#: Pages that a connection keeps of SQLite, KiB: the months of all communities, which a map reads
#: several times, are more than the 2,000 that it keeps by itself.
CACHE_KIB = 16_000


class Base(DeclarativeBase):
    """Every table of the product."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base, disable_autonaming=True)


def engine_options(url: str) -> dict[str, Any]:
    """What the engine of a database is made with."""
    return {"isolation_level": ONE_MOMENT} if url.startswith("postgresql") else {}


def writing(engine: Engine | Connection) -> dict[str, Any]:
    """The execution options of a transaction that will write."""
    if engine.dialect.name == "sqlite":
        return {WRITES: True}
    return {WRITES: True, "isolation_level": EACH_STATEMENT}


class NotDurable(RuntimeError):
    """SQLite did not accept the settings that keep acknowledged rows through a power cut."""


def prepare_engine(engine: Engine) -> None:
    """Attach the durability and locking rules; SQLite only, PostgreSQL's defaults are right.

    `synchronous=NORMAL` loses acknowledged rows at power loss, so FULL is set and asserted on
    every connection; a deferred transaction that upgrades fails with SQLITE_BUSY at once, so a
    writing one begins IMMEDIATE.
    """
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)


def _on_connect(dbapi_connection: Any, _record: object) -> None:
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    mode = cursor.fetchone()[0]
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
    cursor.execute("PRAGMA synchronous")
    level = cursor.fetchone()[0]
    cursor.close()
    if mode not in ("wal", "memory") or level != 2:
        raise NotDurable(f"journal_mode={mode}, synchronous={level}; wanted wal, 2 (FULL)")


def _on_begin(connection: Connection) -> None:
    if connection.get_execution_options().get(WRITES):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        # every request begins one to read, which cannot fail: the driver alone takes a tenth of the time
        driver: Any = connection.connection.driver_connection
        driver.execute("BEGIN")

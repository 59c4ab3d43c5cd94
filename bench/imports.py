"""A sheet of tasks taken in through the application, against the plain INSERTs and COPYs of what it wrote."""

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import func, make_url, select

from bench import postgres, sheets, wide
from bench.report import Section
from bench.targets import at_least
from bench.timing import say
from tracker.app import create_app
from tracker.catalogue.models import Category
from tracker.counters.tables import TABLES
from tracker.settings import Settings
from tracker.storage.db import db
from tracker.storage.schema import upgrade_schema
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.importing.profile import load_profile
from tracker.tasks.importing.run import TaskImport, import_tasks
from tracker.tasks.models import TaskEvent

SIZES = (10_000, 30_000)
AIM = 0.5
#: What the plain ways write: the rows of tasks, these with their events, and everything an import wrote.
_WRITTEN: tuple[tuple[str, ...], ...] = (
    ("task",),
    ("task", "task_event"),
    ("task", "task_event", "number_sequence", *(table.name for table in TABLES)),
)  # fmt: skip


@dataclass(frozen=True)
class Empty:
    """A district without tasks, of which a copy can be had; `settings` of the copy, to import into it."""

    name: str
    copy: Callable[[str], Any]
    plain: Callable[[Settings, Settings, Sequence[str]], float]


def measure() -> Section:
    """Both databases, one after the other; each import into a copy of its own."""
    rows: list[tuple[str, ...]] = []
    events = 0.0
    with tempfile.TemporaryDirectory(prefix="tracker-bench-") as name, postgres.server() as server:
        folder, made = Path(name), wide.areas()
        for empty in (_sqlite(folder, made), _postgresql(folder, made, server)):
            for count in SIZES:
                sheet = folder / f"{count}.csv"
                if not sheet.exists():
                    sheets.write(sheet, made, count, categories=_categories(folder))
                found, events = _measured(empty, sheet, count)
                rows += found
    notes = [
        f"One import of each size into a copy of a district with 10,000 grids, then the rows it wrote, prepared, into copies with the same {len(_WRITTEN)} choices of tables; all indexes and foreign keys stand.",
        f"A row becomes {events:.1f} events on the average: half are settled on the spot, a third closed by a unit. SQLite with synchronous=FULL: one executemany a table in one transaction; PostgreSQL: one COPY a table from text in memory. The import commits every 1,000 rows.",
        "The import reads the file, checks each row, finds area, category and unit, walks every step of the lifecycle, seals each event, numbers the tasks and keeps the counters.",
        f"The aim ({AIM:g} of the plain insert of the same table) was set for one row a task; the events and counters are what the product writes besides.",
    ]
    columns = ("rows", "imported, a second", "against", "plain, a second", "ratio", "aim")
    return Section("Imports", columns, rows, notes)


def _measured(empty: Empty, sheet: Path, count: int) -> tuple[list[tuple[str, ...]], float]:
    words = f"{empty.name}, {count:,}"
    say(f"import {words} …")
    rows: list[tuple[str, ...]] = []
    with empty.copy("taken") as taken:
        seconds, events = _import(taken, sheet, count)
        ours = count / seconds
        for tables in _WRITTEN:
            say(f"plain {words}: {', '.join(tables[:2])}{' …' if tables[2:] else ''}")
            with empty.copy("plain") as target:
                plain = count / empty.plain(taken, target, tables)
            judged = at_least(ours / plain, AIM)
            rows.append((words, f"{ours:,.0f}", _said(tables), f"{plain:,.0f}", *judged))
    return rows, events / count


def _said(tables: Sequence[str]) -> str:
    return {1: "tasks", 2: "tasks and events"}.get(len(tables), "all rows it wrote")


def _import(settings: Settings, sheet: Path, count: int) -> tuple[float, int]:
    """Seconds, and how many events were written."""
    app = create_app(settings)
    with _opened(app):
        start = time.perf_counter()
        report = import_tasks(sheet, TaskImport(load_profile("native")))
        took = time.perf_counter() - start
        if report.stored != count:
            raise RuntimeError(f"{report.stored} of {count} rows were stored: {report.rejected}")
        events = db.session.scalar(select(func.count()).select_from(TaskEvent)) or 0
    return took, events


@contextmanager
def _opened(app: Flask) -> Iterator[None]:
    with app.app_context():
        try:
            yield
        finally:
            with suppress(Exception):
                db.session.remove()
            db.engine.dispose()


def _furnished(settings: Settings, made: wide.Areas) -> None:
    """A district without tasks."""
    with _opened(create_app(settings)):
        upgrade_schema()
        with unit_of_work() as work:
            wide.make_wide_district(work, made)


def _categories(folder: Path) -> list[str]:
    with _opened(create_app(_settings(folder / "empty"))):
        codes = select(Category.code).where(Category.is_active).order_by(Category.id)
        return list(db.session.scalars(codes))


def _settings(folder: Path, url: str = "") -> Settings:
    return Settings(data_dir=folder, secret_key="x" * 40, database_url=url)


# --- SQLite ------------------------------------------------------------------------------------


def _sqlite(folder: Path, made: wide.Areas) -> Empty:
    _furnished(_settings(folder / "empty"), made)

    @contextmanager
    def copy(name: str) -> Iterator[Settings]:
        shutil.copytree(folder / "empty", folder / name)
        try:
            yield _settings(folder / name)
        finally:
            shutil.rmtree(folder / name)

    return Empty("SQLite", copy, _inserted)


def _inserted(taken: Settings, target: Settings, tables: Sequence[str]) -> float:
    """Seconds of executemany of the rows that an import left."""
    source = sqlite3.connect(taken.data_dir / "tracker.db")
    rows = {table: source.execute(f"SELECT * FROM {table}").fetchall() for table in tables}  # noqa: S608
    source.close()
    connection = sqlite3.connect(target.data_dir / "tracker.db", isolation_level=None)
    for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {setting}")
    start = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    for table, found in rows.items():
        marks = ",".join("?" * len(found[0]))
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", found)  # noqa: S608
    connection.execute("COMMIT")
    took = time.perf_counter() - start
    connection.close()
    return took


# --- PostgreSQL --------------------------------------------------------------------------------


def _postgresql(folder: Path, made: wide.Areas, server: str) -> Empty:
    postgres.on_server(server, "CREATE DATABASE bench_empty")
    url = make_url(server).set(database="bench_empty").render_as_string(hide_password=False)
    _furnished(_settings(folder / "postgresql", url), made)

    @contextmanager
    def copy(name: str) -> Iterator[Settings]:
        with postgres.database(server, f"bench_{name}", like="bench_empty") as made:
            yield _settings(folder / "postgresql", made)

    return Empty("PostgreSQL", copy, _copied)


def _copied(taken: Settings, target: Settings, tables: Sequence[str]) -> float:
    """Seconds of COPY of the rows that an import left, from text in memory."""
    import psycopg

    with psycopg.connect(_plain_url(taken)) as source:
        rows = {table: _text_of(source, table) for table in tables}
    with psycopg.connect(_plain_url(target)) as connection:
        start = time.perf_counter()
        for table, text in rows.items():
            with connection.cursor().copy(f"COPY {table} FROM STDIN") as sink:
                sink.write(text)
        connection.commit()
        return time.perf_counter() - start


def _text_of(source: Any, table: str) -> bytes:
    with source.cursor().copy(f"COPY {table} TO STDOUT") as pieces:
        return b"".join(bytes(piece) for piece in pieces)


def _plain_url(settings: Settings) -> str:
    return settings.database_url.replace("postgresql+psycopg://", "postgresql://")

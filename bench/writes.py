"""What one step of a task costs to commit: past the door, with the counters beside it, and through the door."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from bench import postgres, sheets, wide
from bench.imports import _furnished, _settings
from bench.installations import SMALL, copied
from bench.report import Section
from bench.targets import at_least, at_most
from bench.timing import in_turn, say
from bench.writers import COUNTED, DOOR, PLAIN, STEPS, UNCOUNTED, WAYS, Crew, Supply, Writer
from tracker.app import create_app
from tracker.catalogue.models import Category
from tracker.counters.tail import LONGEST
from tracker.places.models import Organization
from tracker.storage.db import db
from tracker.tasks.importing.profile import load_profile
from tracker.tasks.importing.run import TaskImport, import_tasks
from tracker.tasks.models import Task

#: SQLite has one writer; PostgreSQL these, each a process of its own.
WRITERS = 8
COMMITS, ROUNDS = 100, 3
#: Tasks that are written past the door again and again: more than changes wait at once, so that
#: none undoes another before it is counted.
PAST = 2 * LONGEST
_WORDS = {
    PLAIN: "UPDATE of the task and INSERT of the event",
    COUNTED: "the same and the counters",
    UNCOUNTED: "a step through the door, without its counters",
    DOOR: "a step through the door",
}


def measure() -> Section:
    """Both databases; each commit is one step of one task."""
    with copied(SMALL) as app:
        say("steps on SQLite …")
        alone = _alone(app)
    with _postgresql() as app:
        say(f"steps on PostgreSQL, {WRITERS} writers …")
        together = _together(app)
    rows = [*_rows("SQLite, 1 writer", alone, 2.0, None), *_rows(f"PostgreSQL, {WRITERS} writers", together, None, 0.85)]  # fmt: skip
    notes = [
        f"Medians of {ROUNDS} rounds of {COMMITS} commits a writer in turn; one step a commit, on tables with all their indexes and foreign keys.",
        f"SQLite: {SMALL:,} tasks, WAL, synchronous=FULL. PostgreSQL: synchronous_commit, writers in {WRITERS} processes on the same cores as the server; ms is the time of all commits by their number.",
        "The aims are those of derived structures beside a plain commit: at most 2 × its time on SQLite, at least 0.85 of its rate on PostgreSQL.",
        "A step through the door checks the rules, locks the task, seals the event, keeps a receipt and tells who has to know; no aim was set for that.",
    ]
    return Section("Steps", ("database", "way", "ms a commit", "ratio", "aim"), rows, notes)


def _rows(
    name: str, took: dict[str, float], most: float | None, least: float | None
) -> Iterator[tuple[str, ...]]:
    """Times grow with what is done; on PostgreSQL the rates are compared, as the aim is."""
    for way in WAYS:
        base = took[UNCOUNTED if way == DOOR else PLAIN]
        judged = at_most(took[way] / base, most) if most else at_least(base / took[way], least or 0)
        words = f"{_WORDS[way]}{', against that' if way == DOOR else ''}"
        cells = (f"{took[way] * 1000:.2f}", *(judged if way in (COUNTED, DOOR) else (judged[0], "")))  # fmt: skip
        yield name, words, *cells


def _alone(app: Flask) -> dict[str, float]:
    """Seconds of a commit, by way."""
    with app.app_context():
        wanted = PAST + 2 * (ROUNDS + 1) * COMMITS // len(STEPS)
        writer = Writer(supplied(wide.areas(), wanted, 1)[0], PAST)
        ways = {way: (lambda way=way: writer.commit(way, COMMITS)) for way in WAYS}
        return {way: seconds / COMMITS for way, seconds in in_turn(ways, ROUNDS).items()}


def _together(app: Flask) -> dict[str, float]:
    with app.app_context():
        wanted = PAST + 2 * (ROUNDS + 1) * COMMITS // len(STEPS)
        supplies = supplied(wide.areas(), wanted, WRITERS)
    crew = Crew(app.config["SETTINGS"], supplies)
    try:
        ways = {way: (lambda way=way: crew.commit(way, COMMITS)) for way in WAYS}
        return {way: seconds / COMMITS / WRITERS for way, seconds in in_turn(ways, ROUNDS).items()}
    finally:
        crew.dismiss()


@contextmanager
def _postgresql() -> Iterator[Flask]:
    """A district without tasks."""
    with (
        tempfile.TemporaryDirectory(prefix="tracker-bench-") as name,
        postgres.server() as server,
        postgres.database(server, "bench_steps") as url,
    ):
        settings = _settings(Path(name), url)
        _furnished(settings, wide.areas())
        app = create_app(settings)
        try:
            yield app
        finally:
            with app.app_context():
                db.session.remove()
                db.engine.dispose()


def supplied(made: wide.Areas, wanted: int, writers: int) -> list[Supply]:
    """So many newly reported tasks for each writer, made by an import."""
    known = set(db.session.scalars(select(Task.number)))
    codes = db.session.scalars(select(Category.code).where(Category.is_active))
    with tempfile.TemporaryDirectory() as name:
        sheet = Path(name) / "tasks.csv"
        sheets.write(
            sheet,
            made,
            wanted * writers,
            categories=list(codes),
            state="reported",
            seed=23 + len(known),
        )
        import_tasks(sheet, TaskImport(load_profile("native")))
    numbers = [
        n for n in db.session.scalars(select(Task.number).order_by(Task.id)) if n not in known
    ]
    if len(numbers) != wanted * writers:
        raise RuntimeError(f"{len(numbers)} tasks were made, not {wanted * writers}")
    unit = db.session.scalars(select(Organization.id).order_by(Organization.id)).first() or 0
    category = db.session.scalars(select(Category.id).where(Category.is_active)).first() or 0
    db.session.remove()
    return [Supply(numbers[one::writers], unit, category) for one in range(writers)]

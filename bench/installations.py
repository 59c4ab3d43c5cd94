"""Keeps the wide districts of several sizes between runs, outside the checkout."""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from flask import Flask

from bench import generator
from tracker.app import create_app
from tracker.settings import Settings
from tracker.storage.db import db
from tracker.storage.schema import upgrade_schema

#: Where they are kept (BENCH_DATA); a folder in memory is quickest.
FOLDER = Path(os.environ.get("BENCH_DATA") or Path(tempfile.gettempdir()) / "tracker-bench-data")
SMALL, MIDDLE, LARGE = 10_000, 100_000, 1_000_000


@contextmanager
def copied(count: int) -> Iterator[Flask]:
    """A copy of a kept installation, for what changes tasks; it is gone afterwards."""
    with installation(count):
        pass
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "copy"
        shutil.copytree(FOLDER / str(count), folder)
        app = create_app(Settings(data_dir=folder, secret_key="x" * 40))
        try:
            yield app
        finally:
            with app.app_context():
                db.session.remove()
                db.engine.dispose()


@contextmanager
def installation(count: int, *, database_url: str = "") -> Iterator[Flask]:
    """An application over a wide district of `count` tasks, made when it is not there yet."""
    folder = FOLDER / f"{count}{'-postgresql' if database_url else ''}"
    ready = folder / "ready"
    app = create_app(Settings(data_dir=folder, secret_key="x" * 40, database_url=database_url))
    try:
        with app.app_context():
            upgrade_schema()
            if database_url or not ready.exists():
                _fill(count)
                ready.touch()
            db.session.remove()
        yield app
    finally:
        with suppress(Exception), app.app_context():
            db.session.remove()
            db.engine.dispose()


def _fill(count: int) -> None:
    start = time.perf_counter()
    print(f"making {count:,} tasks …", file=sys.stderr, flush=True)
    generator.fill(count)
    print(f"  {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)

"""A small district behind a real server process and a real browser, for the measurements of the phone's application."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from playwright.sync_api import Browser, sync_playwright

from tests.factories.field import Server, furnish
from tests.factories.world import make_world
from tracker.app import create_app
from tracker.settings import Settings
from tracker.storage.db import db
from tracker.storage.schema import upgrade_schema
from tracker.tasks.models import Task

#: A phone's view, as in the browser tests.
PHONE = {
    "viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True,
    "has_touch": True, "locale": "zh-CN",
}  # fmt: skip
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


@dataclass(frozen=True)
class Ground:
    """A running installation; `tasks_before` are in it before anything is sent."""

    app: Flask
    server: Server
    browser: Browser
    tasks_before: int


@contextmanager
def ground(*, points: int, tasks: int) -> Iterator[Ground]:
    """Needs Chromium (CHROMIUM or in the path)."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with (
        tempfile.TemporaryDirectory(prefix="tracker-bench-") as folder,
        sync_playwright() as engine,
    ):
        settings = Settings(data_dir=Path(folder), secret_key="x" * 40, argon2_kib=64)
        app = create_app(settings)
        with app.app_context():
            upgrade_schema()
            world = make_world()
        furnish(app, world, points=points, tasks=tasks)
        with app.app_context():
            tasks_before = db.session.query(Task).count()
            db.session.remove()
        server = Server(app)
        server.start()
        browser = engine.chromium.launch(executable_path=program, args=_FLAGS)
        try:
            yield Ground(app, server, browser, tasks_before)
        finally:
            browser.close()
            server.kill()
            with app.app_context():
                db.session.remove()
                db.engine.dispose()

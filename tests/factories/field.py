"""A phone in the field: a server that can be killed, a bad network before it, and what must be true afterwards."""

import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import BrowserContext, Page
from sqlalchemy import select, update

from tests.factories.client import session_token
from tests.factories.points import make_point
from tests.factories.toxic import Toxic
from tests.factories.world import INSIDE, SANZAO, World, make_task
from tracker.errors import NotFound
from tracker.evidence.models import Photo
from tracker.evidence.store import PhotoStore, Size, open_store
from tracker.inspections.models import Visit
from tracker.storage.db import db
from tracker.storage.receipts import Receipt
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.models import Task
from tracker.tasks.states import State

ROOT = Path(__file__).resolve().parents[2]
#: An address of the server without scripts of its own.
_BLANK = "/inspect/icon-192.png"
_SCRIPT = (Path(__file__).parent / "field.js").read_text(encoding="utf-8")
#: Milliseconds between tries: a test is in a hurry, a phone is not.
QUICK = {"base_ms": 20, "cap_ms": 200}
#: Seconds for anything that happens by itself.
PATIENCE_S = 120


class Server:
    """`tracker run` in a process of its own, which may be killed and started again on the same port."""

    def __init__(self, app: Flask) -> None:
        settings = app.config["SETTINGS"]
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._environ = {
            **{
                name: value for name, value in os.environ.items() if not name.startswith("TRACKER_")
            },
            "TRACKER_DATA_DIR": str(settings.data_dir),
            "TRACKER_SECRET_KEY": settings.secret_key,
            "TRACKER_PORT": str(self.port),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        run = "from tracker.cli import main; main()"
        self._process = subprocess.Popen(
            [sys.executable, "-c", run, "run"], cwd=ROOT, env=self._environ,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        wait_until(self._listens, "the server does not listen")

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        """As a power cut does: at once, in the middle of whatever it does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None


def wait_until(holds: Any, otherwise: str) -> None:
    """Ask again and again; fails with `otherwise`."""
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, otherwise
        time.sleep(0.1)


def furnish(app: Flask, world: World, *, points: int, tasks: int) -> None:
    """Points in 三灶社区 that the inspector may visit, and tasks in hand that were given to them."""
    lon, lat = INSIDE[SANZAO]
    with app.app_context():
        for index in range(points):
            place = {"lon": lon - 0.004 + index % 40 * 0.0002, "lat": lat + 0.006}
            make_point(world, name=f"第{index + 1}市场", **place)
        numbers = [make_task(world, State.HANDLING) for _ in range(tasks)]
        with unit_of_work() as work:
            mine = update(Task).where(Task.number.in_(numbers))
            work.execute(mine.values(assignee_id=world.users["inspector"]))
        db.session.remove()


def cookie(app: Flask, url: str, username: str = "inspector") -> dict[str, str]:
    """The cookie of a person's session, for a browser."""
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    kept = {"_user_id": session_token(app, username), "_fresh": True}
    return {
        "name": app.config["SESSION_COOKIE_NAME"],
        "value": serializer.dumps(kept),
        "url": url,
    }


def open_phone(context: BrowserContext, *, forget: bool = False) -> Page:
    """A page with the phone's real store, outbox and sender in it, not sending yet."""
    page = context.new_page()
    page.goto(_BLANK)
    page.evaluate(_SCRIPT, {"retry": QUICK, "forget": forget})
    return page


def fill(page: Page, network: Toxic, plan: list[list[Any]]) -> list[dict[str, Any]]:
    """Fetch the package, go out of reach, fill the outbox; returns what was put in, in order."""
    page.evaluate("() => field.prepare()")
    network.cut = 1.0
    put: list[dict[str, Any]] = page.evaluate("(plan) => field.fill(plan)", plan)
    assert page.evaluate("() => field.left()") == len(put)
    return put


def left(page: Page) -> int:
    """Items that the phone still keeps."""
    count: int = page.evaluate("() => field.left()")
    return count


def verdict(app: Flask, put: list[dict[str, Any]], *, tasks_before: int) -> dict[str, list[Any]]:
    """What is wrong in the database: lost, twice, photos, order; all empty when nothing is."""
    with app.app_context():
        db.session.rollback()
        kept = {row.uuid for row in db.session.scalars(select(Receipt))}
        visits = list(db.session.execute(select(Visit.uuid, Visit.id)))
        photos = {row.uuid: row for row in db.session.scalars(select(Photo))}
        tasks = db.session.query(Task).count() - tasks_before
        wrong_photos: list[str] = []
        store = open_store(app.config["SETTINGS"].effective_photo_url)
        for uuid, sha256 in _photos(put):
            row = photos.get(uuid)
            if row is None or row.sha256 != sha256 or not _is_whole(store, sha256):
                wrong_photos.append(uuid)
        db.session.remove()
    kinds = Counter(item["kind"] for item in put)
    extra = {"visits": len(visits) - kinds["visit"], "reports": tasks - kinds["report"], "photos": len(photos) - len(list(_photos(put)))}  # fmt: skip
    lost = [item["uuid"] for item in put if item["uuid"] not in kept]
    return {
        "lost": lost,
        "twice": [(what, n) for what, n in extra.items() if n > 0 or (n < 0 and not lost)],
        "photos": [] if lost else wrong_photos,
        "order": _disorder(put, dict(map(tuple, visits))),
    }


def _is_whole(store: PhotoStore, sha256: str) -> bool:
    try:
        return hashlib.sha256(store.read(sha256, Size.ORIGINAL)).hexdigest() == sha256
    except NotFound:
        return False


def _photos(put: list[dict[str, Any]]) -> Iterable[tuple[str, str]]:
    return ((photo["uuid"], photo["sha256"]) for item in put for photo in item["photos"])


def _disorder(put: list[dict[str, Any]], rank: dict[str, int]) -> list[str]:
    """Subjects whose visits came in another order than they were made."""
    found: dict[str, list[int]] = {}
    for item in put:
        if item["kind"] == "visit" and item["uuid"] in rank:
            found.setdefault(item["subject"], []).append(rank[item["uuid"]])
    return [subject for subject, ranks in found.items() if ranks != sorted(ranks)]

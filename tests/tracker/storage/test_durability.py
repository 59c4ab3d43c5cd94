"""What was acknowledged is there: after kill -9 in the middle of a load, and beside a full disk."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.codebase.sources import ROOT
from tests.factories.world import make_task, make_world
from tracker.app import create_app
from tracker.errors import Unavailable
from tracker.settings import Settings
from tracker.storage.db import db
from tracker.tasks.chain import breaks
from tracker.tasks.models import Task, TaskEvent

KILLS = 20
#: A round is killed once it has acknowledged this many reports.
REPORTS = 6


def environment(app: Flask) -> dict[str, str]:
    settings: Settings = app.config["SETTINGS"]
    return {
        **{k: v for k, v in os.environ.items() if not k.startswith("TRACKER_")},
        "PYTHONPATH": str(ROOT),
        "TRACKER_DATA_DIR": str(settings.data_dir),
        "TRACKER_SECRET_KEY": settings.secret_key,
        "TRACKER_DATABASE_URL": settings.effective_database_url,
    }


@pytest.fixture
def server(both: Flask) -> Iterator[subprocess.Popen[str]]:
    make_world()
    db.session.remove()
    program = Path(__file__).with_name("reporting_server.py")
    process = subprocess.Popen(
        [sys.executable, str(program), "inspector"], env=environment(both), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    yield process
    process.communicate()


def acknowledged_until_killed(server: subprocess.Popen[str]) -> list[list[str]]:
    """What one life of the server acknowledged: UUID and number of each report."""
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write("go\n")
    server.stdin.flush()
    child, lines = 0, []
    while (words := server.stdout.readline().split()) != ["killed"]:
        assert words, "the server ended by itself"
        if words[0] == "pid":
            child = int(words[1])
        else:
            lines.append(words)
        if child and len(lines) >= REPORTS:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
    return lines


def test_every_acknowledged_report_survives_twenty_kills(
    both: Flask, server: subprocess.Popen[str]
):
    acknowledged = [words for _ in range(KILLS) for words in acknowledged_until_killed(server)]
    stored = dict(db.session.execute(select(Task.uuid, Task.number)).all())  # type: ignore[arg-type]
    lost = [(uuid, number) for uuid, number in acknowledged if stored.get(uuid) != number]
    assert len(acknowledged) >= KILLS * REPORTS
    assert lost == []
    tasks = db.session.scalars(select(Task)).all()
    assert [fault for task in tasks for fault in breaks(task, task.events)] == []
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of six megabytes."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root can mount a small disk")
    folder = Path(tempfile.mkdtemp(prefix="tracker-disk-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if mounted.returncode != 0:
        folder.rmdir()
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)
    folder.rmdir()


@pytest.fixture
def cramped(small_disk: Path, sqlite_template: Path) -> Iterator[Flask]:
    """The application with its database on the small disk."""
    shutil.copy(sqlite_template, small_disk / "tracker.db")
    settings = Settings(data_dir=small_disk, secret_key="only-for-tests-" + "x" * 32, argon2_kib=64)
    app = create_app(settings)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def whole_tasks() -> tuple[int, int, list[str]]:
    db.session.rollback()
    tasks = db.session.scalars(select(Task)).all()
    events = db.session.scalar(select(func.count()).select_from(TaskEvent)) or 0
    return len(tasks), events, [fault for task in tasks for fault in breaks(task, task.events)]


def test_a_full_disk_refuses_and_keeps_nothing_half_and_goes_on_when_there_is_room(cramped: Flask):
    world = make_world()
    ballast = cramped.config["SETTINGS"].data_dir / "ballast"
    stored, refusals = fill(lambda: make_task(world, description="长" * 2000), ballast)
    assert {fault.status for fault in refusals} <= {503, 507}
    assert len(refusals) == 3
    assert whole_tasks() == (stored, stored, [])
    ballast.unlink()
    make_task(world)
    assert whole_tasks() == (stored + 1, stored + 1, [])


def fill(report: Callable[[], str], ballast: Path) -> tuple[int, list[Unavailable]]:
    """Report on a disk that is filled up meanwhile, until three reports were refused."""
    stored, refusals = 0, []
    with ballast.open("ab", buffering=0) as out:
        while len(refusals) < 3:
            with suppress(OSError):
                out.write(b"x" * 65536)
            try:
                report()
                stored += 1
            except Unavailable as refused:
                refusals.append(refused)
    return stored, refusals

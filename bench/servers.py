"""The product, or a page that only returns bytes, behind the servers it is run with; each in processes of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from bench.postgis import free_port

ROOT = Path(__file__).resolve().parent.parent
#: As `tracker run` serves, and as the README says for more processes.
WAITRESS, GUNICORN = "waitress", "gunicorn gthread"
SERVERS = (WAITRESS, GUNICORN)
THREADS, WORKERS = 8, 2
_PATIENCE_S = 60
_RUN = "from tracker.cli import main; main()"
_BARE = f"""
import os, waitress
from bench.bare import app
waitress.serve(app, host="127.0.0.1", port=int(os.environ["TRACKER_PORT"]), threads={THREADS})
"""


@dataclass(frozen=True)
class Running:
    """A server that listens."""

    port: int
    process: int

    def cpu(self) -> float:
        """Seconds of processor time that it and its children have used (Linux)."""
        return sum(_cpu(one) for one in list(_family(self.process)))


@contextmanager
def product(app: Flask, server: str) -> Iterator[Running]:
    """The product over the installation of `app`."""
    settings = app.config["SETTINGS"]
    own = {"TRACKER_DATA_DIR": str(settings.data_dir), "TRACKER_SECRET_KEY": settings.secret_key}
    command = [sys.executable, "-c", _RUN, "run", "--threads", str(THREADS)]
    if server == GUNICORN:
        command, own = _gunicorn("tracker.wsgi:app"), {**own, "TRACKER_QUEUE_URL": "worker"}
    with _started(command, own) as running:
        yield running


@contextmanager
def bare(body: Path, server: str) -> Iterator[Running]:
    """A WSGI application of three lines that returns the bytes of a file."""
    command = [sys.executable, "-c", _BARE]
    if server == GUNICORN:
        command = _gunicorn("bench.bare:app")
    with _started(command, {"BENCH_BODY": str(body)}) as running:
        yield running


def _gunicorn(app: str) -> list[str]:
    return [
        sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--workers", str(WORKERS),
        "--threads", str(THREADS // WORKERS), "--keep-alive", "60", "--log-level", "warning", app,
    ]  # fmt: skip


@contextmanager
def _started(command: Sequence[str], own: dict[str, str]) -> Iterator[Running]:
    port = free_port()
    others = {name: value for name, value in os.environ.items() if not name.startswith("TRACKER_")}
    environ = {**others, **own, "TRACKER_PORT": str(port), "PYTHONPATH": str(ROOT)}
    bound = ["--bind", f"127.0.0.1:{port}"] if "gunicorn" in command else []
    process = subprocess.Popen(
        [*command[:3], *bound, *command[3:]], cwd=ROOT, env=environ,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait(process, port)
        yield Running(port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=_PATIENCE_S)


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the server does not listen")


def _family(process: int) -> Iterator[int]:
    yield process
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from _family(int(child))


def _cpu(process: int) -> float:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

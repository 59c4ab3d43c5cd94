"""Starts a throw-away PostgreSQL with PostGIS to measure against, where Debian's packages for it are installed."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

#: What a machine needs for it (Debian 12).
PACKAGES = ("postgresql-15", "postgresql-15-postgis-3")
_SERVERS = Path("/usr/lib/postgresql")
_NAME = "bench"
#: As a server that is used is set, but for the power cut: the data are thrown away.
_SETTINGS = {
    "shared_buffers": "1GB", "work_mem": "64MB", "maintenance_work_mem": "256MB", "jit": "off",
    "max_wal_size": "4GB", "fsync": "off", "full_page_writes": "off",
}  # fmt: skip
_PATIENCE_S = 60.0


@contextmanager
def cluster() -> Iterator[str | None]:
    """The URL (`postgresql://…`) of an empty database with PostGIS, gone afterwards; None where it cannot be had."""
    programs = _programs()
    if programs is None:
        yield None
        return
    folder, user = Path(tempfile.mkdtemp(prefix="bench-postgis-")), _user()
    if user is not None:
        os.chown(folder, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
    port, server = free_port(), None
    try:
        host = ["-h", "127.0.0.1", "-p", str(port), "-U", _NAME]
        initdb = ["-D", "data", "-A", "trust", "-E", "UTF8", "--no-sync"]
        _run(folder, user, programs / "initdb", *initdb, "-U", _NAME)
        server = _start(folder, user, programs, port)
        _run(folder, user, programs / "createdb", *host, _NAME)
        url = f"postgresql://{_NAME}@127.0.0.1:{port}/{_NAME}"
        _run(folder, user, programs / "psql", "-q", url, "-c", "CREATE EXTENSION postgis")
        yield url
    finally:
        if server is not None:
            # fast: whoever is still connected is cut off
            server.send_signal(signal.SIGINT)
            server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path | None:
    """Where the newest server with PostGIS has its programs."""
    found = Path("/usr/share/postgresql").glob("*/extension/postgis.control")
    for control in sorted(found, reverse=True):
        programs = _SERVERS / control.parts[-3] / "bin"
        if (programs / "initdb").is_file():
            return programs
    return None


def _user() -> str | None:
    """Whom to be: the server refuses to run as root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _start(folder: Path, user: str | None, programs: Path, port: int) -> "subprocess.Popen[bytes]":
    settings = {
        **_SETTINGS,
        "unix_socket_directories": str(folder),
        "listen_addresses": "127.0.0.1",
        "port": str(port),
    }
    words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [programs / "postgres", "-D", "data", *words],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL, **_as(folder, user),
        )  # fmt: skip
    until = time.monotonic() + _PATIENCE_S
    ready = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    while subprocess.run(ready, check=False).returncode != 0:
        if server.poll() is not None or time.monotonic() > until:
            server.kill()
            raise RuntimeError((folder / "log").read_text(errors="replace")[-2000:])
        time.sleep(0.1)
    return server


def _run(folder: Path, user: str | None, *command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, **_as(folder, user))
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: {done.stderr.strip()[-2000:]}")


def _as(folder: Path, user: str | None) -> dict[str, Any]:
    """Run as the user, with nothing of ours but the path to programs."""
    options: dict[str, Any] = {
        "cwd": folder,
        "env": {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"},
    }
    if user is not None:
        options |= {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}
    return options

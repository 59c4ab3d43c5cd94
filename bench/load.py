"""Asks a server for many addresses at once and counts the answers: with wrk, or with four threads where it is not there."""

import http.client
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bench.peer_environment import Missing, program

#: Open connections, each of which asks for the next address when it has an answer.
CONNECTIONS = 4
_PATIENCE = 120
_SCRIPT = """
local paths, at = {}, 0
for line in io.lines(os.getenv("BENCH_PATHS")) do paths[#paths + 1] = line end
wrk.headers["Cookie"] = os.getenv("BENCH_COOKIE")
request = function()
  at = at % #paths + 1
  return wrk.format("GET", paths[at])
end
done = function(summary)
  local errors = summary.errors
  io.write(string.format("\\nFOUND %d %d %d\\n", summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""


@dataclass(frozen=True)
class Load:
    """What is asked for: a server, its addresses in turn, and who asks (a Cookie header, or nobody)."""

    address: str
    paths: Sequence[str]
    cookie: str = ""


class Refused(Exception):
    """A server answered with something else than what was asked for."""


def rate(load: Load, seconds: float = 3.0) -> float:
    """Answers a second. Raises Refused when any of them was an error."""
    answers, took, failed = _by_wrk(load, seconds) if has_wrk() else _by_threads(load, seconds)
    if failed:
        raise Refused(f"{load.address}: {failed} of {answers} answers failed")
    return answers / took


def has_wrk() -> bool:
    """Whether wrk asks; else threads of this process, which take time from the server."""
    try:
        return bool(program("wrk"))
    except Missing:
        return False


def settle(load: Load) -> None:
    """Return when the server has finished what earlier clients no longer wait for; the load is a light one."""
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(lambda _: ask(load, load.paths[0]), range(CONNECTIONS)))


def ask(load: Load, path: str) -> bytes:
    """The body of one answer. Raises Refused."""
    connection = _open(load)
    try:
        return _one(connection, load, path)
    finally:
        connection.close()


def _open(load: Load) -> http.client.HTTPConnection:
    where = urlsplit(load.address)
    return http.client.HTTPConnection(where.hostname or "", where.port, timeout=_PATIENCE)


def _one(connection: http.client.HTTPConnection, load: Load, path: str) -> bytes:
    connection.request("GET", path, headers={"Cookie": load.cookie} if load.cookie else {})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status not in (200, 204):
        raise Refused(f"{load.address}{path}: {answer.status} {body[:300]!r}")
    return body


def _by_wrk(load: Load, seconds: float) -> tuple[int, float, int]:
    with tempfile.TemporaryDirectory() as name:
        script, paths = Path(name) / "script.lua", Path(name) / "paths"
        script.write_text(_SCRIPT, encoding="utf-8")
        paths.write_text("\n".join(load.paths) + "\n", encoding="utf-8")
        run = subprocess.run(
            [str(program("wrk")), "-t1", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", f"--timeout={_PATIENCE}s",
             "-s", str(script), load.address],
            env={**os.environ, "BENCH_PATHS": str(paths), "BENCH_COOKIE": load.cookie},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    found = [line.split()[1:] for line in run.stdout.splitlines() if line.startswith("FOUND ")]
    if not found:
        raise Refused(f"wrk: {run.stdout}{run.stderr}")
    answers, microseconds, failed = map(int, found[0])
    return answers, microseconds / 1e6, failed


def _by_threads(load: Load, seconds: float) -> tuple[int, float, int]:
    start = time.perf_counter()
    found: list[tuple[int, int]] = []
    threads = [
        threading.Thread(
            target=lambda first=first: found.append(_until(load, first, start + seconds))
        )
        for first in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - start
    return sum(good for good, _ in found), took, sum(bad for _, bad in found)


def _until(load: Load, first: int, end: float) -> tuple[int, int]:
    """How many answers came and how many failed until `end`."""
    connection, at, good, bad = _open(load), first, 0, 0
    while time.perf_counter() < end and not bad:
        try:
            _one(connection, load, load.paths[at % len(load.paths)])
            good += 1
        except (OSError, Refused):
            bad += 1
        at += CONNECTIONS
    connection.close()
    return good, bad

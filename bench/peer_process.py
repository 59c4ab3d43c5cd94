"""Starts servers as processes of their own, waits until they answer, and ends them."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

from bench.load import Load, Refused, ask
from bench.peer_environment import Missing
from bench.postgis import free_port
from bench.servers import Running

_START_S = 90
#: Nothing is at work when all processes together use less than so much of a core in that time.
_REST_S, _SHARE = 0.5, 0.06
_PATIENCE_S = 180
Started = TypeVar("Started")


def started(
    stack: ExitStack, wanted: Mapping[str, Callable[[], AbstractContextManager[Started]]]
) -> tuple[dict[str, Started], list[str]]:
    """What of the wanted can be had, until the stack closes, and a note for each that cannot."""
    found: dict[str, Started] = {}
    notes = []
    for name, make in wanted.items():
        try:
            found[name] = stack.enter_context(make())
        except Missing as missing:
            notes.append(f"Left out: {name}. {missing}.")
    return found, notes


@contextmanager
def running(
    command: list[str], surroundings: Mapping[str, str], probe: str, port: int = 0
) -> Iterator[str]:
    """The address of a started process, PORT in its command replaced; raises Missing when it does not answer."""
    port = port or free_port()
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile("w+", errors="replace") as said:
        process = subprocess.Popen(
            [word.replace("PORT", str(port)) for word in command], env=dict(surroundings),
            stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True,
        )  # fmt: skip
        try:
            if not _answers(process, Load(address, [probe])):
                said.seek(0)
                raise Missing(
                    f"{Path(command[0]).name} did not start: {said.read().strip()[-600:]}"
                )
            yield address
        finally:
            _stop(process)


def rest() -> None:
    """Return when nothing that this process started is at work: servers go on for a client that has left."""
    started, until = Running(0, os.getpid()), time.monotonic() + _PATIENCE_S
    used = started.cpu()
    while time.monotonic() < until:
        time.sleep(_REST_S)
        before, used = used, started.cpu()
        if used - before < _REST_S * _SHARE:
            return


def _answers(process: "subprocess.Popen[bytes]", load: Load) -> bool:
    until = time.monotonic() + _START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            ask(load, load.paths[0])
        except (OSError, Refused):
            time.sleep(0.2)
        else:
            return True
    return False


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """End the process and those that it started."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, how)
            process.wait(timeout=10)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue

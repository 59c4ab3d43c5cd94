"""Readers with open connections, each of which asks again as soon as it has an answer."""

import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

_PATIENCE_S = 60


@dataclass(frozen=True)
class Question:
    """What is asked, again and again: a path, with these headers."""

    path: str
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200

    def request(self) -> bytes:
        lines = [f"GET {self.path} HTTP/1.1", "Host: 127.0.0.1"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


@dataclass
class Heard:
    """Seconds of each answer, and what was answered otherwise than asked."""

    seconds: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def read(
    port: int, questions: Sequence[Question], readers: int, go_on: Callable[[int], bool]
) -> Heard:
    """Let `readers` ask as long as `go_on`, which is told how many answers there are, says so."""
    heard = Heard()
    threads = [
        threading.Thread(target=_reader, args=(port, questions, first, go_on, heard))
        for first in range(readers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return heard


def for_seconds(seconds: float) -> Callable[[int], bool]:
    """Go on for so long, from now."""
    end = time.perf_counter() + seconds
    return lambda _count: time.perf_counter() < end


def until_answers(wanted: int) -> Callable[[int], bool]:
    """Go on until there are so many answers."""
    return lambda count: count < wanted


def _reader(
    port: int,
    questions: Sequence[Question],
    first: int,
    go_on: Callable[[int], bool],
    heard: Heard,
) -> None:
    requests = [(one.request(), one.status) for one in questions]
    at, wire = first, _connected(port)
    try:
        while go_on(len(heard.seconds)):
            request, status = requests[at % len(requests)]
            at += 1
            start = time.perf_counter()
            wire.sendall(request)
            found, stays = _answer(wire)
            if not stays:  # as waitress does after a 304; a browser connects anew too
                wire.close()
                wire = _connected(port)
            heard.seconds.append(time.perf_counter() - start)
            if found != status:
                heard.faults.append(f"{found} instead of {status}")
    except (OSError, ValueError) as error:
        heard.faults.append(repr(error))
    finally:
        wire.close()


def _connected(port: int) -> socket.socket:
    wire = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE_S)
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return wire


def _answer(wire: socket.socket) -> tuple[int, bool]:
    """Status of one answer, read to its end, and whether the connection stays open."""
    got = _more(wire)
    while b"\r\n\r\n" not in got:
        got += _more(wire)
    head, _, body = got.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    status = int(lines[0].split()[1])
    lengths = [int(line[15:]) for line in lines if line.startswith(b"content-length:")]
    if not lengths and status not in (204, 304):
        raise ValueError("an answer without its length")
    missing = (lengths[0] if lengths and status != 304 else 0) - len(body)
    while missing > 0:
        missing -= len(_more(wire))
    return status, b"connection: close" not in lines


def _more(wire: socket.socket) -> bytes:
    piece = wire.recv(65536)
    if not piece:
        raise ValueError("the server hung up")
    return piece

"""A bad network: a proxy that cuts exchanges before the server hears of them, and loses replies after it answered.

Browser → Toxic → server. Only what a phone sends and asks under `/inspect/` with data suffers; the page's
own files always come, so that a test sees what the outbox does and not how a page fails to load.
"""

import http.client
import random
import socket
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: Paths whose exchanges suffer.
DATA = ("/inspect/items", "/inspect/photos/", "/inspect/session", "/inspect/package", "/inspect/deposit")  # fmt: skip
#: Not handed on: they concern one connection only, and each exchange has its own.
_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "upgrade", "proxy-connection"}


class Toxic:
    """A running proxy; `cut` and `lose` are chances between 0 and 1, `done` counts what happened.

    While it is `down` nobody reaches the server at all, not even for the page's own files.
    """

    def __init__(self, port: int, *, cut: float = 0.0, lose: float = 0.0, seed: int = 1) -> None:
        self.upstream = port
        self.cut = cut
        self.lose = lose
        self.down = False
        self.done: Counter[str] = Counter()
        self._random = random.Random(seed)  # noqa: S311
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.toxic = self
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def fate(self, path: str) -> str:
        """What becomes of this exchange: whole, cut, lost, or half of its reply."""
        if self.down:
            return "cut"
        with self._lock:
            chosen = "whole"
            if path.startswith(DATA):
                if self._random.random() < self.cut:
                    chosen = "cut"
                elif self._random.random() < self.lose:
                    chosen = self._random.choice(("lost", "half"))
                self.done[chosen] += 1
            return chosen

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    toxic: Toxic

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A phone that goes away in the middle is what this is for."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def __getattr__(self, name: str) -> Any:
        """`do_GET`, `do_POST` and every other: all are carried alike."""
        if name.startswith("do_"):
            return self._carry
        raise AttributeError(name)

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""

    def _carry(self) -> None:
        fate = self.server.toxic.fate(self.path)
        size = int(self.headers.get("Content-Length") or 0)
        if fate == "cut":
            # somewhere in the middle of what the phone sends
            self.rfile.read(size // 2)
            return self._hang_up()
        try:
            status, headers, body = self._ask(self.rfile.read(size))
        except OSError:
            # the server is not there
            return self._hang_up()
        if fate == "lost":
            return self._hang_up()
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in {*_HOP, "content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[: len(body) // 2] if fate == "half" else body)
        return self._hang_up() if fate == "half" else None

    def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.toxic.upstream, timeout=60)
        try:
            headers = {k: v for k, v in self.headers.items() if k.lower() not in _HOP}
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        except http.client.HTTPException as error:
            raise OSError(str(error)) from error
        finally:
            connection.close()

    def _hang_up(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)

"""The processor time of a request, the application called directly, against an empty page of Flask in the same process."""

import io
import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import Any

from flask import Flask
from werkzeug.test import EnvironBuilder

from bench.district import signed_in_cookie
from bench.installations import SMALL, installation
from bench.report import Section
from bench.spots import tile_of_a_task, usual_community
from bench.targets import at_most
from tracker.app import settle

CALLS, ROUNDS = 60, 5
AIM = 2.5


def measure() -> Section:
    """Each kind of answer in turn, medians over the rounds; one thread, nobody else in this process."""
    with installation(SMALL) as app, app.app_context():
        cookie = signed_in_cookie(app)
        kinds = _kinds(usual_community(), tile_of_a_task())
    calls = {words: Call(app, path, cookie, headers) for words, path, headers in kinds}
    calls = {"Flask, /ping": Call(_ping(), "/ping", ("", ""), {}), **calls}
    settle()
    took = cpu_in_turn({words: call.once for words, call in calls.items()})
    base = took["Flask, /ping"]
    rows: list[tuple[str, ...]] = [
        (
            words,
            f"{seconds * 1e6:,.0f}",
            f"{calls[words].size:,}",
            *(at_most(seconds / base, AIM) if words in _AIMED else (f"{seconds / base:.1f} ×", "")),
        )
        for words, seconds in took.items()
    ]
    notes = [
        f"Medians of {ROUNDS} rounds of {CALLS} calls in turn, time.process_time, the WSGI application called directly (no server, no client); SQLite, {SMALL:,} tasks, a leader of the district, nothing kept by the browser.",
        "The hot list view is the one a script asks for again and again: the tasks of a community beside its map, about twenty rows of JSON. The page of the list is HTML for 25 rows with its frame, menus and filter panel, for which no aim was set; with scripts a change of filter brings its rows alone.",
    ]
    return Section(
        "Processor time of a request", ("answer", "µs", "bytes", "ratio", "aim"), rows, notes
    )


_HOT = "tasks of a community's map, JSON"
_TILE = "a tile at zoom 16"
_AIMED = frozenset({_HOT, _TILE})
_HTMX = {"HX-Request": "true", "HX-Target": "task-results"}


def _kinds(community: str, tile: str) -> list[tuple[str, str, Mapping[str, str]]]:
    return [
        ("nothing, nobody signed in", "/healthz", {}),
        (_HOT, f"/maps/{community}/tasks.json", {}),
        (_TILE, f"/tiles/tasks/{tile}.mvt", {}),
        ("list of tasks, the rows alone (change of filter)", "/tasks/?sort=updated_at", _HTMX),
        ("list of tasks, the whole page", "/tasks/", {}),
    ]


class Call:
    """One request, made anew each time it is asked."""

    def __init__(
        self, app: Flask, path: str, cookie: tuple[str, str], headers: Mapping[str, str]
    ) -> None:
        given = {**headers, "Cookie": "=".join(cookie)} if cookie[0] else dict(headers)
        self._app = app
        self._environ = EnvironBuilder(path, headers=given).get_environ()
        self.size = len(self.once())

    def once(self) -> bytes:
        """The body of the answer. Raises RuntimeError for another status than 200."""
        statuses: list[str] = []

        def start(status: str, _headers: Any, _error: Any = None) -> Callable[[bytes], None]:
            statuses.append(status)
            return lambda _piece: None

        answer = self._app.wsgi_app({**self._environ, "wsgi.input": io.BytesIO()}, start)
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        if not statuses[0].startswith("200"):
            raise RuntimeError(f"{self._environ['PATH_INFO']}: {statuses[0]}")
        return body


def cpu_in_turn(ways: Mapping[str, Callable[[], Any]]) -> dict[str, float]:
    """Median seconds of processor time of one call of each way, after a round to warm up."""
    seen: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(ROUNDS + 1):
        for name, way in ways.items():
            start = time.process_time()
            for _ in range(CALLS):
                way()
            if turn:
                seen[name].append((time.process_time() - start) / CALLS)
    return {name: median(seconds) for name, seconds in seen.items()}


def _ping() -> Flask:
    app = Flask("ping")
    app.add_url_rule("/ping", "ping", lambda: "pong")
    return app

"""The community's map against plain folium.Marker and folium.Popup: the same tasks, server, bytes and browser in turn."""

import logging
import os
import re
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from flask import Flask, Response
from sqlalchemy import select
from werkzeug.serving import make_server

from bench.district import COMMUNITY, add_tasks, make_district, signed_in_cookie
from bench.report import Section
from bench.targets import at_least
from bench.timing import say
from tracker.app import create_app
from tracker.paths import STATIC
from tracker.settings import Settings
from tracker.storage.db import db
from tracker.storage.schema import upgrade_schema
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.models import Task

TASKS = 10_000
ROUNDS = 3
PLAIN_ROUNDS = 1
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--no-first-run",
]
#: Plain Folium's addresses of files that the product has; what it lacks is answered empty.
_LOCAL = {
    "leaflet.js": "vendor/leaflet/leaflet.js",
    "leaflet.css": "vendor/leaflet/leaflet.css",
}
#: The two things that plain Folium's page asks of jQuery and awesome-markers; less work than the libraries do.
_JQUERY = "window.$ = (html) => { const t = document.createElement('template'); t.innerHTML = html.trim(); return [t.content.firstChild]; };"
_DRAWN = {
    # Drawn: the data are on the map and the browser has painted a frame after that.
    "ours": "document.querySelector('#map-frame')?.contentDocument?.documentElement?.dataset.drawn && document.querySelector('.map-area')?.dataset.ready === 'yes'",
    "plain": f"document.querySelectorAll('.leaflet-marker-icon').length === {TASKS}",
}


#: What a browser asks for, in this order.
_PARTS = {"page": "", "frame": "/frame", "tasks": "/tasks.json", "borders": "/borders.json"}
#: Aims: the Folium page against plain Folium's, and how much HTML it is, whatever there is to draw.
_QUICKER, _MOST_BYTES = 500, 10_000


@dataclass(frozen=True)
class Part:
    """One answer of the server: seconds and bytes."""

    seconds: float
    size: int


@dataclass(frozen=True)
class Figures:
    """The answers that make a map, and seconds from navigation until drawn."""

    parts: dict[str, Part]
    drawn_s: float

    def of(self, *names: str) -> Part:
        """Some of them together."""
        found = [self.parts[name] for name in names]
        return Part(sum(one.seconds for one in found), sum(one.size for one in found))


def measure() -> Section:
    """Build the district, measure both ways in turn. Needs Chromium (CHROMIUM or in the path)."""
    with tempfile.TemporaryDirectory(prefix="tracker-bench-") as folder:
        app = _installation(Path(folder))
        cookie = _fill(app)
        try:
            ours, plain = _compare(app, cookie)
        finally:
            with app.app_context():
                db.session.remove()
                db.engine.dispose()
    return _section(ours, plain)


def _installation(folder: Path) -> Flask:
    app = create_app(Settings(data_dir=folder, secret_key="x" * 40))
    app.add_url_rule("/bench/plain", "plain", lambda: _unguarded(app.config["PLAIN"]))
    return app


def _unguarded(page: str) -> Response:
    """Plain Folium cannot live under the product's policy: its scripts stand in the page."""
    free = "default-src * 'unsafe-inline' data:"
    return Response(page, headers={"Content-Security-Policy": free})


def _fill(app: Flask) -> tuple[str, str]:
    with app.app_context():
        upgrade_schema()
        with unit_of_work() as work:
            make_district(work)
            add_tasks(work, TASKS)
        return signed_in_cookie(app)


def plain_page() -> str:
    """Folium as its manual shows it: a Marker with a Popup for each task (texts escaped)."""
    import folium

    made = folium.Map(location=(22.1, 113.35), zoom_start=13, tiles=None)
    columns = (Task.number, Task.lon, Task.lat, Task.title, Task.state, Task.address)
    for number, lon, lat, title, state, address in db.session.execute(select(*columns)):
        words = f"<b>{escape(title)}</b><br>{number}<br>{state}<br>{escape(address)}"
        folium.Marker((lat, lon), popup=folium.Popup(words, max_width=290)).add_to(made)
    return str(made.get_root().render())


def _compare(app: Flask, cookie: tuple[str, str]) -> tuple[Figures, Figures]:
    client = app.test_client()
    client.set_cookie(*cookie)
    paths = {name: f"/maps/{COMMUNITY}{rest}" for name, rest in _PARTS.items()}
    for path in paths.values():  # warm: imports and templates belong to the start of the server
        client.get(path)
    runs: dict[str, list[tuple[float, Any]]] = {name: [] for name in (*paths, "plain")}
    for _ in range(ROUNDS):
        for name, path in paths.items():
            runs[name].append(_timed(lambda path=path: client.get(path).data))
        with app.app_context():
            say("plain Folium …")
            runs["plain"].append(_timed(lambda: plain_page().encode()))
    parts = {name: Part(_median(found), len(found[-1][1])) for name, found in runs.items()}
    app.config["PLAIN"] = runs["plain"][-1][1]
    with _serving(app) as address:
        drawn = _drawn(address, cookie)
    plain = Figures({"plain": parts.pop("plain")}, drawn["plain"])
    return Figures(parts, drawn["ours"]), plain


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def _median(runs: list[tuple[float, Any]]) -> float:
    return statistics.median(seconds for seconds, _ in runs)


@contextmanager
def _serving(app: Flask) -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


def _drawn(address: str, cookie: tuple[str, str]) -> dict[str, float]:
    from playwright.sync_api import sync_playwright

    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    seen: dict[str, list[float]] = {"ours": [], "plain": []}
    pages = {"ours": f"/maps/{COMMUNITY}", "plain": "/bench/plain"}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        for turn in range(ROUNDS):
            for kind in ("ours", "plain") if turn < PLAIN_ROUNDS else ("ours",):
                context = browser.new_context(
                    base_url=address, viewport={"width": 1440, "height": 900}
                )
                context.add_cookies([{"name": cookie[0], "value": cookie[1], "url": address}])
                context.route(elsewhere(address), _stand_in)
                seen[kind].append(_until_drawn(context.new_page(), pages[kind], _DRAWN[kind]))
                context.close()
        browser.close()
    return {kind: statistics.median(seconds) for kind, seconds in seen.items()}


def _until_drawn(page: Any, path: str, condition: str) -> float:
    start = time.perf_counter()
    page.goto(path, wait_until="commit", timeout=600_000)
    page.wait_for_function(f"() => {condition}", timeout=600_000)
    page.evaluate(
        "() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))"
    )
    return time.perf_counter() - start


def elsewhere(*own: str) -> re.Pattern[str]:
    """Every address but those of these servers. A pattern: a function would be asked of each request, in the server's own process."""
    return re.compile(f"^(?!{'|'.join(map(re.escape, own))})")


def _stand_in(route: Any) -> None:
    name = route.request.url.split("?")[0].rsplit("/", 1)[1]
    if name in _LOCAL:
        route.fulfill(path=STATIC / _LOCAL[name])
    elif name.startswith("jquery"):
        route.fulfill(body=_JQUERY, content_type="text/javascript")
    else:
        route.fulfill(
            body="", content_type="text/css" if name.endswith(".css") else "text/javascript"
        )


def _section(ours: Figures, plain: Figures) -> Section:
    whole = plain.of("plain")
    frame, page, data = ours.of("frame"), ours.of("frame", "page"), ours.of("tasks", "borders")
    everything = ours.of(*_PARTS)
    met = "" if frame.size <= _MOST_BYTES else ": missed"
    rows: list[tuple[str, ...]] = [
        (*_row("server, Folium's page", whole.seconds, frame.seconds, "s", 3), at_least(whole.seconds / frame.seconds, _QUICKER)[1]),
        (*_row("HTML of Folium's page", whole.size / 1000, frame.size / 1000, "kB"), f"at most {_MOST_BYTES / 1000:g} kB{met}"),
        (*_row("server, with the office's page around it", whole.seconds, page.seconds, "s", 3), ""),
        (*_row("HTML, with the office's page around it", whole.size / 1000, page.size / 1000, "kB"), ""),
        (*_row("server, all the data", whole.seconds, data.seconds, "s", 3), ""),
        (*_row("server, page, frame and all the data", whole.seconds, everything.seconds, "s", 3), ""),
        (*_row("bytes, page, frame and all the data", whole.size / 1000, everything.size / 1000, "kB"), ""),
        (*_row("navigation until drawn in Chromium", plain.drawn_s, ours.drawn_s, "s"), ""),
    ]  # fmt: skip
    return Section(
        title=f"A community's map with {TASKS:,} tasks",
        columns=("", "folium.Marker + Popup", "this project", "ratio", "aim"),
        rows=rows,
        notes=[
            "Command: `./run bench maps` for the table alone, `./run bench` to write this file.",
            f"Medians of {ROUNDS} rounds in turn; the plain page was opened in the browser {PLAIN_ROUNDS} time.",
            "Folium's page is what Folium makes: for plain Folium with everything in it, for this project the frame, which is the same whatever there is to draw and asks for its data. The aims were set for that.",
            "The plain page stands in memory when the browser asks for it: its server time is not in its drawing time, "
            "ours is in ours.",
            "Plain Folium's files come from the machine; jQuery is a one-line stand-in and Bootstrap, icons and "
            "awesome-markers are answered empty, which favours it.",
            "Until drawn means map and list. Plain Folium here has no filter, list, clusters, photos, nor protection against hostile words.",
        ],
    )


def _row(
    name: str, plain: float, ours: float, unit: str, digits: int = 2
) -> tuple[str, str, str, str]:
    ratio = f"{plain / ours:,.0f} ×"
    return name, f"{plain:,.{digits}f} {unit}", f"{ours:,.{digits}f} {unit}", ratio

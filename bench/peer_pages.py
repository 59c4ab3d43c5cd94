"""The district's map opened until its tiles are drawn: an empty Folium page, ours, and the same page on tipg's tiles."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from flask import Flask, Response, request
from waitress import create_server

from bench import peers
from bench.district import signed_in_cookie
from bench.installations import LARGE, installation
from bench.opening import DRAWN, MARKS, ROUNDS, SHELL, Page, opened, shell
from bench.peer_environment import versions
from bench.peer_process import started
from bench.peer_servers import tipg
from bench.report import Section
from tracker.paths import STATIC

#: At most so many times the empty page and so many times the page on tipg's tiles, and seconds.
GOALS = (2.0, 0.4, 1.0)
_EMPTY, _OURS = "an empty Folium page", "the district's map"
_TIPG = "the same page on tipg's tiles"
#: The cookie of a browser that is to see the peer's tiles.
_MARK = "bench_tiles"
_SCRIPT = "js/maps/grid_tiles.js"
_URL = "/tiles/tasks/Z/X/Y.mvt"
#: What of the script is said otherwise for the peer: its addresses have no ending, and a dot is enough.
_CHANGES = {
    "`/${z}/${x}/${y}.`": "`/${z}/${x}/${y}`",
    "drawShape(context, mark, lookOf(mark.task), mark.task.flag === 'due_soon');":
        "{ context.beginPath(); context.arc(mark.x, mark.y, 3, 0, 7); context.fill(); }",
}  # fmt: skip


def measure() -> Section:
    """In turn, each in a fresh context of one browser, from one server."""
    with ExitStack() as stack:
        peer, notes = started(stack, {_TIPG: lambda: tipg(peers.database(LARGE))})
        app = stack.enter_context(installation(LARGE))
        app.add_url_rule("/bench/shell", "bench_shell", shell)
        with app.app_context():
            person = dict([signed_in_cookie(app)])
        for server in peer.values():
            _on_peer(app, f"{server.address}/collections/public.tasks/tiles/WebMercatorQuad/Z/X/Y.")
        here = stack.enter_context(_serving(app))
        pages = {
            _EMPTY: Page(here, "/bench/shell", SHELL, person),
            _OURS: Page(here, "/maps/", DRAWN, person, told=MARKS),
        }
        for name, server in peer.items():
            pages[name] = Page(here, "/maps/", DRAWN, {**person, _MARK: "yes"}, server.address, MARKS)  # fmt: skip
        found = opened(pages)
    empty, ours = found[_EMPTY].seconds, found[_OURS].seconds
    rows = [
        (_EMPTY, f"{empty:.2f}", ""),
        (_OURS, f"{ours:.2f}{_flag(ours, GOALS[2])}", f"{ours / empty:.1f} ×{_flag(ours / empty, GOALS[0])}"),
    ]  # fmt: skip
    if _TIPG in found:
        theirs, marks = found[_TIPG].seconds, found[_TIPG].told
        share = ours / theirs
        rows += [
            (_TIPG, f"{theirs:.2f}", f"{theirs / empty:.1f} ×"),
            ("ours against the page on tipg's tiles", "", f"{share:.2f} ×{_flag(share, GOALS[1])}"),
        ]
        notes.append(
            f"tipg {versions()['tipg']} puts at most 10,000 tasks into a tile and does not say so: its page shows {marks:,} of {LARGE:,} tasks, as dots, which favours it; ours counts every open task in {found[_OURS].told:,} circles."
        )
    return Section(
        f"Opening the district's map beside peers, {LARGE:,} tasks",
        ("page", "s", "ratio"),
        rows,
        [
            f"Navigation until every tile is drawn, medians of {ROUNDS} rounds in turn; waitress and browser on one machine, drawn without a GPU. Targets: {GOALS[0]:g} × the empty page, {GOALS[1]:g} × the page on tipg's tiles, {GOALS[2]:g} s; `!` marks what is missed.",
            *notes,
        ],
    )


def _flag(value: float, goal: float) -> str:
    return "" if value <= goal else " !"


def _on_peer(app: Flask, url: str) -> None:
    """Browsers with the cookie get the same page with another server's tiles."""

    @app.after_request
    def changed(response: Response) -> Response:
        if _MARK in request.cookies:
            if request.endpoint == "maps.district_frame":
                response.set_data(_replaced(response.get_data(as_text=True), {_URL: url}))
                response.headers["Content-Security-Policy"] = "default-src * 'unsafe-inline' data:"
            elif request.path.endswith(_SCRIPT):
                # the file may come compressed
                response.direct_passthrough = False
                response.headers.pop("Content-Encoding", None)
                response.set_data(_replaced((STATIC / _SCRIPT).read_text("utf-8"), _CHANGES))
        return response


def _replaced(text: str, changes: dict[str, str]) -> str:
    for before, after in changes.items():
        if before not in text:
            raise RuntimeError(f"the page no longer holds {before}")
        text = text.replace(before, after)
    return text


@contextmanager
def _serving(app: Flask) -> Iterator[str]:
    """As `tracker run` serves, in a thread."""
    server = create_server(app, host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.close()
        thread.join(timeout=10)

"""The district's map opened until its tiles are drawn: an empty Folium page, ours, and the same page on tipg's tiles."""

import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from flask import Flask, Response, request
from waitress import create_server

from bench import peers
from bench.district import signed_in_cookie
from bench.installations import LARGE, installation
from bench.opening import _shell
from bench.peer_browser import Page, opened
from bench.peer_environment import versions
from bench.peer_process import started
from bench.peer_servers import tipg
from bench.report import Section
from tracker.web.modules import joined

ROUNDS = 5
#: At most so many times the empty page and so many times the page on tipg's tiles, and seconds.
GOALS = (2.0, 0.4, 1.0)
_EMPTY, _OURS = "an empty Folium page", "the district's map"
_TIPG = "the same page on tipg's tiles"
_SHELL = "document.querySelector('.leaflet-container') !== null"
_FRAME = "document.querySelector('#map-frame')?.contentDocument?.documentElement?.dataset"
#: The communities are shaded and every tile is on the map ("0" is true, too).
_DRAWN = f"{_FRAME}?.drawn && {_FRAME}?.tiles"
#: How many circles and single tasks the tiles in view show.
_MARKS = f"Number({_FRAME}.tiles)"
#: The cookie of a browser that is to see the peer's tiles, and what its page does otherwise: it asks
#: elsewhere for tiles, and draws a dot where ours draws the shape of a state.
_MARK = "bench_tiles"
_ASK = """<script>
const asked = window.fetch;
window.fetch = (url, ...rest) => {
  const tile = /\\/tiles\\/tasks\\/(\\d+\\/\\d+\\/\\d+)\\.mvt/.exec(url);
  return asked(tile ? `%s/${tile[1]}` : url, ...rest);
};
</script>"""
_SCRIPT = "js/maps/district_frame.js"
_SHAPE = re.compile(r"function drawShape\(context, \{ x, y \}[^)]*\) \{\n")
_DOT = "  context.fillRect(x - 3, y - 3, 6, 6);\n  return;\n"


def measure() -> Section:
    """In turn, each in a fresh context of one browser, from one server."""
    with ExitStack() as stack:
        peer, notes = started(stack, {_TIPG: lambda: tipg(peers.database(LARGE))})
        app = stack.enter_context(installation(LARGE))
        app.add_url_rule("/bench/shell", "bench_shell", _shell)
        with app.app_context():
            person = dict([signed_in_cookie(app)])
        for server in peer.values():
            _on_peer(app, f"{server.address}/collections/public.tasks/tiles/WebMercatorQuad")
        here = stack.enter_context(_serving(app))
        pages = {
            _EMPTY: Page(here, "/bench/shell", _SHELL, person),
            _OURS: Page(here, "/maps/", _DRAWN, person, told=_MARKS),
        }
        for name, server in peer.items():
            pages[name] = Page(here, "/maps/", _DRAWN, {**person, _MARK: "yes"}, server.address, _MARKS)  # fmt: skip
        found = opened(pages, ROUNDS)
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
            f"tipg {versions()['tipg']} puts at most 10,000 tasks into a tile and does not say so: its page shows {marks:,} of {LARGE:,} tasks, finished ones too, as dots, which favours it; ours counts every open task in {found[_OURS].told:,} circles."
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
    dotted, changed = _SHAPE.subn(lambda found: found[0] + _DOT, joined(_SCRIPT))
    if changed != 1:
        raise RuntimeError("js/maps/markers.js draws shapes in another way")

    @app.after_request
    def on_peer(response: Response) -> Response:
        if _MARK in request.cookies:
            if request.endpoint == "maps.district_frame":
                page = response.get_data(as_text=True)
                response.set_data(page.replace("<head>", "<head>" + _ASK % url, 1))
                response.headers["Content-Security-Policy"] = "default-src * 'unsafe-inline' data:"
            elif request.path.endswith(_SCRIPT):
                # the file may come compressed
                response.direct_passthrough = False
                response.headers.pop("Content-Encoding", None)
                response.set_data(dotted)
        return response


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

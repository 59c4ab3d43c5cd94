"""The district's map opened in Chromium at 10,000 and 1,000,000 tasks, beside an empty Folium page; and its tiles."""

import os
import shutil
import statistics
from typing import Any

from flask import Flask

from bench.district import signed_in_cookie
from bench.installations import LARGE, SMALL, installation
from bench.maps import _FLAGS, _serving, _stand_in, _unguarded, _until_drawn, elsewhere
from bench.report import Section
from bench.requests import Call
from bench.spots import tile_name
from bench.targets import at_most
from bench.timing import in_turn, say
from gis.cells import encode
from tracker.maps.tile_queries import MAX_SINGLES, TASKS_FROM

ROUNDS = 5
TILE_ROUNDS = 5
#: (lon, lat) of places within the district.
_PLACES = ((113.36, 22.1), (113.31, 22.12), (113.4, 22.07), (113.38, 22.17), (113.33, 22.05))
_FRAME = "document.querySelector('#map-frame')?.contentDocument?.documentElement?.dataset"
#: The communities are shaded and every tile is on the map ("0" is true, too).
_DRAWN = f"{_FRAME}?.drawn && {_FRAME}?.tiles"
_SHELL = "document.querySelector('.leaflet-container') !== null"


def measure() -> Section:
    """Shell, small and large district in turn, each in a fresh context."""
    with installation(SMALL) as small, installation(LARGE) as large:
        for app in (small, large):
            app.add_url_rule("/bench/shell", "bench_shell", _shell)
        with small.app_context():
            cookies = {SMALL: signed_in_cookie(small)}
        with large.app_context():
            cookies[LARGE] = signed_in_cookie(large)
        with _serving(small) as near, _serving(large) as far:
            seen = _opened({"shell": (near, "/bench/shell", _SHELL, cookies[SMALL]),
                            "small": (near, "/maps/", _DRAWN, cookies[SMALL]),
                            "large": (far, "/maps/", _DRAWN, cookies[LARGE])})  # fmt: skip
        tiles = _tiles(small, large, cookies)
    rows = [
        ("an empty Folium page", f"{seen['shell']:.2f} s", "", "", ""),
        (f"the map of {SMALL:,} tasks", f"{seen['small']:.2f} s", "", f"{seen['small'] / seen['shell']:.2f} × the empty page", ""),
        (f"the map of {LARGE:,} tasks", "", f"{seen['large']:.2f} s", *at_most(seen["large"] / seen["shell"], 2.0)),
        ("the map, one against the other", f"{seen['small']:.2f} s", f"{seen['large']:.2f} s", *at_most(seen["large"] / seen["small"], 1.3)),
        *tiles,
    ]  # fmt: skip
    notes = [
        f"Navigation until drawn, medians of {ROUNDS} rounds in turn, each in a new browser context; server and browser on one machine, drawn without a GPU.",
        f"Tiles: medians over {len(_PLACES)} places and {TILE_ROUNDS} rounds, through the application in one process, a leader signed in, nothing kept. Up to zoom {TASKS_FROM - 1} a tile is counted cells; from there on it carries the open tasks themselves, so that it grows with what is in view, up to {MAX_SINGLES:,}.",
        f"The aim was set for 10,000,000 tasks; the largest district that this measures has {LARGE:,}.",
    ]
    columns = ("what", f"{SMALL:,} tasks", f"{LARGE:,} tasks", "ratio", "aim")
    return Section("Opening the district's map", columns, rows, notes)


def _tiles(
    small: Flask, large: Flask, cookies: dict[int, tuple[str, str]]
) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for zoom in range(8, 17):
        paths = [f"/tiles/tasks/{tile_name(encode(*place), zoom)}.mvt" for place in _PLACES]
        calls = [
            [Call(app, path, cookies[count], {}) for path in paths]
            for app, count in ((small, SMALL), (large, LARGE))
        ]
        took = in_turn({str(n): lambda own=own: [c.once() for c in own] for n, own in enumerate(calls)}, TILE_ROUNDS)  # fmt: skip
        near, far = (seconds * 1000 / len(_PLACES) for seconds in took.values())
        judged = at_most(far / near, 2.0) if zoom < TASKS_FROM else (f"{far / near:.2f} ×", "")
        rows.append((f"a tile at zoom {zoom}", f"{near:.1f} ms", f"{far:.1f} ms", *judged))
    return rows


def _shell() -> Any:
    import folium

    made = folium.Map(location=(22.1, 113.35), zoom_start=12, tiles=None)
    return _unguarded(made.get_root().render())


def _opened(pages: dict[str, tuple[str, str, str, tuple[str, str]]]) -> dict[str, float]:
    from playwright.sync_api import sync_playwright

    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    seen: dict[str, list[float]] = {name: [] for name in pages}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        for turn in range(ROUNDS + 1):
            say(f"opening, round {turn + 1} of {ROUNDS + 1}")
            for name, (address, path, drawn, cookie) in pages.items():
                context = browser.new_context(
                    base_url=address, viewport={"width": 1440, "height": 900}
                )
                context.add_cookies([{"name": cookie[0], "value": cookie[1], "url": address}])
                context.route(elsewhere(address), _stand_in)
                seconds = _until_drawn(context.new_page(), path, drawn)
                if turn:
                    seen[name].append(seconds)
                context.close()
        browser.close()
    return {name: statistics.median(seconds) for name, seconds in seen.items()}

"""The district's map opened in Chromium at 10,000 and 1,000,000 tasks, beside an empty Folium page of the same server."""

import os
import shutil
import statistics
from typing import Any

from bench.district import signed_in_cookie
from bench.installations import LARGE, SMALL, installation
from bench.maps import _FLAGS, _serving, _stand_in, _unguarded, _until_drawn
from bench.report import Section

ROUNDS = 5
_DRAWN = "document.querySelector('#map-frame')?.contentDocument?.documentElement?.dataset.drawn"
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
    rows = [
        ("an empty Folium page", f"{seen['shell']:.2f}", ""),
        (
            f"the district's map, {SMALL:,} tasks",
            f"{seen['small']:.2f}",
            f"{seen['small'] / seen['shell']:.1f} ×",
        ),
        (
            f"the district's map, {LARGE:,} tasks",
            f"{seen['large']:.2f}",
            f"{seen['large'] / seen['shell']:.1f} ×",
        ),
        ("1,000,000 against 10,000", "", f"{seen['large'] / seen['small']:.2f} ×"),
    ]
    notes = [
        f"Navigation until drawn, medians of {ROUNDS} rounds in turn; server and browser on one machine, drawn without a GPU."
    ]
    return Section("Opening the district's map", ("page", "s", "ratio"), rows, notes)


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
            for name, (address, path, drawn, cookie) in pages.items():
                context = browser.new_context(
                    base_url=address, viewport={"width": 1440, "height": 900}
                )
                context.add_cookies([{"name": cookie[0], "value": cookie[1], "url": address}])
                context.route(lambda url, here=address: not url.startswith(here), _stand_in)
                seconds = _until_drawn(context.new_page(), path, drawn)
                if turn:
                    seen[name].append(seconds)
                context.close()
        browser.close()
    return {name: statistics.median(seconds) for name, seconds in seen.items()}

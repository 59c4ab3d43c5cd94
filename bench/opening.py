"""The district's map opened in Chromium at 10,000 and 1,000,000 tasks, beside an empty Folium page of the same server."""

import os
import shutil
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.district import signed_in_cookie
from bench.installations import LARGE, SMALL, installation
from bench.maps import _FLAGS, _serving, _stand_in, _unguarded, _until_drawn
from bench.report import Section

ROUNDS = 5
_FRAME = "document.querySelector('#map-frame')?.contentDocument?.documentElement?.dataset"
#: The communities are shaded and every tile is on the map; a 0 is true, too.
DRAWN = f"{_FRAME}?.drawn && {_FRAME}?.tiles"
SHELL = "document.querySelector('.leaflet-container') !== null"
#: How many circles and single tasks the tiles in view show.
MARKS = f"Number({_FRAME}.tiles)"


@dataclass(frozen=True)
class Page:
    """What is opened: by whom, until a condition in it holds, and what is asked of it in the end."""

    address: str
    path: str
    drawn: str
    cookies: Mapping[str, str]
    #: another server that the page may ask
    besides: str = ""
    told: str = "null"


@dataclass(frozen=True)
class Opened:
    """Median seconds from navigation until drawn, and what the page told."""

    seconds: float
    told: Any


def measure() -> Section:
    """Shell, small and large district in turn, each in a fresh context."""
    with installation(SMALL) as small, installation(LARGE) as large:
        for app in (small, large):
            app.add_url_rule("/bench/shell", "bench_shell", shell)
        with small.app_context():
            person = dict([signed_in_cookie(small)])
        with large.app_context():
            other = dict([signed_in_cookie(large)])
        with _serving(small) as near, _serving(large) as far:
            seen = opened({"shell": Page(near, "/bench/shell", SHELL, person),
                           "small": Page(near, "/maps/", DRAWN, person),
                           "large": Page(far, "/maps/", DRAWN, other)})  # fmt: skip
    empty, few, many = (seen[name].seconds for name in ("shell", "small", "large"))
    rows = [
        ("an empty Folium page", f"{empty:.2f}", ""),
        (f"the district's map, {SMALL:,} tasks", f"{few:.2f}", f"{few / empty:.1f} ×"),
        (f"the district's map, {LARGE:,} tasks", f"{many:.2f}", f"{many / empty:.1f} ×"),
        ("1,000,000 against 10,000", "", f"{many / few:.2f} ×"),
    ]
    notes = [
        f"Navigation until every tile is drawn, medians of {ROUNDS} rounds in turn; server and browser on one machine, drawn without a GPU."
    ]
    return Section("Opening the district's map", ("page", "s", "ratio"), rows, notes)


def shell() -> Any:
    """A map of Folium with nothing on it."""
    import folium

    made = folium.Map(location=(22.1, 113.35), zoom_start=12, tiles=None)
    return _unguarded(made.get_root().render())


def opened(pages: Mapping[str, Page], rounds: int = ROUNDS) -> dict[str, Opened]:
    """The pages in turn, each time in a fresh context; the first turn warms up."""
    from playwright.sync_api import sync_playwright

    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    seen: dict[str, list[float]] = {name: [] for name in pages}
    told = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        for turn in range(rounds + 1):
            for name, page in pages.items():
                context = browser.new_context(
                    base_url=page.address, viewport={"width": 1440, "height": 900}
                )
                context.add_cookies(
                    [{"name": key, "value": value, "url": page.address} for key, value in page.cookies.items()]
                )  # fmt: skip
                own = tuple(filter(None, (page.address, page.besides)))
                context.route(lambda url, own=own: not url.startswith(own), _stand_in)
                tab = context.new_page()
                seconds = _until_drawn(tab, page.path, page.drawn)
                told[name] = tab.evaluate(f"() => {page.told}")
                if turn:
                    seen[name].append(seconds)
                context.close()
        browser.close()
    return {name: Opened(statistics.median(times), told[name]) for name, times in seen.items()}

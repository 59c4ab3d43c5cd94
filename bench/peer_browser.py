"""Opens pages in Chromium in turn, each time in a fresh context, until they are drawn."""

import os
import shutil
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.maps import _FLAGS, _stand_in, _until_drawn, elsewhere


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


def opened(pages: Mapping[str, Page], rounds: int) -> dict[str, Opened]:
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
                context.route(elsewhere(*filter(None, (page.address, page.besides))), _stand_in)
                tab = context.new_page()
                seconds = _until_drawn(tab, page.path, page.drawn)
                told[name] = tab.evaluate(f"() => {page.told}")
                if turn:
                    seen[name].append(seconds)
                context.close()
        browser.close()
    return {name: Opened(statistics.median(times), told[name]) for name, times in seen.items()}

"""How soon the phone's first screen can be used on an emulated slow 3G: the first time, and from the cache."""

import statistics
import time

from playwright.sync_api import BrowserContext, Page

from bench.field import PHONE, ground
from bench.report import Section
from tests.factories.field import cookie

#: 400 kbit/s both ways, 400 ms until the first byte of an answer.
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}  # fmt: skip
ROUNDS = 5
_READY = "() => document.documentElement.dataset.ready === 'yes' && document.querySelector('#screen button') !== null"


def measure() -> Section:
    """Each round in a fresh browser context: first visit, then again once the worker has its files."""
    first, again, sent = [], [], []
    with ground(points=40, tasks=0) as here:
        url = f"http://127.0.0.1:{here.server.port}"
        for _ in range(ROUNDS):
            context = here.browser.new_context(base_url=url, **PHONE)  # type: ignore[arg-type]
            context.add_cookies([cookie(here.app, url)])  # type: ignore[list-item]
            seconds, received = _first(context)
            first.append(seconds)
            sent.append(received)
            again.append(_again(context))
            context.close()
    rows = [
        ("first time", f"{statistics.median(first):.2f}", f"{max(first):.2f}", f"{statistics.median(sent) / 1000:.0f}"),
        ("from the cache", f"{statistics.median(again):.2f}", f"{max(again):.2f}", "0"),
    ]  # fmt: skip
    notes = [
        f"Chromium with 400 kbit/s and 400 ms, {ROUNDS} rounds, server and browser on one machine; until the screen can be pressed.",
        "Bytes as they travelled, headers included, until then.",
    ]
    return Section(
        "The phone's first screen on slow 3G", ("visit", "median s", "worst s", "kB"), rows, notes
    )


def _slow(page: Page) -> list[int]:
    """Slow the page's network down; returns a list that grows by the bytes of each answer."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", SLOW_3G)
    received: list[int] = []
    devtools.on(
        "Network.loadingFinished", lambda event: received.append(int(event["encodedDataLength"]))
    )
    return received


def _timed(page: Page) -> float:
    start = time.perf_counter()
    page.goto("/inspect/", wait_until="commit")
    page.wait_for_function(_READY, polling=20)
    return time.perf_counter() - start


def _first(context: BrowserContext) -> tuple[float, int]:
    page = context.new_page()
    received = _slow(page)
    seconds = _timed(page)
    total = sum(received)
    page.close()
    return seconds, total


def _again(context: BrowserContext) -> float:
    """After a visit on a good network that let the worker fill its cache."""
    page = context.new_page()
    page.goto("/inspect/")
    page.evaluate("() => navigator.serviceWorker.ready")
    page.wait_for_function("() => navigator.serviceWorker.controller?.state === 'activated'")
    page.close()
    page = context.new_page()
    _slow(page)
    seconds = _timed(page)
    page.close()
    return seconds

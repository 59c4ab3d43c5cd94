"""10,000 items of the phone's outbox through a network that cuts and loses; the same check as the test of each commit."""

import os
import statistics
import sys
import time

from playwright.sync_api import BrowserContext, Page

from bench.field import PHONE, Ground, ground
from bench.report import Section
from tests.factories.field import cookie, fill, left, open_phone, verdict
from tests.factories.toxic import Toxic

#: How many items; a smaller number for a quick look (BENCH_OFFLINE_ITEMS).
ITEMS = int(os.environ.get("BENCH_OFFLINE_ITEMS", "10000"))
POINTS = 200
CUT = LOSE = 0.3
#: How often the page is closed and the server killed on the way, evenly spread.
KILLS = 4
#: Seconds without a single item less are a standstill.
_STANDSTILL_S = 180


def measure() -> Section:
    """Fill, send with kills on the way, judge the database."""
    submits = min(100, ITEMS // 20)
    visits = (ITEMS - submits) * 3 // 5
    plan = [["visit", visits, 40, 2], ["report", ITEMS - submits - visits, 40, 1], ["submit", submits, 10, 1]]  # fmt: skip
    with ground(points=POINTS, tasks=submits) as here:
        network = Toxic(here.server.port)
        try:
            return _run(here, network, plan)
        finally:
            network.close()


def _run(here: Ground, network: Toxic, plan: list[list[object]]) -> Section:
    phone = here.browser.new_context(base_url=network.url, **PHONE)  # type: ignore[arg-type]
    phone.set_default_timeout(3_600_000)
    phone.add_cookies([cookie(here.app, network.url)])  # type: ignore[list-item]
    page = open_phone(phone)
    started = time.monotonic()
    put = fill(page, network, plan)
    filled = time.monotonic() - started
    network.cut, network.lose = CUT, LOSE
    network.done.clear()
    started = time.monotonic()
    for kill in range(1, KILLS + 1):
        _send_until(page, len(put) * (KILLS - kill + 1) // (KILLS + 1))
        page = _kill(here, phone, page, server=kill % 2 == 0)
    _send_until(page, 0)
    seconds = time.monotonic() - started
    wrong = verdict(here.app, put, tasks_before=here.tasks_before)
    sizes = [photo["size"] for item in put for photo in item["photos"]]
    done = network.done
    rows = [
        ("items (visits, reports, submissions)", f"{len(put):,}"),
        (f"photos of {statistics.median(sizes) / 1000:.0f} kB", f"{len(sizes):,}"),
        ("exchanges that began", f"{sum(done.values()):,}"),
        ("cut before the server", f"{done['cut']:,}"),
        ("reply lost, whole or half", f"{done['lost'] + done['half']:,}"),
        ("page closed / server killed on the way", f"{KILLS - KILLS // 2} / {KILLS // 2}"),
        ("lost items", str(len(wrong["lost"]))),
        ("stored twice", str(sum(abs(count) for _, count in wrong["twice"]))),
        ("photos not equal by hash", str(len(wrong["photos"]))),
        ("points whose visits changed their order", str(len(wrong["order"]))),
        ("filling, s", f"{filled:.0f}"),
        ("sending, s", f"{seconds:.0f}"),
    ]
    notes = [
        f"The phone's own outbox and sender in Chromium; a proxy cuts {CUT:.0%} of the exchanges before the server and loses {LOSE:.0%} of the replies.",
        "Pauses between tries are 20 to 200 ms here and half a second to five minutes on a phone.",
    ]
    return Section("The outbox on a bad network", ("what", "figure"), rows, notes)


def _send_until(page: Page, wanted: int) -> None:
    page.evaluate("() => field.start()")
    before, since = left(page), time.monotonic()
    while (now := left(page)) > wanted:
        if now < before:
            before, since = now, time.monotonic()
            print(f"\r  {now} left ", end="", file=sys.stderr, flush=True)
        if time.monotonic() - since > _STANDSTILL_S:
            raise RuntimeError(f"standstill at {now}: {page.evaluate('() => field.states()')[:3]}")
        time.sleep(1)


def _kill(here: Ground, phone: BrowserContext, page: Page, *, server: bool) -> Page:
    """The server in the middle of an upload, or the page in the middle of sending."""
    if server:
        here.server.kill()
        time.sleep(1)
        here.server.start()
        return page
    page.close()
    return open_phone(phone)

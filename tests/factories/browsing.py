"""A live server, and pages of a real browser that complain of every error and outside request.

Fixtures for a conftest.py to import. `site` is a fresh installation with the small world, `page` a
visitor at the desktop, `phone` one with a phone, `any_page` both in turn; `signed_in_page("clerk")`
is a person's own browser.
"""

import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.factories.client import session_token
from tests.factories.world import World, make_world
from tracker.storage.db import db

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

#: How long a page may take to show something while other tests share the machine (milliseconds).
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)

#: Where the answer to a request is noted.
_ANSWER = "tests.answer"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # nothing leaves this machine
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    # one process where it would keep several, and one spare: a fifth of a test's time
    "--in-process-gpu",
    "--process-per-site",
    "--renderer-process-limit=1",
    "--num-raster-threads=1",
]
DESKTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    found = (shutil.which(name) for name in ("chromium-headless-shell", "chromium"))
    program = os.environ.get("CHROMIUM") or next(filter(None, found), None)
    assert program, "no Chromium: ./run test installs it, or set CHROMIUM"
    return {**browser_type_launch_args, "executable_path": program, "args": FLAGS}


class Quiet(WSGIRequestHandler):
    """Serves without a line for each request: a failing test shows what matters."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing."""

    def connection_dropped(
        self, error: BaseException, environ: "WSGIEnvironment | None" = None
    ) -> None:
        """Close the file of an answer nobody reads any more: this server forgets it, and warns."""
        answer = (environ or {}).get(_ANSWER)
        if answer is not None:
            answer.close()


@dataclass
class Site:
    """A running installation. `allowed` are statuses of answers that this test expects."""

    app: Flask
    url: str
    world: World
    complaints: list[str] = field(default_factory=list)
    allowed: set[int] = field(default_factory=set)

    def complain(self, text: str) -> None:
        if not any(f"status of {status}" in text for status in self.allowed):
            self.complaints.append(text)


def remembered(app: Flask) -> "WSGIApplication":
    """The application, with each answer noted for `Quiet`."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        given = environ[_ANSWER] = app(environ, start_response)
        return given

    return answer


@contextmanager
def serving(app: Flask, world: World) -> Iterator[Site]:
    """Serve an installation; fails at its end when a page complained of anything."""
    server = make_server("127.0.0.1", 0, remembered(app), threaded=True, request_handler=Quiet)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    running = Site(app, f"http://127.0.0.1:{server.server_port}", world)
    yield running
    server.shutdown()
    server.server_close()
    thread.join()
    assert running.complaints == []


@pytest.fixture
def site(make_app: Callable[..., Flask]) -> Iterator[Site]:
    """A fresh SQLite installation with the small world."""
    app = make_app("sqlite")
    with app.app_context():
        world = make_world()
        db.session.remove()
    with serving(app, world) as running:
        yield running


@pytest.fixture
def open_context(browser: Browser, site: Site) -> Iterator[Callable[..., BrowserContext]]:
    """Open a browser of its own: `open_context(phone=True, locale="zh-CN", …)`."""
    opened: list[BrowserContext] = []

    # asked of each request beforehand, a browser keeps no file: it is told of afterwards, and has no way out
    def look(request: Request) -> None:
        if not request.url.startswith((site.url, "data:", "blob:")):
            site.complain(f"outside request: {request.url}")

    def build(*, phone: bool = False, **options: Any) -> BrowserContext:
        wanted = {"locale": "zh-CN", **(PHONE if phone else DESKTOP), **options}
        context = browser.new_context(base_url=site.url, **wanted)
        context.set_default_timeout(PATIENCE)
        context.on("request", look)
        context.on("console", lambda m: site.complain(m.text) if m.type == "error" else None)
        context.on("weberror", lambda e: site.complain(f"script error: {e.error}"))
        opened.append(context)
        return context

    yield build
    for context in opened:
        context.close()


@pytest.fixture
def page(open_context: Callable[..., BrowserContext]) -> Page:
    """A visitor at the desktop, not signed in."""
    return open_context().new_page()


@pytest.fixture
def phone(open_context: Callable[..., BrowserContext]) -> Page:
    """A visitor with a phone, not signed in."""
    return open_context(phone=True).new_page()


@pytest.fixture(params=["desktop", "phone"])
def any_page(request: pytest.FixtureRequest, open_context: Callable[..., BrowserContext]) -> Page:
    """A visitor with each of the two in turn."""
    return open_context(phone=request.param == "phone").new_page()


@pytest.fixture
def signed_in_page(site: Site, open_context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """`signed_in_page("clerk", phone=False)`: a person's own browser, signed in, at no page yet."""

    def build(username: str, *, phone: bool = False, **options: Any) -> Page:
        context = open_context(phone=phone, **options)
        serializer = site.app.session_interface.get_signing_serializer(site.app)  # type: ignore[attr-defined]
        kept = {"_user_id": session_token(site.app, username), "_fresh": True}
        name = site.app.config["SESSION_COOKIE_NAME"]
        context.add_cookies([{"name": name, "value": serializer.dumps(kept), "url": site.url}])
        return context.new_page()

    return build

"""The phone's real outbox over a network that cuts a third of all exchanges and loses a third of the replies."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext

from tests.factories.browsing import PATIENCE, PHONE
from tests.factories.field import (
    Server,
    cookie,
    fill,
    furnish,
    left,
    open_phone,
    verdict,
    wait_until,
)
from tests.factories.toxic import Toxic
from tests.factories.world import make_world
from tracker.storage.db import db
from tracker.tasks.models import Task

POINTS, TASKS = 30, 20
#: kind, how many, every so-manieth with photos, how many photos
PLAN: list[list[Any]] = [["visit", 110, 8, 3], ["report", 80, 10, 1], ["submit", TASKS, 5, 1]]
NOTHING_WRONG: dict[str, list[Any]] = {"lost": [], "twice": [], "photos": [], "order": []}


@dataclass
class Field:
    """A district with a server that can be killed, and the bad network before it."""

    app: Flask
    server: Server
    network: Toxic
    phone: BrowserContext
    tasks_before: int


@pytest.fixture
def field(make_app: Callable[..., Flask], browser: Browser) -> Iterator[Field]:
    app = make_app("sqlite")
    with app.app_context():
        world = make_world()
        db.session.remove()
    furnish(app, world, points=POINTS, tasks=TASKS)
    with app.app_context():
        tasks_before = db.session.query(Task).count()
        db.session.remove()
    server = Server(app)
    server.start()
    network = Toxic(server.port)
    phone = browser.new_context(base_url=network.url, locale="zh-CN", **PHONE)
    phone.set_default_timeout(PATIENCE * 4)
    phone.add_cookies([cookie(app, network.url)])  # type: ignore[list-item]
    yield Field(app, server, network, phone, tasks_before)
    phone.close()
    network.close()
    server.kill()


def test_over_200_items_arrive_once_through_cuts_lost_replies_a_killed_page_and_a_killed_server(
    field: Field,
):
    page = open_phone(field.phone)
    put = fill(page, field.network, PLAN)
    assert len(put) > 200
    field.network.cut = field.network.lose = 0.3
    page.evaluate("() => field.start()")
    wait_until(lambda: left(page) < 170, "the first tab does not send")
    page.close()  # in the middle of what it sends

    page, second = open_phone(field.phone), open_phone(field.phone)
    for tab in (page, second):
        tab.evaluate("() => field.start()")
    wait_until(lambda: left(page) < 110, "the reopened tab does not send")
    field.server.kill()
    assert left(page) > 0
    field.server.start()
    wait_until(lambda: left(page) == 0, f"left: {page.evaluate('() => field.states()')[:3]}")

    assert verdict(field.app, put, tasks_before=field.tasks_before) == NOTHING_WRONG
    done = field.network.done
    assert min(done["cut"], done["lost"], done["half"]) > 20, done
    receipts = page.evaluate(
        "() => field.store.receipts().then((all) => all.map((one) => one.uuid))"
    )
    assert sorted(receipts) == sorted(item["uuid"] for item in put)
    assert page.evaluate("() => field.store.run((db) => db.count('photos'))") == 0


def test_the_same_check_catches_an_outbox_that_forgets_what_did_not_arrive(field: Field):
    page = open_phone(field.phone, forget=True)
    put = fill(page, field.network, [["visit", 20, 0, 0], ["report", 20, 0, 0]])
    field.network.cut = field.network.lose = 0.3
    page.evaluate("() => field.start()")
    wait_until(lambda: left(page) == 0, "the forgetting outbox does not empty itself")
    assert verdict(field.app, put, tasks_before=field.tasks_before)["lost"] != []

"""A morning at the office's desk: fifty reports are filed and dispatched without touching the mouse."""

import sys
import time
from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from tests.factories.browsing import Site
from tests.factories.world import HAIAN, SANZAO, make_task, task
from tracker.storage.db import db
from tracker.tasks.models import Task
from tracker.tasks.states import State

CASES = 50


def shown(page: Page) -> str:
    """The number of the case on the desk."""
    return page.locator("[data-case] [data-open]").inner_text()


def test_the_office_dispatches_fifty_cases_in_one_sitting_by_keyboard(
    site: Site, signed_in_page: Callable[..., Page]
) -> None:
    with site.app.app_context():
        made = [
            make_task(
                site.world, State.REPORTED, (SANZAO, HAIAN)[place % 2], no_photo_reason="补录"
            )
            for place in range(CASES + 1)
        ]
        db.session.remove()
    page = signed_in_page("dispatcher")
    page.goto("/desk/?queue=reported")
    page.evaluate("window.sitting = true")
    expect(page.locator("[data-case] [data-open]")).to_have_text(made[0])
    expect(page.locator("[data-title]")).to_be_focused()
    started = time.monotonic()
    for place in range(CASES):
        before = shown(page)
        if place == 10:
            corrects_category_and_limit(page)
        page.keyboard.press("1")
        expect(page.locator("[data-case] [data-open]")).not_to_have_text(before)
        expect(page.locator("[data-title]")).to_be_focused()
    seconds = (time.monotonic() - started) / CASES
    sys.stdout.write(f"\nseconds a case at the desk, keyboard only: {seconds:.2f}\n")
    assert page.evaluate("window.sitting") is True, "no page was loaded anew"
    expect(page.locator('[data-count="reported"]')).to_have_text("1")
    last_one_is_taken_back_and_the_other_keys_open_their_forms(site, page, made)
    with site.app.app_context():
        held = select(func.count()).where(Task.state == State.DISPATCHED.value)
        assert db.session.scalar(held) == CASES - 1
        assert task(made[10]).limit_value == 5


def corrects_category_and_limit(page: Page) -> None:
    """c, part of the code, Enter; the unit follows the category; then l and a number."""
    page.keyboard.press("c")
    expect(page.locator("[data-filter-of=category_id]")).to_be_focused()
    page.keyboard.type("09009")
    page.keyboard.press("Enter")
    expect(page.locator("#file-unit_id option:checked")).to_have_text("区交警大队")
    page.keyboard.press("l")
    page.keyboard.type("5")
    # a key typed into a field is a letter, not an order
    expect(page.locator("#file-limit_value")).to_have_value("5")
    page.keyboard.press("Escape")


def last_one_is_taken_back_and_the_other_keys_open_their_forms(
    site: Site, page: Page, made: list[str]
) -> None:
    page.keyboard.press("z")
    expect(page.locator("[data-case] [data-open]")).to_have_text(made[CASES - 1])
    expect(page.locator("#do-dispatch")).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator("[data-case] [data-open]")).to_have_text(made[CASES])
    page.keyboard.press("x")
    expect(page.locator("#reject-reason")).to_be_focused()
    page.keyboard.type("1 次重复上报")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-told]")).to_contain_text("不予立案")
    page.locator("[data-title], .desk-nothing").first.wait_for()
    page.keyboard.press("?")
    expect(page.locator("#desk-keys")).to_be_visible()
    with site.app.app_context():
        assert task(made[CASES]).state == State.REJECTED
        assert task(made[CASES - 1]).state == State.FILED

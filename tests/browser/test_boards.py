"""The boards and the command room's screen in a real browser."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.looking import misfits
from tests.factories.world import make_task
from tracker.storage.db import db
from tracker.tasks.states import State

#: Whether anything is drawn on the canvas of a chart; it is cleared for a moment when its size changes.
_DRAWN = """(host) => {
  const canvas = host.querySelector('canvas');
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  return pixels.some((value) => value !== 0);
}"""


def report(site: Site, *states: State) -> None:
    with site.app.app_context():
        for state in states:
            make_task(site.world, state)
        db.session.remove()


def test_charts_are_drawn_when_they_are_reached_and_their_numbers_stand_below(
    site: Site, signed_in_page: Callable[..., Page]
) -> None:
    report(site, State.REPORTED, State.HANDLING, State.CLOSED)
    for on_phone in (False, True):
        page = signed_in_page("leader", phone=on_phone, reduced_motion="reduce")
        page.goto("/progress/")
        for key in ("trend", "holders"):
            host = page.locator(f'[data-chart="{key}"]')
            host.scroll_into_view_if_needed()
            expect(host).to_have_attribute("data-drawn", "")
            page.wait_for_function(_DRAWN, arg=host.element_handle())
        table = page.locator("section", has=page.locator("#board-holders")).locator("details")
        table.locator("summary").click()
        expect(table.get_by_role("row", name="区环卫中心")).to_contain_text("1")
    assert misfits(page) == []


def test_the_screen_shows_a_new_task_by_itself_and_keeps_its_picture_when_the_line_is_lost(
    site: Site, signed_in_page: Callable[..., Page]
) -> None:
    report(site, State.REPORTED)
    page = signed_in_page("leader")
    page.clock.install()
    page.goto("/progress/screen")
    found = page.locator('[data-figure="found"]')
    expect(found).to_have_text("1")
    expect(page.locator("#trend")).to_have_attribute("data-drawn", "")
    report(site, State.REPORTED)
    page.clock.run_for(61_000)
    expect(found).to_have_text("2")
    site.allowed.add(503)
    page.route("**/screen/data*", lambda route: route.fulfill(status=503))
    page.clock.run_for(61_000)
    expect(page.locator("#state")).to_contain_text("连接中断")
    expect(found).to_have_text("2")

"""A problem outside every area is never lost: accepted, marked, counted and found by the dispatcher."""

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from tests.browser.test_report import photo
from tests.factories.browsing import Site
from tests.factories.world import make_task
from tests.journeys.conftest import describe, figure, sign_in
from tracker.storage.db import db

#: some kilometres outside the district, (lon, lat)
COORDS = "113.30, 22.00"


def test_a_report_outside_every_area_waits_where_the_dispatcher_finds_it(
    site: Site, open_context: Callable[..., BrowserContext]
) -> None:
    with site.app.app_context():
        inside = make_task(site.world)
        db.session.remove()
    inspector, dispatcher = open_context(phone=True).new_page(), open_context().new_page()
    sign_in(dispatcher, "dispatcher")
    expect(figure(dispatcher, "未落入网格")).to_have_text("0")

    sign_in(inspector, "inspector")
    inspector.get_by_role("main").get_by_role("link", name="上报问题").click()
    inspector.locator("summary", has_text="输入坐标").click()
    inspector.locator("#coords").fill(COORDS)
    describe(inspector, photo(), "海堤边堆放渣土")
    expect(inspector.locator("#report-hints .chip-outside")).to_have_text("未落入网格")
    inspector.locator("#send").click()
    inspector.wait_for_url(re.compile(r"/tasks/JW-"))
    number = inspector.locator(".task-number-big").inner_text()
    expect(inspector.locator(".task-crumbs")).to_contain_text("未落入网格")

    dispatcher.reload()
    expect(figure(dispatcher, "未落入网格")).to_have_text("1")
    figure(dispatcher, "未落入网格").click()
    rows = dispatcher.locator("[data-row]")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(number)
    expect(rows.locator(".task-outside")).to_have_text("未落入网格")
    expect(dispatcher.get_by_role("main")).not_to_contain_text(inside)
    rows.get_by_role("link", name=number).click()
    expect(dispatcher.locator(".task-description")).to_have_text("海堤边堆放渣土")
    filing = dispatcher.locator("#do-file")
    expect(filing.get_by_label("责任单位").locator("option:checked")).to_have_text("区环卫中心")
    filing.get_by_role("button", name="立案并派遣").click()
    expect(dispatcher.get_by_text("任务现为“待签收”")).to_be_visible()

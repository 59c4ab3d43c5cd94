"""A leader reviews the demo district: which community is worst, why, since when, and on paper."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import FrameLocator, Page, expect

from tests.factories.browsing import Site, serving
from tests.factories.world import World
from tests.journeys.conftest import sign_in
from tracker.demo.loading import load_demo
from tracker.demo.staff import DEMO_PASSWORD
from tracker.storage.db import db


@pytest.fixture
def site(make_app: Callable[..., Flask]) -> Iterator[Site]:
    """The demo district with fewer tasks than it is shown with."""
    app = make_app("sqlite")
    with app.app_context():
        load_demo(tasks=200, say=lambda _line: None)
        db.session.remove()
    with serving(app, World()) as running:
        yield running


def drawn(page: Page) -> FrameLocator:
    page.locator("#map-frame[data-drawn]").wait_for()
    return page.frame_locator("#map-frame")


def test_a_leader_finds_the_worst_community_sees_why_opens_the_case_and_prints_the_sheet(
    site: Site, page: Page
) -> None:
    sign_in(page, "leader", DEMO_PASSWORD)
    page.locator("nav a:visible", has_text="进度").first.click()
    expect(page.get_by_role("heading", name="金湾区", exact=True)).to_be_visible()
    page.get_by_role("link", name="进度地图").click()
    drawn(page)
    page.get_by_role("link", name="社区", exact=True).click()
    drawn(page)
    worst = page.locator("#review-table tbody tr[data-code]").first
    name = worst.locator("th").inner_text().strip()
    counted = worst.locator("td[data-column=open]").inner_text().strip()
    assert all(
        int(cell.inner_text().strip()) <= int(counted)
        for cell in page.locator("#review-table tbody tr[data-code] td[data-column=open]").all()
    )

    # against last month, on the map and in the row
    page.select_option("#review-measure", "month_change")
    expect(drawn(page).locator("html[data-measure=month_change]")).to_have_count(1)
    page.select_option("#review-measure", "open")
    row = page.locator("#review-table tbody tr[data-code]", has_text=name)
    assert row.locator("td[data-column=month_change]").inner_text().strip() not in ("", "—")

    # why
    row.locator("th a").click()
    drawn(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    why = page.locator("#review-why")
    expect(why).to_contain_text("主要问题")
    expect(why).to_contain_text(f"未办结 {counted} 件")

    # the case
    address = page.url
    why.locator("a").first.click()
    page.locator("a", has_text="JW-").first.click()
    expect(page.get_by_text("记录链完整")).to_be_visible()

    # the sheet
    page.goto(address)
    page.get_by_role("link", name="打印图").click()
    sheet = page.locator("svg").first
    expect(sheet).to_contain_text(name)
    expect(sheet).to_contain_text("工作示意图")
    page.emulate_media(media="print")
    expect(page.locator(".topbar")).to_be_hidden()
    expect(sheet).to_be_visible()

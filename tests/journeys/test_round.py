"""One round over the demo district: planned at the desk, walked with a phone, read on the coverage map."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.test_report import photo
from tests.factories.browsing import Site, serving
from tests.factories.world import World
from tests.journeys.conftest import sign_in
from tracker import clock
from tracker.demo.loading import load_demo
from tracker.demo.staff import DEMO_PASSWORD
from tracker.storage.db import db

#: The markets of the demo district, each in a community of its own.
MARKETS = {"唐人街市场": "三灶社区", "红旗农贸市场": "广安社区"}
NAME = "农贸市场督导（演示）"


@pytest.fixture
def site(make_app: Callable[..., Flask]) -> Iterator[Site]:
    """The demo district with its points and rounds, and few tasks."""
    app = make_app("sqlite")
    with app.app_context():
        load_demo(tasks=12, say=lambda _: None)
        db.session.remove()
    with serving(app, World()) as running:
        yield running


def test_a_round_is_planned_opened_walked_closed_and_seen_as_coverage(
    site: Site, open_context: Callable[..., BrowserContext]
) -> None:
    office = open_context().new_page()
    walker = open_context(
        phone=True,
        permissions=["geolocation"],
        geolocation={"longitude": 113.36, "latitude": 22.05},
    ).new_page()
    sign_in(office, "dispatcher", DEMO_PASSWORD)
    plan(office)
    open_it(office)
    go_out(walker)
    inspect(walker, "唐人街市场", failing="G6")
    progress_is(office, "1 / 2")
    inspect(walker, "红旗农贸市场")
    progress_is(office, "2 / 2")
    the_failure_is_a_task(office)
    close(office)
    coverage_says(office)


def plan(page: Page) -> None:
    page.locator("nav a:visible", has_text="督查批次").click()
    page.get_by_role("link", name="筹备批次").first.click()
    page.get_by_label("批次名称").fill(NAME)
    page.get_by_label("点位怎么来").select_option(label="按类型和社区随机抽取")
    page.locator("summary", has_text="点位类型").click()
    page.locator("input[name=site_types][value=market]").check()
    page.get_by_label("每类每社区最多（个）").fill("1")
    page.get_by_label("截止日期").fill((clock.today() + timedelta(days=10)).isoformat())
    page.get_by_role("button", name="预览抽取结果").click()
    drawn = page.locator("#round-preview")
    expect(drawn.locator(".round-drawn strong")).to_have_text("2")
    for community in MARKETS.values():
        expect(drawn.get_by_role("row", name=community)).to_contain_text("1")
    people = page.locator("details", has=page.get_by_label("邓海涛")).last
    if people.get_attribute("open") is None:
        people.locator("summary").click()
    page.get_by_label("邓海涛").check()
    page.get_by_role("button", name="保存批次").click()
    expect(page.get_by_role("heading", level=1, name=NAME)).to_be_visible()


def open_it(page: Page) -> None:
    page.locator("summary", has_text="开始检查").click()
    page.get_by_role("button", name="确定：开始检查").click()
    expect(page.locator(".round-facts")).to_contain_text("进行中")
    progress_is(page, "0 / 2")


def go_out(page: Page) -> None:
    """The inspector of the round signs in on the phone and takes the data along."""
    sign_in(page, "inspector3", DEMO_PASSWORD)
    page.locator("nav a:visible", has_text="检查").last.click()
    page.get_by_role("button", name="下载检查数据").click()
    expect(page.get_by_text("刚刚更新的数据")).to_be_visible()
    expect(page.get_by_text(NAME)).to_be_visible()


def item(page: Page, code: str) -> Locator:
    return page.locator(
        "fieldset.item", has=page.locator(".item-code", has_text=re.compile(f"^{code}$"))
    )


def inspect(page: Page, name: str, *, failing: str = "") -> None:
    """One visit of the round, from its list on the phone to the receipt."""
    page.goto("/inspect/#/points")
    page.get_by_role("button", name=NAME).click()
    expect(page.locator("main")).to_contain_text("2 个点位")
    page.get_by_role("link", name=name).click()
    page.get_by_role("button", name=re.compile("开始检查")).click()
    if failing:
        item(page, failing).locator(".result-fail").click()
        item(page, failing).get_by_label("拍照").set_input_files(photo())
        expect(item(page, failing).locator(".photo img")).to_have_count(1)
    page.get_by_role("button", name="其余全部符合").click()
    page.get_by_role("button", name="现场都看过，记为符合").click()
    page.get_by_role("button", name="完成检查").click()
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_text("检查过").first).to_be_visible()
    page.goto("/inspect/#/outbox")
    expect(page.locator("main", has_text=name).get_by_text("已收到").first).to_be_visible()


def progress_is(page: Page, words: str) -> None:
    """The phone says received when the server does; the office's page is asked until it shows it."""
    shown = page.locator(".round-facts .round-bar-words")
    for _ in range(20):
        page.reload()
        if shown.inner_text() == words:
            break
        page.wait_for_timeout(500)
    expect(shown).to_have_text(words)


def the_failure_is_a_task(page: Page) -> None:
    """The point's page lists what is missing there, and the task that was made of it."""
    page.get_by_role("main").get_by_role("link", name="唐人街市场").first.click()
    expect(page.get_by_role("heading", level=1, name="唐人街市场")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("缺项清单")
    expect(page.get_by_role("main")).to_contain_text("垃圾")
    expect(page.get_by_role("main")).to_contain_text("待受理")
    page.go_back()


def close(page: Page) -> None:
    page.locator("summary", has_text="结束批次").click()
    page.get_by_role("button", name="确定：结束批次").click()
    expect(page.locator(".round-facts")).to_contain_text("已结束")


def coverage_says(page: Page) -> None:
    """The whole round was inspected: in the table, on the map, and in the list behind the number."""
    page.get_by_role("main").get_by_role("link", name="检查覆盖").click()
    tables = page.locator("#coverage-tables")
    tables.get_by_role("link", name="集贸（农贸）市场").click()
    expect(tables.locator(".coverage-total")).to_contain_text("2 / 2")
    expect(tables.locator(".coverage-total strong")).to_have_text(re.compile(r"^100"))
    for community in MARKETS.values():
        row = tables.get_by_role("row", name=community)
        expect(row).to_contain_text(re.compile(r"100"))
    shown = page.frame_locator("#map-frame")
    expect(shown.locator(".leaflet-container canvas").first).to_be_visible()
    expect(shown.get_by_role("heading", name="覆盖率")).to_be_visible()
    tables.locator("tr", has_text="三灶社区").locator("td a").first.click()
    expect(page.get_by_role("main")).to_contain_text("唐人街市场")
    expect(page.get_by_role("main")).not_to_contain_text("红旗农贸市场")

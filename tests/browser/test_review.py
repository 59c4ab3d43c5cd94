"""A leader finds the worst community on the review map, sees why, and opens the cases."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.factories.world import (
    DISTRICT,
    HAIAN,
    SANZAO,
    TOWN_A,
    given_for,
    given_report,
    make_task,
)
from tracker import clock
from tracker.access.actor import SYSTEM
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.operations import apply
from tracker.tasks.states import Action, State

pytestmark = pytest.mark.filterwarnings(
    "ignore:Session-scoped fixtures defined as instance methods"
)


@pytest.fixture
def tasks(site) -> None:
    """Three open in 三灶社区; one in 金海岸社区, which is overdue."""
    with site.app.app_context():
        for _ in range(3):
            make_task(site.world, State.REPORTED, SANZAO)
        at = clock.now() - timedelta(days=20)
        with unit_of_work():
            late = apply(Action.REPORT, None, actor=SYSTEM, given=given_report(HAIAN), at=at).task
            for action in (Action.FILE, Action.DISPATCH, Action.ACKNOWLEDGE):
                apply(action, late, actor=SYSTEM, given=given_for(site.world, action), at=at)


def drawn(page: Page) -> FrameLocator:
    frame = page.frame_locator("#map-frame")
    frame.locator("html[data-drawn]").wait_for(state="attached")
    page.locator("#map-frame[data-drawn]").wait_for()
    return frame


def first_row(page: Page) -> str:
    return page.locator("#review-table tbody tr").first.get_attribute("data-code") or ""


def test_a_leader_drills_down_changes_the_figure_and_opens_the_list(site, tasks, signed_in_page):
    page = signed_in_page("leader")
    page.goto(f"/progress/map/{DISTRICT}")
    drawn(page)
    assert first_row(page) == TOWN_A
    row = page.locator(f"tr[data-code='{TOWN_A}']")
    row.locator("td").last.click()
    expect(row).to_have_attribute("aria-current", "true")
    row.locator("td").last.click()
    page.wait_for_url(f"**/progress/map/{TOWN_A}")
    frame = drawn(page)
    assert first_row(page) == SANZAO
    expect(page.locator("#review-why")).to_contain_text("三灶镇 未办结 4 件")
    row = page.locator(f"tr[data-code='{HAIAN}']")
    row.locator("td").last.click()
    expect(page.locator("#review-why")).to_contain_text("金海岸社区 未办结 1 件")
    assert f"area={HAIAN}" in page.url
    page.reload()
    drawn(page)
    expect(row).to_have_attribute("aria-current", "true")
    expect(page.locator("#review-why")).to_contain_text("金海岸社区 未办结 1 件")
    page.keyboard.press("Tab")
    page.locator(f"tr[data-code='{SANZAO}'] th a").focus()
    expect(page.locator("#review-why")).to_contain_text("三灶社区 未办结 3 件")
    page.get_by_role("link", name="看三灶镇整体为什么").click()
    expect(page.locator("#review-why")).to_contain_text("三灶镇 未办结 4 件")
    page.go_back()
    expect(page.locator("#review-why")).to_contain_text("三灶社区 未办结 3 件")
    page.goto(f"/progress/map/{TOWN_A}")
    frame = drawn(page)

    page.select_option("#review-measure", "overdue")
    expect(frame.locator("html[data-measure=overdue]")).to_have_count(1)
    assert first_row(page) == HAIAN
    assert "measure=overdue" in page.url
    expect(frame.locator(".shade-legend h2")).to_have_text("超期（件）")
    page.locator("th[data-column=overdue] a").click()
    assert first_row(page) != HAIAN, "a second press puts the best first"
    assert "order=best" in page.url

    box = page.locator("#map-frame").bounding_box()
    assert box
    page.mouse.click(box["x"] + 0.35 * box["width"], box["y"] + 0.5 * box["height"])
    expect(page.locator("#review-table tr[aria-current]")).to_have_attribute("data-code", SANZAO)
    expect(page.locator("#review-why")).to_contain_text("三灶社区 超期 0 件")
    page.locator("th[data-column=open] a").click()
    expect(page.locator("#review-why")).to_contain_text("三灶社区 未办结 3 件")
    page.locator(f"tr[data-code='{SANZAO}'] td[data-column=open] a").click()
    expect(page.locator(".task-count")).to_have_text("共 3 条")

    before = (clock.today() - timedelta(days=10)).isoformat()
    page.go_back()
    drawn(page)
    page.locator("th[data-column=overdue] a").click()
    compare = page.get_by_role("link", name="与上月同日对比")
    expect(compare).to_have_attribute("href", re.compile(f"area={SANZAO}.*measure=overdue_change"))
    page.goto(f"/progress/map/{TOWN_A}?with={before}")
    for side in ("then", "now"):
        inside = page.frame_locator(f"#map-{side}")
        expect(inside.locator("html")).to_have_attribute("data-drawn", "2")
        legend = inside.locator(".shade-legend .shade-range")
        expect(legend).to_have_text(["3", "1", "0"])
        expect(page.locator(f"tr[data-code='{SANZAO}'] [data-column=open_change]")).to_have_text(
            "+3"
        )


def test_on_the_phone_the_map_comes_first_and_the_filters_wait_folded(site, tasks, signed_in_page):
    page = signed_in_page("leader", phone=True)
    page.goto(f"/progress/map/{TOWN_A}")
    drawn(page)
    expect(page.locator("#review-form")).not_to_be_visible()
    screen = page.viewport_size
    map_box, table = (page.locator(one).bounding_box() for one in ("#map-frame", "#review-table"))
    assert map_box
    assert table
    assert screen
    assert map_box["y"] < 0.55 * screen["height"], "the map stands in the first screen"
    assert map_box["y"] + map_box["height"] <= table["y"] + 1
    page.locator(".review-panel summary").click()
    page.select_option("#review-category", "09")
    page.locator("#review-form .btn-primary").click()
    page.wait_for_url("**category=09**")
    assert "tag=" not in page.url, "the address bar holds only what is asked"
    drawn(page)
    expect(page.locator("td[data-column=open]").first).to_have_text("0")

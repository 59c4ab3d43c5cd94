"""A round from its plan to the map of coverage, as a dispatcher's browser shows it."""

import re
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.factories.points import make_point
from tests.factories.rounds import codes_of, make_round, note_visits
from tests.factories.world import GUANGAN, HAIAN, SANZAO
from tracker import clock
from tracker.storage.db import db


def furnish(site: Site) -> list[str]:
    with site.app.app_context():
        codes = [make_point(site.world, place, name=f"点位{n}") for place in (SANZAO, HAIAN, GUANGAN) for n in range(3)]  # fmt: skip
        db.session.remove()
    return codes


def test_a_round_is_previewed_in_place_saved_and_opened(
    site: Site, signed_in_page: Callable[..., Page]
):
    furnish(site)
    page = signed_in_page("dispatcher")
    page.goto("/rounds/new")
    expect(page.get_by_label("单位", exact=True)).to_be_hidden()
    page.get_by_label("批次类型").select_option("self")
    expect(page.get_by_label("单位", exact=True)).to_be_visible()
    page.get_by_label("批次类型").select_option("office")
    page.get_by_label("批次名称").fill("金秋督查")
    page.get_by_label("截止日期").fill(str(clock.today() + timedelta(days=9)))
    page.get_by_label("总数最多（个）").fill("4")
    page.get_by_label("inspector", exact=True).check()
    page.get_by_role("button", name="预览抽取结果").click()
    preview = page.locator("#round-preview")
    expect(preview.locator(".round-drawn strong")).to_have_text("4")
    expect(page.get_by_label("inspector", exact=True)).to_be_checked()
    expect(page.get_by_label("批次名称")).to_have_value("金秋督查")
    before = page.locator("#seed").input_value()
    page.get_by_role("button", name="换一组").click()
    expect(page.locator("#seed")).not_to_have_value(before)
    page.get_by_role("button", name="保存批次").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("金秋督查")
    expect(page.locator(".round-list > li")).to_have_count(4)
    frame = page.frame_locator("#map-frame")
    expect(frame.locator("html")).to_have_attribute("data-drawn", "4")
    page.locator("summary", has_text="开始检查").click()
    page.get_by_role("button", name="确定：开始检查").click()
    expect(page.locator(".flash-success")).to_contain_text("批次已开始")
    expect(page.locator(".round-facts")).to_contain_text("进行中")


def test_a_click_on_the_map_of_coverage_narrows_the_tables(
    site: Site, signed_in_page: Callable[..., Page]
):
    codes = furnish(site)
    with site.app.app_context():
        made = make_round(site.world, opened=True)
        visited = codes_of(made)[:1]
        note_visits(site.world, visited, round_id=made)
        note_visits(site.world, codes[3:6])
        db.session.remove()
    page = signed_in_page("leader")
    page.goto("/coverage/")
    frame = page.frame_locator("#map-frame")
    expect(frame.locator("html")).to_have_attribute("data-drawn", "4")
    expect(frame.locator(".shade-legend")).to_contain_text("100%")
    legend = frame.locator(".shade-legend li", has_text="没有点位")
    expect(legend).to_contain_text("1 个社区")
    row = page.locator(f'tr[data-code="{HAIAN}"]')
    expect(row).to_contain_text("100.0%")
    types = page.locator("#coverage-tables table").nth(1)
    expect(types.locator("tbody tr").last).to_contain_text("9")
    row.get_by_role("link", name="金海岸社区").click()
    expect(page).to_have_url(re.compile(f"community={HAIAN}"))
    expect(page.locator(f'tr[data-code="{HAIAN}"]')).to_have_class(re.compile("is-chosen"))
    expect(types.locator("tbody tr").last).to_contain_text("3")
    # the area in the middle of the frame's map is pressed: any community answers with its own rows
    page.goto("/coverage/")
    expect(frame.locator("html")).to_have_attribute("data-drawn", "4")
    shapes = page.frames[-1]
    shapes.evaluate(
        """code => window.gridMap.eachLayer((layer) => {
          if (layer.feature?.properties.code === code) layer.fire('click');
        })""",
        SANZAO,
    )
    expect(page).to_have_url(re.compile(f"community={SANZAO}"))
    page.get_by_label("统计范围").select_option("round")
    page.get_by_label("批次", exact=True).select_option(str(made))
    page.wait_for_url(re.compile(f"round={made}"))
    expect(page.locator(".coverage-total")).to_contain_text("1 / 9")

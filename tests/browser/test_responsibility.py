"""The responsibility map in a real browser: a road is drawn, the map is asked, today and a past day differ."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests.browser.test_maps_hostile import HOSTILE, watch
from tests.factories.responsibility import make_posts
from tests.factories.world import INSIDE, SANZAO
from tracker.responsibility.models import Responsibility
from tracker.storage.db import db

pytestmark = pytest.mark.filterwarnings(
    "ignore:Session-scoped fixtures defined as instance methods"
)
LON, LAT = INSIDE[SANZAO]


def ask_at(page: Page, lon: float, lat: float) -> None:
    """Click the map in the frame where a position is."""
    spot = spot_of(page, lon, lat)
    page.frame_locator("#resp-frame").locator(".folium-map").click(position=spot)


def point_at(page: Page, lon: float, lat: float) -> None:
    """Bring the mouse to a position on the map, from beside it."""
    spot = spot_of(page, lon, lat)
    map_ = page.frame_locator("#resp-frame").locator(".folium-map")
    map_.hover(position={"x": spot["x"] + 60, "y": spot["y"] + 60})
    map_.hover(position=spot)


def spot_of(page: Page, lon: float, lat: float) -> Any:
    """Where on the map a position is, brought to its middle."""
    frame = page.frame_locator("#resp-frame")
    expect(frame.locator("html")).to_have_attribute("data-drawn", "1")
    frame.locator("body").evaluate(
        "(_, [lon, lat]) => gridMap.setView([lat, lon], 15, {animate: false})", [lon, lat]
    )
    x, y = frame.locator("body").evaluate(
        "(_, [lon, lat]) => { const p = gridMap.latLngToContainerPoint([lat, lon]); return [p.x, p.y]; }",
        [lon, lat],
    )
    return {"x": x, "y": y}


def test_a_road_is_drawn_and_the_map_answers_for_today_and_for_a_past_day(site, signed_in_page):
    page = signed_in_page("dispatcher")
    page.goto("/responsibility/new")
    box = page.locator("#post-map")
    expect(box.locator("svg path").first).to_be_attached()
    for x, y in ((180, 220), (380, 220)):
        box.click(position={"x": x, "y": y})
    expect(page.locator("#place-status")).to_contain_text("2 个顶点")
    page.get_by_label("路段或片区名称").fill("新画的路")
    page.get_by_label("编号").fill("ROAD")
    page.get_by_label("责任单位").select_option("区环卫中心")
    page.get_by_label("责任人").fill("林志强")
    page.get_by_label("生效日期").fill("2026-01-01")
    page.get_by_label("所在社区").select_option(SANZAO)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("新画的路")
    with site.app.app_context():
        row = db.session.scalars(select(Responsibility)).one()
        lon, lat, drawn = row.lon, row.lat, row.geometry
        db.session.remove()
    page.get_by_role("link", name="修改或变更").click()
    expect(page.locator("#place-status")).to_contain_text("2 个顶点")
    page.get_by_role("textbox", name="责任人").fill("黄丽珍")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".resp-terms li")).to_have_count(2)

    page.goto("/responsibility/")
    assert drawn["type"] == "LineString"
    ask_at(page, lon, lat)
    answer = page.locator("#resp-answer")
    expect(answer).to_contain_text("黄丽珍")
    expect(answer).to_contain_text("今天由谁负责")
    page.get_by_label("哪一天").fill("2026-02-01")
    page.get_by_label("哪一天").dispatch_event("change")
    expect(answer).to_contain_text("林志强")
    expect(answer).not_to_contain_text("黄丽珍")
    assert "on=2026-02-01" in page.url
    assert "lon=" in page.url
    page.reload()
    expect(page.locator("#resp-answer")).to_contain_text("林志强")


def test_hostile_words_of_a_post_are_words_on_the_map(site, signed_in_page):
    with site.app.app_context():
        make_posts(site.world, {"code": "A", "name": HOSTILE, "person": "<b>${alert(1)}</b>", "post": HOSTILE[:50]})  # fmt: skip
        db.session.remove()
    page = signed_in_page("dispatcher")
    seen = watch(page)
    page.goto("/responsibility/")
    ask_at(page, LON, LAT)
    expect(page.locator("#resp-answer")).to_contain_text(HOSTILE)
    point_at(page, LON, LAT)
    frame = page.frame_locator("#resp-frame")
    expect(frame.locator(".resp-tip strong").first).to_have_text(HOSTILE)
    assert frame.locator("img[src=x], .resp-tip b").count() == 0
    assert page.locator("img[src=x]").count() == 0
    assert seen == []

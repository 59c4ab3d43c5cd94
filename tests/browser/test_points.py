"""The register in a real browser: list and map are one selection, a street is drawn by touching it."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.factories.points import make_point, point
from tests.factories.world import HAIAN, SANZAO
from tracker.storage.db import db

pytestmark = pytest.mark.filterwarnings(
    "ignore:Session-scoped fixtures defined as instance methods"
)


@pytest.fixture
def points(site):
    """A market and a road far enough apart, and one without a position."""
    with site.app.app_context():
        world = site.world
        make_point(world, code="A-1", name="唐人街市场", lon=113.347, lat=22.037)
        make_point(
            world, HAIAN, code="A-2", name="依云路", site_type_code="main_road",
            geometry={"type": "LineString", "coordinates": [[113.37, 22.05], [113.38, 22.05]]},
        )  # fmt: skip
        make_point(world, None, community_code=SANZAO, code="A-3", name="没有位置")
        db.session.remove()


def drawn(page: Page, many: int) -> None:
    expect(page.frame_locator("#points-frame").locator("html")).to_have_attribute(
        "data-drawn", str(many)
    )


def test_a_filter_narrows_list_and_map_together_and_back_brings_it_all(
    points, signed_in_page, site
):
    page = signed_in_page("dispatcher")
    page.goto("/points/")
    drawn(page, 2)
    page.get_by_label("点位类型").select_option("main_road")
    expect(page.locator("[data-row]")).to_have_count(1)
    drawn(page, 1)
    assert page.url.endswith("/points/?type=main_road")
    expect(page.get_by_role("link", name="打印二维码")).to_have_attribute(
        "href", re.compile("sheet")
    )
    page.get_by_role("link", name="去掉筛选").click()
    drawn(page, 2)
    frame = page.frame_locator("#points-frame")
    frame.get_by_role("button", name="唐人街市场").click()
    expect(page.locator("tr.is-picked")).to_contain_text("唐人街市场")
    frame.get_by_role("link", name="查看点位").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("唐人街市场")
    expect(page.locator("#point-map")).to_have_attribute("data-drawn", "1")


def test_a_street_is_drawn_corner_by_corner_and_stays_when_it_is_opened_again(
    points, signed_in_page, site
):
    page = signed_in_page("dispatcher")
    page.goto("/points/new")
    page.get_by_role("button", name="线").click()
    box = page.locator("#point-map")
    expect(box.locator("path.leaflet-interactive, svg path").first).to_be_attached()
    for x, y in ((200, 200), (300, 220), (380, 200)):
        box.click(position={"x": x, "y": y})
    expect(page.locator("#place-status")).to_contain_text("3 个顶点")
    page.get_by_role("button", name="撤销一点").click()
    expect(page.locator("#place-status")).to_contain_text("2 个顶点")
    page.get_by_label("名称").fill("新画的路")
    page.get_by_label("点位类型").select_option("main_road")
    page.get_by_label("编号").fill("NEW-1")
    page.get_by_label("所在社区").select_option(SANZAO)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("新画的路")
    with site.app.app_context():
        kept = point("NEW-1")
        assert kept.geometry is not None
        assert kept.geometry["type"] == "LineString"
        assert len(kept.geometry["coordinates"]) == 2
        version = kept.version
        db.session.remove()
    page.get_by_role("link", name="修改").click()
    expect(page.locator("#place-status")).to_contain_text("2 个顶点")
    page.get_by_role("button", name="保存").click()
    with site.app.app_context():
        assert point("NEW-1").version == version, "opening and saving moved nothing"


def test_typed_coordinates_move_the_pin(points, signed_in_page, site):
    page = signed_in_page("dispatcher")
    page.goto("/points/A-1/edit")
    page.get_by_label("输入坐标").fill("不是坐标")
    expect(page.locator("#coords-problem")).to_contain_text("看不懂")
    page.get_by_label("输入坐标").fill("113.375, 22.045")
    expect(page.locator("#place-status")).to_contain_text("113.37500, 22.04500")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".point-facts")).to_contain_text("金海岸社区")


@pytest.mark.parametrize("path", ["/points/", "/points/A-1", "/points/new", "/points/sheet"])
def test_the_pages_of_points_can_be_used_by_everybody(points, signed_in_page, path: str):
    page = signed_in_page("dispatcher")
    page.goto(path)
    page.wait_for_load_state("load")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_a_file_with_one_good_place_shows_it_on_the_map(points, signed_in_page):
    page = signed_in_page("dispatcher")
    page.goto("/points/import")
    table = "编号,名称,类型,经度,纬度\nT-1,测试公园,公园,113.36,22.05\nT-2,坏坐标,公园,999,abc\n"
    page.locator("input[type=file]").set_input_files(
        {"name": "points.csv", "mimeType": "text/csv", "buffer": table.encode()}
    )
    page.get_by_role("button", name="上传并检查").click()
    expect(page.locator("[data-area-map][data-ready]")).to_be_visible()
    expect(page.locator("[data-area-map] .map-message")).to_have_count(0)

"""A leader chooses a method and a place, sees it on the map, and opens the cases behind it."""

import re
from collections.abc import Callable
from random import Random

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.factories.spots import put, spread
from tests.factories.world import HAIAN, SANZAO
from tracker.storage.db import db

PICKED = re.compile("is-picked")


def furnish(site: Site) -> None:
    """Two crowds in 三灶 and noise around."""
    chance = Random(3)  # noqa: S311 - no secret
    with site.app.app_context():
        put(SANZAO, spread(chance, SANZAO, 60, 500))
        put(HAIAN, spread(chance, HAIAN, 60, 500))
        put(SANZAO, spread(chance, SANZAO, 30, 20, -300, 300), code="09009")
        put(SANZAO, spread(chance, SANZAO, 20, 20, 400, -300))
        db.session.remove()


def test_a_leader_finds_a_crowd_sees_it_on_the_map_and_opens_its_cases(
    site: Site, signed_in_page: Callable[..., Page]
) -> None:
    furnish(site)
    page = signed_in_page("leader")
    page.goto("/progress/hotspots")
    page.get_by_role("link", name="成片多发 DBSCAN").click()
    page.get_by_label("距离（米）").select_option("50")
    page.get_by_role("button", name="分析", exact=True).click()
    frame = page.frame_locator("#map-frame")
    items = page.locator(".spots > li")
    expect(items.first).to_be_visible()
    expect(frame.locator("html")).to_have_attribute("data-drawn", str(items.count()))

    everything = "marks => marks.map(mark => mark.getBoundingClientRect()).every(box => box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight)"
    assert frame.locator(".spot-mark").evaluate_all(everything), "the view holds each place"

    items.first.locator(".spot-pick").click()
    expect(items.first).to_have_class(PICKED)
    expect(frame.locator(".spot-mark.is-picked")).to_have_text("1")
    assert "near=" in page.url
    page.reload()
    expect(frame.locator(".spot-mark.is-picked")).to_have_text("1")

    frame.locator("body").evaluate("() => gridMap.setZoom(14, {animate: false})")
    frame.locator(".spot-mark", has_text="2").first.click()
    expect(items.nth(1)).to_have_class(PICKED)

    link = items.first.locator(".spot-list")
    n = int("".join(filter(str.isdigit, link.inner_text())))
    assert n >= 30
    link.click()
    expect(page.locator(".task-count")).to_have_text(f"共 {n} 条")
    expect(page.locator(".filter-chip", has_text="一处周边")).to_be_visible()

"""Today's route on an inspector's phone: from where they stand, changed by hand, on the map and on paper."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.factories.points import make_point
from tests.factories.rounds import make_round
from tests.factories.world import INSIDE, SANZAO
from tracker.storage.db import db

LON, LAT = INSIDE[SANZAO]


def test_an_inspector_makes_a_route_from_here_changes_it_and_opens_the_print(
    site: Site, signed_in_page: Callable[..., Page]
):
    with site.app.app_context():
        for n in (2, 0, 3, 1):
            make_point(
                site.world, SANZAO, name=f"街{n}号 ${{alert(1)}}", lon=LON + n * 0.001, lat=LAT
            )
        make_round(site.world, opened=True)
        db.session.remove()
    here = {"longitude": LON + 0.0041, "latitude": LAT}
    page = signed_in_page("inspector", phone=True, geolocation=here, permissions=["geolocation"])
    page.goto("/inspect/route")
    stops = page.locator("#day-route ol > li .row-link")
    expect(stops).to_have_count(4)
    page.get_by_role("button", name="从我的位置出发").click()
    expect(page.locator(".route-leg").first).to_contain_text("距出发点 103 米")
    expect(stops.first).to_contain_text("街3号")
    frame = page.frame_locator("#map-frame")
    page.locator("#map-frame").scroll_into_view_if_needed()
    expect(frame.locator("html")).to_have_attribute("data-drawn", "4")
    expect(frame.locator(".route-stop").first).to_have_attribute(
        "title", "第 1 站 街3号 ${alert(1)}"
    )

    down = page.get_by_role("button", name="下移：街3号")
    assert down.bounding_box()["height"] >= 44  # type: ignore[index]
    down.tap()
    expect(stops.first).to_contain_text("街2号")
    expect(page.locator("#route-said")).to_contain_text("现为第 2 站")
    expect(down).to_be_focused()
    page.keyboard.press("Enter")
    expect(stops.nth(2)).to_contain_text("街3号")
    expect(frame.locator(".route-stop").first).to_have_attribute(
        "title", "第 1 站 街2号 ${alert(1)}"
    )
    page.get_by_role("button", name="不去：街1号").tap()
    expect(stops).to_have_count(3)
    expect(frame.locator("html")).to_have_attribute("data-drawn", "3")
    page.reload()
    expect(stops).to_have_count(3)
    expect(stops.first).to_contain_text("街2号")

    page.get_by_role("link", name="打印路线单").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("今日检查路线")
    expect(page.locator(".route-qr svg")).to_have_count(3)
    expect(page.locator(".route-sheet > li").first).to_contain_text("街2号")

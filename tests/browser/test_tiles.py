"""The district's map draws its tasks out of tiles: counted from far, single and to be opened from near."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.factories.points import make_point
from tests.factories.responsibility import line_at, make_posts
from tests.factories.world import GUANGAN, INSIDE, SANZAO, make_task
from tracker.maps import queries
from tracker.tasks.given import Place
from tracker.tasks.states import State

pytestmark = pytest.mark.filterwarnings(
    "ignore:Session-scoped fixtures defined as instance methods"
)

FAR, NEAR = 11, 17


def drawn(
    page: Page, part: str, zoom: int, place: tuple[float, float], layer: str = "tiles"
) -> Frame:
    """The frame, with the map over a place and all its tiles there."""
    page.frame_locator("#map-frame").locator(f"html[data-{layer}]").wait_for(state="attached")
    [frame] = [one for one in page.frames if one.url.endswith(part)]
    frame.evaluate(
        """([layer, zoom, lon, lat]) => {
          delete document.documentElement.dataset[layer];
          window.gridMap.setView([lat, lon], zoom, { animate: false });
        }""",
        [layer, zoom, *place],
    )
    page.frame_locator("#map-frame").locator(f"html[data-{layer}]").wait_for(state="attached")
    return frame


def middle(page: Page, dx: float = 0, dy: float = 0) -> tuple[float, float]:
    box = page.locator("#map-frame").bounding_box()
    assert box
    return box["x"] + box["width"] / 2 + dx, box["y"] + box["height"] / 2 + dy


@pytest.fixture
def tasks(site: Any) -> str:
    with site.app.app_context():
        number = make_task(site.world, State.HANDLING)
        for _ in range(2):
            lon, lat = INSIDE[GUANGAN]
            make_task(
                site.world, community=GUANGAN, reporter="inspector_b",
                place=Place(lon=lon, lat=lat, method="pin", address="一条路"),
            )  # fmt: skip
    return number


def test_circles_count_from_far_and_a_task_opens_from_near(
    site: Any, signed_in_page: Callable[..., Page], tasks: str
) -> None:
    page = signed_in_page("leader")
    page.goto("/maps/")
    frame = page.frame_locator("#map-frame")
    inside = drawn(page, "/maps/frame", FAR, INSIDE[GUANGAN])
    assert frame.locator("html").get_attribute("data-tiles") == "2"
    expect(frame.locator(".shade-note")).to_contain_text("圆圈内为任务数")
    inside.evaluate(
        """() => window.gridMap.once('zoomend', () => {
          document.documentElement.dataset.zoomed = window.gridMap.getZoom();
        })"""
    )
    page.mouse.click(*middle(page))
    frame.locator(f"html[data-zoomed='{FAR + 2}']").wait_for(state="attached")
    # several on one spot open in turn, and say so
    drawn(page, "/maps/frame", NEAR, INSIDE[GUANGAN])
    page.mouse.click(*middle(page))
    expect(frame.locator(".map-notice")).to_contain_text("2 项任务")
    popup = frame.locator(".task-popup")
    expect(popup.locator(".popup-title")).not_to_be_empty()
    frame.locator(".leaflet-popup-close-button").click()
    # the task alone, by the keyboard too, and with the words that no tile carries
    drawn(page, "/maps/frame", NEAR, INSIDE[SANZAO])
    expect(frame.locator(".shade-looks")).to_contain_text("待受理")
    page.mouse.click(*middle(page))
    expect(popup.locator(".popup-number")).to_have_text(tasks)
    expect(popup.locator(".popup-title")).not_to_be_empty()
    expect(popup.locator(".popup-facts")).to_contain_text("区环卫中心")
    frame.locator(".leaflet-popup-close-button").click()
    frame.get_by_role("region", name="回车键打开正中的任务").focus()
    page.keyboard.press("Enter")
    expect(popup.locator(".popup-number")).to_have_text(tasks)
    # away with them, and the address remembers it
    page.locator("#map-tasks").click()
    expect(frame.locator(".task-pane canvas")).to_have_count(0)
    assert page.url.endswith("?tasks=hidden")


def test_points_and_posts_are_fetched_when_wanted_and_open_their_pages(
    site: Any, signed_in_page: Callable[..., Page]
) -> None:
    with site.app.app_context():
        point = make_point(site.world, actions=["7"])
        [post, *_] = make_posts(site.world, {"geometry": line_at(*INSIDE[GUANGAN])})
    page = signed_in_page("leader", phone=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/maps/")
    drawn(page, "/maps/frame", FAR, INSIDE[SANZAO])
    assert not [url for url in asked if "/tiles/points/" in url or "place_tiles" in url]
    page.get_by_role("button", name="测评点位").focus()
    page.keyboard.press("Enter")
    frame = page.frame_locator("#map-frame")
    frame.get_by_text("点位与责任区域图例").click()
    expect(frame.get_by_text("方框内为点位数")).to_be_visible()
    page.get_by_role("button", name="责任区域").click()
    expect(frame.locator(".map-notice")).to_contain_text("放大地图后显示责任区域")
    assert page.url.endswith("/maps/?layers=points.responsibility")
    page.locator("#map-tasks").click()
    page.reload()
    expect(page.get_by_role("button", name="测评点位")).to_have_attribute("aria-pressed", "true")
    for place, layer, path in (
        (INSIDE[SANZAO], "points", f"/points/{point}"),
        (INSIDE[GUANGAN], "responsibility", f"/responsibility/posts/{post}"),
    ):
        drawn(page, "/maps/frame", NEAR, place, "points")
        frame.locator(f"html[data-{layer}]").wait_for(state="attached")
        page.mouse.click(*middle(page))
        page.wait_for_url(f"**{path}", timeout=15_000)
        page.go_back()


def test_a_community_with_more_than_one_answer_holds_is_drawn_from_tiles(
    site: Any, signed_in_page: Callable[..., Page], tasks: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with site.app.app_context():
        more = make_task(site.world, State.REPORTED)
    monkeypatch.setattr(queries, "MAX_ROWS", 1)
    page = signed_in_page("leader")
    page.goto(f"/maps/{SANZAO}")
    frame = page.frame_locator("#map-frame")
    drawn(page, f"/maps/{SANZAO}/frame", NEAR, INSIDE[SANZAO])
    assert frame.locator("html").get_attribute("data-tiles") == "2"
    expect(page.locator("#map-cut")).to_contain_text("2 项")
    expect(page.locator("#map-all")).to_have_text("符合条件 2 项")
    expect(page.locator("#map-in-view")).to_be_hidden()
    page.mouse.click(*middle(page))
    expect(frame.locator(".popup-number")).to_have_text(min(tasks, more))
    # a state switched off is gone from the tiles too
    page.locator("[data-state=reported]").click()
    frame.locator("html[data-tiles='1']").wait_for(state="attached")

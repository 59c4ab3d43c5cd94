"""The maps in a real browser: figures, legend, list, popup, keyboard, phone, print."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from gis.coordinates import wgs84_to_gcj02
from tests.browser.looking import violations
from tests.factories.counted import recount
from tests.factories.world import (
    GUANGAN,
    HAIAN,
    SANZAO,
    TENGSHAN,
    make_task,
    task,
)
from tracker import clock
from tracker.maps import district_views
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.given import Place
from tracker.tasks.models import Task
from tracker.tasks.states import State

pytestmark = pytest.mark.filterwarnings(
    "ignore:Session-scoped fixtures defined as instance methods"
)


def at(lon: float, lat: float) -> Place:
    return Place(lon=lon, lat=lat, method="pin", address="依云路口")


def make_late(number: str) -> None:
    found = task(number)
    with unit_of_work() as work:
        row = work.get_one(Task, found.id)
        row.due_at, row.due_soon_at = (
            clock.now() - timedelta(days=2),
            clock.now() - timedelta(days=3),
        )


@pytest.fixture
def five_tasks(site):
    """Four in 三灶社区 far enough apart, of them one overdue and one without a position; one elsewhere."""
    with site.app.app_context():
        world = site.world
        made = {
            "reported": make_task(world, State.REPORTED, SANZAO, place=at(113.347, 22.037)),
            "late": make_task(world, State.HANDLING, SANZAO, place=at(113.363, 22.053)),
            "closed": make_task(world, State.CLOSED, SANZAO, place=at(113.347, 22.053)),
            "unplaced": make_task(
                world, State.FILED, SANZAO, place=Place(method="address", community_code=SANZAO)
            ),
            "elsewhere": make_task(world, State.REPORTED, HAIAN, code="09009"),
        }
        make_late(made["late"])
        recount()
    return made


def frame_of(page: Page) -> FrameLocator:
    """The map's frame, once it has drawn its data."""
    frame = page.frame_locator("#map-frame")
    frame.locator("html[data-drawn]").wait_for(state="attached")
    return frame


def open_area(page: Page, address: str = f"/maps/{SANZAO}") -> FrameLocator:
    page.goto(address)
    frame = frame_of(page)
    page.locator(".map-area[data-ready=yes]").wait_for()
    return frame


def numbers_in(page: Page) -> list[str]:
    return page.locator("#map-rows li").evaluate_all("rows => rows.map(row => row.dataset.number)")


def test_the_district_shades_communities_and_the_table_says_the_same(
    site, signed_in_page: Callable[..., Page], five_tasks
):
    page = signed_in_page("dispatcher")
    page.goto("/maps/")
    frame = frame_of(page)
    expect(frame.locator(".shade-legend h2")).to_have_text("未办结任务（项）")
    rows = frame.locator(".shade-legend li").all_inner_texts()
    assert [re.sub(r"\s+", " ", row).strip() for row in rows] == [
        "3 1 个社区", "1 1 个社区", "无数据 2 个社区",
    ]  # fmt: skip
    figures = page.locator(f"tr[data-code='{SANZAO}'] td").all_inner_texts()
    assert figures == ["3", "1", "0"]
    page.get_by_role("button", name="超期", exact=True).click()
    expect(frame.locator(".shade-legend h2")).to_have_text("超期任务（项）")


def test_a_large_districts_table_opens_by_town_ranks_and_finds(
    site, signed_in_page, five_tasks, monkeypatch
):
    monkeypatch.setattr(district_views, "OPEN_UP_TO", 3)
    page = signed_in_page("dispatcher")
    page.goto("/maps/")
    row = page.locator(f"tr[data-code='{SANZAO}']")
    town = page.locator("tbody", has=page.get_by_role("button", name="三灶镇"))
    expect(town.locator("[data-sum=open]")).to_have_text("4")
    expect(row).to_have_count(0)
    town.get_by_role("button").press("Enter")
    link = row.locator("[data-figure=overdue] a")
    assert link.get_attribute("href") == f"/tasks/?due=overdue&area={SANZAO}"
    page.locator("[data-rank=open] button").click()
    assert page.locator("#map-table tbody tr").count() == 4
    assert page.locator("#map-table tbody tr").first.get_attribute("data-code") == SANZAO
    page.get_by_label("查找社区").fill("三灶社")
    expect(page.locator("#map-table tbody tr")).to_have_count(1)
    page.get_by_label("查找社区").fill("没有这里")
    expect(page.locator("#map-none")).to_be_visible()


def test_the_districts_filter_acts_without_loading_the_page_again(site, signed_in_page, five_tasks):
    page = signed_in_page("dispatcher")
    page.goto("/maps/")
    frame_of(page)
    page.evaluate("window.same = true")
    page.locator("#map-category").select_option("09")
    expect(page.locator(f"tr[data-code='{SANZAO}'] [data-figure=open]")).to_have_text("0")
    expect(page.locator(f"tr[data-code='{HAIAN}'] [data-figure=open]")).to_have_text("1")
    assert page.evaluate("window.same")
    assert page.url.endswith("/maps/?category=09")


def test_a_click_on_a_community_opens_its_map(site, signed_in_page, five_tasks):
    page = signed_in_page("dispatcher")
    page.goto("/maps/")
    frame = frame_of(page)
    spot = frame.locator("body").evaluate(
        "() => { const p = gridMap.latLngToContainerPoint([22.05, 113.348]); return [p.x, p.y]; }"
    )
    frame.locator(".folium-map").click(position={"x": spot[0], "y": spot[1]})
    page.wait_for_url(f"**/maps/{SANZAO}")


def test_the_community_lists_what_is_on_its_map_by_deadline(site, signed_in_page, five_tasks):
    page = signed_in_page("dispatcher")
    open_area(page)
    made = five_tasks
    assert numbers_in(page) == [made["late"], made["unplaced"], made["reported"], made["closed"]]
    expect(page.locator("#map-in-view")).to_have_text("图上范围内 3 项")
    expect(page.locator("#map-unplaced")).to_have_text("其中 1 项无坐标，只在列表中")
    row = page.locator(f"li[data-number='{made['unplaced']}']")
    expect(row.locator(".chip-unplaced")).to_have_text("无坐标")
    expect(page.locator(f"li[data-number='{made['late']}'] .text-overdue")).to_have_text(
        "超期 2 天"
    )


def test_the_list_follows_the_map(site, signed_in_page, five_tasks):
    page = signed_in_page("dispatcher")
    frame = open_area(page)
    frame.locator("body").evaluate("() => gridMap.setView([22.037, 113.347], 18, {animate: false})")
    expect(page.locator("#map-in-view")).to_have_text("图上范围内 1 项")
    assert numbers_in(page) == [five_tasks["unplaced"], five_tasks["reported"]]


def test_the_legend_hides_a_state_and_the_address_keeps_it(site, signed_in_page, five_tasks):
    page = signed_in_page("dispatcher")
    open_area(page)
    closed = page.locator("[data-state=closed]")
    closed.focus()
    page.keyboard.press("Enter")
    expect(closed).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#map-all")).to_have_text("符合条件 3 项")
    shared = page.url
    assert "state=reported" in shared
    assert "state=closed" not in shared
    open_area(page, shared)
    assert five_tasks["closed"] not in numbers_in(page)
    expect(page.locator("[data-state=closed]")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("[data-count=closed]")).to_have_text("1")


def test_overdue_alone_can_be_shown(site, signed_in_page, five_tasks):
    page = signed_in_page("dispatcher")
    open_area(page)
    page.locator("[data-due=overdue]").click()
    expect(page.locator("#map-all")).to_have_text("符合条件 1 项")
    assert numbers_in(page) == [five_tasks["late"]]
    assert page.url.endswith("?due=overdue")


def test_a_search_asks_the_server_and_keeps_the_page(site, signed_in_page, five_tasks):
    page = signed_in_page("dispatcher")
    open_area(page)
    page.evaluate("window.same = true")
    page.locator("#map-q").fill(five_tasks["late"])
    expect(page.locator("#map-all")).to_have_text("符合条件 1 项")
    page.locator("#map-q").fill("没有这样的词")
    expect(page.locator("#map-empty")).to_have_text("没有符合条件的任务。")
    assert page.evaluate("window.same")


def test_a_row_opens_the_popup_and_hovering_rings_the_marker(site, signed_in_page, five_tasks):
    page = signed_in_page("dispatcher")
    frame = open_area(page)
    button = page.locator(f"button[data-number='{five_tasks['late']}']")
    button.focus()
    frame.locator("html").evaluate("""async () => {
        const ringed = () => Object.values(gridMap._layers).some((layer) => layer.options.radius === 17 && layer.options.fill === false);
        for (let i = 0; i < 50 && !ringed(); i += 1) await new Promise((go) => setTimeout(go, 50));
        if (!ringed()) throw new Error('no ring');
    }""")
    page.keyboard.press("Enter")
    popup = frame.locator(".task-popup")
    expect(popup.locator(".popup-number")).to_have_text(five_tasks["late"])
    expect(popup.locator(".text-overdue")).to_have_text("超期 2 天")
    expect(popup.locator(".popup-words")).to_contain_text("依云路口")
    link = popup.locator("a.popup-link")
    assert link.get_attribute("href") == f"/tasks/{five_tasks['late']}"
    picked = page.locator("li.is-picked")
    expect(picked).to_have_count(1)
    # The map moving lays the list anew; what was picked stays marked in it.
    picked.evaluate("(row) => row.setAttribute('data-laid', 'before')")
    frame.locator("html").evaluate("() => gridMap.fire('moveend')")
    expect(page.locator("li[data-laid]")).to_have_count(0)
    expect(picked).to_have_attribute("data-number", five_tasks["late"])


def test_a_click_on_a_marker_opens_its_popup(site, signed_in_page, five_tasks):
    page = signed_in_page("dispatcher")
    frame = open_area(page)
    spot = frame.locator("body").evaluate(
        "() => { const p = gridMap.latLngToContainerPoint([22.037, 113.347]); return [p.x, p.y]; }"
    )
    frame.locator(".folium-map").click(position={"x": spot[0], "y": spot[1]})
    expect(frame.locator(".popup-number")).to_have_text(five_tasks["reported"])


def test_clusters_can_be_switched_off_and_say_how_many_they_hold(site, signed_in_page):
    with site.app.app_context():
        for _ in range(3):
            make_task(site.world, State.REPORTED, SANZAO)
    page = signed_in_page("dispatcher")
    frame = open_area(page)
    cluster = frame.locator(".task-cluster")
    expect(cluster).to_have_attribute("aria-label", "3 项任务，其中超期 0 项；按回车放大")
    page.locator("[data-layer=clusters]").uncheck()
    expect(cluster).to_have_count(0)
    page.locator("[data-layer=clusters]").check()
    expect(cluster).to_have_count(1)


def test_a_map_without_a_border_looks_where_its_tasks_are(site, signed_in_page):
    from tracker.places.locating import bump_epoch
    from tracker.places.models import Area

    with site.app.app_context():
        make_task(site.world, State.REPORTED, TENGSHAN, reporter="inspector_b")
        with unit_of_work() as work:
            for code in ("440404", "440404101", TENGSHAN):
                work.get_one(Area, code).boundary_version = 0
            bump_epoch(work)
    page = signed_in_page("dispatcher")
    open_area(page, f"/maps/{TENGSHAN}")
    expect(page.locator("#map-in-view")).to_have_text("图上范围内 1 项")


def test_on_the_phone_map_and_list_are_two_tabs(site, signed_in_page, five_tasks):
    page = signed_in_page("dispatcher", phone=True)
    frame = open_area(page)
    expect(page.locator(".map-list")).to_be_hidden()
    page.get_by_role("button", name="列表 4").click()
    expect(page.locator("#map-rows li")).to_have_count(4)
    page.locator(f"button[data-number='{five_tasks['late']}']").click()
    expect(page.locator(".map-list")).to_be_hidden()
    expect(frame.locator(".popup-number")).to_have_text(five_tasks["late"])
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_phone_shows_where_the_person_stands(site, signed_in_page, five_tasks):
    page = signed_in_page(
        "dispatcher", phone=True, permissions=["geolocation"],
        geolocation={"longitude": 113.35, "latitude": 22.04, "accuracy": 12},
    )  # fmt: skip
    frame = open_area(page)
    frame.get_by_role("button", name="定位到我的位置").click()
    expect(frame.locator(".map-notice")).to_have_text("您的位置（误差约 12 米）")


@pytest.mark.parametrize("path", ["/maps/", f"/maps/{SANZAO}"])
@pytest.mark.parametrize("phone", [False, True])
def test_axe_finds_nothing_serious_on_page_and_frame(site, signed_in_page, five_tasks, path, phone):
    page = signed_in_page("dispatcher", phone=phone)
    page.goto(path)
    frame_of(page)
    assert violations(page) == []


def test_paper_carries_title_legend_note_and_date_but_no_controls(site, signed_in_page, five_tasks):
    page = signed_in_page("dispatcher")
    open_area(page)
    page.emulate_media(media="print")
    expect(page.locator(".map-title h1")).to_be_visible()
    expect(page.locator("[data-state=handling]")).to_be_visible()
    expect(page.locator(".map-print-foot")).to_contain_text("工作示意图")
    expect(page.locator(".map-print-foot")).to_contain_text("打印时间")
    expect(page.locator(".map-filters")).to_be_hidden()
    expect(page.locator("[data-state=rejected]")).to_be_hidden()


def test_a_map_of_another_town_is_not_there(site, signed_in_page):
    site.allowed.add(404)
    page = signed_in_page("inspector")
    answer = page.goto(f"/maps/{GUANGAN}")
    assert answer is not None
    assert answer.status == 404


def test_a_message_from_another_window_is_ignored(site, signed_in_page, five_tasks):
    page = signed_in_page("dispatcher")
    frame = open_area(page)
    page.evaluate(
        "() => window.postMessage({kind: 'view', rows: [], inView: 77, flags: {}, byState: {}}, location.origin)"
    )
    frame.locator("body").evaluate(
        "() => window.postMessage({kind: 'filter', search: '?q=nothing'}, location.origin)"
    )
    page.wait_for_timeout(200)
    expect(page.locator("#map-in-view")).to_have_text("图上范围内 3 项")


def test_on_a_shifted_background_everything_drawn_is_shifted_too(site, signed_in_page, five_tasks):
    page = signed_in_page("dispatcher")
    frame = open_area(page)
    east = "() => Math.max(...gridClusters.getLayers().map((marker) => marker.getLatLng().lng))"
    assert frame.locator("body").evaluate(east) == pytest.approx(113.363, abs=1e-6)
    frame.locator("body").evaluate("""() => {
        gridBasemaps[0].coordSys = 'gcj02';
        gridMap.fire('baselayerchange', {layer: gridBasemaps[0].layer});
    }""")
    shifted, _lat = wgs84_to_gcj02([113.363], [22.053])
    assert frame.locator("body").evaluate(east) == pytest.approx(shifted[0], abs=1e-6)
    expect(page.locator("#map-in-view")).to_have_text("图上范围内 3 项")

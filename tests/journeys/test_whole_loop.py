"""One problem from the street to the map: five people, each with an own browser, each their step."""

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, FrameLocator, Page, expect

from tests.browser.test_report import photo, pin
from tests.factories.browsing import Site
from tests.factories.world import INSIDE, SANZAO, make_task, task
from tests.journeys.conftest import figure, go_home, sign_in, step
from tracker.access.permissions import Permission
from tracker.access.policy import WHO
from tracker.storage.db import db
from tracker.tasks.states import ACTION_LABELS, Action, State

OpenContext = Callable[..., BrowserContext]

NOTE = "请今天内清运，注意冲洗地面"
#: the UUID in the address of a photo
PHOTO = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
MEASURES = "已清运垃圾"
MEASURES_AGAIN = "已清运垃圾并冲洗地面"
WHY_AGAIN = "地面仍有污渍，请冲洗后重新提交"


def test_a_problem_is_reported_dispatched_put_right_checked_and_seen_on_the_map(
    site: Site, open_context: OpenContext
) -> None:
    site.allowed.add(409)
    with site.app.app_context():
        other = make_task(site.world, State.REPORTED, SANZAO, code="09009")
        db.session.remove()
    inspector, dispatcher, clerk, verifier, leader = (
        open_context(phone=on_phone).new_page() for on_phone in (True, False, True, True, False)
    )
    number = inspector_reports(inspector)
    dispatcher_files_and_dispatches(dispatcher, number)
    clerk_signs_for_it(clerk, number)
    clerk_submits(clerk, MEASURES, shade=90)
    clerk_cannot_verify(clerk)
    verifier_sends_it_back(verifier, number)
    clerk_submits_again(clerk)
    verifier_passes(verifier)
    sign_in(leader, "leader")
    leader_finds_it_on_the_map(site, leader, number, other)
    leader_reads_the_whole_story(leader)
    inspector_sees_it_closed(inspector)


def inspector_reports(page: Page) -> str:
    sign_in(page, "inspector")
    expect(figure(page, "我上报的未结案")).to_have_text("1")
    page.get_by_role("main").get_by_role("link", name="上报问题").click()
    page.set_input_files("#before_photos [data-photo-gallery]", photo(at=INSIDE[SANZAO]))
    expect(page.locator("#before_photos .photo-tile.is-done")).to_be_visible()
    expect(page.locator("#use-photo")).to_be_visible()
    pin(page)
    page.locator("#address").fill("依云路口公交站旁")
    page.locator("#category-search").fill("暴露垃圾")
    page.locator(".category-option", has_text="06010").click()
    expect(page.locator("[data-hint-area]")).to_contain_text("三灶社区")
    expect(page.locator("#report-hints")).to_contain_text("区环卫中心")
    phrase = page.locator("#phrases .pick-chip").first
    words = phrase.inner_text()
    phrase.click()
    expect(page.locator("#description")).to_have_value(words)
    page.locator("#send").click()
    page.wait_for_url(re.compile(r"/tasks/JW-"))
    expect(page.locator(".task-head .chip-reported")).to_have_text("待受理")
    expect(page.locator(".task-description")).to_have_text(words)
    return page.locator(".task-number-big").inner_text()


def dispatcher_files_and_dispatches(page: Page, number: str) -> None:
    """From the first page in one press; a second tab, opened before, is told and keeps its words."""
    sign_in(page, "dispatcher")
    expect(figure(page, "待受理")).to_have_text("2")
    page.locator("a.work-row", has_text="依云路口公交站旁").click()
    page.wait_for_url(f"**/tasks/{number}")
    old = page.context.new_page()
    old.goto(f"/tasks/{number}")
    filing = step(page, "file")
    expect(filing.get_by_label("责任单位").locator("option:checked")).to_have_text("区环卫中心")
    filing.get_by_role("button", name="立案并派遣").click()
    expect(page.get_by_text("已办理“立案并派遣”，任务现为“待签收”")).to_be_visible()
    go_home(page)
    expect(figure(page, "待受理")).to_have_text("1")
    filing = step(old, "file")
    filing.get_by_label("派遣意见").fill(NOTE)
    filing.get_by_role("button", name="立案并派遣").click()
    expect(old.get_by_role("heading", name="任务已被他人更新")).to_be_visible()
    expect(old.locator(".timeline-who")).to_contain_text(["dispatcher", "dispatcher"])
    expect(old.locator(".typed-words")).to_have_text(NOTE)
    old.close()


def clerk_signs_for_it(page: Page, number: str) -> None:
    sign_in(page, "clerk")
    expect(figure(page, "待签收")).to_have_text("1")
    page.locator("a.work-row", has_text="依云路口公交站旁").click()
    page.wait_for_url(f"**/tasks/{number}")
    page.locator(".action-bar a").click()
    step(page, "acknowledge").get_by_role("button", name="签收").click()
    expect(page.get_by_text("任务现为“整改中”")).to_be_visible()


def clerk_submits(page: Page, measures: str, *, shade: int) -> None:
    page.locator(".action-bar a").click()
    panel = step(page, "submit")
    panel.get_by_label("整改措施").fill(measures)
    page.set_input_files("#after_photos [data-photo-gallery]", photo(shade=shade))
    expect(page.locator("#after_photos .photo-tile.is-done")).to_be_visible()
    panel.get_by_role("button", name="提交核查").click()
    expect(page.get_by_text("任务现为“待核查”")).to_be_visible()


def clerk_cannot_verify(page: Page) -> None:
    """Who did the work never checks it: no button, and the page says who does."""
    for action in (Action.PASS, Action.REWORK):
        expect(page.locator(f"#do-{action}")).to_have_count(0)
    refused = page.locator(".action-refused")
    if refused.get_attribute("open") is None:
        refused.locator("summary").click()
    told = refused.locator("div", has=page.locator("dt", has_text=ACTION_LABELS[Action.PASS]))
    expect(told.locator("dd").first).to_have_text(WHO[Permission.TASK_VERIFY])


def verifier_sends_it_back(page: Page, number: str) -> None:
    sign_in(page, "verifier")
    expect(figure(page, "待核查")).to_have_text("1")
    page.locator("a.work-row", has_text="依云路口公交站旁").click()
    page.wait_for_url(f"**/tasks/{number}")
    panel = step(page, "rework")
    panel.get_by_label("问题没有整改到位").check()
    panel.get_by_label("具体说明").fill(WHY_AGAIN)
    panel.get_by_role("button", name=ACTION_LABELS[Action.REWORK]).click()
    expect(page.get_by_text("任务现为“整改中”")).to_be_visible()
    go_home(page)
    expect(figure(page, "待核查")).to_have_text("0")


def clerk_submits_again(page: Page) -> None:
    go_home(page)
    expect(figure(page, "整改中")).to_have_text("1")
    page.locator("a.work-row", has_text="依云路口公交站旁").click()
    expect(page.locator(".task-timeline")).to_contain_text(WHY_AGAIN)
    clerk_submits(page, MEASURES_AGAIN, shade=200)


def verifier_passes(page: Page) -> None:
    go_home(page)
    expect(figure(page, "待核查")).to_have_text("1")
    page.locator("a.work-row", has_text="依云路口公交站旁").click()
    expect(page.locator(".task-timeline")).to_contain_text(MEASURES_AGAIN)
    page.locator(".action-bar a").click()
    step(page, "pass").get_by_role("button", name=ACTION_LABELS[Action.PASS]).click()
    page.locator("#confirm-dialog").get_by_role("button", name=ACTION_LABELS[Action.PASS]).click()
    expect(page.get_by_text("任务现为“已结案”")).to_be_visible()


def leader_finds_it_on_the_map(site: Site, page: Page, number: str, other: str) -> None:
    page.get_by_role("main").get_by_role("link", name="查看地图").click()
    frame = drawn(page)
    lon, lat = INSIDE[SANZAO]
    click_at(frame, lon - 0.008, lat - 0.008)  # a press on a circle goes nearer instead
    page.wait_for_url(f"**/maps/{SANZAO}")
    frame = drawn(page)
    expect(page.locator("#map-all")).to_have_text("符合条件 2 项")
    page.locator(".map-key[data-state=reported]").click()
    expect(page.locator("#map-all")).to_have_text("符合条件 1 项")
    rows = page.locator("#map-rows li")
    expect(rows).to_have_count(1)
    expect(rows.locator(".chip-closed")).to_have_text("已结案")
    with site.app.app_context():
        found = task(number)
        lon, lat = found.lon, found.lat
        db.session.remove()
    assert lon is not None
    assert lat is not None
    click_at(frame, lon, lat)
    popup = frame.locator(".task-popup")
    expect(popup.locator(".popup-number")).to_have_text(number)
    expect(popup.locator(".chip-closed")).to_have_text("已结案")
    expect(popup.locator(".popup-photos img")).to_have_count(2)
    shown = [PHOTO.findall(str(image.get_attribute("src"))) for image in popup.locator("img").all()]
    expect(rows).not_to_contain_text(other)
    popup.locator("a.popup-link").click()
    page.wait_for_url(f"**/tasks/{number}")
    for found in shown:
        expect(page.locator(f'main img[src*="{found[0]}"]').first).to_be_attached()


def drawn(page: Page) -> FrameLocator:
    """The map's frame, once its data are on it."""
    frame = page.frame_locator("#map-frame")
    frame.locator("html[data-drawn]").wait_for(state="attached")
    return frame


def click_at(frame: FrameLocator, lon: float, lat: float) -> None:
    """Click the map at a position (lon, lat), WGS-84."""
    x, y = frame.locator("body").evaluate(
        "(body, [lon, lat]) => { const p = gridMap.latLngToContainerPoint([lat, lon]); return [p.x, p.y]; }",
        [lon, lat],
    )
    frame.locator(".folium-map").click(position={"x": x, "y": y})


def leader_reads_the_whole_story(page: Page) -> None:
    page.get_by_role("button", name="并排查看").click()
    for name in ("整改前", "整改后"):
        image = page.locator(".photo-pair").get_by_role("img", name=name, exact=True).first
        expect(image).to_be_visible()
        expect(image).to_have_js_property("complete", True)
        assert image.evaluate("image => image.naturalWidth") > 0
    story = (
        (Action.REPORT, "inspector"), (Action.FILE, "dispatcher"), (Action.DISPATCH, "dispatcher"),
        (Action.ACKNOWLEDGE, "clerk"), (Action.SUBMIT, "clerk"), (Action.REWORK, "verifier"),
        (Action.SUBMIT, "clerk"), (Action.PASS, "verifier"),
    )  # fmt: skip
    line = page.locator(".task-timeline")
    expect(line.locator(".timeline-head strong")).to_have_text([ACTION_LABELS[a] for a, _ in story])
    expect(line.locator(".timeline-who")).to_contain_text([who for _, who in story])
    for words in (MEASURES, WHY_AGAIN, MEASURES_AGAIN):
        expect(line).to_contain_text(words)
    expect(page.locator(".chain-mark")).to_have_text(f"记录链完整，共 {len(story)} 条")


def inspector_sees_it_closed(page: Page) -> None:
    go_home(page)
    expect(figure(page, "我上报的未结案")).to_have_text("1")
    expect(figure(page, "我上报的已结案")).to_have_text("1")

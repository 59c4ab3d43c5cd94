"""The time line in a real browser: the slider by keyboard, play to the end, words since the last meeting."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.factories.meetings import make_meeting
from tests.factories.world import HAIAN, SANZAO, TOWN_A, given_for, given_report
from tracker import clock
from tracker.access.actor import SYSTEM
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.operations import apply
from tracker.tasks.states import Action

pytestmark = pytest.mark.filterwarnings(
    "ignore:Session-scoped fixtures defined as instance methods"
)


def make_past(site) -> None:
    """One task of twenty days ago, two of ten days ago, one of them rejected five days ago."""
    now = clock.now()
    with unit_of_work() as work:
        for place, back in ((SANZAO, 20), (SANZAO, 10), (HAIAN, 10)):
            at = now - timedelta(days=back)
            made = apply(Action.REPORT, None, actor=SYSTEM, given=given_report(place), at=at).task
            work.flush()
        apply(
            Action.REJECT, made, actor=SYSTEM, given=given_for(site.world, Action.REJECT),
            at=now - timedelta(days=5),
        )  # fmt: skip
    make_meeting(site.world)
    db.session.remove()


def test_a_leader_plays_the_past_and_reads_what_changed_since_the_meeting(site, signed_in_page):
    with site.app.app_context():
        make_past(site)
    page = signed_in_page("leader")
    page.goto(f"/progress/timeline?area={TOWN_A}")
    frame = page.frame_locator("#line-frame")
    expect(frame.locator("html")).to_have_attribute("data-drawn", "2")
    slider = page.get_by_role("slider")
    expect(slider).to_be_enabled()

    def opened(code: str):
        return page.locator(f"#line-table tr[data-code='{code}'] [data-figure=open] a")

    expect(opened(SANZAO)).to_have_text("2")
    expect(opened(HAIAN)).to_have_text("0")
    slider.focus()
    for _ in range(7):
        page.keyboard.press("ArrowLeft")
    expect(opened(HAIAN)).to_have_text("1")
    expect(slider).to_have_js_property("value", "22")
    page.keyboard.press("PageDown")
    expect(slider).to_have_js_property("value", "15")
    expect(opened(SANZAO)).to_have_text("1")
    expect(opened(TOWN_A)).to_have_text("1")
    assert slider.get_attribute("aria-valuetext") == page.locator("#line-day").inner_text()
    page.wait_for_url(f"**on={clock.today() - timedelta(days=14)}*")
    opened(SANZAO).click()  # a past day leads to the tasks as they stood
    expect(page.locator("#line-tasks li")).to_have_count(1)
    expect(frame.locator("html")).to_have_attribute("data-drawn", "1")
    page.go_back()

    expect(slider).to_have_js_property("value", "15")
    page.get_by_label("速度").select_option("快")
    page.get_by_label("步长").select_option("按周")
    page.get_by_role("button", name="播放").click()
    expect(slider).to_have_js_property("value", "29")
    expect(page.get_by_role("button", name="播放")).to_have_attribute("aria-pressed", "false")
    expect(opened(SANZAO)).to_have_text("2")
    page.locator(".line-meetings button").click()
    expect(slider).to_have_js_property("value", "14")

    page.get_by_role("link", name="较上次调度会的变化").click()
    expect(page.locator("#line-words")).to_contain_text("“第三次调度会”当天结束以来：新发现 2 件")
    expect(page.locator("#line-words")).to_contain_text("未办结由 1 件变为 2 件")

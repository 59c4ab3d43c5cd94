"""Task pages in a real browser: rows open, filters act in place, steps ask once more, old pages say so."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.factories.world import category, given_for, make_task, task
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.operations import Order, perform
from tracker.tasks.states import Action, State

Opened = Callable[..., Page]


def furnish(site: Site, *states: State) -> list[str]:
    with site.app.app_context():
        numbers = [make_task(site.world, state) for state in states]
        db.session.remove()
    return numbers


def state_of(site: Site, number: str) -> str:
    with site.app.app_context():
        return task(number).state


def step(site: Site, number: str, action: Action, who: str) -> None:
    with site.app.app_context():
        order = Order(action, given_for(site.world, action))
        actor = site.world.actor(who)
        perform([order], number=number, actor=actor, version=None, request_uuid=str(uuid4()))
        db.session.remove()


def test_a_row_opens_on_click_and_on_enter(site: Site, signed_in_page: Opened) -> None:
    first, second = furnish(site, State.REPORTED, State.FILED)
    page = signed_in_page("dispatcher")
    page.goto("/tasks/")
    page.locator("[data-row]", has_text=first).get_by_text("三灶社区").click()
    expect(page).to_have_url(re.compile(first))
    page.goto("/tasks/")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name=second)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(second))


def test_a_filter_acts_in_place_and_stands_in_the_address_bar(
    site: Site, signed_in_page: Opened
) -> None:
    reported, filed = furnish(site, State.REPORTED, State.FILED)
    page = signed_in_page("dispatcher")
    page.goto("/tasks/")
    page.evaluate("window.stayed = true")
    page.get_by_label("待派遣").check()
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.locator("[data-row]")).to_contain_text(filed)
    expect(page).to_have_url(re.compile(r"/tasks/\?state=filed$"))
    assert page.evaluate("window.stayed")
    page.get_by_role("link", name="去掉筛选：待派遣").click()
    expect(page.locator("[data-row]")).to_have_count(2)
    expect(page.locator("#task-results")).to_contain_text(reported)


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_filing_and_dispatching_is_one_press(
    site: Site, signed_in_page: Opened, phone: bool
) -> None:
    (number,) = furnish(site, State.REPORTED)
    page = signed_in_page("dispatcher", phone=phone)
    page.goto(f"/tasks/{number}")
    expect(page.locator("[data-place]")).to_have_attribute("data-drawn", "1")
    if phone:
        page.locator(".action-bar a").click()
    page.get_by_role("button", name="立案并派遣").click()
    expect(page.get_by_text("任务现为“待签收”")).to_be_visible()
    assert state_of(site, number) == State.DISPATCHED


def test_another_category_brings_its_unit_and_deadline(site: Site, signed_in_page: Opened) -> None:
    (number,) = furnish(site, State.REPORTED)
    with site.app.app_context():
        parking = category("09009")
        db.session.remove()
    page = signed_in_page("dispatcher")
    page.goto(f"/tasks/{number}")
    page.get_by_label("问题类别").select_option(str(parking))
    expect(page.locator("#file-unit_id")).to_have_value(str(site.world.units["police"]))
    page.locator("#file-limit_value").fill("0")
    expect(page.locator("[data-due-preview]").first).to_have_text("")
    page.locator("#file-limit_value").fill("5")
    expect(page.locator("[data-due-preview]").first).to_contain_text("截止于")


def test_what_cannot_be_undone_asks_once_more(site: Site, signed_in_page: Opened) -> None:
    (number,) = furnish(site, State.REPORTED)
    page = signed_in_page("dispatcher")
    page.goto(f"/tasks/{number}")
    page.locator("summary", has_text="不予立案").click()
    panel = page.locator("#do-reject")
    panel.get_by_label("原因").fill("与前一件重复")
    panel.get_by_role("button", name="不予立案").click()
    dialog = page.locator("#confirm-dialog")
    expect(dialog).to_contain_text("确定不予立案吗")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert state_of(site, number) == State.REPORTED
    panel.get_by_role("button", name="不予立案").click()
    dialog.get_by_role("button", name="不予立案").click()
    expect(page.get_by_text("任务现为“不予立案”")).to_be_visible()
    assert state_of(site, number) == State.REJECTED


def test_an_old_page_says_what_changed_and_sends_the_words_again(
    site: Site, signed_in_page: Opened
) -> None:
    (number,) = furnish(site, State.HANDLING)
    site.allowed.add(409)
    page = signed_in_page("clerk")
    page.goto(f"/tasks/{number}")
    step(site, number, Action.COMMENT, "leader")
    page.get_by_label("整改措施").fill("已安排清运并冲洗")
    page.get_by_label("无照片原因").fill("夜间无法拍照")
    page.get_by_role("button", name="提交核查").click()
    expect(page.get_by_role("heading", name="任务已被他人更新")).to_be_visible()
    expect(page.get_by_text("测试内容")).to_be_visible()
    expect(page.get_by_label("整改措施")).to_have_value("已安排清运并冲洗")
    page.get_by_role("button", name="提交核查").click()
    expect(page.get_by_text("任务现为“待核查”")).to_be_visible()
    assert state_of(site, number) == State.SUBMITTED


def test_a_long_description_is_folded_until_asked_for(site: Site, signed_in_page: Opened) -> None:
    long, short = furnish(site, State.REPORTED, State.REPORTED)
    with site.app.app_context():
        with unit_of_work():
            task(long).description = "\n".join(f"第{n}处：绿化带内有垃圾" for n in range(1, 31))
        db.session.remove()
    page = signed_in_page("dispatcher", phone=True)
    page.goto(f"/tasks/{long}")
    text = page.locator("#task-description")
    folded = text.evaluate("(one) => one.clientHeight")
    assert folded < text.evaluate("(one) => one.scrollHeight")
    page.get_by_role("button", name="展开").click()
    assert text.evaluate("(one) => one.clientHeight === one.scrollHeight")
    page.get_by_role("button", name="收起").click()
    assert text.evaluate("(one) => one.clientHeight") == folded
    page.goto(f"/tasks/{short}")
    expect(page.locator("#task-description")).to_be_visible()
    expect(page.get_by_role("button", name="展开")).to_have_count(0)

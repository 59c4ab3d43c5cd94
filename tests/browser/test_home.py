"""The first page in a real browser: numbers open lists, forms are sent once, notices close."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.conftest import Site
from tests.factories.world import make_task
from tracker.storage.db import db
from tracker.tasks.states import State


def _furnish(site: Site, *states: State) -> list[str]:
    with site.app.app_context():
        numbers = [make_task(site.world, state) for state in states]
        db.session.remove()
    return numbers


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_number_opens_the_list_behind_it(
    site: Site, signed_in_page: Callable[..., Page], phone: bool
) -> None:
    wanted, other = _furnish(site, State.FILED, State.REPORTED)
    page = signed_in_page("dispatcher", phone=phone)
    page.goto("/")
    page.get_by_role("link", name=re.compile("^1 待派遣")).click()
    expect(page).to_have_url(re.compile(r"/tasks/\?state=filed"))
    expect(page.get_by_role("main")).to_contain_text(wanted)
    expect(page.get_by_role("main")).not_to_contain_text(other)


def test_a_task_of_a_short_list_opens(site: Site, signed_in_page: Callable[..., Page]) -> None:
    (number,) = _furnish(site, State.HANDLING)
    page = signed_in_page("clerk")
    page.goto("/")
    page.get_by_role("region", name="整改待办").get_by_role("link").filter(
        has_text="路边暴露垃圾"
    ).click()
    expect(page).to_have_url(re.compile(number))


def test_the_inspector_reports_with_one_press_on_the_phone(
    site: Site, signed_in_page: Callable[..., Page]
) -> None:
    page = signed_in_page("inspector", phone=True)
    page.goto("/")
    button = page.get_by_role("link", name="上报问题")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert box["y"] + box["height"] < 844 / 2, "above the fold without scrolling"
    button.click()
    expect(page).to_have_url(re.compile("/tasks/new$"))


def test_an_unsent_report_is_remembered_on_the_first_page(
    site: Site, signed_in_page: Callable[..., Page]
) -> None:
    page = signed_in_page("inspector", phone=True)
    page.goto("/")
    hint = page.get_by_text("有一份没有发出的上报")
    expect(hint).to_be_hidden()
    owner = site.world.users["inspector"]
    page.evaluate(f"localStorage.setItem('report-draft:{owner}', '{{}}')")
    page.reload()
    expect(hint).to_be_visible()


def test_a_form_pressed_twice_is_sent_once(site: Site, page: Page) -> None:
    sent: list[str] = []

    def slow(route: Route) -> None:
        if route.request.method == "POST":
            sent.append(route.request.url)
        route.fulfill(status=204)

    page.goto("/login")
    page.route("**/locale", slow)
    button = page.get_by_role("button", name="English")
    button.click()
    button.click(force=True)
    page.wait_for_timeout(300)
    assert len(sent) == 1
    expect(button).to_have_attribute("aria-disabled", "true")
    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect(button).not_to_have_attribute("aria-disabled", "true")
    button.click()
    page.wait_for_timeout(300)
    assert len(sent) == 2


def test_the_page_says_when_the_network_is_gone(
    site: Site, open_context: Callable[..., BrowserContext]
) -> None:
    context = open_context()
    page = context.new_page()
    page.goto("/login")
    mark = page.get_by_text("网络已断开")
    expect(mark).to_be_hidden()
    page.wait_for_load_state("networkidle")
    context.set_offline(True)
    expect(mark).to_be_visible()
    context.set_offline(False)
    expect(mark).to_be_hidden()
    # what the browser itself says of the missing network is what this test asked for
    site.complaints[:] = [one for one in site.complaints if "ERR_INTERNET_DISCONNECTED" not in one]


def test_the_language_is_switched_and_kept(site: Site, signed_in_page: Callable[..., Page]) -> None:
    page = signed_in_page("leader")
    page.goto("/")
    page.get_by_role("button", name="English").click()
    assert page.evaluate("document.documentElement.lang") == "en"
    page.goto("/")
    assert page.evaluate("document.documentElement.lang") == "en"
    page.get_by_role("button", name="中文").click()
    assert page.evaluate("document.documentElement.lang") == "zh-CN"


def test_on_paper_there_is_content_and_no_menu(
    site: Site, signed_in_page: Callable[..., Page]
) -> None:
    page = signed_in_page("leader")
    page.goto("/")
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="整改形势")).to_be_visible()
    expect(page.get_by_role("navigation", name="主导航")).to_be_hidden()
    expect(page.get_by_role("link", name="查看地图")).to_be_hidden()

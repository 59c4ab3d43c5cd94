"""No page keeps anybody out: the keyboard reaches everything, and what has the focus is seen."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.looking import violations


def test_a_refusal_page_has_no_serious_violation(site: Site, page: Page) -> None:
    site.allowed.add(404)
    page.goto("/no/such/page")
    assert violations(page) == []


def test_the_keyboard_reaches_the_content_first(
    site: Site, signed_in_page: Callable[..., Page]
) -> None:
    page = signed_in_page("dispatcher")
    page.goto("/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="跳到正文")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_what_has_the_focus_is_seen(site: Site, signed_in_page: Callable[..., Page]) -> None:
    page = signed_in_page("dispatcher")
    page.goto("/")
    step = page.get_by_role("link", name="受理上报")
    for _ in range(40):
        page.keyboard.press("Tab")
        if step.evaluate("element => element === document.activeElement"):
            break
    assert step.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"

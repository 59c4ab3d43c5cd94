"""The language is the reader's: changed at the top of a page, it stays."""

from collections.abc import Callable

from playwright.sync_api import Page


def test_the_language_is_changed_at_the_top_of_every_page_and_stays(
    signed_in_page: Callable[..., Page],
) -> None:
    page = signed_in_page("dispatcher")
    page.goto("/tasks/")
    page.get_by_role("button", name="English").click()
    page.wait_for_url("**/tasks/")
    assert page.get_by_role("heading", level=1).inner_text() == "Tasks"
    page.goto("/maps/")
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("button", name="中文").click()
    page.wait_for_url("**/maps/")
    assert page.locator("html").get_attribute("lang") == "zh-CN"

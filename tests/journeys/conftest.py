"""The live server and the browsers of the journeys, and what a person does in more than one of them."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.factories.browsing import (
    Site,
    any_page,
    browser_type_launch_args,
    open_context,
    page,
    phone,
    signed_in_page,
    site,
)
from tests.factories.world import PASSWORD

__all__ = [
    "Site",
    "any_page",
    "browser_type_launch_args",
    "open_context",
    "page",
    "phone",
    "signed_in_page",
    "site",
]

#: What everybody chooses in place of a first password.
OWN_PASSWORD = "my-own-long-word-5"


def sign_in(page: Page, username: str, password: str = PASSWORD) -> None:
    """Sign in through the form, as a person does."""
    page.goto("/login")
    page.get_by_label("账号名", exact=True).fill(username)
    page.get_by_label("密码", exact=True).fill(password)
    page.get_by_role("main").get_by_role("button", name="登录").click()


def sign_in_for_the_first_time(page: Page, username: str, first: str) -> None:
    """Sign in with a first password, which has to be changed before anything else."""
    sign_in(page, username, first)
    expect(page.get_by_text("这是您的首次密码")).to_be_visible()
    page.get_by_label("原密码").fill(first)
    page.get_by_label("新密码", exact=True).fill(OWN_PASSWORD)
    page.get_by_label("再输一遍新密码").fill(OWN_PASSWORD)
    page.get_by_role("button", name="修改密码").click()
    expect(page.get_by_text("密码已修改")).to_be_visible()
    expect(page.get_by_role("heading", name="今日工作")).to_be_visible()


def go_home(page: Page) -> None:
    """Press 首页 in the rail or among the bottom tabs, whichever is shown."""
    page.wait_for_load_state()  # before its styles have come a page shows both
    page.locator("nav a:visible", has_text="首页").click()


def figure(page: Page, label: str) -> Locator:
    """The number above `label` on a first page."""
    return page.locator("a.figure", has_text=label).locator(".figure-value")


def step(page: Page, action: str) -> Locator:
    """The panel of an action on a task's page, unfolded."""
    panel = page.locator(f"#do-{action}")
    folded = panel.locator("xpath=self::details[not(@open)]/summary")
    if folded.count():
        folded.click()
    return panel


def describe(page: Page, photo: dict[str, Any], words: str) -> None:
    """Fill the open report form but for the place: photo, category, words."""
    page.set_input_files("#before_photos [data-photo-gallery]", photo)
    expect(page.locator("#before_photos .photo-tile.is-done")).to_be_visible()
    page.locator("#category-search").fill("暴露垃圾")
    page.locator(".category-option", has_text="06010").click()
    page.locator("#description").fill(words)

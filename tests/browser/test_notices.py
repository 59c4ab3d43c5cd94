"""The bell and the inbox in a real browser, on the phone and at the desk; a text is copied by a press."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.factories.notices import make_channel, make_digest
from tests.factories.world import make_task
from tracker.storage.db import db
from tracker.tasks.states import State


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_the_bell_counts_leads_to_the_inbox_and_goes_quiet_when_the_task_is_opened(
    site: Site, signed_in_page: Callable[..., Page], phone: bool
) -> None:
    with site.app.app_context():
        number = make_task(site.world, State.DISPATCHED)
        db.session.remove()
    page = signed_in_page("clerk", phone=phone)
    page.goto("/")
    bell = page.get_by_role("link", name="通知，1 条未读")
    box = bell.bounding_box()
    assert box is not None
    assert not phone or (box["height"] >= 44 and box["width"] >= 44)
    bell.click()
    page.get_by_role("link", name=re.compile(f"新任务，待签收.*{number}")).click()
    expect(page).to_have_url(re.compile(number))
    expect(page.get_by_role("link", name="通知", exact=True)).to_be_visible()
    page.get_by_role("link", name="通知", exact=True).click()
    expect(page.get_by_text("没有未读通知")).to_be_visible()


def test_a_text_for_the_group_is_copied_by_a_press(
    site: Site, signed_in_page: Callable[..., Page]
) -> None:
    with site.app.app_context():
        make_channel(site.world, "sanitation")
        number = make_task(site.world, State.DISPATCHED)
        make_digest(f"unit:{site.world.units['sanitation']}")
        db.session.remove()
    page = signed_in_page("sysadmin", permissions=["clipboard-read", "clipboard-write"])
    page.goto("/admin/channels")
    page.get_by_role("button", name="复制文本").click()
    expect(page.get_by_text("已复制，可粘贴到微信群")).to_be_visible()
    assert number in page.evaluate("navigator.clipboard.readText()")

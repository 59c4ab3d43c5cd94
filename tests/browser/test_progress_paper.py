"""The sheet and the wall in a browser: they fit the desktop and the phone, and the paper."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.factories.world import DISTRICT, given_for, make_task
from tracker.demo.pictures import draw
from tracker.evidence.operations import take
from tracker.progress.sheet_files import can_write_chinese
from tracker.storage.db import db
from tracker.tasks.operations import Order, perform
from tracker.tasks.photo_views import store
from tracker.tasks.states import Action, State

BOX = re.compile(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]")


def rectified(site: Site) -> str:
    """A closed task with a photo before the work and one after it."""
    with site.app.app_context():
        before, after = (
            take(
                draw("refuse", 0, after=who == "clerk"), uuid=str(uuid4()),
                owner_id=site.world.users[who], store=store(),
            ).uuid
            for who in ("inspector", "clerk")
        )  # fmt: skip
        number = make_task(site.world, State.HANDLING, before_photos=(before,))
        for action, who, given in (
            (Action.SUBMIT, "clerk", given_for(site.world, Action.SUBMIT, after_photos=(after,))),
            (Action.PASS, "verifier", given_for(site.world, Action.PASS)),
        ):
            perform(
                [Order(action, given)], number=number, actor=site.world.actor(who), version=None,
                request_uuid=str(uuid4()),
            )  # fmt: skip
        db.session.remove()
    return number


def width_over(page: Page) -> int:
    """By how much the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_leader_looks_at_the_wall_and_makes_a_sheet_of_the_district(
    site: Site, signed_in_page: Callable[..., Page], phone: bool
) -> None:
    number = rectified(site)
    page = signed_in_page("leader", phone=phone)
    page.goto("/progress/wall")
    pair = page.locator(".wall-pair")
    expect(pair.locator("img")).to_have_count(2)
    for image in pair.locator("img").all():
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
    assert width_over(page) <= 0
    pair.click()
    expect(page).to_have_url(re.compile(number))
    expect(page.locator("[data-compare-stage]")).to_be_visible()

    page.goto(f"/progress/sheet/{DISTRICT}")
    page.get_by_label("按什么着色").select_option("overdue")
    page.get_by_label("纸张").select_option("a4-portrait")
    page.get_by_label("画出单个任务").check()
    page.get_by_role("button", name="重画").click()
    drawing = page.locator(".sheet-drawing svg")
    expect(drawing).to_contain_text("金湾区超期分布图")
    assert width_over(page) <= 0
    if phone:
        return
    paper = page.pdf(prefer_css_page_size=True)
    boxes = [tuple(round(float(one)) for one in found) for found in BOX.findall(paper)]
    assert boxes == [(595, 842)], "one page of A4 upright, nothing beside the sheet"
    if not can_write_chinese(site.app.config["SETTINGS"].data_dir / "fonts"):
        return
    with page.expect_download() as kept:
        page.get_by_role("button", name="PDF").click()
    assert kept.value.suggested_filename.startswith(f"sheet-{DISTRICT}-overdue-")
    assert kept.value.suggested_filename.endswith(".pdf")

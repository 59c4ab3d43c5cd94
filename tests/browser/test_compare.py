"""Before and after on the task page: one over the other, moved by key and finger; side by side without scripts."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Site
from tests.factories.world import given_for, make_task
from tracker.demo.pictures import draw
from tracker.evidence.operations import take
from tracker.storage.db import db
from tracker.tasks.operations import Order, perform
from tracker.tasks.photo_views import store
from tracker.tasks.states import Action, State

Opened = Callable[..., Page]


def rectified(site: Site) -> str:
    """A task that waits for its check, with two photos before the work and two after."""
    with site.app.app_context():
        kept = {
            (who, variant): take(
                draw("refuse", variant, after=who == "clerk"), uuid=str(uuid4()),
                owner_id=site.world.users[who], store=store(),
            ).uuid
            for who in ("inspector", "clerk")
            for variant in (0, 1)
        }  # fmt: skip
        before = tuple(uuid for (who, _), uuid in kept.items() if who == "inspector")
        after = tuple(uuid for (who, _), uuid in kept.items() if who == "clerk")
        number = make_task(site.world, State.HANDLING, before_photos=before)
        perform(
            [Order(Action.SUBMIT, given_for(site.world, Action.SUBMIT, after_photos=after))],
            number=number, actor=site.world.actor("clerk"), version=None, request_uuid=str(uuid4()),
        )  # fmt: skip
        db.session.remove()
    return number


def edge(page: Page) -> float:
    """Where the edge between the two photos is drawn, as a share of the stage."""
    return float(
        page.evaluate(
            """() => {
              const stage = document.querySelector("[data-compare-stage]").getBoundingClientRect();
              const line = document.querySelector(".compare-line").getBoundingClientRect();
              return (line.left + line.width / 2 - stage.left) / stage.width;
            }"""
        )
    )


def is_drawn(image: Locator) -> bool:
    return bool(image.evaluate("image => image.decode().then(() => image.naturalWidth > 0)"))


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_the_edge_follows_key_and_finger_and_another_pair_is_picked(
    site: Site, signed_in_page: Opened, phone: bool
) -> None:
    number = rectified(site)
    page = signed_in_page("verifier", phone=phone)
    page.goto(f"/tasks/{number}")
    slider = page.get_by_role("slider", name="整改前后对比")
    before, after = page.locator("[data-compare-before]"), page.locator("[data-compare-after]")
    assert is_drawn(before)
    assert is_drawn(after)
    assert edge(page) == pytest.approx(0.5, abs=0.02)
    slider.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "整改前占 60%")
    assert edge(page) == pytest.approx(0.6, abs=0.02)
    box = page.locator("[data-compare-stage]").bounding_box()
    assert box is not None
    x, y = box["width"] * 0.2, box["height"] * 0.7
    slider.tap(position={"x": x, "y": y}) if phone else slider.click(position={"x": x, "y": y})
    assert edge(page) == pytest.approx(0.2, abs=0.08)
    shapes = [image.evaluate("image => image.naturalWidth / image.naturalHeight") for image in (before, after)]  # fmt: skip
    assert shapes[0] == pytest.approx(box["width"] / box["height"], rel=0.02)

    first = before.get_attribute("src")
    page.get_by_role("button", name="整改前第 2 张").click()
    assert before.get_attribute("src") != first
    assert is_drawn(before)

    page.get_by_role("button", name="并排查看").click()
    expect(slider).to_be_hidden()
    expect(page.locator(".photo-big")).to_have_count(2)
    expect(page.locator(".photo-big").first).to_be_visible()
    expect(page.locator(".evidence")).to_have_count(2)


def test_without_scripts_the_photos_stand_side_by_side(site: Site, signed_in_page: Opened) -> None:
    number = rectified(site)
    page = signed_in_page("verifier", java_script_enabled=False)
    page.goto(f"/tasks/{number}")
    expect(page.locator("[data-compare]")).to_be_hidden()
    expect(page.locator(".photo-big").nth(0)).to_be_visible()
    expect(page.locator(".photo-big").nth(1)).to_be_visible()

"""A rework drawn with a finger at 390 pixels, seen first by the unit; a step taken back by its button."""

import json
import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from tests.browser import looking
from tests.browser.conftest import Site
from tests.browser.test_task_pages import furnish, state_of
from tests.factories.steps import step
from tests.factories.task_pages import photo_in_tray
from tests.factories.world import task
from tracker.storage.db import db
from tracker.tasks.models import TaskEvent
from tracker.tasks.states import Action, State

Opened = Callable[..., Page]
HOSTILE = "<img src=x onerror=alert(1)>${7*7}"


def submitted_with_photo(site: Site) -> str:
    (number,) = furnish(site, State.HANDLING)
    uuid = photo_in_tray(site.app, "clerk")
    with site.app.app_context():
        step(site.world, number, Action.SUBMIT, "clerk", after_photos=(uuid,))
        db.session.remove()
    return number


def drag(page: Page, stage: Locator, start: tuple[float, float], end: tuple[float, float]) -> None:
    """A stroke from one place of the picture to another, as shares of its size."""
    stage.evaluate('stage => stage.scrollIntoView({block: "center", behavior: "instant"})')
    box = stage.bounding_box()
    assert box is not None
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)]
    page.mouse.move(*at[0])
    page.mouse.down()
    page.mouse.move((at[0][0] + at[1][0]) / 2, (at[0][1] + at[1][1]) / 2 + 8)
    page.mouse.move(*at[1])
    page.mouse.up()


def drawn(site: Site, number: str) -> dict[str, object]:
    with site.app.app_context():
        wanted = select(TaskEvent.payload).where(
            TaskEvent.task_id == task(number).id, TaskEvent.action == "rework"
        )
        payload = db.session.scalars(wanted).one()
        db.session.remove()
    found: dict[str, object] = payload["drawing"]
    return found


def test_a_rework_is_drawn_on_the_phone_and_must_be_seen_before_work_is_submitted(
    site: Site, signed_in_page: Opened
) -> None:
    number = submitted_with_photo(site)
    page = signed_in_page("verifier", phone=True)
    page.goto(f"/tasks/{number}")
    page.locator("#do-rework > summary").click()
    panel = page.locator("#do-rework")
    board, stage = panel.locator("[data-board]"), panel.locator("[data-board-stage=photo]")
    expect(board).to_be_visible()
    for tool, start, end in (
        ("画线", (0.1, 0.1), (0.4, 0.2)), ("箭头", (0.9, 0.9), (0.6, 0.6)), ("圈出", (0.3, 0.3), (0.6, 0.7)),
    ):  # fmt: skip
        board.get_by_role("button", name=tool).click()
        drag(page, stage, start, end)
    expect(board.get_by_text("已标注 3 处")).to_be_visible()
    board.get_by_role("button", name="撤回一笔").click()
    expect(board.get_by_text("已标注 2 处")).to_be_visible()
    board.get_by_role("button", name="文字").click()
    board.get_by_label("文字", exact=True).fill(HOSTILE)
    stage.evaluate('stage => stage.scrollIntoView({block: "center", behavior: "instant"})')
    box = stage.bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    expect(board.get_by_text("已标注 3 处")).to_be_visible()
    assert looking.misfits(page) == []
    panel.get_by_label("问题没有整改到位").check()
    panel.get_by_label("具体说明").fill("只清了一半")
    panel.get_by_role("button", name="返工", exact=True).click()
    expect(page.get_by_text("任务现为“整改中”")).to_be_visible()
    shapes = drawn(site, number)["shapes"]
    assert isinstance(shapes, list)
    assert [shape["kind"] for shape in shapes] == ["line", "arrow", "text"]
    assert shapes[2]["text"] == HOSTILE

    clerk = signed_in_page("clerk", phone=True)
    clerk.goto(f"/tasks/{number}")
    rework = clerk.locator("#rework")
    expect(rework.locator(".drawn svg path")).to_have_count(4)
    expect(rework.locator("figcaption")).to_contain_text(HOSTILE)
    photos = clerk.locator(".task-photos").bounding_box()
    seen = rework.bounding_box()
    assert photos is not None
    assert seen is not None
    assert seen["y"] < photos["y"]
    expect(clerk.locator("#do-submit")).to_have_count(0)
    assert looking.misfits(clerk) == []
    assert looking.violations(clerk) == []
    rework.get_by_role("button", name="知悉返工要求").click()
    expect(clerk.locator("#do-submit")).to_be_visible()
    clerk.get_by_label("整改措施").fill("全部清完")
    clerk.get_by_label("无照片原因").fill("夜间无法拍照")
    clerk.get_by_role("button", name="提交核查").click()
    expect(clerk.get_by_text("任务现为“待核查”")).to_be_visible()


def test_a_rework_is_drawn_on_the_map_where_there_is_no_photo(
    site: Site, signed_in_page: Opened
) -> None:
    (number,) = furnish(site, State.SUBMITTED)
    page = signed_in_page("verifier")
    page.goto(f"/tasks/{number}")
    page.locator("#do-rework > summary").click()
    panel = page.locator("#do-rework")
    expect(panel.locator("[data-board-map]")).to_have_attribute("data-drawn", "1")
    panel.get_by_role("button", name="圈出").click()
    drag(page, panel.locator("[data-board-stage=map]"), (0.4, 0.4), (0.6, 0.6))
    panel.get_by_label("问题没有整改到位").check()
    panel.get_by_label("具体说明").fill("这一段没有清")
    panel.get_by_role("button", name="返工", exact=True).click()
    expect(page.get_by_text("任务现为“整改中”")).to_be_visible()
    found = drawn(site, number)
    assert found["on"] == "map"
    assert "113.35" in json.dumps(found)
    clerk = signed_in_page("clerk", phone=True)
    clerk.goto(f"/tasks/{number}")
    expect(clerk.locator("#rework .map-marks .mark ellipse")).to_have_count(1)


def test_ones_last_step_is_taken_back_by_a_quiet_button(site: Site, signed_in_page: Opened) -> None:
    (number,) = furnish(site, State.REPORTED)
    page = signed_in_page("dispatcher")
    page.goto(f"/tasks/{number}")
    page.get_by_role("button", name="立案并派遣").click()
    expect(page.locator("[data-undo-left]")).to_have_text(re.compile(r"还可撤销 4 分 \d\d 秒"))
    page.get_by_role("button", name="撤销“派遣”").click()
    page.locator("#confirm-dialog").get_by_role("button", name="撤销").click()
    expect(page.get_by_text("任务现为“待派遣”")).to_be_visible()
    assert state_of(site, number) == State.FILED
    expect(page.locator("[data-undo]")).to_have_count(0)

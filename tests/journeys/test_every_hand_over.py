"""A case from a citizen's report to its closing by way of every hand-over, each taken in the browser.

One return, one extension, one suspension, one rework with a drawing and one appeal; at the end the
ledger adds up to the life of the case.
"""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.test_hand_overs import drag
from tests.browser.test_report import photo, pin
from tests.factories.browsing import Site
from tests.factories.steps import alter
from tests.factories.world import INSIDE, SANZAO, task
from tests.journeys.conftest import describe, sign_in, step
from tracker import clock
from tracker.storage.db import db
from tracker.tasks.running import work_calendar
from tracker.tasks.turns import turns

OpenContext = Callable[..., BrowserContext]

#: Every step of the case, as the time line shows them.
STORY = [
    "上报", "立案", "派遣", "退单", "派遣", "签收", "申请延期", "单位审核同意", "同意延期",
    "申请挂账", "单位审核同意", "同意挂账", "销挂", "提交核查", "返工", "知悉返工要求", "提交核查",
    "核查通过", "申诉", "同意申诉", "同意申诉",
]  # fmt: skip


def test_a_case_goes_through_every_hand_over_and_the_ledger_adds_up(
    site: Site, open_context: OpenContext
) -> None:
    people = {
        name: open_context(phone=name in ("dispatcher_2", "clerk", "verifier")).new_page()
        for name in ("dispatcher_2", "dispatcher", "clerk", "head", "verifier", "assessor")
    }
    for name, page in people.items():
        sign_in(page, name)
    number = reported(people["dispatcher_2"])
    dispatcher, clerk, head = people["dispatcher"], people["clerk"], people["head"]
    press(step(opened(dispatcher, number), "file"), "立案并派遣", "待签收")
    returned(clerk, number)
    dispatched_again(dispatcher, number)
    press(step(opened(clerk, number), "acknowledge"), "签收", "整改中")
    extended(site, clerk, head, dispatcher, number)
    suspended(clerk, head, dispatcher, number)
    submitted(opened(clerk, number), "已清运", shade=90)
    sent_back_with_a_drawing(people["verifier"], number)
    read_before_the_rest(clerk, number)
    with site.app.app_context():
        # nobody can wait for it here: the deadline passes
        alter(number, due_at=clock.now() - timedelta(minutes=1))
        db.session.remove()
    submitted(opened(clerk, number), "已清运并冲洗", shade=200)
    press(step(opened(people["verifier"], number), "pass"), "核查通过", "已结案", sure=True)
    appealed(clerk, (dispatcher, people["assessor"]), number)
    story(opened(dispatcher, number))
    adds_up(site, dispatcher, number)


def opened(page: Page, number: str) -> Page:
    page.goto(f"/tasks/{number}")
    return page


def press(panel: Locator, name: str, state: str, *, sure: bool = False) -> None:
    """Press a button of a panel; `state` is how the task stands then."""
    panel.get_by_role("button", name=name, exact=True).click()
    if sure:
        panel.page.locator("#confirm-dialog").get_by_role("button", name=name).click()
    expect(panel.page.get_by_text(f"任务现为“{state}”")).to_be_visible()


def reported(page: Page) -> str:
    """What a citizen sent (随手拍), logged at the office."""
    page.goto("/tasks/new")
    describe(page, photo(at=INSIDE[SANZAO]), "市民反映路边垃圾成堆")
    pin(page)
    page.locator("#source").select_option(label="随手拍")
    page.locator("#send").click()
    page.wait_for_url("**/tasks/JW-*")
    return page.locator(".task-number-big").inner_text()


def returned(page: Page, number: str) -> None:
    panel = step(opened(page, number), "return")
    panel.get_by_label("不属于本单位职责").check()
    panel.get_by_label("具体说明").fill("该路段由养护单位保洁")
    panel.get_by_role("button", name="退单", exact=True).click()
    page.locator("#confirm-dialog").get_by_role("button", name="退单").click()
    expect(page.get_by_text("已转出")).to_be_visible()


def dispatched_again(page: Page, number: str) -> None:
    expect(opened(page, number).locator(".task-timeline")).to_contain_text("不属于本单位职责")
    panel = step(page, "dispatch")
    panel.get_by_label("责任单位").select_option(label="区环卫中心")
    press(panel, "派遣", "待签收")


def extended(site: Site, clerk: Page, head: Page, office: Page, number: str) -> None:
    before = due(site, number)
    panel = step(opened(clerk, number), "ask_extension")
    panel.get_by_label("延期原因").fill("需调吊车，明日才到")
    panel.get_by_role("button", name="申请延期", exact=True).click()
    expect(clerk.get_by_text("已办理“申请延期”")).to_be_visible()
    assert opened(office, number).locator("#do-grant_extension").count() == 0
    panel = step(opened(head, number), "endorse")
    press(panel, "单位审核同意", "整改中")
    press(step(opened(office, number), "grant_extension"), "同意延期", "整改中")
    assert due(site, number) > before


def suspended(clerk: Page, head: Page, office: Page, number: str) -> None:
    until = (clock.today() + timedelta(days=20)).isoformat()
    panel = step(opened(clerk, number), "ask_suspension")
    panel.get_by_label("受季节或天气限制").check()
    panel.get_by_label("具体说明").fill("连续暴雨，无法施工")
    panel.get_by_label("挂账截止日期").fill(until)
    panel.get_by_role("button", name="申请挂账", exact=True).click()
    expect(clerk.get_by_text("已办理“申请挂账”")).to_be_visible()
    press(step(opened(head, number), "endorse"), "单位审核同意", "整改中")
    panel = step(opened(office, number), "suspend")
    expect(panel.get_by_label("挂账截止日期")).to_have_value(until)
    panel.get_by_label("审批意见").fill("情况属实")
    press(panel, "同意挂账", "挂账", sure=True)
    press(step(opened(office, number), "resume"), "销挂", "整改中")


def submitted(page: Page, measures: str, *, shade: int) -> None:
    panel = step(page, "submit")
    panel.get_by_label("整改措施").fill(measures)
    page.set_input_files("#after_photos [data-photo-gallery]", photo(shade=shade))
    expect(page.locator("#after_photos .photo-tile.is-done")).to_be_visible()
    press(panel, "提交核查", "待核查")


def sent_back_with_a_drawing(page: Page, number: str) -> None:
    panel = step(opened(page, number), "rework")
    stage = panel.locator("[data-board-stage=photo]")
    expect(stage.locator("img")).to_have_js_property("complete", True)
    panel.get_by_role("button", name="圈出").click()
    drag(page, stage, (0.3, 0.3), (0.6, 0.7))
    expect(panel.get_by_text("已标注 1 处")).to_be_visible()
    panel.get_by_label("问题没有整改到位").check()
    panel.get_by_label("具体说明").fill("圈出的地方仍有污渍")
    press(panel, "返工", "整改中")


def read_before_the_rest(page: Page, number: str) -> None:
    rework = opened(page, number).locator("#rework")
    expect(rework.locator(".drawn svg")).to_be_visible()
    expect(page.locator("#do-submit")).to_have_count(0)
    rework.get_by_role("button", name="知悉返工要求").click()
    expect(page.locator("#do-submit")).to_be_visible()


def appealed(clerk: Page, reviewers: tuple[Page, Page], number: str) -> None:
    panel = step(opened(clerk, number), "appeal")
    panel.get_by_label("原因").fill("连续暴雨，非本单位原因")
    panel.get_by_role("button", name="申诉", exact=True).click()
    expect(clerk.get_by_text("已办理“申诉”")).to_be_visible()
    for page in reviewers:
        press(step(opened(page, number), "grant_appeal"), "同意申诉", "已结案")
    head = opened(clerk, number).locator(".task-head")
    expect(head).to_contain_text("曾超期")
    expect(head).to_contain_text("申诉免责")


def story(page: Page) -> None:
    line = page.locator(".task-timeline")
    expect(line.locator(".timeline-head strong")).to_have_text(STORY)
    expect(page.locator(".chain-mark")).to_have_text(f"记录链完整，共 {len(STORY)} 条")


def due(site: Site, number: str) -> object:
    with site.app.app_context():
        found = task(number).due_at
        db.session.remove()
    return found


def adds_up(site: Site, page: Page, number: str) -> None:
    """Every moment from report to closing belongs to one holder or to the suspension."""
    with site.app.app_context():
        found = task(number)
        held = turns(found.events, work_calendar(), now=clock.now())
        assert held[0].start == found.reported_at
        assert held[-1].end == found.closed_at
        assert all(a.end == b.start for a, b in zip(held, held[1:], strict=False))
        assert sum((t.end - t.start for t in held), timedelta()) == (
            found.closed_at - found.reported_at
        )
        db.session.remove()
    expect(page.locator(".turn-table tbody tr")).to_have_count(len(held))
    for words in ("签收", "整改", "核查", "受季节或天气限制"):
        expect(page.locator(".task-turns")).to_contain_text(words)

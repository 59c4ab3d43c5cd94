"""A visit with three photos without a network, the page killed and opened again after every step of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from sqlalchemy import func, select

from tests.browser.test_report import photo
from tests.factories.browsing import PATIENCE, PHONE, Site
from tests.factories.points import make_point
from tests.factories.rounds import make_round, points_of
from tests.factories.toxic import Toxic
from tests.factories.world import INSIDE, SANZAO
from tests.journeys.conftest import sign_in
from tracker.evidence.models import Photo
from tracker.inspections.models import Answer, Visit
from tracker.storage.db import db
from tracker.tasks.models import Task
from tracker.tasks.suggestions import suggested_unit

LON, LAT = INSIDE[SANZAO]
#: What is found wanting, with how many photos of it.
FAILING = {"G6": 2, "G10": 1}


@dataclass
class Phone:
    """One phone whose page may be killed; the browser keeps its store and its files."""

    context: BrowserContext
    page: Page

    def kill(self) -> None:
        """Close the page as a phone short of memory does, and open the same address again."""
        # the next page is made before the old one goes: this browser's driver may else lose its first request
        address, old, self.page = self.page.url, self.page, self.context.new_page()
        old.close()
        self.page.goto(address)

    def item(self, code: str) -> Locator:
        name = self.page.locator(".item-code", has_text=re.compile(f"^{code}$"))
        return self.page.locator("fieldset.item", has=name)

    def is_answered(self, code: str, result: str) -> None:
        expect(self.item(code).get_by_role("radio", name=result, exact=True)).to_be_checked()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()


@pytest.fixture
def market(site: Site) -> str:
    with site.app.app_context():
        code = make_point(
            site.world, name="唐人街市场", unit_id=site.world.units["sanitation"], lon=LON, lat=LAT
        )
        make_round(site.world, opened=True)
        db.session.remove()
    return code


@pytest.fixture
def network(site: Site) -> Iterator[Toxic]:
    """What lies between the phone and the server, to be cut and mended."""
    toxic = Toxic(urlsplit(site.url).port or 0)
    yield toxic
    toxic.close()


@pytest.fixture
def phone(browser: Browser, network: Toxic) -> Iterator[Phone]:
    context = browser.new_context(
        base_url=network.url,
        locale="zh-CN",
        permissions=["geolocation"],
        geolocation={"longitude": LON, "latitude": LAT},
        **PHONE,
    )
    context.set_default_timeout(PATIENCE)
    yield Phone(context, context.new_page())
    context.close()


def test_a_visit_with_three_photos_survives_no_network_and_a_killed_page_at_every_step(
    site: Site, phone: Phone, network: Toxic, market: str
) -> None:
    go_out(phone)
    network.down = True
    begin(phone, market)
    answer_with_photos(phone)
    answer_the_rest(phone)
    finish(phone)
    assert counted(site) == {"visits": 0, "tasks": 0, "photos": 0}

    network.down = False
    phone.kill()
    phone.page.goto("/inspect/#/outbox")
    expect(phone.page.get_by_text("已收到").first).to_be_visible()
    expect(phone.page.locator(".bar-waiting")).to_be_hidden()
    assert counted(site) == {"visits": 1, "tasks": 2, "photos": 3}
    assert_it_is_all_there(site)


def go_out(phone: Phone) -> None:
    """Sign in at the office and take the data along."""
    page = phone.page
    sign_in(page, "inspector")
    expect(page.get_by_role("heading", name="今日工作")).to_be_visible()
    page.goto("/inspect/")
    page.get_by_role("button", name="下载检查数据").click()
    expect(page.get_by_text("刚刚更新的数据")).to_be_visible()
    # a second tab keeps the worker's process: the driver of this browser loses one that has no page
    phone.context.new_page().goto("/inspect/icon-192.png")


def begin(phone: Phone, code: str) -> None:
    """Find the point without a network, as its QR code would open it, and begin."""
    phone.kill()
    phone.page.goto("/inspect/#/points")
    phone.press("由近到远")
    phone.page.get_by_role("link", name="唐人街市场").click()
    phone.page.get_by_role("button", name=re.compile("开始检查")).click()
    expect(phone.item("G1")).to_be_visible()
    phone.kill()
    expect(phone.item("G1")).to_be_visible()


def answer_with_photos(phone: Phone) -> None:
    for code, count in FAILING.items():
        phone.item(code).locator(".result-fail").click()
        phone.kill()
        phone.is_answered(code, "不符合")
        for number in range(1, count + 1):
            picture = photo(at=INSIDE[SANZAO], shade=20 * number + len(code))
            phone.item(code).get_by_label("拍" if number > 1 else "拍照").set_input_files(picture)
            expect(phone.item(code).locator(".photo img")).to_have_count(number)
            phone.kill()
            expect(phone.item(code).locator(".photo img")).to_have_count(number)
        phone.item(code).locator("textarea").fill(f"{code} 现场说明")
        phone.kill()
        expect(phone.item(code).locator("textarea")).to_have_value(f"{code} 现场说明")


def answer_the_rest(phone: Phone) -> None:
    phone.item("G5").locator(".result-na").click()
    phone.kill()
    phone.is_answered("G5", "不适用")
    phone.press("其余全部符合")
    phone.press("现场都看过，记为符合")
    phone.is_answered("G1", "符合")
    phone.kill()
    phone.is_answered("G1", "符合")


def finish(phone: Phone) -> None:
    """Look at the whole, add the position once, submit; the item outlives the page too."""
    phone.press("完成检查")
    phone.press("附上当前位置")
    expect(phone.page.get_by_text("已附位置")).to_be_visible()
    phone.kill()
    phone.press("完成检查")
    expect(phone.page.get_by_text("已附位置")).to_be_visible()
    expect(phone.page.get_by_text("2 个问题将交办整改")).to_be_visible()
    phone.press("提交")
    expect(phone.page.get_by_text("1 条未上传").first).to_be_visible()
    phone.kill()
    expect(phone.page.get_by_text("1 条未上传").first).to_be_visible()
    expect(phone.page.get_by_text("检查过，待上传")).to_be_visible()


def counted(site: Site) -> dict[str, int]:
    """What the server has."""
    with site.app.app_context():
        found = {
            name: db.session.scalar(select(func.count()).select_from(model)) or 0
            for name, model in (("visits", Visit), ("tasks", Task), ("photos", Photo))
        }
        db.session.remove()
    return found


def assert_it_is_all_there(site: Site) -> None:
    with site.app.app_context():
        visit = db.session.scalars(select(Visit)).one()
        failed = {one.item.code: one for one in visit.answers if one.result == "fail"}
        assert {code: len(one.photos) for code, one in failed.items()} == FAILING
        assert {code: one.note for code, one in failed.items()} == {
            code: f"{code} 现场说明" for code in FAILING
        }
        assert [one.item.code for one in visit.answers if one.result == "na"] == ["G5"]
        assert (visit.lon, visit.lat) == INSIDE[SANZAO]
        assert [row.visited_at is not None for row in points_of(visit.round_id or 0)] == [True]
        tasks = {row.check_item_id: row for row in db.session.scalars(select(Task))}
        unit = site.world.units["sanitation"]
        for one in failed.values():
            assert tasks[one.item_id].category_id == one.item.category_id
            assert tasks[one.item_id].point_id == visit.point_id
            found = tasks[one.item_id]
            suggested = suggested_unit(db.session(), found, found.category)
            assert suggested is not None
            assert suggested.unit_id == unit
        answers = db.session.scalar(select(func.count()).select_from(Answer))
        assert answers == visit.conform_count + visit.fail_count + visit.na_count
        db.session.remove()

"""From an empty database to the first dispatched task, through the browser only."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from shapely.geometry import box, mapping

from tests.browser.test_report import photo, pin
from tests.factories.browsing import Site, serving
from tests.factories.world import World
from tests.journeys.conftest import describe, figure, sign_in_for_the_first_time
from tracker.access.permissions import Permission
from tracker.access.policy import WHO
from tracker.cli.init import init
from tracker.places.models import OrganizationKind

FIRST_OF_ALL = "only-for-the-first-day-3"
OFFICE, SANITATION = "区迎检办", "区环卫中心"

#: (code, name, shape); the level follows from the digits of the code
AREAS = (
    ("440404", "金湾区", box(113.34, 22.03, 113.39, 22.07)),
    ("440404100", "三灶镇", box(113.34, 22.03, 113.39, 22.07)),
    ("440404100001", "三灶社区", box(113.34, 22.03, 113.39, 22.07)),
    ("440404100001001", "三灶社区第1网格", box(113.34, 22.03, 113.39, 22.07)),
)


@pytest.fixture
def site(make_app: Callable[..., Flask]) -> Iterator[Site]:
    """An installation in which nothing was done but `tracker init`."""
    app = make_app("sqlite")
    (app.config["SETTINGS"].data_dir / "tracker.db").unlink()
    first = {"TRACKER_ADMIN": "admin", "TRACKER_ADMIN_PASSWORD": FIRST_OF_ALL}
    result = app.test_cli_runner().invoke(init, env=first)
    assert result.exit_code == 0, result.output
    with serving(app, World()) as running:
        yield running


def test_a_district_starts_from_nothing(
    site: Site, open_context: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    admin, security, dispatcher = (open_context().new_page() for _ in range(3))
    inspector = open_context(phone=True).new_page()

    sign_in_for_the_first_time(admin, "admin", FIRST_OF_ALL)
    import_areas(admin, tmp_path)
    add_unit(admin, OFFICE, OrganizationKind.CAMPAIGN_OFFICE)
    add_unit(admin, SANITATION, OrganizationKind.DEPARTMENT, major="06")
    firsts = {
        username: add_account(admin, username, name)
        for username, name in (("anquan", "钱安"), ("xuncha", "孙巡"), ("paiqian", "李派"))
    }

    grant(admin, "钱安", "安全管理员")
    admin.get_by_role("navigation", name="所在位置").get_by_role("link", name="账号").click()
    admin.get_by_role("link", name="孙巡").click()
    expect(admin.get_by_text(WHO[Permission.USER_GRANT])).to_be_visible()
    expect(admin.get_by_role("button", name="授权")).to_have_count(0)

    sign_in_for_the_first_time(security, "anquan", firsts["anquan"])
    grant(security, "孙巡", "督导员", area="440404100001")
    grant(security, "李派", "派遣员", area="440404")

    sign_in_for_the_first_time(inspector, "xuncha", firsts["xuncha"])
    inspector.locator("nav a:visible", has_text="上报").first.click()
    pin(inspector)
    describe(inspector, photo(), "路口垃圾桶旁散落垃圾")
    expect(inspector.locator("[data-hint-area]")).to_contain_text("三灶社区")
    inspector.locator("#send").click()
    inspector.wait_for_url(re.compile(r"/tasks/JW-"))

    sign_in_for_the_first_time(dispatcher, "paiqian", firsts["paiqian"])
    expect(figure(dispatcher, "待受理")).to_have_text("1")
    dispatcher.locator("a.work-row", has_text="路口垃圾桶旁散落垃圾").click()
    filing = dispatcher.locator("#do-file")
    expect(filing.get_by_label("责任单位").locator("option:checked")).to_have_text(SANITATION)
    filing.get_by_role("button", name="立案并派遣").click()
    expect(dispatcher.get_by_text("任务现为“待签收”")).to_be_visible()
    expect(dispatcher.locator(".timeline-who")).to_contain_text(["孙巡", "李派", "李派"])


def open_entry(page: Page, name: str) -> None:
    """Open a page of the main menu."""
    page.get_by_role("navigation", name="主导航").get_by_role("link", name=name, exact=True).click()


def import_areas(page: Page, folder: Path) -> None:
    """All four levels in one file: seen first, then confirmed."""
    features: list[dict[str, Any]] = [
        {"type": "Feature", "properties": {"code": code, "name": name}, "geometry": mapping(shape)}
        for code, name, shape in AREAS
    ]
    path = folder / "金湾区.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    open_entry(page, "区域")
    expect(page.get_by_text("还没有区域")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="导入边界").first.click()
    page.set_input_files("#file", path)
    page.get_by_role("button", name="上传并检查").click()
    expect(page.locator(".area-map path.leaflet-interactive")).to_have_count(len(AREAS))
    page.get_by_role("button", name="确认导入").click()
    expect(page.get_by_text(f"已导入 {len(AREAS)} 个区域")).to_be_visible()


def add_unit(page: Page, name: str, kind: OrganizationKind, *, major: str = "") -> None:
    open_entry(page, "单位")
    page.get_by_role("main").get_by_role("link", name="新建单位").first.click()
    page.get_by_label("单位名称").fill(name)
    page.get_by_label("类型").select_option(kind.value)
    page.get_by_label("所属区域").select_option("440404")
    if major:
        chosen = page.locator(f"input[name=category_prefixes][value='{major}']")
        page.locator("details", has=chosen).locator("summary").click()
        chosen.check()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status")).to_be_visible()


def add_account(page: Page, username: str, name: str) -> str:
    """Make an account; returns the first password, which is shown once."""
    open_entry(page, "账号")
    page.get_by_role("main").get_by_role("link", name="新建账号").first.click()
    page.get_by_label("姓名").fill(name)
    page.get_by_label("账号名").fill(username)
    page.get_by_label("所属单位").select_option(label=OFFICE)
    page.get_by_role("button", name="保存").click()
    return page.locator(".secret").inner_text()


def grant(page: Page, person: str, role: str, *, area: str = "") -> None:
    open_entry(page, "账号")
    page.get_by_role("main").get_by_role("link", name=person).click()
    page.get_by_label("岗位", exact=True).select_option(label=role)
    if area:
        page.get_by_label("负责区域").select_option(area)
    page.get_by_role("button", name="授权").click()
    expect(page.get_by_text("岗位已授权")).to_be_visible()

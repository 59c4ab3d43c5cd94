"""The frame: menus by role, where one is, moments and numbers as the office writes them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from tests.factories.client import open_session
from tests.factories.world import World, make_world
from tracker import clock
from tracker.web import filters
from tracker.web.navigation import ENTRIES, beyond_tabs, entries_for, entry_at, tabs_for


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def test_report_and_inspection_stand_in_the_middle_of_the_phones_tabs(
    app: Flask, world: World
) -> None:
    tabs = [entry.label for entry in tabs_for(world.actor("inspector"))]
    assert tabs == ["首页", "任务", "上报", "检查", "地图", "我的"]


def test_an_administrator_reaches_every_page_by_the_phones_tabs_and_the_own_page(
    app: Flask, world: World
) -> None:
    tabs = [entry.label for entry in tabs_for(world.actor("sysadmin"))]
    assert tabs == ["首页", "账号", "单位", "区域", "问题类别", "我的"]
    rest = [entry.label for entry in beyond_tabs(world.actor("sysadmin"))]
    assert rest == ["办理时限", "工作日历"]


def test_an_administrator_finds_no_tasks_in_the_menu(app: Flask, world: World) -> None:
    labels = {entry.label for entry in entries_for(world.actor("sysadmin"))}
    assert {"账号", "单位", "区域", "问题类别"} <= labels
    assert not {"任务", "上报", "地图", "审计日志"} & labels


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/", "首页"), ("/tasks/", "任务"), ("/tasks/JW-20261122-0001", "任务"), ("/tasks/new", "上报"),
        ("/maps/440404100001", "地图"), ("/admin/users/3", "账号"), ("/account", "我的"),
        ("/admin/area-imports/new", "区域"), ("/visits/7", "督查批次"), ("/points/P1", "点位"),
    ],
)  # fmt: skip
def test_a_page_lies_under_its_entry(app: Flask, path: str, label: str) -> None:
    with app.test_request_context(path):
        found = entry_at(ENTRIES, path)
    assert found is not None
    assert found.label == label


def test_a_page_of_its_own_lies_under_no_entry(app: Flask) -> None:
    with app.test_request_context("/help"):
        assert entry_at(ENTRIES, "/help") is None


def test_the_menu_marks_where_one_is_once_in_rail_and_tabs(app: Flask, world: World) -> None:
    page = open_session(app, "inspector").get("/").text
    assert re.findall(r'href="([^"]+)"[^>]*aria-current="page"', page) == ["/", "/"]


def test_a_moment_names_the_year_only_when_it_is_another(app: Flask) -> None:
    this = datetime(clock.today().year, 3, 4, 1, 5, tzinfo=UTC)
    with app.test_request_context():
        assert filters.moment(this) == "3月4日 09:05"
        assert filters.moment(datetime(2019, 3, 4, 1, 5, tzinfo=UTC)) == "2019年3月4日 09:05"
        assert filters.moment(None) == "—"


def test_a_deadline_says_what_is_left_and_what_is_over(app: Flask) -> None:
    now = clock.now()
    with app.test_request_context():
        assert filters.due_words(now + timedelta(hours=3, minutes=10)) == "还剩 3 小时"
        assert filters.due_words(now - timedelta(days=2, hours=5)) == "超期 2 天"
        assert filters.due_words(None) == "—"


def test_a_change_has_its_sign_and_is_a_dash_without_a_value(app: Flask) -> None:
    with app.test_request_context():
        assert filters.change(12, 5) == "+7"
        assert filters.change(50.0, 53.46, "%") == "−3.5%"
        assert filters.change(3, 3) == "持平"
        assert filters.change(None, 3) == "—"
        assert filters.percent(None) == "—"
        assert filters.percent(93.314) == "93.3%"

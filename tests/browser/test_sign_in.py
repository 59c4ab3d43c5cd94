"""Signing in and administering accounts in a real browser, at the desktop and on the phone."""

import re

import pytest
from playwright.sync_api import expect

from tests.factories.world import PASSWORD

# pytest-playwright 0.10 declares its base_url in a way that pytest 9.2 warns of; nothing here can mend it.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Session-scoped fixtures defined as instance methods"
)


def fill_in(page, username, password=PASSWORD):
    page.goto("/login")
    page.get_by_label("账号名", exact=True).fill(username)
    page.get_by_label("密码", exact=True).fill(password)
    page.get_by_role("main").get_by_role("button", name="登录").click()


def test_a_person_signs_in_changes_the_password_and_leaves(any_page):
    page = any_page
    fill_in(page, "clerk")
    page.goto("/account")
    expect(page.get_by_role("main")).to_contain_text("责任单位经办人 · 区环卫中心")
    page.get_by_role("link", name="修改密码").click()
    page.get_by_label("原密码").fill(PASSWORD)
    page.get_by_label("新密码", exact=True).fill("another-long-word-8")
    page.get_by_label("再输一遍新密码").fill("another-long-word-8")
    page.get_by_role("button", name="修改密码").click()
    expect(page.get_by_role("status")).to_contain_text("密码已修改")
    page.locator("button:visible", has_text="退出").first.click()
    expect(page).to_have_url(re.compile("/login$"))


def test_signing_in_works_by_keyboard_alone(page):
    page.goto("/login")
    page.get_by_label("账号名", exact=True).focus()
    page.keyboard.type("clerk")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/$"))


def test_a_wrong_password_keeps_the_name_and_says_why(site, page):
    site.allowed = {401}
    fill_in(page, "clerk", "not-the-password-9")
    expect(page.get_by_role("alert")).to_contain_text("账号或密码不正确")
    expect(page.get_by_label("账号名", exact=True)).to_have_value("clerk")
    expect(page.get_by_label("密码", exact=True)).to_have_value("")


def test_nothing_is_wider_than_the_phone(phone, signed_in_page):
    admin = signed_in_page("sysadmin", phone=True)
    for page, path in ((phone, "/login"), (admin, "/account"), (admin, "/account/password"),
                       (admin, "/admin/users"), (admin, "/admin/users/new"), (admin, "/admin/users/4")):  # fmt: skip
        page.goto(path)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"{path} is {width} px wide"


def test_an_account_is_made_granted_and_used_by_three_people(signed_in_page, phone):
    admin = signed_in_page("sysadmin")
    admin.goto("/admin/users")
    admin.get_by_role("link", name="新建账号").click()
    admin.get_by_label("姓名").fill("张三")
    admin.get_by_label("账号名").fill("zhangsan")
    admin.get_by_label("所属单位").select_option(label="区迎检办")
    admin.get_by_role("button", name="保存").click()
    first = admin.locator(".secret").inner_text()

    security = signed_in_page("secadmin")
    security.goto("/admin/users?q=zhangsan")
    security.get_by_role("link", name="张三").click()
    expect(security.get_by_label("负责区域")).to_be_hidden()
    security.get_by_label("岗位", exact=True).select_option(label="责任单位经办人")
    expect(security.get_by_label("代表单位")).to_be_visible()
    security.get_by_label("岗位", exact=True).select_option(label="督导员")
    expect(security.get_by_label("代表单位")).to_be_hidden()
    security.get_by_label("负责区域").select_option("440404100001")
    security.get_by_role("button", name="授权").click()
    expect(security.get_by_role("main")).to_contain_text("督导员 · 三灶社区")

    fill_in(phone, "zhangsan", first)
    expect(phone.get_by_role("heading", name="修改密码")).to_be_visible()
    phone.get_by_label("原密码").fill(first)
    phone.get_by_label("新密码", exact=True).fill("my-own-long-word-5")
    phone.get_by_label("再输一遍新密码").fill("my-own-long-word-5")
    phone.get_by_role("button", name="修改密码").click()
    expect(phone.get_by_role("heading", name="今日工作")).to_be_visible()
    expect(phone.get_by_role("main")).to_contain_text("督导员")

    security.get_by_role("link", name="撤销").click()
    expect(security.get_by_role("main")).to_contain_text("督导员 · 三灶社区")
    security.get_by_role("button", name="撤销").click()
    expect(security.get_by_role("status")).to_contain_text("岗位已撤销")

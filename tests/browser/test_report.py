"""Reporting a problem in a real browser, at the desk and in the hand, down to the database."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from PIL import ExifTags, Image, ImageDraw
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from tests.browser.conftest import Site
from tests.browser.looking import violations
from tests.factories.world import HAIAN, INSIDE, SANZAO, make_task
from tracker.storage.db import db
from tracker.tasks.models import Task

LON, LAT = INSIDE[SANZAO]
Pages = Callable[..., Page]


def photo(*, at: tuple[float, float] | None = None, shade: int = 40) -> dict[str, Any]:
    """A drawn photo for a file input; `at` is its EXIF position (lon, lat)."""
    image = Image.new("RGB", (1200, 900), (shade, 140, 90))
    ImageDraw.Draw(image).rectangle((300, 500, 800, 850), fill=(120, 90, 60))
    exif = Image.Exif()
    if at:
        ref = ExifTags.GPS
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(
            {
                ref.GPSLatitudeRef: "N", ref.GPSLatitude: (at[1], 0.0, 0.0),
                ref.GPSLongitudeRef: "E", ref.GPSLongitude: (at[0], 0.0, 0.0),
            }
        )  # fmt: skip
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def add_photo(page: Page, *, name: str = "before_photos", **how: Any) -> None:
    page.set_input_files(f"#{name} [data-photo-gallery]", photo(**how))
    expect(page.locator(f"#{name} .photo-tile.is-done")).to_be_visible()


def choose_category(page: Page, words: str) -> None:
    page.locator("#category-search").fill(words)
    page.locator(".category-option").first.click()


def pin(page: Page) -> None:
    """Wait for the borders, then touch the middle of the map."""
    shown = page.locator("#report-map")
    expect(shown.locator("path.leaflet-interactive, path").first).to_be_attached()
    shown.scroll_into_view_if_needed()
    box = shown.bounding_box()
    assert box is not None
    # off the middle: between the two communities runs their common border
    shown.click(position={"x": box["width"] / 2 - 40, "y": box["height"] / 2 + 20})
    expect(page.locator(".report-pin")).to_be_visible()


def only_task(site: Site) -> Task:
    with site.app.app_context():
        task = db.session.scalars(select(Task)).one()
        assert task.photos is not None
        db.session.expunge_all()
        return task


@pytest.mark.parametrize("on_phone", [False, True], ids=["desktop", "phone"])
def test_a_problem_is_photographed_pinned_named_and_sent(
    site: Site, signed_in_page: Pages, on_phone: bool
) -> None:
    page = signed_in_page("inspector", phone=on_phone)
    page.goto("/tasks/new")
    add_photo(page)
    pin(page)
    choose_category(page, "06010")
    expect(page.locator("[data-hint-area]")).to_contain_text("三灶社区")
    expect(page.locator("#report-hints")).to_contain_text("区环卫中心")
    page.locator("#description").fill("路口垃圾桶旁散落垃圾")
    page.locator("#send").click()
    page.wait_for_url(re.compile(r"/tasks/JW-"))
    task = only_task(site)
    assert task.community_code == SANZAO
    assert (task.pos_method, task.description) == ("pin", "路口垃圾桶旁散落垃圾")
    assert [found.phase for found in task.photos] == ["before"]


def test_a_photo_chosen_before_the_scripts_have_arrived_is_not_lost(
    site: Site, signed_in_page: Pages
) -> None:
    page = signed_in_page("inspector", phone=True)
    held: list[Route] = []
    page.route("**/tasks/photos.js*", lambda route: held.append(route))
    page.goto("/tasks/new", wait_until="commit")
    page.set_input_files("#before_photos [data-photo-gallery]", photo())
    expect(page.locator("#before_photos .photo-tile")).to_have_count(0)
    page.wait_for_timeout(100)
    for route in held:
        route.continue_()
    expect(page.locator("#before_photos .photo-tile.is-done")).to_be_visible()


def test_outside_every_area_the_form_says_so_and_still_sends(
    site: Site, signed_in_page: Pages
) -> None:
    page = signed_in_page("inspector", phone=True)
    page.goto("/tasks/new")
    page.locator("summary", has_text="输入坐标").click()
    page.locator("#coords").fill("113.30, 22.00")
    expect(page.locator("#report-hints .chip-outside")).to_have_text("未落入网格")
    add_photo(page)
    choose_category(page, "暴露垃圾")
    page.locator("#description").fill("海堤边堆放渣土")
    page.locator("#send").click()
    page.wait_for_url(re.compile(r"/tasks/JW-"))
    task = only_task(site)
    assert (task.community_code, task.pos_method) == (None, "typed")


def test_a_refusal_keeps_words_pin_photo_and_category(site: Site, signed_in_page: Pages) -> None:
    site.allowed.add(422)
    page = signed_in_page("inspector")
    page.goto("/tasks/new")
    add_photo(page)
    pin(page)
    choose_category(page, "06010")
    page.locator("#address").fill("依云路口")
    page.locator("#send").click()
    expect(page.locator("#errors")).to_contain_text("请写明问题是什么")
    expect(page.locator("#errors")).to_be_focused()
    expect(page.locator("#before_photos .photo-tile.is-done")).to_have_count(1)
    expect(page.locator(".report-pin")).to_be_visible()
    expect(page.locator(".category-chosen")).to_be_visible()
    expect(page.locator("#address")).to_have_value("依云路口")
    page.locator("#description").fill("这次写了")
    page.locator("#send").click()
    page.wait_for_url(re.compile(r"/tasks/JW-"))
    assert len(only_task(site).photos) == 1


def test_a_failed_upload_is_retried_and_the_form_waits_for_it(
    site: Site, signed_in_page: Pages
) -> None:
    page = signed_in_page("inspector")
    page.goto("/tasks/new")
    choose_category(page, "06010")
    page.locator("#description").fill("垃圾")
    page.locator("#address").fill("依云路口")
    attempts: list[str] = []

    def flaky(route: Route) -> None:
        attempts.append(route.request.method)
        if len(attempts) == 1:
            route.fulfill(status=200, body="<html>sign in</html>", content_type="text/html")
        else:
            route.continue_()

    page.route("**/photos/", flaky)
    page.set_input_files("#before_photos [data-photo-gallery]", photo())
    expect(page.locator("#before_photos .photo-tile.is-failed")).to_contain_text("登录已过期")
    page.locator("#send").click()
    expect(page.locator("#before_photos [data-photo-status]")).to_contain_text("没有上传成功")
    page.locator("#before_photos .photo-again").click()
    page.locator("#send").click()
    page.wait_for_url(re.compile(r"/tasks/JW-"))
    assert attempts == ["POST", "POST"]
    assert len(only_task(site).photos) == 1


def test_a_photo_can_be_taken_out_again(site: Site, signed_in_page: Pages) -> None:
    page = signed_in_page("inspector")
    page.goto("/tasks/new")
    add_photo(page)
    with page.expect_response(lambda answer: answer.request.method == "DELETE") as gone:
        page.locator("#before_photos .photo-drop").click()
    assert gone.value.status == 204
    expect(page.locator("#before_photos .photo-tile")).to_have_count(0)
    expect(page.locator("input[name=before_photos]")).to_have_count(0)


def test_the_photos_own_position_is_offered_and_taken_on_request(
    site: Site, signed_in_page: Pages
) -> None:
    page = signed_in_page("inspector")
    page.goto("/tasks/new")
    add_photo(page, at=INSIDE[HAIAN])
    expect(page.locator(".report-pin")).to_have_count(0)
    page.locator("#use-photo").click()
    choose_category(page, "06010")
    expect(page.locator("[data-hint-area]")).to_contain_text("金海岸社区")
    page.locator("#description").fill("垃圾")
    page.locator("#send").click()
    page.wait_for_url(re.compile(r"/tasks/JW-"))
    assert (only_task(site).community_code, only_task(site).pos_method) == (HAIAN, "photo")


def test_the_devices_position_is_used_with_its_accuracy(site: Site, signed_in_page: Pages) -> None:
    page = signed_in_page(
        "inspector", phone=True, permissions=["geolocation"],
        geolocation={"longitude": LON, "latitude": LAT, "accuracy": 150},
    )  # fmt: skip
    page.goto("/tasks/new")
    page.locator("#locate").click()
    expect(page.locator("#place-status")).to_contain_text("精度约 150 米")
    expect(page.locator("#place-status")).to_contain_text("误差较大")
    assert page.locator("#pos_method").input_value() == "gps"


def test_a_refused_permission_explains_itself(site: Site, signed_in_page: Pages) -> None:
    page = signed_in_page("inspector", permissions=[])
    page.goto("/tasks/new")
    page.locator("#locate").click()
    expect(page.locator("#place-status")).to_contain_text("地图上点选")


def test_a_category_is_found_by_name_code_alias_and_tag_and_remembered(
    site: Site, signed_in_page: Pages
) -> None:
    page = signed_in_page("inspector")
    page.goto("/tasks/new")
    search, options = page.locator("#category-search"), page.locator(".category-option")
    for words in ("暴露垃圾", "06010", "01-10"):
        search.fill(words)
        expect(options.first).to_contain_text("06010")
    search.fill("")
    page.locator(".category-tags .pick-chip", has_text="乱停放").click()
    expect(options.filter(has_text="09009")).to_have_count(1)
    search.fill("没有这种")
    expect(page.locator(".category-none")).to_be_visible()
    search.fill("06010")
    page.locator(".category-tags .pick-chip", has_text="乱停放").click()
    search.press("ArrowDown")
    search.press("Enter")
    expect(page.locator(".category-chosen")).to_contain_text("06010")
    page.reload()
    page.locator("#category-picker .category-chips").first.locator(".pick-chip").first.click()
    expect(page.locator(".category-chosen")).to_contain_text("06010")


def test_a_phrase_fills_the_words_and_names_the_category(site: Site, signed_in_page: Pages) -> None:
    page = signed_in_page("inspector")
    page.goto("/tasks/new")
    chip = page.locator("#phrases .pick-chip").first
    text = chip.inner_text()
    chip.click()
    expect(page.locator("#description")).to_have_value(text)
    expect(page.locator(".category-chosen")).to_be_visible()


def beside_a_task(site: Site, page: Page) -> str:
    """The form filled where an open task of the category lies; that task's number."""
    with site.app.app_context():
        number = make_task(site.world)
    page.goto("/tasks/new")
    add_photo(page)
    page.locator("#description").fill("又堆了三袋")
    page.locator("summary", has_text="输入坐标").click()
    page.locator("#coords").fill(f"{LON}, {LAT}")
    choose_category(page, "06010")
    page.locator("#coords").dispatch_event("change")
    expect(page.locator(".near")).to_contain_text(number)
    return number


def test_what_is_near_is_joined_before_sending(site: Site, signed_in_page: Pages) -> None:
    page = signed_in_page("inspector")
    number = beside_a_task(site, page)
    page.get_by_role("button", name="补充到这一件").click()
    page.wait_for_url(f"**/tasks/{number}")
    expect(page.locator(".timeline")).to_contain_text("又堆了三袋")
    assert len(only_task(site).photos) == 1


def test_the_enter_key_reports_and_joins_nothing(site: Site, signed_in_page: Pages) -> None:
    page = signed_in_page("inspector")
    number = beside_a_task(site, page)
    page.locator("#address").fill("依云路口")
    page.locator("#address").press("Enter")
    page.wait_for_url(re.compile(r"/tasks/JW-"))
    expect(page.locator(".task-number-big")).not_to_have_text(number)
    with site.app.app_context():
        assert len(db.session.scalars(select(Task)).all()) == 2


def test_an_unsent_report_is_offered_again_and_forgotten_after_success(
    site: Site, signed_in_page: Pages
) -> None:
    page = signed_in_page("inspector")
    page.goto("/tasks/new")
    add_photo(page)
    pin(page)
    choose_category(page, "06010")
    page.locator("#description").fill("还没写完")
    expect(page.locator("#draft-state")).to_have_text("草稿已存在本机")
    page.wait_for_function(
        "() => Object.values(localStorage).some((text) => text.includes('还没写完'))"
    )
    page.goto("/tasks/new")
    page.locator("[data-draft-restore]").click()
    expect(page.locator("#description")).to_have_value("还没写完")
    expect(page.locator("#before_photos .photo-tile.is-done")).to_have_count(1)
    expect(page.locator(".report-pin")).to_be_visible()
    page.locator("#send").click()
    page.wait_for_url(re.compile(r"/tasks/JW-"))
    assert len(only_task(site).photos) == 1
    page.goto("/tasks/new")
    expect(page.locator("#report-map .leaflet-pane").first).to_be_attached()
    expect(page.locator("#draft-offer")).to_be_hidden()


def test_another_person_at_the_same_computer_sees_no_draft(
    site: Site, signed_in_page: Pages
) -> None:
    page = signed_in_page("inspector")
    page.goto("/tasks/new")
    page.locator("#description").fill("还没写完")
    page.wait_for_function(
        "() => Object.values(localStorage).some((text) => text.includes('还没写完'))"
    )
    other = signed_in_page("inspector_b")
    page.context.clear_cookies()
    page.context.add_cookies(other.context.cookies())
    page.goto("/tasks/new")
    expect(page.locator("#report-map .leaflet-pane").first).to_be_attached()
    expect(page.locator("#draft-offer")).to_be_hidden()


def test_a_grid_worker_settles_it_on_the_spot_with_two_photos(
    site: Site, signed_in_page: Pages
) -> None:
    page = signed_in_page("grid_worker", phone=True)
    page.goto("/tasks/new")
    add_photo(page)
    pin(page)
    choose_category(page, "06010")
    page.locator("#description").fill("一袋垃圾")
    expect(page.locator("#self-handle")).to_be_hidden()
    page.get_by_label("即时处置，现场已解决").check()
    add_photo(page, name="after_photos", shade=80)
    page.locator("#measures").fill("已清走")
    expect(page.locator("#send")).to_have_text("登记即时处置")
    page.locator("#send").click()
    page.wait_for_url(re.compile(r"/tasks/JW-"))
    task = only_task(site)
    assert (task.state, task.self_handled) == ("closed", True)
    assert sorted(str(found.phase) for found in task.photos) == ["after", "before"]


def test_without_scripts_a_report_with_a_photo_still_arrives(
    site: Site, signed_in_page: Pages
) -> None:
    page = signed_in_page("inspector", java_script_enabled=False)
    page.goto("/tasks/new")
    page.set_input_files("#before_photos [data-photo-gallery]", photo())
    page.locator("#address").fill("依云路口")
    page.locator("#category_id").select_option(label="暴露垃圾")
    page.locator("#description").fill("没有脚本的浏览器")
    page.locator("#send").click()
    page.wait_for_url(re.compile(r"/tasks/JW-"))
    assert len(only_task(site).photos) == 1


def test_the_pin_can_be_set_by_keyboard(site: Site, signed_in_page: Pages) -> None:
    page = signed_in_page("inspector")
    page.goto("/tasks/new")
    button = page.locator(".map-drop")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".report-pin")).to_be_visible()
    assert float(page.locator("#lat").input_value()) > 20


def test_the_form_has_no_serious_barrier(signed_in_page: Pages) -> None:
    page = signed_in_page("grid_worker")
    page.goto("/tasks/new")
    add_photo(page)
    expect(page.locator("#report-map .leaflet-pane").first).to_be_attached()
    assert violations(page) == []

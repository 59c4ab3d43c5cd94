"""Borders in a real browser: seen before they are stored, switched by version, hostile names harmless."""

import json

import pytest
import shapely
from playwright.sync_api import Page, expect

from tests.browser.looking import violations
from tests.factories.world import SANZAO

HOSTILE = "<img src=x onerror=window.hacked=1>${window.hacked=1}"
WEST = shapely.box(113.34, 22.055, 113.365, 22.07)


@pytest.fixture
def office(signed_in_page) -> Page:
    return signed_in_page("sysadmin")


def write(path, polygon=WEST, **properties):
    feature = {
        "type": "Feature",
        "properties": properties,
        "geometry": json.loads(shapely.to_geojson(polygon)),
    }
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8"
    )
    return path


def test_a_file_is_uploaded_seen_on_the_map_and_confirmed(office, tmp_path):
    office.goto("/admin/area-imports/new")
    office.set_input_files(
        "#file", write(tmp_path / "west.geojson", code="440404100003", name=HOSTILE)
    )
    office.select_option("#level", "community")
    office.click("button.btn-primary")
    office.wait_for_selector("[data-area-map][data-ready]")
    expect(office.get_by_text("还没有写入任何数据")).to_be_visible()
    drawn = office.locator(".area-map path.leaflet-interactive")
    expect(drawn).to_have_count(2)
    drawn.last.hover()
    expect(office.locator(".leaflet-tooltip")).to_have_text(HOSTILE)
    office.get_by_role("button", name="确认导入").click()
    expect(office.get_by_text("已导入 1 个区域")).to_be_visible()
    office.goto("/admin/areas/440404100003")
    office.wait_for_selector("[data-area-map][data-ready]")
    expect(office.locator("h1")).to_have_text(HOSTILE)
    assert office.evaluate("window.hacked") is None


def test_a_refused_file_is_told_beside_the_form_that_keeps_its_choices(site, office, tmp_path):
    site.allowed.add(422)
    broken = tmp_path / "broken.geojson"
    broken.write_text("{", encoding="utf-8")
    office.goto("/admin/area-imports/new")
    office.set_input_files("#file", broken)
    office.select_option("#crs", "gcj02")
    office.click("button.btn-primary")
    expect(office.locator("[data-upload-error]")).to_contain_text("JSON")
    expect(office.locator("#crs")).to_have_value("gcj02")
    expect(office.locator("button.btn-primary")).to_be_enabled()


def test_versions_are_switched_on_the_map_by_keyboard(office, tmp_path):
    office.goto(f"/admin/area-imports/new?area={SANZAO}")
    office.set_input_files("#file", write(tmp_path / "new.geojson"))
    office.click("button.btn-primary")
    office.get_by_role("button", name="确认导入").click()
    office.goto(f"/admin/areas/{SANZAO}")
    office.wait_for_selector("[data-area-map][data-ready]")
    drawn = office.locator(".area-map path.leaflet-interactive")
    before = drawn.count()
    old = office.locator("input[data-version='1']")
    old.focus()
    office.keyboard.press("Space")
    expect(drawn).to_have_count(before + 1)
    office.keyboard.press("Space")
    expect(drawn).to_have_count(before)


def test_pages_fit_a_phone_without_sideways_scrolling(office):
    office.set_viewport_size({"width": 390, "height": 844})
    for path in (
        "/admin/areas",
        f"/admin/areas/{SANZAO}",
        "/admin/area-imports/new",
        "/admin/organizations/new",
        "/admin/categories",
        "/admin/categories/1",
    ):
        office.goto(path)
        assert office.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_the_pages_behind_the_lists_have_no_serious_violation(signed_in_page, tmp_path, phone):
    page = signed_in_page("sysadmin", phone=phone)
    page.goto("/admin/area-imports/new")
    expect(page.locator("h1")).to_be_visible()
    found = {"upload": violations(page)}
    refused = {
        "type": "Feature",
        "properties": {"code": "", "name": "无代码"},
        "geometry": json.loads(shapely.to_geojson(WEST)),
    }
    (tmp_path / "bad.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": [refused]}), encoding="utf-8"
    )
    page.set_input_files("#file", tmp_path / "bad.geojson")
    page.click("button.btn-primary")
    page.wait_for_selector("[data-area-map][data-ready]")
    found["preview"] = violations(page)
    for path in (
        f"/admin/areas/{SANZAO}",
        "/admin/organizations/new",
        "/admin/organizations/2",
        "/admin/categories/new",
        "/admin/categories/1",
    ):
        page.goto(path)
        found[path] = violations(page)
    assert {path: faults for path, faults in found.items() if faults} == {}

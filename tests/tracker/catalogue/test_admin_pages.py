"""The pages of the catalogue: limits are a district's own, shipped names and codes are not."""

import re

import pytest
from sqlalchemy import select

from tests.factories.client import fresh, open_session
from tests.factories.world import make_world
from tracker.access.actor import SYSTEM
from tracker.audit.models import AuditEntry
from tracker.calendar import Limit, LimitReading, LimitUnit
from tracker.catalogue.models import Category
from tracker.catalogue.operations import (
    CategoryGiven,
    LocalNames,
    add_local_category,
    save_category,
)
from tracker.catalogue.queries import CategoryFilter, page_of_categories
from tracker.catalogue.seeding import seed_catalogue
from tracker.errors import Conflict, Invalid
from tracker.storage.db import db

LIMIT = {"limit_value": "2", "limit_unit": "work_hour", "limit_reading": "rolling"}
UUIDS = [f"00000000-0000-4000-8000-00000000000{n}" for n in range(3)]
GIVEN = CategoryGiven(Limit(2, LimitUnit.WORK_HOUR))


@pytest.fixture
def office(app):
    make_world()
    return open_session(app, "sysadmin")


def coded(code):
    db.session.rollback()
    return db.session.scalars(select(Category).where(Category.code == code)).first()


def found(**wanted):
    return [row.code for row in page_of_categories(db.session, CategoryFilter(**wanted)).rows]


@pytest.mark.parametrize(
    "path", ["/admin/categories", "/admin/categories/new", "/admin/categories/1"]
)
def test_only_the_system_administrator_opens_the_pages(app, office, path):
    assert office.get(path).status_code == 200
    assert open_session(app, "dispatcher").get(path).status_code == 403


def test_categories_are_found_by_name_code_tag_and_former_code(both):
    seed_catalogue()
    assert "06010" in found(text="暴露垃圾")
    assert found(text="06010") == ["06010"]
    assert "06010" in found(text="01-10")
    by_tag = found(text="乱张贴")
    assert by_tag
    assert all("posting" in coded(code).tags for code in by_tag)
    assert set(by_tag) == set(found(tag="posting"))
    assert all(code.startswith("06") for code in found(major="06"))
    assert found(text="%") == []


def test_the_list_shows_limits_with_their_unit_in_words_and_pages_by_key(office):
    page = office.get("/admin/categories?q=06010").text
    row = coded("06010")
    assert f"{row.limit_value} {LimitUnit(row.limit_unit).label}" in page
    first = office.get("/admin/categories").text
    following = re.search(r'rel="next" href="([^"]+)"', first).group(1).replace("&amp;", "&")
    codes = [
        set(re.findall(r'代码">(\w{5})<', html)) for html in (first, office.get(following).text)
    ]
    assert len(codes[0]) == 50
    assert not codes[0] & codes[1]


def test_a_district_changes_a_limit_but_never_a_shipped_name(office):
    row = coded("06010")
    data = {**LIMIT, "is_active": "y", "name": "改名", "code": "99999"}
    assert office.post_form(f"/admin/categories/{row.id}", data).status_code == 302
    row = coded("06010")
    assert (row.limit_value, row.limit_unit, row.limit_source) == (2, "work_hour", "district")
    assert (row.after_photo_required, row.is_active) == (False, True)
    assert row.name != "改名"
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.kind == "category.change")).one()
    assert entry.object == "06010"
    assert seed_catalogue() == 0
    assert coded("06010").limit_value == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"limit_value": "0"}, "应在 1 到 3660 之间"),
        ({"limit_value": "x"}, "整改时限"),
        ({"limit_reading": "day_count"}, "以小时计的时限只能连续计算"),
        ({"limit_unit": "fortnight"}, "单位"),
    ],
)
def test_a_limit_that_means_nothing_is_refused(office, changes, words):
    before = coded("06010").limit_value
    answer = office.post_form(f"/admin/categories/{coded('06010').id}", {**LIMIT, **changes})
    assert answer.status_code == 422
    assert words in answer.text
    assert coded("06010").limit_value == before


def test_a_local_category_is_added_and_its_words_changed(office):
    data = {
        **LIMIT,
        "code": "x9001",
        "major_name": "本区专项",
        "name": "榕树气根",
        "tags": ["piling"],
        "is_active": "y",
    }
    assert office.post_form("/admin/categories/new", data).status_code == 302
    row = coded("X9001")
    assert (row.name, row.is_local, row.major_name, row.tags) == (
        "榕树气根",
        True,
        "本区专项",
        ["piling"],
    )
    changed = {**LIMIT, "name": "榕树落叶", "is_active": "y"}
    assert office.post_form(f"/admin/categories/{row.id}", changed).status_code == 302
    assert fresh(Category, row.id).name == "榕树落叶"


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"code": "06099"}, 422, "自定义代码须以 X 开头"),
        ({"code": "X90a1"}, 422, "自定义代码须以 X 开头"),
        ({"code": ""}, 422, "请填写代码"),
        ({"name": ""}, 422, "请填写名称"),
        ({"major_name": ""}, 422, "还不存在"),
        ({"tags": ["nonsense"]}, 422, "七乱一占标签"),
    ],
)
def test_a_local_category_that_cannot_be_is_refused_with_the_typed_text_kept(
    office, changes, status, words
):
    data = {
        **LIMIT,
        "code": "X9001",
        "major_name": "专项",
        "name": "榕树气根",
        "is_active": "y",
        **changes,
    }
    answer = office.post_form("/admin/categories/new", data)
    assert answer.status_code == status
    assert words in answer.text
    assert coded("X9001") is None


def test_a_code_is_used_once_and_a_resend_answers_the_first(both):
    make_world()
    names = LocalNames("榕树气根")
    keyed = {"major_name": "专项", "actor": SYSTEM}
    first = add_local_category("X9001", names, GIVEN, request_uuid=UUIDS[0], **keyed)
    assert add_local_category("X9001", names, GIVEN, request_uuid=UUIDS[0], **keyed) == first
    with pytest.raises(Conflict):
        add_local_category("X9001", names, GIVEN, request_uuid=UUIDS[1], **keyed)


def test_names_of_a_shipped_category_are_refused_by_the_operation_itself(both):
    make_world()
    shipped = coded("06010").id
    with pytest.raises(Invalid):
        save_category(shipped, GIVEN, names=LocalNames("改名"), actor=SYSTEM, request_uuid=UUIDS[0])


def test_an_unknown_category_is_not_found(office):
    assert office.get("/admin/categories/99999").status_code == 404
    assert office.post_form("/admin/categories/99999", LIMIT).status_code == 404


def test_hours_read_in_days_cannot_be_built():
    with pytest.raises(ValueError, match="hour"):
        Limit(2, LimitUnit.WORK_HOUR, LimitReading.DAY_COUNT)

"""The pages of areas and organizations, for the system administrator alone."""

import io
import json
import re
from uuid import uuid4

import pytest
import shapely
from sqlalchemy import func, select

from tests.factories.client import fresh, open_session, request_uuid_on
from tests.factories.world import DISTRICT, GRID, HAIAN, SANZAO, TOWN_A, make_world
from tests.tracker.places.conftest import EAST, WEST
from tracker.audit.models import AuditEntry
from tracker.places.models import Area, AreaBoundary, Organization
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work

PAGES = [
    "/admin/areas",
    f"/admin/areas/{SANZAO}",
    f"/admin/areas/{SANZAO}/boundary.json",
    f"/admin/areas/{SANZAO}/neighbours.json",
    "/admin/area-imports/new",
    "/admin/organizations",
    "/admin/organizations/new",
    "/admin/organizations/1",
]


@pytest.fixture
def world(app):
    return make_world()


@pytest.fixture
def office(app, world):
    return open_session(app, "sysadmin")


def geojson(*features):
    content = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": properties,
                "geometry": json.loads(shapely.to_geojson(polygon)),
            }
            for properties, polygon in features
        ],
    }
    return json.dumps(content, ensure_ascii=False).encode()


def send(client, content, name="areas.geojson", path="/admin/area-imports/new", **data):
    form = {"file": (io.BytesIO(content), name), **data}
    return client.post_form(path, form, content_type="multipart/form-data")


def token_of(answer):
    assert answer.status_code == 302, answer.text
    return answer.location.rsplit("/", 1)[1]


@pytest.mark.parametrize("path", PAGES)
def test_only_the_system_administrator_opens_the_pages(app, world, office, path):
    assert office.get(path).status_code == 200
    for other in ("secadmin", "dispatcher", "inspector"):
        assert open_session(app, other).get(path).status_code == 403


# --- the list of areas ------------------------------------------------------------------------------


def names_in(html):
    return re.findall(r'class="row-link"[^>]*>([^<]+)<', html)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            "",
            [
                "金湾区",
                "三灶镇",
                "三灶社区",
                "三灶社区第1网格",
                "金海岸社区",
                "红旗镇",
                "广安社区",
                "藤山社区",
            ],
        ),
        ("?level=town", ["三灶镇", "红旗镇"]),
        ("?q=金海", ["金海岸社区"]),
        (f"?q={TOWN_A}", ["三灶镇", "三灶社区", "三灶社区第1网格", "金海岸社区"]),
        ("?q=%25", []),
        ("?pilot=1", ["三灶社区", "金海岸社区"]),
        (f"?parent={TOWN_A}", ["三灶社区", "金海岸社区"]),
        ("?standing=off", []),
    ],
)
def test_the_list_shows_what_is_asked_for_in_the_order_of_the_tree(office, query, expected):
    assert names_in(office.get(f"/admin/areas{query}").text) == expected


def test_the_list_is_paged_by_key(app, world, office):
    with unit_of_work() as work:
        for number in range(60):
            code = f"{HAIAN}{number:03}"
            path = f"{DISTRICT}/{TOWN_A}/{HAIAN}/{code}/"
            work.add(
                Area(code=code, name=f"网格{number}", level="grid", parent_code=HAIAN, path=path)
            )
    first = office.get("/admin/areas?level=grid").text
    following = re.search(r'rel="next" href="([^"]+)"', first).group(1).replace("&amp;", "&")
    second = office.get(following).text
    assert len(names_in(first)) == 50
    assert len(names_in(second)) == 11
    assert not set(names_in(first)) & set(names_in(second))
    assert office.get("/admin/areas?after=nonsense").status_code == 422


def test_without_areas_the_list_says_how_to_get_some(app):
    with app.app_context():
        make_world()
    with unit_of_work() as work:
        work.execute(Area.__table__.update().values(valid_to=func.now()))
    assert "没有" in open_session(app, "sysadmin").get("/admin/areas").text


# --- one area ---------------------------------------------------------------------------------------


def test_a_boundary_is_served_by_version_and_an_unknown_one_is_not_found(office):
    border = office.get(f"/admin/areas/{SANZAO}/boundary.json?version=1").json
    assert border["properties"]["code"] == SANZAO
    for wrong in ("?version=2", "?version=x", "?version=99999999999999999999"):
        assert office.get(f"/admin/areas/{SANZAO}/boundary.json{wrong}").status_code == 404
    assert office.get("/admin/areas/440499/boundary.json").status_code == 404
    assert office.get("/admin/areas/440499").status_code == 404


def test_the_neighbours_are_the_parent_those_beside_and_those_below(office):
    found = office.get(f"/admin/areas/{SANZAO}/neighbours.json").json["features"]
    assert [(one["properties"]["role"], one["properties"]["code"]) for one in found] == [
        ("parent", TOWN_A),
        ("beside", HAIAN),
        ("below", GRID),
    ]


def test_an_area_is_changed_by_hand_with_an_audit_record(app, office):
    data = {"name": "三灶新社区", "valid_to": "", "is_schematic": "y"}
    assert office.post_form(f"/admin/areas/{SANZAO}", data).status_code == 302
    area = fresh(Area, SANZAO)
    assert (area.name, area.is_pilot, area.is_schematic) == ("三灶新社区", False, True)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.kind == "area.change")).one()
    assert (entry.object, entry.actor_name) == (SANZAO, "sysadmin")


@pytest.mark.parametrize(
    ("code", "data", "words"),
    [
        (SANZAO, {"name": ""}, "请填写名称"),
        (SANZAO, {"name": "长" * 101}, "不超过 100 字"),
        (SANZAO, {"name": "三灶社区", "valid_to": "2020-01-01"}, "还有 1 个下级区域在用"),
        (GRID, {"name": "网格", "valid_to": "2999-01-01"}, "停用日期不能晚于今天"),
    ],
)
def test_a_change_that_cannot_be_made_is_refused_with_the_typed_text_kept(
    office, code, data, words
):
    answer = office.post_form(f"/admin/areas/{code}", data)
    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{data["name"]}"' in answer.text
    assert fresh(Area, code).name != data["name"] or code == SANZAO
    assert fresh(Area, code).valid_to is None


def test_a_retired_grid_holds_no_position_and_can_be_brought_back(app, office):
    from tracker.places.locating import locate

    data = {"name": "三灶社区第1网格", "valid_to": "2026-01-01"}
    assert office.post_form(f"/admin/areas/{GRID}", data).status_code == 302
    assert locate(db.session, 113.35, 22.045).grid_code is None
    assert office.post_form(f"/admin/areas/{GRID}", {**data, "valid_to": ""}).status_code == 302
    db.session.rollback()
    assert locate(db.session, 113.35, 22.045).grid_code == GRID


def test_a_form_without_request_number_or_token_changes_nothing(office):
    assert (
        office.post_form(f"/admin/areas/{SANZAO}", {"name": "x", "request_uuid": ""}).status_code
        == 422
    )
    assert office.post(f"/admin/areas/{SANZAO}", data={"name": "x"}).status_code == 400
    assert fresh(Area, SANZAO).name == "三灶社区"


# --- imports in the browser ---------------------------------------------------------------------------

WEST_ROW = {"code": "440404100003", "name": "西边社区"}


def test_a_file_is_shown_first_and_stored_when_confirmed(app, office):
    bad = ({"code": "", "name": "<b>无代码</b>"}, EAST)
    token = token_of(send(office, geojson((WEST_ROW, WEST), bad), level="community", crs="wgs84"))
    page = office.get(f"/admin/area-imports/{token}").text
    assert "还没有写入任何数据" in page
    assert "缺少代码" in page
    assert "&lt;b&gt;无代码" in page
    assert fresh(Area, "440404100003") is None
    roles = [
        one["properties"]["role"]
        for one in office.get(f"/admin/area-imports/{token}/borders.json").json["features"]
    ]
    assert roles == ["parent", "new", "rejected"]
    rejects = office.get(f"/admin/area-imports/{token}/rejects.csv")
    assert "缺少代码" in rejects.get_data(as_text=True)

    uuid = request_uuid_on(page)
    for _again in range(2):
        done = office.post_form(f"/admin/area-imports/{token}", {"request_uuid": uuid})
        assert done.status_code == 302
    assert "已导入 1 个区域" in office.get(f"/admin/area-imports/{token}").text
    assert fresh(Area, "440404100003").parent_code == TOWN_A
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.kind == "area.import")).all()
    assert [(entry.object, entry.actor_name) for entry in entries] == [
        ("areas.geojson", "sysadmin")
    ]


def test_an_upload_belongs_to_who_sent_it(app, office):
    token = token_of(send(office, geojson((WEST_ROW, WEST))))
    with unit_of_work() as work:
        from tracker.clock import now
        from tracker.people.models import RoleGrant, User

        user = work.scalars(select(User).where(User.username == "worker")).one()
        work.add(RoleGrant(user_id=user.id, role="system_admin", granted_at=now()))
    other = open_session(app, "worker")
    assert other.get("/admin/areas").status_code == 200
    for path in ("", "/borders.json", "/rejects.csv"):
        assert other.get(f"/admin/area-imports/{token}{path}").status_code == 404
    assert other.post_form(f"/admin/area-imports/{token}").status_code == 404
    for forged in ("x" * 32, "..%2f..%2fsecret_key", "a"):
        assert office.get(f"/admin/area-imports/{forged}").status_code == 404


def test_the_single_shape_of_a_file_becomes_the_boundary_of_the_chosen_area(app, office):
    page = office.get(f"/admin/area-imports/new?area={SANZAO}").text
    assert "三灶社区" in page
    content = geojson(({"任意列": "x"}, WEST))
    token = token_of(send(office, content, path=f"/admin/area-imports/new?area={SANZAO}"))
    assert office.post_form(f"/admin/area-imports/{token}").status_code == 302
    assert fresh(Area, SANZAO).boundary_version == 2
    assert fresh(Area, SANZAO).name == "三灶社区"
    count = db.session.scalar(
        select(func.count()).select_from(AreaBoundary).where(AreaBoundary.area_code == SANZAO)
    )
    assert count == 2


def test_of_several_shapes_the_one_with_the_code_is_taken(app, office):
    path = f"/admin/area-imports/new?area={SANZAO}"
    content = geojson((WEST_ROW, WEST), ({"code": SANZAO, "name": "别名"}, EAST))
    token = token_of(send(office, content, path=path))
    office.post_form(f"/admin/area-imports/{token}")
    assert fresh(Area, SANZAO).boundary_version == 2
    assert fresh(Area, "440404100003") is None
    other = {"code": "440404100004", "name": "东"}
    refused = send(office, geojson((WEST_ROW, WEST), (other, EAST)), path=path)
    assert refused.status_code == 422
    assert f"没有代码为 {SANZAO} 的图形" in refused.text


@pytest.mark.parametrize(
    ("name", "content", "data", "words"),
    [
        ("", b"", {}, "请选择文件"),
        ("areas.shp", b"\x00\x00\x27\x0a", {}, "打包为 zip"),
        ("areas.exe", b"MZ", {}, "不支持这种文件"),
        ("areas.geojson", b"{}", {}, "不是 GeoJSON"),
        (
            "areas.geojson",
            geojson((WEST_ROW, WEST)),
            {"crs": "other", "epsg": "99999"},
            "不认识的坐标系",
        ),
        ("areas.geojson", geojson((WEST_ROW, WEST)), {"code_field": "nc_id"}, "nc_id"),
        ("../../../x.geojson", b"\xff\xfe\x00", {}, "JSON"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_on_the_form_and_not_kept(
    app, office, name, content, data, words
):
    answer = send(office, content, name=name, **data)
    assert answer.status_code == 422
    assert words in answer.text
    kept = app.config["SETTINGS"].data_dir / "uploads" / "areas"
    assert not kept.exists() or not list(kept.iterdir())


def test_a_script_gets_the_refusal_as_json(office):
    form = {"file": (io.BytesIO(b"{}"), "areas.geojson")}
    answer = office.post_form(
        "/admin/area-imports/new",
        form,
        content_type="multipart/form-data",
        headers={"X-Requested-With": "fetch"},
    )
    assert answer.status_code == 422
    assert "GeoJSON" in answer.json["message"]


# --- organizations ------------------------------------------------------------------------------------


def test_units_are_found_by_name_kind_and_standing(office):
    assert names_in(office.get("/admin/organizations?q=环卫").text) == ["区环卫中心"]
    assert len(names_in(office.get("/admin/organizations?kind=community").text)) == 3
    assert "没有符合条件的单位" in office.get("/admin/organizations?standing=off").text


def test_a_unit_is_made_changed_and_ended_in_the_browser(app, office):
    data = {
        "name": "区园林中心",
        "kind": "department",
        "area_code": DISTRICT,
        "category_prefixes": ["04", "04001", "06010"],
        "is_active": "y",
    }
    assert office.post_form("/admin/organizations/new", data).status_code == 302
    unit = db.session.scalars(select(Organization).where(Organization.name == "区园林中心")).one()
    assert unit.category_prefixes == ["04", "06010"]
    unit_id = unit.id
    assert "区园林中心" in office.get(f"/admin/organizations/{unit_id}").text
    del data["is_active"]
    assert office.post_form(f"/admin/organizations/{unit_id}", data).status_code == 302
    assert fresh(Organization, unit_id).is_active is False


def test_a_name_that_is_taken_is_refused_beside_the_name(office):
    answer = office.post_form(
        "/admin/organizations/new", {"name": "区环卫中心", "kind": "department", "area_code": ""}
    )
    assert answer.status_code == 422
    assert "已有同名单位" in answer.text
    assert office.get("/admin/organizations/9999").status_code == 404


def test_values_that_are_not_offered_are_refused_not_crashed_on(office):
    data = {
        "name": "某单位",
        "kind": "ministry",
        "area_code": "999",
        "category_prefixes": ["ZZ"],
        "request_uuid": str(uuid4()),
    }
    assert office.post_form("/admin/organizations/new", data).status_code == 422

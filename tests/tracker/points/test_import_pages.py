"""Points come in through the browser in two steps, and leave as the list is filtered."""

import csv
import io
import json
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.factories.client import OfficeClient, open_session, request_uuid_on
from tests.factories.points import make_point, point
from tests.factories.world import GUANGAN, INSIDE, SANZAO, World, make_world
from tracker.audit.models import AuditEntry
from tracker.points.models import InspectionPoint
from tracker.storage.db import db

LON, LAT = INSIDE[SANZAO]
TABLE = (
    "点位代码,点位名称,点位类型,经度,纬度,备注\n"
    f"SZ-01,新的名字,农贸市场,{LON},{LAT},\n"
    f"SZ-02,新建的点,公园,{LON},{LAT},\n"
    f"SZ-03,错的,飞机场,{LON},{LAT},\n"
)


@pytest.fixture
def world(app: Flask) -> World:
    world = make_world()
    make_point(world, code="SZ-01")
    return world


@pytest.fixture
def office(app: Flask, world: World) -> OfficeClient:
    return open_session(app, "dispatcher")


def send(
    client: OfficeClient, content: str = TABLE, name: str = "点位.csv", **said: str
) -> TestResponse:
    return client.post_form(
        "/points/import", {"file": (io.BytesIO(content.encode()), name), **said},
        content_type="multipart/form-data",
    )  # fmt: skip


def count() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(InspectionPoint)) or 0


def test_the_preview_shows_before_and_after_and_writes_nothing(office: OfficeClient) -> None:
    answer = send(office)
    assert answer.status_code == 302, answer.text
    page = office.get(answer.location)
    assert page.status_code == 200
    for words in (
        "唐人街市场",
        "新的名字",
        "新建的点",
        "不认识的点位类型“飞机场”",
        "备注",
        "点位.csv",
    ):
        assert words in page.text
    assert (count(), point("SZ-01").name) == (1, "唐人街市场")
    places = json.loads(office.get(answer.location + "/places.json").data)
    assert {one["properties"]["role"] for one in places["features"]} == {
        "new", "changed", "parent",
    }  # fmt: skip
    rejects = office.get(answer.location + "/rejects.csv").data.decode("utf-8-sig")
    assert [row["code"] for row in csv.DictReader(rejects.splitlines())] == ["SZ-03"]


def test_a_confirmed_import_is_stored_once_however_often_it_is_confirmed(
    office: OfficeClient,
) -> None:
    address = send(office).location
    uuid = request_uuid_on(office.get(address).text)
    for _ in range(2):
        done = office.post_form(address, {"request_uuid": uuid})
        assert done.status_code == 302, done.text
    office.post_form(address, {"request_uuid": str(uuid4())})
    assert (count(), point("SZ-01").name) == (2, "新的名字")
    page = office.get(address).text
    assert "已导入 2 个点位" in page
    kinds = db.session.scalars(select(AuditEntry.object).where(AuditEntry.kind == "point.import"))
    assert kinds.all() == ["点位.csv"]


def test_an_upload_belongs_to_who_sent_it(app: Flask, office: OfficeClient) -> None:
    address = send(office).location
    other = open_session(app, "inspector")
    for path in ("", "/places.json", "/rejects.csv"):
        assert other.get(address + path).status_code == 404
    assert other.post_form(address).status_code == 404
    assert count() == 1


@pytest.mark.parametrize("who", ["inspector", "clerk", "sysadmin", "auditor"])
def test_nobody_imports_who_manages_no_area(app: Flask, world: World, who: str) -> None:
    client = open_session(app, who)
    assert client.get("/points/import").status_code == 403
    assert send(client).status_code == 403
    assert count() == 1


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.shp", "x", "打包为 zip"),
        ("a.exe", "x", "不支持这种文件"),
        ("a.csv", "什么,别的\n1,2\n", "点位代码"),
        ("a.geojson", "{", "不是完整的 JSON"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_the_form(
    office: OfficeClient, name: str, content: str, words: str
) -> None:
    answer = send(office, content, name)
    assert answer.status_code == 422
    assert words in answer.text


def test_half_a_letter_in_a_file_is_read_as_a_question_mark(office: OfficeClient) -> None:
    content = (
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":'
        '{"code":"Q-1","name":"\\ud800街","type":"飞机场"},'
        f'"geometry":{{"type":"Point","coordinates":[{LON},{LAT}]}}}}]}}'
    )
    sent = send(office, content, "a.geojson")
    assert sent.status_code in (302, 303)
    assert "?街" in office.get(sent.location).text
    assert "?街" in office.get(f"{sent.location}/rejects.csv").text


def test_a_chosen_coordinate_system_is_used(office: OfficeClient) -> None:
    from gis.coordinates import from_wgs84

    x, y = from_wgs84(LON, LAT, "gcj02")
    table = f"code,name,site_type,lon,lat\nG-1,高德的点,公园,{x},{y}\n"
    address = send(office, table, "a.csv", crs="gcj02").location
    office.post_form(address)
    found = point("G-1")
    assert (found.lon, found.lat) == pytest.approx((LON, LAT), abs=1e-6)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "geojson", "gpkg", "shp"])
def test_the_export_holds_what_is_filtered_and_reopens(
    world: World, office: OfficeClient, kind: str
) -> None:
    make_point(world, GUANGAN, code="GA-01", name="广安市场")
    answer = office.get(f"/points/export?format={kind}&area={GUANGAN}")
    assert answer.status_code == 200
    ending = "zip" if kind == "shp" else kind
    assert f'.{ending}"' in answer.headers["Content-Disposition"]
    sent = office.post_form(
        "/points/import", {"file": (io.BytesIO(answer.data), f"back.{ending}")},
        content_type="multipart/form-data",
    )  # fmt: skip
    page = office.get(sent.location).text
    assert "没有可以写入的内容" in page
    assert "<dt>未变</dt><dd>1</dd>" in page
    noted = db.session.scalars(select(AuditEntry.object).where(AuditEntry.kind == "export")).all()
    assert noted == [f"points.{ending}"]


def test_the_list_offers_the_export_of_its_filter_and_the_import(office: OfficeClient) -> None:
    page = office.get(f"/points/?area={SANZAO}").text
    assert f"/points/export.gpkg?area={SANZAO}" in page
    assert "/points/import" in page
    assert office.get(f"/points/export.csv?area={SANZAO}").status_code == 200


def test_an_unknown_format_is_refused_and_a_foreign_point_never_leaves(
    app: Flask, world: World, office: OfficeClient
) -> None:
    make_point(world, GUANGAN, code="GA-01")
    assert office.get("/points/export?format=kml").status_code == 422
    seen = open_session(app, "grid_lead").get("/points/export?format=csv").data.decode("utf-8-sig")
    assert [row["点位代码"] for row in csv.DictReader(seen.splitlines())] == ["SZ-01"]

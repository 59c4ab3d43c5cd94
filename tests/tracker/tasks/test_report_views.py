"""The report form over HTTP: what it takes, what it keeps after a refusal, where a report goes."""

import io
import re
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from gis.coordinates import distance_m, from_wgs84
from tests.factories.client import OfficeClient, open_session, request_uuid_on
from tests.factories.world import GRID, INSIDE, OUTSIDE, SANZAO, World, category, make_world
from tracker import clock
from tracker.evidence.models import Photo
from tracker.storage.db import db
from tracker.tasks.models import Task
from tracker.tasks.report_views import SENT_COOKIE

LON, LAT = INSIDE[SANZAO]
WORDS = "依云路口 <b>暴露垃圾</b>"


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


@pytest.fixture
def client(app: Flask, world: World) -> OfficeClient:
    return open_session(app, "inspector")


def complete(**changes: Any) -> dict[str, Any]:
    """A form that would be taken; a value of None leaves the field out."""
    fields: dict[str, Any] = {
        "request_uuid": str(uuid4()), "lon": str(LON), "lat": str(LAT), "pos_method": "pin",
        "coord_sys": "wgs84", "address": "依云路口", "category_id": str(category()),
        "description": WORDS, "source": "inspection", "no_photo_reason": "问题已自行消失",
    }  # fmt: skip
    return {key: value for key, value in {**fields, **changes}.items() if value is not None}


def send(client: OfficeClient, **changes: Any) -> TestResponse:
    return client.post_form("/tasks/new", complete(**changes), page="/tasks/new")


def tasks() -> list[Task]:
    db.session.rollback()
    return list(db.session.scalars(select(Task).order_by(Task.id)).all())


def jpeg(shade: int = 90) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 240), (shade, 120, 60)).save(out, "JPEG")
    return out.getvalue()


def upload(client: OfficeClient, shade: int = 90) -> str:
    uuid = str(uuid4())
    answer = client.post(
        "/photos/",
        data={"uuid": uuid, "photo": (io.BytesIO(jpeg(shade)), "a.jpg")},
        headers={"X-CSRFToken": client.csrf_token("/tasks/new"), "X-Requested-With": "fetch"},
    )
    assert answer.status_code == 200, answer.text
    return uuid


def test_the_form_is_shown_to_those_who_report_and_to_no_other(app: Flask, world: World) -> None:
    shown = {
        who: open_session(app, who).get("/tasks/new").status_code
        for who in ("inspector", "grid_worker", "grid_lead", "clerk", "dispatcher", "leader", "sysadmin")
    }  # fmt: skip
    assert shown == {
        "inspector": 200, "grid_worker": 200, "grid_lead": 200, "clerk": 200, "dispatcher": 200,
        "leader": 403, "sysadmin": 403,
    }  # fmt: skip


def test_a_report_with_a_photo_becomes_a_task_of_its_community(client: OfficeClient) -> None:
    uuid = upload(client)
    answer = send(client, before_photos=uuid, no_photo_reason=None, is_urgent="y")
    (task,) = tasks()
    assert (answer.status_code, answer.location) == (302, f"/tasks/{task.number}")
    assert (task.community_code, task.grid_code, task.state) == (SANZAO, GRID, "reported")
    assert (task.lon, task.lat, task.pos_method, task.coord_sys) == (LON, LAT, "pin", "wgs84")
    assert (task.description, task.source, task.is_urgent) == (WORDS, "inspection", True)
    assert [(photo.uuid, photo.phase) for photo in task.photos] == [(uuid, "before")]


def test_the_thanks_name_number_community_and_next_step_and_offer_another(
    client: OfficeClient,
) -> None:
    send(client)
    page = unescape(client.get("/tasks/new").text)
    (task,) = tasks()
    assert task.number in page
    assert "三灶社区" in page
    assert "下一步：派遣员受理立案" in page
    assert re.search(r'href="/tasks/new"[^>]*>再报一条', page)


def test_success_tells_the_browser_which_draft_to_forget(client: OfficeClient) -> None:
    uuid = str(uuid4())
    send(client, request_uuid=uuid)
    cookie = client.get_cookie(SENT_COOKIE, path="/tasks/new")
    assert cookie is not None
    assert cookie.value == uuid


def test_the_same_form_sent_twice_is_one_task(client: OfficeClient) -> None:
    uuid = str(uuid4())
    first, again = send(client, request_uuid=uuid), send(client, request_uuid=uuid)
    assert first.location == again.location
    assert len(tasks()) == 1


def test_a_used_form_sent_with_other_words_says_so_and_gets_a_new_number_of_request(
    client: OfficeClient,
) -> None:
    uuid = str(uuid4())
    send(client, request_uuid=uuid)
    answer = send(client, request_uuid=uuid, description="另一件")
    assert answer.status_code == 409
    assert "另一件" in answer.text
    assert request_uuid_on(answer.text) != uuid
    assert len(tasks()) == 1


def test_outside_every_area_it_waits_in_the_district_queue(client: OfficeClient) -> None:
    send(client, lon=str(OUTSIDE[0]), lat=str(OUTSIDE[1]), confirm_far="y")
    (task,) = tasks()
    assert (task.community_code, task.district_code) == (None, "440404")
    assert "未落入网格" in client.get("/tasks/new").text


def test_a_position_far_away_asks_first_and_is_then_taken(client: OfficeClient) -> None:
    asked = send(client, lon="121.47", lat="31.23")
    assert asked.status_code == 422
    assert 'name="confirm_far"' in asked.text
    assert tasks() == []
    assert send(client, lon="121.47", lat="31.23", confirm_far="y").status_code == 302


def test_a_position_just_outside_needs_no_confirmation(client: OfficeClient) -> None:
    assert send(client, lon="113.30", lat="22.00").status_code == 302
    assert tasks()[0].community_code is None


@pytest.mark.parametrize("coord_sys", ["gcj02", "bd09"])
def test_typed_coordinates_of_another_system_are_converted_and_kept_as_given(
    client: OfficeClient, coord_sys: str
) -> None:
    x, y = from_wgs84(LON, LAT, coord_sys)
    send(client, coords=f"{x:.7f}, {y:.7f}", coord_sys=coord_sys, lon="1", lat="1")
    (task,) = tasks()
    assert task.lon is not None
    assert task.lat is not None
    assert distance_m(task.lon, task.lat, LON, LAT) < 0.1
    assert (task.coord_sys, task.community_code) == (coord_sys, SANZAO)
    assert task.raw_x == pytest.approx(x, abs=1e-6)
    assert task.pos_method == "typed"


def test_an_address_alone_is_enough(client: OfficeClient) -> None:
    send(client, lon=None, lat=None, address="某村口大树下")
    (task,) = tasks()
    assert (task.lon, task.address, task.community_code) == (None, "某村口大树下", None)
    assert task.pos_method == "address"


def test_a_community_without_a_point_is_enough(client: OfficeClient) -> None:
    send(client, lon=None, lat=None, address=None, community_code=SANZAO)
    assert tasks()[0].community_code == SANZAO


REFUSED = [
    ({"category_id": ""}, "请选择问题类别"),
    ({"category_id": "999999"}, "请选择问题类别"),
    ({"category_id": "-1; DROP"}, "请选择问题类别"),
    ({"description": "   "}, "请写明问题是什么"),
    ({"description": "长" * 2001}, "不能超过 2000 字"),
    ({"lon": None, "lat": None, "address": None}, "请在地图上选点"),
    ({"lon": "181"}, "位置无效"),
    ({"lon": "nan"}, "位置无效"),
    ({"lat": "inf"}, "位置无效"),
    ({"lat": None}, "位置无效"),
    ({"coords": "三灶"}, "看不懂这个坐标"),
    ({"coords": "22, 23"}, "看不懂这个坐标"),
    ({"no_photo_reason": None}, "请添加整改前照片"),
    ({"found_at": "2999-01-01T00:00"}, "发现时间不能晚于现在"),
    ({"found_at": "昨天"}, "发现时间请写成"),
    ({"source": "imported"}, ""),
    ({"coord_sys": "mars"}, ""),
    ({"address": "长" * 257}, "地址不能超过"),
]


@pytest.mark.parametrize(("changes", "said"), REFUSED)
def test_a_wrong_form_is_refused_in_words_and_nothing_typed_is_lost(
    client: OfficeClient, changes: dict[str, Any], said: str
) -> None:
    photo = upload(client)
    uuid = str(uuid4())
    words = changes.get("description", WORDS)
    answer = send(client, request_uuid=uuid, before_photos=(photo if said != "请添加整改前照片" else None), **changes)  # fmt: skip
    page = unescape(answer.text)
    assert answer.status_code == 422
    assert said in page
    assert 'role="alert"' in page
    assert words.strip() in page
    assert request_uuid_on(answer.text) == uuid
    if said != "请添加整改前照片":
        assert f'value="{photo}"' in page
    assert tasks() == []
    assert db.session.get(Photo, photo) is not None


def test_all_that_is_wrong_is_told_at_once(client: OfficeClient) -> None:
    page = unescape(
        send(client, coords="三灶", category_id="", description="", no_photo_reason=None).text
    )
    for said in ("看不懂这个坐标", "请选择问题类别", "请写明问题是什么", "请添加整改前照片"):
        assert said in page


def test_a_refused_form_is_sent_again_as_it_came_back(client: OfficeClient) -> None:
    photo, uuid = upload(client), str(uuid4())
    send(client, request_uuid=uuid, before_photos=photo, category_id="")
    answer = send(client, request_uuid=uuid, before_photos=photo, no_photo_reason=None)
    assert answer.status_code == 302
    assert [found.uuid for found in tasks()[0].photos] == [photo]


def test_a_foreign_or_used_photo_is_not_taken_along(app: Flask, client: OfficeClient) -> None:
    foreign = upload(open_session(app, "clerk"), 40)
    answer = send(client, before_photos=foreign, no_photo_reason=None)
    assert answer.status_code == 422
    assert tasks() == []
    used = upload(client)
    send(client, before_photos=used, no_photo_reason=None)
    assert send(client, before_photos=used, no_photo_reason=None).status_code == 422
    assert len(tasks()) == 1


def test_ten_photos_are_one_too_many(client: OfficeClient) -> None:
    uuids = [upload(client, shade) for shade in range(10)]
    assert send(client, before_photos=uuids).status_code == 422
    assert send(client, before_photos=uuids[:9]).status_code == 302
    assert len(tasks()[0].photos) == 9


def test_without_scripts_the_files_travel_in_the_form_itself_and_survive_an_error(
    client: OfficeClient,
) -> None:
    uuid = str(uuid4())
    files = {
        "before_photos_files": [(io.BytesIO(jpeg(9)), "1.jpg"), (io.BytesIO(jpeg(8)), "2.jpg")]
    }
    refused = send(client, request_uuid=uuid, no_photo_reason=None, category_id="", **files)
    kept = re.findall(r'name="before_photos" value="([^"]+)"', refused.text)
    assert (refused.status_code, len(kept)) == (422, 2)
    assert send(client, request_uuid=uuid, no_photo_reason=None, before_photos=kept).status_code == 302  # fmt: skip
    assert [photo.uuid for photo in tasks()[0].photos] == kept


def test_a_file_that_is_no_photo_is_refused_and_the_words_stay(client: OfficeClient) -> None:
    answer = send(client, before_photos_files=(io.BytesIO(b"MZ not a photo"), "virus.jpg"))
    assert answer.status_code == 422
    assert "依云路口" in answer.text
    assert tasks() == []


def test_a_late_entry_keeps_the_time_of_finding(client: OfficeClient) -> None:
    found = clock.in_city(clock.now() - timedelta(days=2)).replace(second=0, microsecond=0)
    send(client, found_at=f"{found:%Y-%m-%dT%H:%M}")
    (task,) = tasks()
    assert clock.in_city(task.found_at) == found
    assert task.reported_at > task.found_at


def test_a_grid_worker_settles_a_problem_on_the_spot(app: Flask, world: World) -> None:
    client = open_session(app, "grid_worker")
    before, after = upload(client, 1), upload(client, 2)
    answer = send(
        client, mode="self_handle", source="grid_patrol", measures="已清扫",
        before_photos=before, after_photos=after, no_photo_reason=None,
    )  # fmt: skip
    (task,) = tasks()
    assert answer.status_code == 302
    assert (task.state, task.self_handled, task.reporter_id) == ("closed", True, world.users["grid_worker"])  # fmt: skip
    assert {photo.uuid: photo.phase for photo in task.photos} == {before: "before", after: "after"}


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"measures": None}, 422, "须填写整改措施"),
        ({"no_photo_reason": None, "before": True}, 422, "须添加整改后照片"),
        ({"lon": str(INSIDE["440404101002"][0]), "lat": str(INSIDE["440404101002"][1])}, 403, "须由辖区网格员"),
    ],
)  # fmt: skip
def test_settling_on_the_spot_needs_measures_a_photo_and_ones_own_area(
    app: Flask, world: World, changes: dict[str, Any], status: int, said: str
) -> None:
    client = open_session(app, "grid_worker")
    if changes.pop("before", False):
        changes["before_photos"] = upload(client)
    fields = {"mode": "self_handle", "source": "grid_patrol", "measures": "已清扫", **changes}
    answer = send(client, **fields)
    assert answer.status_code == status
    assert said in answer.text
    assert "依云路口" in answer.text
    assert tasks() == []


def test_an_inspector_cannot_settle_by_sending_the_field(client: OfficeClient) -> None:
    answer = send(client, mode="self_handle", measures="已清扫")
    assert answer.status_code == 422
    assert tasks() == []


def test_a_unit_reports_as_self_inspection_by_default(app: Flask, world: World) -> None:
    page = open_session(app, "clerk").get("/tasks/new").text
    assert re.search(r'<option selected value="self_inspection"', page)


def test_the_refused_page_shows_the_hints_without_any_script(client: OfficeClient) -> None:
    page = send(client, description="").text
    assert "三灶社区" in page
    assert "区环卫中心" in page


def test_hostile_words_come_back_as_text(client: OfficeClient) -> None:
    page = send(client, description='"><script>alert(1)</script>', category_id="").text
    assert "<script>alert(1)" not in page


def test_a_form_without_a_token_writes_nothing(client: OfficeClient) -> None:
    assert client.post("/tasks/new", data=complete()).status_code == 400
    assert db.session.scalar(select(func.count()).select_from(Task)) == 0


def test_a_place_in_no_grid_still_has_its_community(client: OfficeClient) -> None:
    send(client, lon="113.360", lat="22.045")
    assert (tasks()[0].grid_code, tasks()[0].community_code) == (None, SANZAO)


def test_the_report_works_on_both_databases(both: Flask) -> None:
    make_world()
    client = open_session(both, "inspector")
    photo = upload(client)
    assert send(client, before_photos=photo, no_photo_reason=None).status_code == 302
    assert [found.uuid for found in tasks()[0].photos] == [photo]


def test_what_must_be_mended_is_listed_in_the_order_of_the_page(client: OfficeClient) -> None:
    answer = send(
        client, lon=None, lat=None, address="", category_id="", description="", no_photo_reason=""
    )
    assert answer.status_code == 422
    listed = re.findall(r'<li><a href="#(\w+)">', answer.text)
    assert listed == ["before_photos", "place", "category", "description"]

"""What a hostile request can bring besides its form: addresses, headers, other people's keys."""

import base64
import io
from uuid import uuid4

import orjson
import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from tests.factories.client import open_session, visitor
from tests.factories.world import GUANGAN, SANZAO, TOWN_A, category, make_task, make_world
from tracker.people.models import RoleGrant
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.states import State

#: What no row can be named by.
IDS = ("0", "2147483648", "9" * 19, "9" * 25, "9" * 5000, "00000000001" + "9" * 20)
NAMES = (
    "%00",
    "a%00b",
    "%F0%9F%98%80",
    "%FF",
    "'%20OR%201=1--",
    "..%2f..%2fetc%2fpasswd",
    "%25",
    "_" * 3000,
)
REFERRERS = (
    "http://[",
    "http://a]b/",
    "//",
    "javascript:alert(1)",
    "http://localhost/[x",
    "\\\\evil",
    "?",
)


NUMBERED = [
    "/admin/categories/{}", "/admin/organizations/{}", "/admin/users/{}", "/admin/users/{}/edit",
    "/admin/users/{}/deactivate", "/admin/users/1/grants/{}/revoke",
]  # fmt: skip


def test_a_number_that_no_row_can_have_is_not_found(both: Flask):
    make_world()
    client = open_session(both, "sysadmin")
    for address in NUMBERED:
        answers = {value: client.get(address.format(value)).status_code for value in IDS}
        assert set(answers.values()) <= {403, 404}, (address, answers)


NAMED = [
    "/tasks/{}", "/tasks/{}/place.json", "/tasks/{}/proposal.json?category=1", "/maps/{}", "/maps/{}/frame",
    "/maps/{}/tasks.json", "/maps/{}/borders.json", "/maps/tasks/{}.json", "/photos/{}/thumb",
    "/admin/areas/{}", "/admin/areas/{}/boundary.json", "/admin/areas/{}/neighbours.json",
    "/admin/area-imports/{}", "/admin/area-imports/{}/borders.json", "/admin/area-imports/{}/rejects.csv",
]  # fmt: skip


def test_a_name_that_no_row_can_have_is_not_found(both: Flask):
    make_world()
    clients = {True: open_session(both, "sysadmin"), False: open_session(both, "dispatcher")}
    for address in NAMED:
        client = clients["admin" in address]
        answers = {value: client.get(address.format(value)).status_code for value in NAMES}
        assert set(answers.values()) == {404}, (address, answers)


QUERIES = [
    "/tasks/?unit={}", "/tasks/export.csv?unit={}", "/tasks/export.xlsx?unit={}", "/maps/?unit={}",
    "/maps/counts.json?unit={}", "/tasks/new/hints.json?category={}&lon=113.355&lat=22.045",
    "/tasks/new/hints.json?community={}", "/tasks/?area={}", "/tasks/?category={}", "/tasks/?q={}", "/tasks/?after={}",
    "/tasks/deadline.json?value={}&unit=work_day&reading=day_count",
]  # fmt: skip


def test_no_value_of_an_argument_is_an_error_of_the_server(both: Flask):
    make_world()
    client = open_session(both, "dispatcher")
    for query in QUERIES:
        for value in (*IDS, *NAMES):
            answer = client.get(query.format(value))  # streamed answers are read to their end
            assert answer.status_code < 500, (query, value[:40], answer.status_code)


PAGED = [
    "/admin/categories?after={}", "/admin/organizations?after={}", "/admin/areas?after={}",
    "/admin/users?after={}", "/admin/audit?after={}", "/tasks/?sort=number&after={}", "/tasks/?sort=due_at&after={}",
]  # fmt: skip
FORGED: list[list[object]] = [
    ["a\x00b"], [2**63], [-(2**63)], [1.5], [True], [None], [{}], ["a", 2**63], ["a\x00", 1], [None, 1],
    ["0001-01-01T00:00:00+14:00", 1], ["9999-12-31T23:59:59-12:00", 1],
]  # fmt: skip


def test_a_forged_page_key_is_refused_in_words(both: Flask):
    make_world()
    clients = {who: open_session(both, who) for who in ("auditor", "sysadmin", "dispatcher")}
    for query in PAGED:
        who = "auditor" if "audit" in query else "sysadmin" if "admin" in query else "dispatcher"
        for values in FORGED:
            key = base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")
            answer = clients[who].get(query.format(key))
            assert answer.status_code in (200, 422), (query, values, answer.status_code)


@pytest.mark.parametrize("referrer", REFERRERS)
def test_a_broken_referrer_is_no_error_of_the_server(app: Flask, referrer: str):
    client = visitor(app)
    assert client.get("/nowhere", headers={"Referer": referrer}).status_code == 404
    token = client.csrf_token()
    answer = client.post(
        "/locale", data={"locale": "en", "csrf_token": token}, headers={"Referer": referrer}
    )
    assert answer.status_code == 302
    assert answer.location.startswith("/")
    assert not answer.location.startswith("//")


@pytest.mark.parametrize("headers", [
    {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://["}, {"Origin": "http://localhost.evil.example"},
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
])  # fmt: skip
def test_a_write_sent_by_a_page_of_another_site_is_refused_even_with_the_token(app: Flask, headers):
    make_world()
    client = open_session(app, "inspector")
    token, before = client.csrf_token(), client.token()
    for path in ("/logout", "/account/locale", "/locale", "/tasks/new"):
        answer = client.post(path, data={"csrf_token": token, "locale": "en"}, headers=headers)
        assert answer.status_code == 400, path
    assert client.token() == before
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize("headers", [
    {}, {"Origin": "http://localhost"}, {"Origin": "http://localhost:5000"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "http://behind-a-proxy"},
])  # fmt: skip
def test_a_write_sent_by_a_page_of_this_server_is_taken(app: Flask, headers):
    make_world()
    client = open_session(app, "inspector")
    data = {"csrf_token": client.csrf_token(), "locale": "en"}
    assert client.post("/account/locale", data=data, headers=headers).status_code == 302


def test_another_persons_token_opens_nothing(app: Flask):
    make_world()
    stolen = open_session(app, "inspector_b").csrf_token()
    answer = open_session(app, "inspector").post(
        "/account/locale", data={"csrf_token": stolen, "locale": "en"}
    )
    assert answer.status_code == 400


@pytest.mark.parametrize("state", [State.REPORTED, State.REJECTED])
def test_merging_tells_a_foreign_task_from_an_unknown_one_by_nothing(app: Flask, state: State):
    world = make_world()
    own, foreign = make_task(world), make_task(world, state, GUANGAN)
    with unit_of_work() as work:
        for grant in work.scalars(
            select(RoleGrant).where(RoleGrant.user_id == world.users["dispatcher_2"])
        ):
            grant.area_code = TOWN_A
    db.session.remove()
    client = open_session(app, "dispatcher_2")
    assert client.get(f"/tasks/{foreign}").status_code == 404
    answers = [
        client.post_form(f"/tasks/{own}/actions/merge", {"version": "1", "other_number": number})
        for number in (foreign, "JW-19990101-0001")
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert all("没有编号为" in answer.text for answer in answers)


def test_one_photo_does_not_show_both_before_and_after(app: Flask, one_photo):
    make_world()
    client = open_session(app, "grid_worker")
    uuid = str(uuid4())
    assert client.post_form("/photos/", {"uuid": uuid, "photo": one_photo()}).status_code == 200
    form = {
        "mode": "self_handle", "lon": "113.355", "lat": "22.045", "category_id": _category(), "source": "grid_patrol",
        "description": "路边垃圾", "measures": "已清理", "before_photos": uuid, "after_photos": uuid,
    }  # fmt: skip
    answer = client.post_form("/tasks/new", form)
    assert answer.status_code == 422
    assert SANZAO not in answer.headers.get("Location", "")


def _category() -> str:
    return str(category())


@pytest.fixture
def one_photo():
    """Makes a small photo to send."""

    def make() -> tuple[io.BytesIO, str]:
        held = io.BytesIO()
        Image.effect_noise((320, 240), 40).convert("RGB").save(held, "JPEG")
        held.seek(0)
        return held, "a.jpg"

    return make


@pytest.mark.parametrize("typed", ["0001-01-01T00:00", "1900-01-01T00:00", "1989-12-31T23:59"])
def test_a_report_is_not_dated_back_before_any_record(both: Flask, typed: str):
    make_world()
    form = {
        "mode": "report", "lon": "113.355", "lat": "22.045", "category_id": _category(), "source": "inspection",
        "description": "路边垃圾", "no_photo_reason": "无", "found_at": typed,
    }  # fmt: skip
    answer = open_session(both, "inspector").post_form("/tasks/new", form)
    assert answer.status_code == 422

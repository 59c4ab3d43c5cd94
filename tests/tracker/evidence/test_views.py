"""Photos over HTTP: the tray, who sees a photo, and what travels with it."""

import io
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select

from tests.factories.client import OfficeClient, open_session
from tests.factories.world import TENGSHAN, World, given_report, make_task, make_world, task
from tracker.evidence.models import Photo
from tracker.storage.db import db
from tracker.tasks.operations import Order, perform
from tracker.tasks.states import Action


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


@pytest.fixture
def jpeg(draw: Callable[..., Image.Image], encode: Callable[..., bytes]) -> bytes:
    return encode(draw())


def send(client: OfficeClient, data: bytes, *, uuid: str | None = None, csrf: bool = True) -> Any:
    """What the picker's script sends."""
    headers = {"X-Requested-With": "fetch", "Accept": "application/json"}
    if csrf:
        headers["X-CSRFToken"] = client.csrf_token("/no-such-page")
    return client.post(
        "/photos/",
        data={"uuid": uuid or str(uuid4()), "photo": (io.BytesIO(data), "现场.jpg")},
        headers=headers,
    )


def in_tray(uuid: str) -> Photo | None:
    db.session.rollback()
    return db.session.get(Photo, uuid)


def report_with(world: World, uuid: str, *, who: str = "inspector", community: str | None) -> str:
    made = perform(
        [Order(Action.REPORT, given_report(community, before_photos=(uuid,), no_photo_reason=""))],
        number=None, actor=world.actor(who), version=None, request_uuid=str(uuid4()),
    )  # fmt: skip
    return str(made["number"])


def test_a_photo_waits_in_its_owners_tray_with_position_and_time(
    app: Flask,
    world: World,
    draw: Callable[..., Image.Image],
    encode: Callable[..., bytes],
    phone: Callable[..., Image.Exif],
) -> None:
    uuid = str(uuid4())
    answer = send(open_session(app, "inspector"), encode(draw(), exif=phone()), uuid=uuid)
    assert answer.status_code == 200
    facts = answer.get_json()
    assert facts["uuid"] == uuid
    assert facts["thumb_url"] == f"/photos/{uuid}/thumb"
    assert facts["taken_at"] == "2026-09-01T00:30:00+00:00"
    assert (round(facts["lon"], 5), round(facts["lat"], 5)) == (113.34283, 22.05297)
    assert (facts["width"], facts["height"]) == (640, 480)
    assert facts["seen_before"] == []
    photo = in_tray(uuid)
    assert photo is not None
    assert photo.owner_id == world.users["inspector"]
    assert photo.task_id is None


def test_a_resend_gets_the_first_answer_and_makes_no_second_row(
    app: Flask, world: World, jpeg: bytes
) -> None:
    client, uuid = open_session(app, "inspector"), str(uuid4())
    first, again = send(client, jpeg, uuid=uuid), send(client, jpeg, uuid=uuid)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.get_json() == again.get_json()
    assert db.session.scalar(select(func.count()).select_from(Photo)) == 1


def test_the_same_uuid_with_another_photo_is_a_conflict(
    app: Flask,
    world: World,
    jpeg: bytes,
    draw: Callable[..., Image.Image],
    encode: Callable[..., bytes],
) -> None:
    client, uuid = open_session(app, "inspector"), str(uuid4())
    send(client, jpeg, uuid=uuid)
    assert send(client, encode(draw(seed=2)), uuid=uuid).status_code == 409
    assert send(open_session(app, "clerk"), jpeg, uuid=uuid).status_code == 409


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\xff\xd8\xff\xe0junk"]
)
def test_what_is_no_photo_is_refused_in_words_and_leaves_nothing(
    app: Flask, world: World, data: bytes
) -> None:
    answer = send(open_session(app, "inspector"), data)
    assert answer.status_code == 422
    assert answer.get_json()["field"] == "photo"
    assert db.session.scalar(select(func.count()).select_from(Photo)) == 0


def test_no_file_a_bad_uuid_and_a_missing_token_are_refused(
    app: Flask, world: World, jpeg: bytes
) -> None:
    client = open_session(app, "inspector")
    token = {"X-CSRFToken": client.csrf_token("/no-such-page"), "X-Requested-With": "fetch"}
    assert client.post("/photos/", data={"uuid": str(uuid4())}, headers=token).status_code == 422
    assert send(client, jpeg, uuid="../../etc/passwd").status_code == 422
    assert send(client, jpeg, csrf=False).status_code == 400


def test_somebody_named_for_the_work_takes_photos_without_a_role(
    app: Flask, world: World, jpeg: bytes
) -> None:
    assert send(open_session(app, "worker"), jpeg).status_code == 200


def test_a_photo_in_a_tray_is_its_owners_alone(app: Flask, world: World, jpeg: bytes) -> None:
    uuid = str(uuid4())
    owner = open_session(app, "inspector")
    send(owner, jpeg, uuid=uuid)
    assert owner.get(f"/photos/{uuid}/thumb").status_code == 200
    assert open_session(app, "dispatcher").get(f"/photos/{uuid}/thumb").status_code == 404


def test_a_tasks_photo_is_seen_by_exactly_those_who_see_the_task(
    app: Flask, world: World, jpeg: bytes
) -> None:
    uuid = str(uuid4())
    send(open_session(app, "inspector_b"), jpeg, uuid=uuid)
    report_with(world, uuid, who="inspector_b", community=TENGSHAN)
    seen = {
        who: open_session(app, who).get(f"/photos/{uuid}/view").status_code
        for who in ("inspector_b", "dispatcher", "leader_b", "inspector", "clerk", "sysadmin")
    }
    assert seen == {
        "inspector_b": 200, "dispatcher": 200, "leader_b": 200,
        "inspector": 404, "clerk": 404, "sysadmin": 404,
    }  # fmt: skip


def test_the_served_copies_carry_no_metadata_and_run_nothing(
    app: Flask,
    world: World,
    draw: Callable[..., Image.Image],
    encode: Callable[..., bytes],
    phone: Callable[..., Image.Exif],
) -> None:
    client, uuid = open_session(app, "inspector"), str(uuid4())
    send(client, encode(draw(), exif=phone()) + b"<script>alert(1)</script>", uuid=uuid)
    for size in ("thumb", "view"):
        answer = client.get(f"/photos/{uuid}/{size}")
        assert answer.content_type == "image/jpeg"
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"].startswith("private")
        assert b"SERIAL-4711" not in answer.data
        assert b"<script>" not in answer.data
        assert not Image.open(io.BytesIO(answer.data)).getexif()


def test_an_unchanged_photo_is_answered_304_but_only_to_who_may_see_it(
    app: Flask, world: World, jpeg: bytes
) -> None:
    client, uuid = open_session(app, "inspector"), str(uuid4())
    send(client, jpeg, uuid=uuid)
    etag = client.get(f"/photos/{uuid}/thumb").headers["ETag"]
    again = client.get(f"/photos/{uuid}/thumb", headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    stranger = open_session(app, "clerk")
    refused = stranger.get(f"/photos/{uuid}/thumb", headers={"If-None-Match": etag})
    assert refused.status_code == 404


def test_the_original_is_an_attachment_for_keepers_of_evidence_only(
    app: Flask, world: World, jpeg: bytes
) -> None:
    uuid = str(uuid4())
    reporter = open_session(app, "inspector")
    send(reporter, jpeg, uuid=uuid)
    assert reporter.get(f"/photos/{uuid}/original").status_code == 403
    report_with(world, uuid, community="440404100001")
    assert reporter.get(f"/photos/{uuid}/original").status_code == 403
    answer = open_session(app, "dispatcher").get(f"/photos/{uuid}/original")
    assert (answer.status_code, answer.data) == (200, jpeg)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.content_type == "application/octet-stream"


@pytest.mark.parametrize("size", ["full", "thumb.jpg", "..%2foriginal"])
def test_an_unknown_form_of_a_photo_is_not_found(
    app: Flask, world: World, jpeg: bytes, size: str
) -> None:
    client, uuid = open_session(app, "inspector"), str(uuid4())
    send(client, jpeg, uuid=uuid)
    assert client.get(f"/photos/{uuid}/{size}").status_code == 404


def test_one_removes_only_ones_own_photo_and_only_before_a_task_has_it(
    app: Flask, world: World, jpeg: bytes
) -> None:
    client, stranger = open_session(app, "inspector"), open_session(app, "clerk")
    kept, dropped = str(uuid4()), str(uuid4())
    send(client, jpeg, uuid=kept)
    send(client, jpeg, uuid=dropped)

    def delete(by: OfficeClient, uuid: str) -> int:
        headers = {"X-CSRFToken": by.csrf_token("/no-such-page"), "X-Requested-With": "fetch"}
        return by.delete(f"/photos/{uuid}", headers=headers).status_code

    assert delete(stranger, dropped) == 404
    assert delete(client, dropped) == 204
    assert in_tray(dropped) is None
    number = report_with(world, kept, community="440404100001")
    assert delete(client, kept) == 409
    assert [photo.uuid for photo in task(number).photos] == [kept]


def test_a_photo_used_before_is_flagged_by_the_visible_tasks_and_never_refused(
    app: Flask, world: World, jpeg: bytes
) -> None:
    make_task(world)
    near, far = str(uuid4()), str(uuid4())
    client = open_session(app, "inspector")
    send(client, jpeg, uuid=near)
    number = report_with(world, near, community="440404100001")
    send(open_session(app, "inspector_b"), jpeg, uuid=far)
    report_with(world, far, who="inspector_b", community=TENGSHAN)
    answer = send(client, jpeg)
    assert answer.status_code == 200
    assert answer.get_json()["seen_before"] == [number]
    assert answer.get_json()["seen_elsewhere"] is True

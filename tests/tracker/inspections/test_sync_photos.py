"""Photos come piece by piece, by their hash, and count only when whole, proven and decoded."""

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from PIL import ExifTags, Image
from sqlalchemy import func, select

from tests.factories.client import fresh, open_session
from tests.factories.points import make_point
from tests.factories.sending import SendingPhone, jpeg, named, phone_of, signed_out
from tests.factories.visits import answers_at, sent_visit
from tests.factories.world import World, make_world
from tracker import clock
from tracker.errors import Invalid
from tracker.evidence import operations as evidence
from tracker.evidence.models import Photo, PhotoBand
from tracker.evidence.store import Size
from tracker.inspections import uploads
from tracker.inspections.models import Answer, Visit
from tracker.inspections.uploads import Incoming
from tracker.storage.db import db
from tracker.tasks.photo_views import store


@pytest.fixture
def world(app: Flask) -> World:
    made = make_world()
    make_point(made, code="P1")
    return made


@pytest.fixture
def phone(app: Flask, world: World) -> SendingPhone:
    return phone_of(app, "inspector")


def folder(app: Flask, world: World) -> Path:
    root: Path = app.config["SETTINGS"].data_dir / "incoming"
    return root / str(world.users["inspector"])


def photos() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Photo)) or 0


def visit_with(photo: dict[str, str], code: str = "G1") -> dict[str, object]:
    answers = answers_at("P1", (code,), **{code: {"photos": [photo["uuid"]]}})
    return sent_visit("P1", answers=answers, photos=[photo])


def test_a_photo_comes_in_pieces_and_goes_on_where_it_stopped(phone: SendingPhone):
    data = jpeg()
    sha256 = hashlib.sha256(data).hexdigest()
    assert phone.ask(sha256).headers["Upload-Offset"] == "0"
    assert phone.piece(sha256, data[:1000], 0, len(data)).headers["Upload-Offset"] == "1000"
    wrong = phone.piece(sha256, data[:1000], 0, len(data))
    assert (wrong.status_code, wrong.headers["Upload-Offset"]) == (409, "1000")
    asked = phone.ask(sha256)
    assert (asked.headers["Upload-Offset"], asked.headers.get("Upload-Complete")) == ("1000", None)
    last = phone.piece(sha256, data[1000:], 1000, len(data))
    assert (last.status_code, last.headers["Upload-Complete"]) == (204, "?1")
    assert phone.ask(sha256).headers["Upload-Complete"] == "?1"
    assert store().read(sha256, Size.ORIGINAL) == data
    assert phone.piece(sha256, data, 0, len(data)).headers["Upload-Complete"] == "?1"


def test_a_photo_keeps_the_time_and_place_of_the_camera(phone: SendingPhone):
    exif = Image.Exif()
    taken = exif.get_ifd(ExifTags.IFD.Exif)
    taken[ExifTags.Base.DateTimeOriginal] = "2026:11:01 08:30:00"
    taken[ExifTags.Base.OffsetTimeOriginal] = "+08:00"
    photo = named(phone.bring(jpeg(exif=exif)))
    assert phone.send(visit_with(photo)).status_code == 200
    kept = fresh(Photo, photo["uuid"])
    assert kept.taken_at == datetime(2026, 11, 1, 0, 30, tzinfo=UTC)
    assert db.session.scalar(select(func.count()).select_from(PhotoBand)) == 4


def test_photos_that_are_missing_are_named_and_nothing_is_stored(phone: SendingPhone):
    here, away = named(phone.bring(jpeg(1))), named("b" * 64)
    answers = answers_at("P1", ("G1",), G1={"photos": [here["uuid"], away["uuid"]]})
    answer = phone.send(sent_visit("P1", answers=answers, photos=[here, away]))
    assert answer.status_code == 409
    assert (answer.get_json()["error"], answer.get_json()["missing"]) == (
        "photos_missing",
        ["b" * 64],
    )
    assert photos() == 0


def test_the_photo_of_a_failure_is_its_tasks_and_its_answers(phone: SendingPhone):
    photo = named(phone.bring(jpeg()))
    assert phone.send(visit_with(photo)).status_code == 200
    kept = fresh(Photo, photo["uuid"])
    answer = db.session.get_one(Answer, kept.answer_id)
    assert (kept.task_id, kept.phase) == (answer.task_id, "before")


def test_the_photo_of_an_answer_without_a_task_is_in_no_tray(
    app: Flask, world: World, phone: SendingPhone
):
    photo = named(phone.bring(jpeg()))
    answers = answers_at("P1", (), G1={"photos": [photo["uuid"]]})
    sent = phone.send(sent_visit("P1", answers=answers, photos=[photo]))
    visit_id = sent.get_json()["receipt"]["visit_id"]
    kept = fresh(Photo, photo["uuid"])
    assert (kept.task_id, kept.answer_id is not None) == (None, True)
    assert phone.client.get(f"/photos/{photo['uuid']}/view").status_code == 404
    removed = phone.client.delete(f"/photos/{photo['uuid']}", headers={"X-CSRFToken": phone.csrf})
    assert removed.status_code == 409
    for who, status in (("inspector", 200), ("leader", 200), ("inspector_b", 404), ("clerk", 404)):
        client = open_session(app, who)
        answer = client.get(f"/visits/{visit_id}/photos/{photo['uuid']}/thumb")
        assert answer.status_code == status, who
        if status == 200:
            assert answer.headers["Content-Type"] == "image/jpeg"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (
        phone.client.get(f"/visits/{visit_id}/photos/{photo['uuid']}/original").status_code == 404
    )


def test_what_does_not_have_its_hash_is_thrown_away(app: Flask, world: World, phone: SendingPhone):
    data = jpeg()
    answer = phone.piece("c" * 64, data, 0, len(data))
    assert (answer.status_code, answer.get_json()["error"]) == (422, "invalid")
    assert [one.name for one in folder(app, world).iterdir()] == [".lock"]


@pytest.mark.parametrize(
    "data", [b"<svg onload=alert(1)>", b"GIF89a" + b"x" * 50, b"\xff\xd8\xff" + b"x" * 900]
)
def test_what_is_no_photo_is_thrown_away(
    app: Flask, world: World, phone: SendingPhone, data: bytes
):
    answer = phone.piece(hashlib.sha256(data).hexdigest(), data, 0, len(data))
    assert answer.status_code == 422
    assert answer.get_json()["message"]
    assert [one.name for one in folder(app, world).iterdir()] == [".lock"]


def test_wrong_addresses_and_headers_are_refused(phone: SendingPhone):
    data = jpeg()
    sha256 = hashlib.sha256(data).hexdigest()
    for name in ("A" * 64, "..%2f..%2fsecret_key", "abc"):
        assert phone.piece(name, data, 0, len(data)).status_code == 404
        assert phone.ask(name).status_code == 404
    for offset, length in (("-1", "5"), ("x", "5"), ("0", ""), ("0", "99999999999"), ("0", "0")):
        told = {"Upload_Offset": offset, "Upload_Length": length}
        assert phone.piece(sha256, b"x", 0, 5, **told).status_code == 422, (offset, length)
    assert phone.piece(sha256, b"x" * 2_000_000, 0, 2_000_000).status_code == 413
    assert phone.piece(sha256, data, 0, len(data) - 1).status_code == 422


def test_a_photo_of_somebody_else_cannot_be_used_by_knowing_its_hash(
    app: Flask, phone: SendingPhone
):
    sha256 = phone.bring(jpeg())
    other = phone_of(app, "grid_worker")
    assert other.ask(sha256).headers["Upload-Offset"] == "0"
    answer = other.send(visit_with(named(sha256)))
    assert answer.get_json()["error"] == "photos_missing"


def test_somebody_elses_photo_uuid_is_refused(app: Flask, phone: SendingPhone):
    first = named(phone.bring(jpeg()))
    assert phone.send(visit_with(first)).status_code == 200
    other = phone_of(app, "grid_worker")
    mine = named(other.bring(jpeg()), first["uuid"])
    answer = other.send(visit_with(mine, "G6"))
    assert answer.status_code == 422
    assert photos() == 1
    assert db.session.scalar(select(func.count()).select_from(Visit)) == 1


def test_a_used_photo_is_refused_again(phone: SendingPhone):
    data = jpeg()
    photo = named(phone.bring(data))
    assert phone.send(visit_with(photo)).status_code == 200
    phone.bring(data)
    assert phone.send(visit_with(photo, "G6")).status_code == 422
    assert phone.send(visit_with(named(photo["sha256"]), "G6")).status_code == 200, "another uuid"


def test_a_kill_between_photo_and_item_leaves_only_an_unreferenced_file(
    app: Flask, world: World, phone: SendingPhone
):
    sha256 = phone.bring(jpeg())
    assert photos() == 0
    assert store().read(sha256, Size.ORIGINAL) == jpeg()
    reborn = SendingPhone(phone.client, phone.csrf, phone.token)
    assert reborn.ask(sha256).headers["Upload-Complete"] == "?1"
    assert reborn.send(visit_with(named(sha256))).status_code == 200
    assert not list(folder(app, world).glob("*.json")), "named by an item, it waits no longer"


def test_a_server_that_died_with_the_last_piece_finishes_when_asked(
    app: Flask, world: World, phone: SendingPhone
):
    data = jpeg()
    sha256 = hashlib.sha256(data).hexdigest()
    phone.piece(sha256, data[:10], 0, len(data))
    part = folder(app, world) / f"{sha256}.part"
    part.write_bytes(data)
    assert phone.ask(sha256).headers["Upload-Complete"] == "?1"


def test_a_person_cannot_fill_the_disk(
    app: Flask, world: World, phone: SendingPhone, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(uploads, "MAX_FILES", 2)
    for seed in (1, 2):
        phone.bring(jpeg(seed))
    data = jpeg(3)
    full = phone.piece(hashlib.sha256(data).hexdigest(), data, 0, len(data))
    assert (full.status_code, full.get_json()["error"]) == (429, "too_much")
    assert full.headers["Retry-After"]
    old = (clock.now() - timedelta(days=61)).timestamp()
    for file in folder(app, world).glob("*.json"):
        os.utime(file, (old, old))
    phone.bring(data)


def test_many_beginnings_do_not_grow_beyond_the_bound(
    app: Flask, world: World, phone: SendingPhone, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(uploads, "MAX_TOTAL", 1000)
    for name in "abc":
        assert phone.piece(name * 64, b"x", 0, 900).status_code == 204
    assert phone.piece("a" * 64, b"x" * 800, 1, 900).status_code == 204
    refused = phone.piece("b" * 64, b"x" * 800, 1, 900)
    assert (refused.status_code, refused.get_json()["error"]) == (429, "too_much")
    assert sum(file.stat().st_size for file in folder(app, world).glob("*.part")) == 803


def test_a_signed_out_phone_brings_photos_with_its_deposit_right(app: Flask, phone: SendingPhone):
    away = signed_out(app, phone)
    data = jpeg()
    sha256 = hashlib.sha256(data).hexdigest()
    assert away.ask(sha256).status_code == 401
    assert away.piece(sha256, data, 0, len(data)).status_code == 401
    assert away.bring(data, **away.right) == sha256
    photo = named(sha256)
    assert away.leave(visit_with(photo)).status_code == 202
    assert photos() == 0, "a row is made when the office accepts"


def test_two_pieces_at_once_never_mix(app: Flask, world: World):
    incoming = Incoming(app.config["SETTINGS"].data_dir / "incoming", 1, store())
    data = jpeg()
    sha256 = hashlib.sha256(data).hexdigest()
    incoming.add(sha256, data[:100], offset=0, length=len(data))
    with pytest.raises(uploads.WrongOffset) as refused:
        incoming.add(sha256, data[:100], offset=0, length=len(data))
    assert refused.value.offset == 100
    with pytest.raises(Invalid):
        incoming.add(sha256, data, offset=100, length=len(data))
    assert incoming.add(sha256, data[100:], offset=100, length=len(data)).is_complete


def test_photos_of_answers_do_not_fill_the_tray(
    app: Flask, world: World, phone: SendingPhone, monkeypatch: pytest.MonkeyPatch
):
    photo = named(phone.bring(jpeg()))
    answers = answers_at("P1", (), G1={"photos": [photo["uuid"]]})
    assert phone.send(sent_visit("P1", answers=answers, photos=[photo])).status_code == 200
    monkeypatch.setattr(evidence, "MAX_WAITING", 1)
    owner = world.users["inspector"]
    evidence.take(
        jpeg(7), uuid="11111111-1111-4111-8111-111111111111", owner_id=owner, store=store()
    )
    assert photos() == 2

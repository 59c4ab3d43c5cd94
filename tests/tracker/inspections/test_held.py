"""The office decides on what phones left: in the person's name, once, within its own jurisdiction."""

import base64
import hashlib
import hmac
import io
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.client import OfficeClient, fresh, open_session
from tests.factories.points import make_point
from tests.factories.sending import SendingPhone, jpeg, named, phone_of
from tests.factories.steps import together
from tests.factories.visits import answers_at, items_at, sent_visit
from tests.factories.world import (
    GUANGAN,
    TOWN_B,
    World,
    category,
    make_task,
    make_world,
    task,
)
from tests.tracker.inspections.test_sync import counts, lock, revoke, sent_report, sent_submit
from tracker import clock
from tracker.access.roles import Role
from tracker.inspections.models import HeldItem, Visit
from tracker.people.models import RoleGrant
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.states import State


@pytest.fixture
def world(app: Flask) -> World:
    made = make_world()
    make_point(made, code="P1")
    return made


@pytest.fixture
def phone(app: Flask, world: World) -> SendingPhone:
    return phone_of(app, "inspector")


@pytest.fixture
def office(app: Flask, world: World) -> OfficeClient:
    return open_session(app, "dispatcher")


def held_id() -> int:
    db.session.rollback()
    return db.session.scalars(select(HeldItem.id).order_by(HeldItem.id.desc())).first() or 0


def test_an_accepted_visit_is_entered_in_its_persons_name(both: Flask):
    world = make_world()
    make_point(world, code="P1")
    phone, office = phone_of(both, "inspector"), open_session(both, "dispatcher")
    photo = named(phone.bring(jpeg()))
    answers = answers_at("P1", ("G1",), G1={"photos": [photo["uuid"]], "note": "褪色"})
    body = sent_visit("P1", answers=answers, photos=[photo])
    lock("inspector")
    assert phone.leave(body).status_code == 202
    key = held_id()
    page = office.get(f"/held/{key}")
    assert "褪色" in page.text
    assert office.get(f"/held/{key}/photos/{photo['uuid']}/thumb").content_type == "image/jpeg"
    done = office.post_form(f"/held/{key}/accept")
    assert done.status_code == 303, done.text
    row = fresh(HeldItem, key)
    assert (row.state, row.decided_by_id) == ("accepted", world.users["dispatcher"])
    visit = db.session.scalars(select(Visit)).one()
    assert (visit.inspector_id, visit.accepted_by_id) == (
        world.users["inspector"], world.users["dispatcher"],
    )  # fmt: skip
    made = db.session.scalars(select(Task)).one()
    assert made.reporter_id == world.users["inspector"]
    event = db.session.scalars(select(TaskEvent)).one()
    assert event.payload["text"] == "由dispatcher代为录入"
    assert [one.uuid for one in made.photos] == [photo["uuid"]]
    assert phone.leave(body).status_code == 202, "the phone gets its first answer"


def test_an_item_is_decided_once(
    app: Flask, world: World, phone: SendingPhone, office: OfficeClient
):
    phone.leave(sent_visit("P1"))
    key = held_id()
    assert office.post_form(f"/held/{key}/accept").status_code == 303
    assert office.post_form(f"/held/{key}/accept").status_code == 409
    assert office.post_form(f"/held/{key}/discard", {"reason": "重复"}).status_code == 409
    assert counts()["Visit"] == 1


def test_two_dispatchers_at_once_enter_it_once(both: Flask):
    make_point(make_world(), code="P1")
    phone_of(both, "inspector").leave(sent_visit("P1", ("G6",)))
    key = held_id()
    offices = [open_session(both, name) for name in ("dispatcher", "dispatcher_2")]
    tokens = [one.csrf_token() for one in offices]
    works: list[Any] = [
        lambda one=one, token=token: one.post(f"/held/{key}/accept", data={"csrf_token": token})
        for one, token in zip(offices, tokens, strict=True)
    ]
    assert sorted(answer.status_code for answer in together(both, works)) == [303, 409]
    assert (counts()["Visit"], counts()["Task"]) == (1, 1)


def test_a_discarded_item_is_kept_with_its_reason(phone: SendingPhone, office: OfficeClient):
    phone.leave(sent_visit("P1"))
    key = held_id()
    assert office.post_form(f"/held/{key}/discard", {"reason": "  "}).status_code == 422
    assert office.post_form(f"/held/{key}/discard", {"reason": "不是本人"}).status_code == 303
    row = fresh(HeldItem, key)
    assert (row.state, row.decision_note, counts()["Visit"]) == ("discarded", "不是本人", 0)
    assert "不是本人" in office.get("/held/?state=decided").text
    assert f"/held/{key}" not in office.get("/held/").text


def test_a_reason_is_kept_without_control_characters(both: Flask):
    make_point(make_world(), code="P1")
    phone, office = phone_of(both, "inspector"), open_session(both, "dispatcher")
    phone.leave(sent_visit("P1"))
    assert office.post_form(f"/held/{held_id()}/discard", {"reason": "\0"}).status_code == 422
    answer = office.post_form(f"/held/{held_id()}/discard", {"reason": "重\0复"})
    assert answer.status_code == 303
    assert fresh(HeldItem, held_id()).decision_note == "重复"


def test_a_report_and_a_submission_are_entered_too(app: Flask, world: World, office: OfficeClient):
    number = make_task(world, State.HANDLING)
    clerk, inspector = phone_of(app, "clerk"), phone_of(app, "inspector")
    inspector.leave(sent_report(content={"category_id": category("06011")}))
    first = held_id()
    clerk.leave(sent_submit(number))
    second = held_id()
    revoke(world, "inspector")
    revoke(world, "clerk")
    for key in (first, second):
        assert office.get(f"/held/{key}").status_code == 200
        done = office.post_form(f"/held/{key}/accept")
        assert done.status_code == 303, done.text
    assert (task(number).state, task(number).submitter_id) == ("submitted", world.users["clerk"])
    reported = fresh(HeldItem, first).outcome["number"]
    assert task(reported).reporter_id == world.users["inspector"]


def test_near_tasks_are_asked_about_in_the_office(
    world: World, phone: SendingPhone, office: OfficeClient
):
    number = make_task(world)
    phone.leave(sent_report())
    key = held_id()
    asked = office.post_form(f"/held/{key}/accept")
    assert (asked.status_code, number in asked.text) == (409, True)
    assert fresh(HeldItem, key).state == "waiting"
    assert office.post_form(f"/held/{key}/accept", {"near-report": number}).status_code == 303
    assert fresh(HeldItem, key).outcome["number"] == number


def test_what_cannot_be_entered_says_why_and_stays(phone: SendingPhone, office: OfficeClient):
    body = sent_visit("P1")
    body["content"]["answers"].pop()
    phone.leave(body)
    key = held_id()
    refused = office.post_form(f"/held/{key}/accept")
    assert refused.status_code == 422
    assert "没有回答" in refused.text
    assert fresh(HeldItem, key).state == "waiting"
    for content in (
        {"point_id": "x"},
        {"answers": [{"item_id": {}, "photos": 5}]},
        {"position": 7},
    ):
        phone.leave(sent_visit("P1", content=content))
        assert office.get(f"/held/{held_id()}").status_code == 200
        assert office.post_form(f"/held/{held_id()}/accept").status_code in (404, 422)


def test_only_dispatchers_of_the_area_see_and_decide(app: Flask, world: World, phone: SendingPhone):
    phone.leave(sent_visit("P1"))
    key = held_id()
    with unit_of_work() as work:
        work.add(
            RoleGrant(
                user_id=world.users["inspector_b"], role=Role.DISPATCHER, area_code=TOWN_B,
                granted_at=clock.now(),
            )
        )  # fmt: skip
    for who, status in (("inspector_b", 404), ("leader", 403), ("inspector", 403), ("clerk", 403)):
        client = open_session(app, who)
        assert client.get(f"/held/{key}").status_code in (404, status), who
        assert client.post_form(f"/held/{key}/accept").status_code in (404, status), who
        listed = client.get("/held/")
        assert listed.status_code == (200 if who == "inspector_b" else 403)
        assert f"/held/{key}" not in listed.text
    assert counts()["Visit"] == 0


def test_a_report_elsewhere_is_not_entered_by_a_dispatcher_of_this_town(app: Flask, world: World):
    """Held where its person works when it says nothing usable of a place."""
    phone = phone_of(app, "inspector")
    phone.leave(sent_report(GUANGAN))
    row = fresh(HeldItem, held_id())
    assert row.community_code == GUANGAN


def test_nobody_enters_their_own(app: Flask, world: World):
    phone = phone_of(app, "dispatcher")
    phone.leave(sent_visit("P1"))
    answer = open_session(app, "dispatcher").post_form(f"/held/{held_id()}/accept")
    assert answer.status_code == 403
    assert (
        open_session(app, "dispatcher_2").post_form(f"/held/{held_id()}/accept").status_code == 303
    )


def outbox(
    phone: SendingPhone, items: list[Any], photos: dict[str, bytes], /, **changes: Any
) -> bytes:
    """The file as the phone writes it."""
    texts = [json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in items]
    digests = "\n".join(hashlib.sha256(text.encode()).hexdigest() for text in texts)
    key = hashlib.sha256(phone.token.encode()).hexdigest().encode()
    told = phone.client.get("/inspect/session").get_json()
    sent = {
        "format": "tracker-outbox/1", "user": told["user"], "made_at": clock.now().isoformat(),
        "items": items, "photos": {name: base64.b64encode(data).decode() for name, data in photos.items()},
        "seal": hmac.new(key, digests.encode(), hashlib.sha256).hexdigest(),
    }  # fmt: skip
    return json.dumps({**sent, **changes}, ensure_ascii=False).encode()


def bring_file(office: OfficeClient, data: bytes) -> Any:
    return office.post_form("/held/import", {"file": (io.BytesIO(data), "outbox.json")})


def test_an_outbox_file_is_taken_in_once(both: Flask):
    make_point(make_world(), code="P1")
    phone, office = phone_of(both, "inspector"), open_session(both, "dispatcher")
    data = jpeg()
    photo = named(hashlib.sha256(data).hexdigest())
    answers = answers_at("P1", ("G1",), G1={"photos": [photo["uuid"]]})
    items = [sent_visit("P1", answers=answers, photos=[photo]), sent_report()]
    file = outbox(phone, items, {photo["sha256"]: data})
    lock("inspector")
    first = bring_file(office, file)
    assert first.status_code == 200
    assert "新收 2 件" in first.text
    assert "未能验证" not in first.text
    assert "新收 0 件，已收过 2 件" in bring_file(office, file).text
    assert counts()["HeldItem"] == 2
    oldest = db.session.scalars(select(HeldItem).order_by(HeldItem.id)).first()
    assert oldest is not None
    assert (oldest.came_by, oldest.reason) == ("file", "由导出文件补录。")
    assert office.post_form(f"/held/{oldest.id}/accept").status_code == 303
    assert counts()["Photo"] == 1


def test_a_file_with_a_foreign_seal_is_marked(phone: SendingPhone, office: OfficeClient):
    for seal in ("0" * 64, "", None, 5, "印章"):
        answer = bring_file(office, outbox(phone, [sent_visit("P1")], {}, seal=seal))
        assert answer.status_code == 200
        assert "未能验证" in answer.text
    assert "未能验证" in fresh(HeldItem, held_id()).reason


@pytest.mark.parametrize("nonsense", [[], {}, "x", True, 2**40, None])
def test_nonsense_that_was_left_keeps_nobody_from_the_office_pages(
    phone: SendingPhone, office: OfficeClient, nonsense: Any
):
    for sent in (sent_visit("P1"), sent_report()):
        for name in ("point_id", "answers", "description", "position", "category_id"):
            body = {**sent, "uuid": str(uuid4()), "content": {**sent["content"], name: nonsense}}
            assert phone.leave(body).status_code == 202
            assert office.get(f"/held/{held_id()}").status_code == 200
            assert office.post_form(f"/held/{held_id()}/accept").status_code < 500
    assert office.get("/held/").status_code == 200


def test_one_bad_item_does_not_keep_out_the_others(phone: SendingPhone, office: OfficeClient):
    damaged = named("a" * 64)
    bad = [
        {}, None, sent_visit("P1", photos=[named("b" * 64)]), sent_visit("P1", photos=[damaged]),
    ]  # fmt: skip
    answer = bring_file(office, outbox(phone, [*bad, sent_visit("P1")], {"a" * 64: b"no photo"}))
    assert answer.status_code == 200, answer.text
    assert "新收 1 件" in answer.text
    assert "第 4 件没有收下" in answer.text
    assert counts()["HeldItem"] == 1


@pytest.mark.parametrize(
    "change",
    [
        {"format": "else"}, {"items": "x"}, {"items": []}, {"photos": []}, {"user": None},
        {"user": {"id": 999, "username": "inspector"}}, {"user": {"id": 7, "username": "nobody"}},
    ],
)  # fmt: skip
def test_what_is_no_outbox_file_is_refused_in_words(
    phone: SendingPhone, office: OfficeClient, change: Any
):
    answer = bring_file(office, outbox(phone, [sent_visit("P1")], {}, **change))
    assert answer.status_code == 422
    assert "alert" in answer.text
    assert counts()["HeldItem"] == 0


def test_noise_is_no_outbox_file(office: OfficeClient):
    for data in (b"", b"\x00\xff", b"[]", b"{" * 100):
        assert bring_file(office, data).status_code == 422
    assert office.post_form("/held/import").status_code == 422


def test_a_box_is_bounded(phone: SendingPhone, monkeypatch: pytest.MonkeyPatch):
    from tracker.inspections import held

    monkeypatch.setattr(held, "MAX_WAITING", 1)
    assert phone.leave(sent_visit("P1")).status_code == 202
    full = phone.leave(sent_visit("P1"))
    assert (full.status_code, full.get_json()["error"]) == (429, "too_much")


def test_an_old_item_may_still_be_accepted(world: World, phone: SendingPhone, office: OfficeClient):
    """Its age counts from when it came, not from when the office found the time."""
    phone.leave(sent_visit("P1"))
    key = held_id()
    long_ago = clock.now() - timedelta(days=61)
    with unit_of_work() as work:
        row = work.get_one(HeldItem, key)
        row.content = {**row.content, "made_at": long_ago.isoformat()}
        row.received_at = long_ago
    assert office.post_form(f"/held/{key}/accept").status_code == 303
    assert db.session.scalars(select(Visit.at)).one() == long_ago


def test_items_of_a_visit_are_named_on_the_page(phone: SendingPhone, office: OfficeClient):
    code = items_at("P1")[0][1]
    phone.leave(sent_visit("P1", (code,)))
    assert "公益广告" in office.get(f"/held/{held_id()}").text

"""What a phone sends is taken once and whole, refused in words, or kept for the office."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from tests.factories.client import open_session
from tests.factories.points import make_point
from tests.factories.sending import SendingPhone, jpeg, named, phone_of, signed_out
from tests.factories.steps import alter, step, together
from tests.factories.visits import answers_at, point_of, sent_visit
from tests.factories.world import (
    GUANGAN,
    INSIDE,
    SANZAO,
    World,
    category,
    make_task,
    make_world,
    task,
)
from tracker import clock
from tracker.evidence.models import Photo
from tracker.inspections.models import Answer, Deposit, HeldItem, Visit
from tracker.people.models import RoleGrant, User, UserSession
from tracker.storage.db import db
from tracker.storage.receipts import Receipt
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.states import Action, State


@pytest.fixture
def world(app: Flask) -> World:
    made = make_world()
    make_point(made, code="P1")
    return made


@pytest.fixture
def phone(app: Flask, world: World) -> SendingPhone:
    return phone_of(app, "inspector")


def counts() -> dict[str, int]:
    db.session.rollback()
    return {
        table.__name__: db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in (Visit, Answer, Task, TaskEvent, Photo, Receipt, HeldItem)
    }


def sent_report(community: str = SANZAO, **changes: Any) -> dict[str, Any]:
    lon, lat = INSIDE[community]
    content = {
        "category_id": category(), "description": "路边有垃圾", "source": "inspection",
        "found_at": clock.now().isoformat(), "is_urgent": False,
        "position": {"lon": lon, "lat": lat, "accuracy_m": 9, "method": "gps"}, "address": "",
        "community_code": None, "point_id": None, "no_photo_reason": "太暗", "photos": [],
    }  # fmt: skip
    return item("report", {**content, **changes.pop("content", {})}, **changes)


def item(kind: str, content: dict[str, Any], **changes: Any) -> dict[str, Any]:
    body = {
        "uuid": str(uuid4()), "kind": kind, "made_at": clock.now().isoformat(), "photos": [],
        "content": content, "decisions": {},
    }  # fmt: skip
    return {**body, **changes}


def sent_submit(number: str, **changes: Any) -> dict[str, Any]:
    content = {
        "number": number, "version": task(number).version, "measures": "已清理干净",
        "no_photo_reason": "现场停电", "photos": [],
    }  # fmt: skip
    return item("submit", {**content, **changes.pop("content", {})}, **changes)


def test_a_lost_reply_is_sent_again_and_answered_the_same(both: Flask):
    make_point(make_world(), code="P1")
    phone = phone_of(both, "inspector")
    body = sent_visit("P1", ("G1", "G6"))
    first = phone.send(body)
    stored = counts()
    again = phone.send({**body, "decisions": {"near": {"1": "new"}}})
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.get_json() == again.get_json()
    assert counts() == stored
    assert stored["Visit"] == stored["Receipt"] == 1
    receipt = first.get_json()["receipt"]
    assert [one["joined"] for one in receipt["tasks"]] == [False, False]
    assert receipt["url"] == f"/visits/{receipt['visit_id']}"


def test_the_same_id_with_other_content_is_refused(phone: SendingPhone):
    body = sent_visit("P1")
    assert phone.send(body).status_code == 200
    stored = counts()
    other = phone.send({**body, "content": {**body["content"], "note": "改了"}})
    assert (other.status_code, other.get_json()["error"]) == (409, "request_reused")
    assert counts() == stored


def test_nobody_takes_over_the_id_of_another(app: Flask, phone: SendingPhone):
    body = sent_visit("P1")
    assert phone.send(body).status_code == 200
    other = phone_of(app, "grid_worker").send(body)
    assert (other.status_code, other.get_json()["error"]) == (409, "request_reused")


def test_two_phones_with_the_same_item_store_it_once(both: Flask):
    make_point(make_world(), code="P1")
    first, second = phone_of(both, "inspector"), phone_of(both, "inspector")
    body = sent_visit("P1", ("G6",))
    answers = together(both, [lambda: first.send(body), lambda: second.send(body)])
    assert [answer.status_code for answer in answers] == [200, 200], answers
    assert answers[0].get_json() == answers[1].get_json()
    assert (counts()["Visit"], counts()["Task"]) == (1, 1)


def test_two_visits_of_the_same_failures_at_once_make_one_task_each(both: Flask):
    make_point(make_world(), code="P1")
    phones = [phone_of(both, "inspector"), phone_of(both, "grid_worker")]
    bodies = [sent_visit("P1", ("G6", "G1")) for _ in phones]
    works: list[Callable[[], Any]] = [
        lambda phone=phone, body=body: phone.send(body)
        for phone, body in zip(phones, bodies, strict=True)
    ]
    assert [answer.status_code for answer in together(both, works)] == [200, 200]
    assert (counts()["Visit"], counts()["Task"]) == (2, 2), "the later one joined"


def test_open_tasks_near_by_are_asked_about(world: World, phone: SendingPhone):
    number = make_task(world)
    body = sent_report()
    asked = phone.send(body)
    assert asked.status_code == 409
    (near,) = asked.get_json()["near"]
    assert (near["key"], near["number"], near["state_name"]) == ("report", number, "待受理")
    joined = phone.send({**body, "decisions": {"near": {"report": number}}})
    assert joined.get_json()["receipt"]["number"] == number
    assert joined.get_json()["receipt"]["joined"] is True
    new = phone.send({**sent_report(), "decisions": {"near": {"report": "new"}}})
    assert new.get_json()["receipt"]["number"] != number


def test_a_report_with_photos_is_a_task_with_photos(phone: SendingPhone):
    photo = named(phone.bring(jpeg()))
    body = sent_report(content={"photos": [photo["uuid"]], "no_photo_reason": ""}, photos=[photo])
    answer = phone.send(body)
    assert answer.status_code == 200, answer.text
    made = task(answer.get_json()["receipt"]["number"])
    assert [(one.uuid, one.phase) for one in made.photos] == [(photo["uuid"], "before")]
    assert (made.community_code, made.accuracy_m) == (SANZAO, 9)


def test_a_problem_settled_on_the_spot_is_closed_at_once(app: Flask, world: World):
    phone = phone_of(app, "grid_worker")
    photos = [named(phone.bring(jpeg(seed))) for seed in (1, 2)]
    handled = {"measures": "当场清走", "photos": [photos[1]["uuid"]]}
    body = sent_report(
        content={
            "self_handled": handled, "photos": [photos[0]["uuid"]], "source": "grid_patrol",
            "no_photo_reason": "",
        },
        photos=photos,
    )  # fmt: skip
    answer = phone.send(body)
    assert answer.status_code == 200, answer.text
    assert task(answer.get_json()["receipt"]["number"]).state == "closed"


@pytest.mark.parametrize("state", [State.DISPATCHED, State.HANDLING])
def test_a_rectified_task_is_submitted_from_the_phone(app: Flask, world: World, state: State):
    number = make_task(world, state)
    phone = phone_of(app, "clerk")
    photo = named(phone.bring(jpeg()))
    body = sent_submit(
        number, content={"photos": [photo["uuid"]], "no_photo_reason": ""}, photos=[photo]
    )
    answer = phone.send(body)
    assert answer.status_code == 200, answer.text
    made = task(number)
    assert answer.get_json()["receipt"]["version"] == made.version
    assert (made.state, [one.phase for one in made.photos]) == ("submitted", ["after"])
    assert made.acknowledged_at is not None


def test_a_stale_submission_shows_both_versions_field_by_field(app: Flask, world: World):
    number = make_task(world, State.HANDLING)
    phone = phone_of(app, "clerk")
    body = sent_submit(number)
    step(world, number, Action.SUBMIT, "clerk")
    step(world, number, Action.REWORK, "verifier", reason="还有死角")
    stored = counts()
    answer = phone.send(body)
    told = answer.get_json()
    assert (answer.status_code, told["error"], told["still_possible"]) == (409, "stale", True)
    assert told["version"] == task(number).version
    said = {line["label"]: (line["mine"], line["theirs"]) for line in told["fields"]}
    assert said["返工"] == ("", "verifier 还有死角")
    assert said["整改措施"] == ("已清理干净", "已清理")
    assert counts() == stored
    accepted = phone.send({**body, "decisions": {"stale": told["version"]}})
    assert accepted.status_code == 200, accepted.text
    assert task(number).state == "submitted"


def test_a_submission_that_came_too_late_says_so(app: Flask, world: World):
    number = make_task(world, State.HANDLING)
    phone = phone_of(app, "clerk")
    body = sent_submit(number)
    step(world, number, Action.SUBMIT, "clerk")
    step(world, number, Action.PASS, "verifier")
    told = phone.send({**body, "decisions": {"stale": task(number).version}}).get_json()
    assert (told["error"], told["still_possible"]) == ("stale", False)
    assert ["状态", "整改中", "已结案"] in [list(line.values()) for line in told["fields"]]


def test_a_task_that_went_to_another_unit_names_no_other_unit(app: Flask, world: World):
    number = make_task(world, State.HANDLING)
    phone = phone_of(app, "clerk")
    body = sent_submit(number)
    step(world, number, Action.REDISPATCH, "dispatcher", unit_id=world.units["police"])
    answer = phone.send(body)
    assert answer.status_code == 409
    assert answer.get_json()["still_possible"] is False
    assert "交警" not in answer.text
    assert phone_of(app, "grid_lead_b").send(body).status_code == 404


def test_signed_out_is_said_before_anything_else(app: Flask, world: World, phone: SendingPhone):
    body = sent_visit("P1")
    with unit_of_work() as work:
        work.execute(update(UserSession).values(revoked_at=clock.now()))
    for answer in (phone.send(body), phone.client.get("/inspect/session")):
        assert (answer.status_code, answer.get_json()["error"]) == (401, "signed_out")
    nobody = signed_out(app, phone)
    assert nobody.client.post("/inspect/items", json=body).status_code == 401
    assert nobody.client.get("/inspect/package").status_code == 401
    assert counts()["Visit"] == 0


def test_a_token_that_is_no_longer_right_is_told_apart(phone: SendingPhone):
    phone.csrf = "x" * 40
    answer = phone.send(sent_visit("P1"))
    assert (answer.status_code, answer.get_json()["error"]) == (400, "csrf")


def lock(username: str) -> None:
    with unit_of_work() as work:
        work.execute(update(User).where(User.username == username).values(is_active=False))


def test_a_locked_account_leaves_its_items_for_the_office(both: Flask):
    make_point(make_world(), code="P1")
    phone = phone_of(both, "inspector")
    body = sent_visit("P1", ("G6",))
    lock("inspector")
    assert phone.send(body).status_code == 401
    left = phone.leave(body)
    assert (left.status_code, left.get_json()["state"]) == (202, "held")
    assert phone.leave(body).get_json() == left.get_json()
    assert (counts()["HeldItem"], counts()["Visit"]) == (1, 0)
    row = db.session.scalars(select(HeldItem)).one()
    assert (row.community_code, row.came_by, row.kind) == (SANZAO, "deposit", "visit")
    assert "停用" in row.reason


def test_an_item_received_before_the_lock_is_answered_with_its_receipt(phone: SendingPhone):
    body = sent_visit("P1")
    first = phone.send(body)
    lock("inspector")
    again = phone.leave(body)
    assert (again.status_code, again.get_json()) == (200, first.get_json())


def test_a_deposit_needs_its_token_and_nothing_else(app: Flask, phone: SendingPhone):
    body = sent_visit("P1")
    assert phone.client.post("/inspect/deposit", json=body).status_code == 400
    for token in ("", "x" * 64, "\u00e9"):
        phone.token = token
        assert phone.leave(body).status_code == 401
    fresh = phone_of(app, "inspector")
    assert signed_out(app, fresh).leave(body).status_code == 202
    with unit_of_work() as work:
        work.execute(update(Deposit).values(expires_at=clock.now() - timedelta(seconds=1)))
    assert signed_out(app, fresh).leave(sent_visit("P1")).status_code == 401


def test_the_cookie_of_somebody_else_changes_nothing_about_a_deposit(
    app: Flask, phone: SendingPhone
):
    other = SendingPhone(open_session(app, "dispatcher"), "", phone.token)
    assert other.leave(sent_visit("P1")).status_code == 202
    assert counts()["HeldItem"] == 1
    assert db.session.scalars(select(HeldItem.user_id)).one() == phone_user("inspector")


def phone_user(name: str) -> int:
    return db.session.scalars(select(User.id).where(User.username == name)).one()


def test_asking_again_gives_the_same_right_and_one_row(phone: SendingPhone):
    tokens = {phone.client.get("/inspect/session").get_json()["deposit"]["token"] for _ in range(3)}
    assert tokens == {phone.token}
    assert db.session.scalar(select(func.count()).select_from(Deposit)) == 1


def revoke(world: World, name: str) -> None:
    with unit_of_work() as work:
        work.execute(
            update(RoleGrant)
            .where(RoleGrant.user_id == world.users[name])
            .values(revoked_at=clock.now())
        )


def test_an_item_of_a_jurisdiction_that_moved_is_held(world: World, phone: SendingPhone):
    visit, report = sent_visit("P1", ("G6",)), sent_report()
    revoke(world, "inspector")
    for body in (visit, report):
        answer = phone.send(body)
        assert (answer.status_code, answer.get_json()["state"]) == (202, "held"), answer.text
        assert "变动" in answer.get_json()["reason"]
    assert (counts()["HeldItem"], counts()["Visit"], counts()["Task"]) == (2, 0, 0)


def test_a_foreign_point_is_unknown_and_nothing_is_held(world: World, phone: SendingPhone):
    make_point(world, GUANGAN, code="P2")
    body = sent_visit("P2")
    unknown = sent_visit("P2", content={"point_id": 2**31 - 1})
    foreign, missing = phone.send(body), phone.send(unknown)
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert foreign.get_json() == missing.get_json()
    assert counts()["HeldItem"] == counts()["Receipt"] == 0


def test_a_visit_with_a_failed_part_leaves_nothing(phone: SendingPhone):
    photo = named(phone.bring(jpeg()))
    answers = answers_at("P1", ("G1", "G6"), G1={"photos": [photo["uuid"]]})
    assert phone.send(sent_visit("P1", answers=answers, photos=[photo])).status_code == 200
    stored = counts()
    # the photo is a task's now: the last step of the second visit fails
    again = answers_at("P1", ("G6",), G19={"photos": [photo["uuid"]]})
    answer = phone.send(sent_visit("P1", answers=again, photos=[photo]))
    assert answer.status_code == 422, answer.text
    assert counts() == stored


def test_a_closed_task_cannot_be_joined_by_a_phone_that_does_not_know(
    world: World, phone: SendingPhone
):
    number = make_task(world)
    alter(number, state="closed")
    body = {**sent_report(), "decisions": {"near": {"report": number}}}
    answer = phone.send(body)
    assert answer.status_code == 200, answer.text
    assert answer.get_json()["receipt"]["number"] != number


def test_the_point_of_a_report_is_kept_with_its_task(phone: SendingPhone):
    body = sent_report(content={"point_id": point_of("P1").id})
    answer = phone.send(body)
    assert task(answer.get_json()["receipt"]["number"]).point_id == point_of("P1").id

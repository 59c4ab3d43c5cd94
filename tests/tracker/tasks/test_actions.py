"""Every step from its form: what it does, what it asks for, whom it refuses; typed words survive."""

import io
import re
from uuid import uuid4

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from tests.factories.client import open_session
from tests.factories.task_pages import LIMIT, send
from tests.factories.world import GUANGAN, World, category, make_task, make_world, task
from tracker.clock import in_city
from tracker.evidence.models import Photo
from tracker.storage.db import db
from tracker.tasks.models import TaskEvent
from tracker.tasks.states import Action, State


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def test_filing_and_dispatch_is_one_click_and_one_commit(app: Flask, world: World) -> None:
    number = make_task(world)
    answer = send(
        open_session(app, "dispatcher"), number, "file", then="dispatch",
        category_id=str(category()), unit_id=str(world.units["sanitation"]), **LIMIT,
    )  # fmt: skip
    assert answer.status_code == 303
    assert answer.location == f"/tasks/{number}"
    found = task(number)
    assert (found.state, found.unit_id) == (State.DISPATCHED, world.units["sanitation"])
    assert (found.limit_value, found.limit_unit) == (2, "work_day")
    assert [event.action for event in found.events] == ["report", "file", "dispatch"]


def test_a_filing_that_cannot_be_dispatched_files_nothing(app: Flask, world: World) -> None:
    number = make_task(world)
    answer = send(
        open_session(app, "dispatcher"), number, "file", then="dispatch",
        category_id=str(category()), unit_id="", text="请从速办理", **LIMIT,
    )  # fmt: skip
    assert answer.status_code == 422
    assert "请填写：责任单位" in answer.text
    assert "请从速办理" in answer.text
    assert task(number).state == State.REPORTED


def test_the_form_proposes_the_unit_with_its_reason_and_the_limit_of_the_category(
    app: Flask, world: World
) -> None:
    number = make_task(world)
    page = open_session(app, "dispatcher").get(f"/tasks/{number}").text
    assert "建议：区环卫中心（按问题类别的主管单位）" in page
    assert re.search(rf'<option selected value="{world.units["sanitation"]}">', page)
    assert "从现在起算，截止于" in page


def test_another_category_proposes_another_unit_and_limit(app: Flask, world: World) -> None:
    number = make_task(world)
    client = open_session(app, "dispatcher")
    answer = client.get(f"/tasks/{number}/proposal.json?category={category('09009')}").json
    assert answer["unit_id"] == world.units["police"]
    assert "区交警大队" in answer["suggestion"]
    assert client.get(f"/tasks/{number}/proposal.json?category=x").status_code == 422


def test_a_deadline_is_previewed_before_it_is_set(app: Flask, world: World) -> None:
    client = open_session(app, "dispatcher")
    path = "/tasks/deadline.json?value={}&unit={}&reading={}"
    answer = client.get(path.format(2, "urgent_hour", "rolling"))
    assert answer.status_code == 200
    assert "截止于" in answer.json["words"]
    for bad in (("0", "work_day", "rolling"), ("x", "work_day", "rolling"), ("2", "week", "rolling"),
                ("2", "work_hour", "day_count"), ("9" * 40, "work_day", "rolling")):  # fmt: skip
        assert client.get(path.format(*bad)).status_code == 422


def test_a_fixed_deadline_replaces_the_limit(app: Flask, world: World) -> None:
    number = make_task(world, State.FILED)
    answer = send(
        open_session(app, "dispatcher"), number, "dispatch", unit_id=str(world.units["police"]),
        due_at="2090-01-02T18:00", **LIMIT,
    )  # fmt: skip
    assert answer.status_code == 303
    due = task(number).due_at
    assert due is not None
    assert f"{in_city(due):%Y-%m-%d %H:%M}" == "2090-01-02 18:00"


@pytest.mark.parametrize("due", ["tomorrow", "0001-01-01T00:00", "2020-01-01T00:00"])
def test_a_deadline_that_is_no_moment_to_come_is_sent_back(
    app: Flask, world: World, due: str
) -> None:
    number = make_task(world, State.FILED)
    answer = send(
        open_session(app, "dispatcher"), number, "dispatch", unit_id=str(world.units["police"]),
        due_at=due, **LIMIT,
    )  # fmt: skip
    assert answer.status_code == 422
    assert task(number).state == State.FILED


_STEPS = [
    (State.REPORTED, "dispatcher", "reject", {"reason": "重复"}, State.REJECTED),
    (State.FILED, "dispatcher", "cancel", {"reason": "误报"}, State.CANCELLED),
    (State.DISPATCHED, "clerk", "acknowledge", {}, State.HANDLING),
    (State.DISPATCHED, "clerk", "return", {"reason_code": "duty", "reason": "不属本单位"}, State.FILED),
    (State.SUBMITTED, "clerk", "withdraw", {}, State.HANDLING),
    (State.SUBMITTED, "verifier", "pass", {"text": "属实"}, State.CLOSED),
    (State.SUBMITTED, "verifier", "rework", {"reason_code": "unfinished", "reason": "未清净", **LIMIT}, State.HANDLING),
    (State.HANDLING, "clerk", "submit", {"measures": "已清运", "no_photo_reason": "夜间"}, State.SUBMITTED),
    (State.HANDLING, "clerk", "comment", {"text": "现场有积水"}, State.HANDLING),
]  # fmt: skip


@pytest.mark.parametrize(("start", "who", "action", "data", "end"), _STEPS)
def test_a_step_from_its_form_moves_the_task(
    app: Flask, world: World, start: State, who: str, action: str, data: dict[str, str], end: State
) -> None:
    number = make_task(world, start)
    client = open_session(app, who)
    answer = send(client, number, action, **data)
    assert answer.status_code == 303
    assert task(number).state == end
    assert client.get(answer.location).status_code == 200


def test_a_unit_assigns_one_of_its_people(app: Flask, world: World) -> None:
    number = make_task(world, State.HANDLING)
    client = open_session(app, "clerk")
    page = client.get(f"/tasks/{number}").text
    assert f'value="{world.users["worker"]}"' in page
    assert send(client, number, "assign", assignee_id=str(world.users["leader"])).status_code == 422
    assert send(client, number, "assign", assignee_id=str(world.users["worker"])).status_code == 303
    assert task(number).assignee_id == world.users["worker"]
    assert open_session(app, "worker").get(f"/tasks/{number}").status_code == 200


_LACKING = [
    (State.REPORTED, "dispatcher", "reject", {}),
    (State.DISPATCHED, "clerk", "return", {"reason_code": "duty", "reason": "  "}),
    (State.HANDLING, "clerk", "submit", {"measures": "已清运"}),
    (State.HANDLING, "clerk", "submit", {"no_photo_reason": "夜间"}),
    (State.SUBMITTED, "verifier", "rework", {"reason_code": "unfinished", **LIMIT}),
    (State.SUBMITTED, "verifier", "rework", {"reason": "未清净", **LIMIT}),
    (State.SUBMITTED, "verifier", "rework", {"reason_code": "unfinished", "reason": "未清净", "limit_value": "0", "limit_unit": "work_day", "limit_reading": "rolling"}),
    (State.REPORTED, "dispatcher", "merge", {"other_number": "JW-19990101-0001"}),
    (State.REPORTED, "dispatcher", "merge", {}),
    (State.HANDLING, "clerk", "comment", {"text": ""}),
    (State.HANDLING, "clerk", "comment", {"text": "x" * 1001}),
    (State.HANDLING, "clerk", "comment", {"text": "a\x00b"}),
    (State.HANDLING, "clerk", "assign", {"assignee_id": "abc", "text": "请今天办结"}),
]  # fmt: skip


@pytest.mark.parametrize(("state", "who", "action", "data"), _LACKING)
def test_what_is_missing_or_wrong_comes_back_with_the_words_kept(
    app: Flask, world: World, state: State, who: str, action: str, data: dict[str, str]
) -> None:
    number = make_task(world, state)
    before = task(number).version
    answer = send(open_session(app, who), number, action, **data)
    assert answer.status_code == 422
    assert "已填写的内容都保留着" in answer.text
    for name in {"reason", "text", "measures", "no_photo_reason", "other_number"} & set(data):
        assert "\x00" in data[name] or data[name].strip() in answer.text
    assert task(number).version == before


def _jpeg() -> io.BytesIO:
    made = io.BytesIO()
    Image.new("RGB", (64, 48), (20, 120, 60)).save(made, "JPEG")
    made.seek(0)
    return made


def test_photos_of_a_browser_without_scripts_are_kept_when_words_are_missing(
    app: Flask, world: World
) -> None:
    number = make_task(world, State.HANDLING)
    client = open_session(app, "clerk")
    request_uuid = str(uuid4())
    first = send(
        client, number, "submit", request_uuid=request_uuid,
        after_photos_files=(_jpeg(), "after.jpg"),
    )  # fmt: skip
    assert first.status_code == 422
    db.session.rollback()
    kept = db.session.scalars(select(Photo.uuid)).one()
    assert f'value="{kept}"' in first.text
    second = send(
        client, number, "submit", request_uuid=request_uuid, after_photos=kept, measures="已清运"
    )
    assert second.status_code == 303
    after = task(number)
    assert [(photo.uuid, photo.phase) for photo in after.photos] == [(kept, "after")]


def test_an_action_nobody_knows_or_that_has_no_page_yet_is_not_found(
    app: Flask, world: World
) -> None:
    number = make_task(world, State.CLOSED)
    client = open_session(app, "dispatcher")
    for action in ("explode", "reopen", "rate", "report", "recalculate", "FILE"):
        assert send(client, number, action).status_code == 404


def test_an_action_that_the_state_does_not_allow_conflicts(app: Flask, world: World) -> None:
    number = make_task(world, State.FILED)
    answer = send(open_session(app, "verifier"), number, "pass")
    assert answer.status_code == 409
    assert "待派遣" in answer.text


@pytest.mark.parametrize("action", [Action.FILE, Action.REJECT, Action.CANCEL])
def test_who_may_not_reads_who_can(app: Flask, world: World, action: Action) -> None:
    number = make_task(world)
    data = {"category_id": str(category()), "reason": "想要", **LIMIT}
    answer = send(open_session(app, "inspector"), number, action.value, **data)
    assert answer.status_code == 403
    assert "派遣员" in answer.text
    assert task(number).state == State.REPORTED


def test_a_foreign_task_cannot_be_told_from_one_that_does_not_exist(
    app: Flask, world: World
) -> None:
    number = make_task(world, community=GUANGAN)
    client = open_session(app, "grid_lead")
    assert send(client, number, "comment", text="看看").status_code == 404
    path = "/tasks/JW-20000101-0001/actions/comment"
    assert client.post_form(path, {"version": "1", "text": "看看"}).status_code == 404


def test_a_resend_is_answered_and_not_repeated(app: Flask, world: World) -> None:
    number = make_task(world, State.DISPATCHED)
    client = open_session(app, "clerk")
    version, request_uuid = str(task(number).version), str(uuid4())
    for _ in range(2):
        answer = send(client, number, "acknowledge", version=version, request_uuid=request_uuid)
        assert answer.status_code == 303
    signed = select(TaskEvent).where(TaskEvent.action == "acknowledge")
    assert len(db.session.scalars(signed).all()) == 1


def test_a_resend_of_a_step_that_gave_the_task_away_is_answered_too(
    app: Flask, world: World
) -> None:
    number = make_task(world, State.DISPATCHED)
    client = open_session(app, "clerk")
    sent = {
        "version": str(task(number).version),
        "request_uuid": str(uuid4()),
        "reason_code": "duty",
        "reason": "不属本单位",
    }
    for _ in range(2):
        answer = send(client, number, "return", **sent)
        assert (answer.status_code, answer.location) == (303, "/tasks/")


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30])
def test_a_form_without_the_version_it_was_shown_at_is_sent_back(
    app: Flask, world: World, version: str
) -> None:
    number = make_task(world, State.DISPATCHED)
    answer = send(open_session(app, "clerk"), number, "acknowledge", version=version)
    assert answer.status_code == 422
    assert task(number).state == State.DISPATCHED

"""Meetings are noted by the office and the leaders of an area, once a day, and are refused politely."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.client import open_session
from tests.factories.world import DISTRICT, SANZAO, World, make_world
from tracker import clock
from tracker.audit.models import AuditEntry
from tracker.errors import Conflict
from tracker.progress import meetings
from tracker.progress.models import DispatchMeeting
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def noted(client: Any, **changes: Any) -> Any:
    sent = {"area_code": DISTRICT, "held_on": str(clock.today() - timedelta(days=7)), "title": "第三次调度会"}  # fmt: skip
    return client.post_form("/progress/meetings/add", {**sent, **changes})


def test_a_meeting_is_noted_once_shown_and_removed(app: Flask, world: World) -> None:
    office = open_session(app, "dispatcher")
    uuid = str(uuid4())
    assert noted(office, request_uuid=uuid).status_code == 303
    assert noted(office, request_uuid=uuid).status_code == 303
    assert noted(office, title="又一次").status_code == 409
    row = db.session.scalars(select(DispatchMeeting)).one()
    page = office.get("/progress/timeline").text
    assert "第三次调度会" in page
    assert office.post_form(f"/progress/meetings/{row.id}/remove").status_code == 303
    assert office.post_form(f"/progress/meetings/{row.id}/remove").status_code == 404
    assert "第三次调度会" not in office.get("/progress/timeline").text
    assert noted(office).status_code == 303
    db.session.rollback()
    kinds = [e.kind for e in db.session.scalars(select(AuditEntry).where(AuditEntry.kind.startswith("meeting")))]  # fmt: skip
    assert sorted(kinds) == ["meeting.add", "meeting.add", "meeting.remove"]


def test_a_meeting_that_cannot_be_is_refused_with_its_words_kept(app: Flask, world: World) -> None:
    office = open_session(app, "dispatcher")
    for wrong, words in (
        ({"held_on": str(clock.today() + timedelta(days=1))}, "只能登记今天或以前"),
        ({"held_on": "1999-01-01"}, "日期无效"),
        ({"held_on": "x"}, "召开日期"),
        ({"title": "会" * 61}, "不超过 60 字"),
        ({"title": " \x00 "}, "请填写名称"),
        ({"area_code": "NOWHERE"}, "请选择辖区内"),
        ({"area_code": "\x00"}, "请选择辖区内"),
        ({"request_uuid": "x"}, "请求编号"),
    ):
        answer = noted(office, **{"title": "照旧的名称", **wrong})
        assert answer.status_code == 422, wrong
        assert words in answer.text, wrong
        assert "title" in wrong or "照旧的名称" in answer.text
    assert db.session.scalar(select(DispatchMeeting.id)) is None
    assert office.get("/progress/meetings?after=zzz").status_code == 422


def test_only_the_office_and_leaders_of_the_area_note_meetings(app: Flask, world: World) -> None:
    assert noted(open_session(app, "leader")).status_code == 303
    for who in ("inspector", "verifier", "clerk", "grid_lead"):
        client = open_session(app, who)
        refused = noted(client, held_on=str(clock.today()), area_code=SANZAO).status_code
        assert refused in (403, 422), who
        assert "登记调度会</h2>" not in client.get("/progress/meetings").text
    row = db.session.scalars(select(DispatchMeeting)).one()
    removed = open_session(app, "inspector").post_form(f"/progress/meetings/{row.id}/remove")
    assert removed.status_code in (403, 404)


def test_two_meetings_of_a_day_are_refused_by_the_database_too(both: Flask) -> None:
    world = make_world()
    day = clock.today()
    meetings.add(DISTRICT, day, "一", actor=world.actor("leader"), request_uuid=str(uuid4()))
    with unit_of_work() as work:
        row = work.scalars(select(DispatchMeeting)).one()
        again = {"area_code": DISTRICT, "held_on": day, "title": "二", "created_at": clock.now()}
        work.add(DispatchMeeting(**again, removed_at=clock.now()))
        work.flush()
        assert row.removed_at is None
    with pytest.raises(Conflict):
        meetings.add(DISTRICT, day, "三", actor=world.actor("leader"), request_uuid=str(uuid4()))

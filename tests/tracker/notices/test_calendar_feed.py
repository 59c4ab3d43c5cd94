"""A calendar program reads the deadlines its owner answers for, and nothing once the token died."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import vobject
from flask import Flask
from icalendar import Calendar
from sqlalchemy import update

from tests.factories.client import OfficeClient, open_session, visitor
from tests.factories.steps import alter, step
from tests.factories.world import GUANGAN, PASSWORD, World, make_task, make_world, task
from tracker import clock
from tracker.notices import feeds
from tracker.notices.models import CalendarFeed
from tracker.people import operations, own_account, securing
from tracker.people.models import User
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.states import Action, State


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def feed(app: Flask, who: str) -> str:
    """Make an address on the account page; its path."""
    answer = open_session(app, who).post_form("/account/calendar", {"name": "手机"})
    found = re.search(r"http://localhost(/calendar/[\w-]+\.ics)", answer.text)
    assert found, answer.text
    return found.group(1)


def numbers(app: Flask, path: str) -> set[str]:
    content = visitor(app).get(path).data
    found = Calendar.from_ical(content).walk("VEVENT")
    return {str(event["summary"]).split()[1] for event in found}


def test_two_parsers_read_the_same_deadlines_in_the_zone_of_the_city(app: Flask, world: World):
    number = make_task(world, State.HANDLING, description="李四电话13900001111")
    path = feed(app, "clerk")
    answer = visitor(app).get(path)
    assert answer.mimetype == "text/calendar"
    due = task(number).due_at
    assert due is not None
    due = due.replace(microsecond=0)
    calendar = Calendar.from_ical(answer.data)
    (event,) = calendar.walk("VEVENT")
    (zone,) = calendar.walk("VTIMEZONE")
    assert zone["tzid"] == "Asia/Shanghai"
    assert event["dtend"].dt == due
    assert event["dtend"].params["TZID"] == "Asia/Shanghai"
    other = vobject.readOne(answer.text).vevent
    assert other.dtend.value == due
    assert other.summary.value == str(event["summary"])
    assert number in other.summary.value
    assert str(event["uid"]) == other.uid.value == f"{task(number).uuid}@civic-grid-tracker"
    assert "13900001111" not in answer.text
    assert "依云" not in answer.text
    assert all(len(line.encode()) <= 75 for line in answer.text.split("\r\n"))


def test_the_same_deadlines_are_the_same_file_and_a_moved_one_keeps_its_name(
    app: Flask, world: World
):
    number = make_task(world, State.HANDLING)
    path = feed(app, "clerk")
    first = visitor(app).get(path)
    again = visitor(app).get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    step(world, number, Action.ASK_EXTENSION, "clerk")
    step(world, number, Action.ENDORSE, "head")
    step(world, number, Action.GRANT_EXTENSION, "dispatcher")
    moved = visitor(app).get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert moved.status_code == 200
    before, after = (Calendar.from_ical(a.data).walk("VEVENT")[0] for a in (first, moved))
    assert before["uid"] == after["uid"]
    assert after["sequence"] > before["sequence"]
    assert after["dtend"].dt > before["dtend"].dt


def test_each_finds_what_they_answer_for_and_the_office_what_is_late(app: Flask, world: World):
    mine, late = make_task(world, State.HANDLING), make_task(world, State.HANDLING)
    far = make_task(world, State.HANDLING, GUANGAN, reporter="inspector_b")
    alter(late, due_at=clock.now() - timedelta(days=1), due_soon_at=clock.now() - timedelta(days=2))
    step(world, mine, Action.ASSIGN, "clerk")
    make_task(world, State.CLOSED)
    make_task(world, State.SUSPENDED)
    assert numbers(app, feed(app, "clerk")) == {mine, late, far}
    assert numbers(app, feed(app, "worker")) == {mine}
    assert numbers(app, feed(app, "dispatcher")) == {late}
    assert numbers(app, feed(app, "leader_b")) == set()
    assert numbers(app, feed(app, "inspector")) == set()


def state(app: Flask, path: str) -> int:
    return visitor(app).get(path).status_code


def test_a_token_dies_when_it_is_revoked_or_its_account_or_password_ends(app: Flask, world: World):
    secadmin, sysadmin = world.actor("secadmin"), world.actor("sysadmin")
    paths = {who: feed(app, who) for who in ("clerk", "head", "worker", "verifier")}
    assert {state(app, path) for path in paths.values()} == {200}
    page = open_session(app, "clerk").get("/account/notices").text
    revoke = re.findall(r'action="(/account/calendar/\d+/revoke)"', page)[0]
    assert open_session(app, "head").post_form(revoke).status_code == 404
    assert open_session(app, "clerk").post_form(revoke).status_code == 302
    securing.reset_password(world.users["head"], actor=secadmin, request_uuid=str(uuid4()))
    operations.deactivate(world.users["worker"], actor=sysadmin, request_uuid=str(uuid4()))
    verifier = db.session.get_one(User, world.users["verifier"])
    own_account.change_password(verifier, current=PASSWORD, new="another-long-word-8", ip="")
    assert {state(app, path) for path in paths.values()} == {404}
    assert state(app, "/calendar/nothing.ics") == 404
    assert state(app, "/calendar/" + "x" * 5000 + ".ics") == 404


def test_an_old_token_ends_by_itself_and_only_five_live_at_a_time(app: Flask, world: World):
    path = feed(app, "clerk")
    with unit_of_work() as work:
        work.execute(update(CalendarFeed).values(expires_at=clock.now()))
    assert state(app, path) == 404
    for _ in range(feeds.MOST):
        feed(app, "clerk")
    client: OfficeClient = open_session(app, "clerk")
    refused = client.post_form("/account/calendar", {"name": "再来一个"})
    assert refused.status_code == 409
    assert "再来一个" in refused.text


def test_the_token_is_shown_once_and_kept_as_a_hash(app: Flask, world: World):
    client = open_session(app, "clerk")
    asked = {"name": "手机", "request_uuid": str(uuid4())}
    token = re.search(r"/calendar/([\w-]+)\.ics", client.post_form("/account/calendar", asked).text)
    assert token is not None
    again = client.post_form("/account/calendar", asked, follow=True)
    assert "只显示一次" in again.text
    assert token.group(1) not in again.text + client.get("/account/notices").text
    kept = db.session.query(CalendarFeed).all()
    assert len(kept) == 1
    assert token.group(1) not in str(vars(kept[0]))
    for wrong in ({"name": ""}, {"name": "长" * 51}):
        assert client.post_form("/account/calendar", wrong).status_code == 422

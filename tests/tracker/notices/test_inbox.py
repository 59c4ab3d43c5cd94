"""The inbox: one's own notices, an unread count in the frame, read when the task is opened."""

import re

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.factories.client import open_session
from tests.factories.world import World, make_task, make_world
from tracker import clock
from tracker.notices import queries
from tracker.notices.models import Notice
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.states import State


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def unread(world: World, who: str) -> int:
    db.session.rollback()
    return queries.unread(db.session(), world.users[who])


def test_a_new_task_stands_in_the_inbox_and_beside_the_bell(app: Flask, world: World):
    number = make_task(world, State.DISPATCHED)
    client = open_session(app, "clerk")
    page = client.get("/notices/").text
    assert number in page
    assert "新任务，待签收" in page
    assert "通知，1 条未读" in client.get("/").text
    assert number not in open_session(app, "clerk_police").get("/notices/").text


def test_opening_a_task_reads_its_notices_and_no_others(app: Flask, world: World):
    opened, other = make_task(world, State.DISPATCHED), make_task(world, State.DISPATCHED)
    client = open_session(app, "clerk")
    assert client.get(f"/tasks/{opened}").status_code == 200
    page = client.get("/notices/").text
    assert (opened in page, other in page) == (False, True)
    assert unread(world, "clerk") == 1
    assert unread(world, "head") == 2
    assert opened in client.get("/notices/?show=all").text


def test_one_notice_or_all_that_were_seen_are_marked_as_read(app: Flask, world: World):
    make_task(world, State.DISPATCHED)
    make_task(world, State.DISPATCHED)
    client = open_session(app, "clerk")
    page = client.get("/notices/").text
    first = re.findall(r'action="(/notices/\d+/read)"', page)[0]
    assert client.post_form(first).status_code == 302
    assert unread(world, "clerk") == 1
    up_to = re.findall(r'name="up_to" value="(\d+)"', page)[0]
    make_task(world, State.DISPATCHED)
    client.post_form("/notices/read", {"up_to": up_to})
    assert unread(world, "clerk") == 1, "what came in meanwhile stays unread"
    for wrong in ("", "x", "9" * 30, "1\0"):
        assert client.post_form("/notices/read", {"up_to": wrong}).status_code == 422


def test_nobody_marks_or_sees_anothers_notice(app: Flask, world: World):
    make_task(world, State.DISPATCHED)
    own = db.session.scalars(select(Notice.id).where(Notice.user_id == world.users["clerk"])).one()
    other = open_session(app, "clerk_police")
    assert other.post_form(f"/notices/{own}/read").status_code == 404
    other.post_form("/notices/read", {"up_to": "2000000000"})
    assert unread(world, "clerk") == 1


def test_the_inbox_is_turned_page_by_page_and_the_bell_stops_at_ninety_nine(
    app: Flask, world: World
):
    make_task(world, State.DISPATCHED)
    with unit_of_work() as work:
        one = work.scalars(select(Notice).where(Notice.user_id == world.users["clerk"])).one()
        values = {c.key: getattr(one, c.key) for c in Notice.__table__.columns if c.key != "id"}
        work.add_all([Notice(**values) for _ in range(119)])
    client = open_session(app, "clerk")
    assert "通知，99+ 条未读" in client.get("/").text
    seen, address = [], "/notices/"
    while address:
        page = client.get(address).text
        seen += re.findall(r'action="/notices/(\d+)/read"', page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        address = found.group(1).replace("&amp;", "&") if found else ""
    assert len(seen) == len(set(seen)) == 120
    assert client.get("/notices/?after=nonsense").status_code == 422


def test_an_empty_inbox_says_what_will_come(app: Flask, world: World):
    client = open_session(app, "worker")
    assert "没有未读通知" in client.get("/notices/").text
    assert "还没有通知" in client.get("/notices/?show=all").text


def test_the_settings_are_kept_and_a_wrong_address_comes_back_with_its_words(
    app: Flask, world: World
):
    client = open_session(app, "clerk")
    good = {"email": "clerk@office.gov.cn", "kinds": ["work", "steering"], "quiet_from": "20", "quiet_until": "8"}  # fmt: skip
    assert client.post_form("/account/notices", good).status_code == 302
    page = client.get("/account/notices").text
    assert "clerk@office.gov.cn" in page
    assert page.count("checked") == 2
    for wrong in ("无效 地址", "a@b c", "x" * 200 + "@a.cn", "a@b?to=other@c.cn"):
        answer = client.post_form("/account/notices", {**good, "email": wrong})
        assert answer.status_code == 422, wrong
        assert "工作邮箱" in answer.text
    assert client.post_form("/account/notices", {**good, "kinds": ["all"]}).status_code == 422
    assert client.post_form("/account/notices", {**good, "quiet_from": "99"}).status_code == 422
    assert client.post_form("/account/notices", {**good, "quiet_from": "x"}).status_code == 422


def test_a_read_notice_of_last_year_is_gone_one_of_last_week_is_not(app: Flask, world: World):
    from datetime import timedelta

    from tracker.notices import cleaning

    make_task(world, State.DISPATCHED)
    make_task(world, State.FILED)
    assert cleaning.is_due(db.session(), clock.now()) is False
    with unit_of_work() as work:
        last_year = clock.now() - timedelta(days=365)
        work.execute(
            update(Notice)
            .where(Notice.user_id == world.users["clerk"])
            .values(created_at=last_year)
        )
    with unit_of_work() as work:
        assert cleaning.is_due(work, clock.now()) is True
        cleaning.clean(work, {})
    assert unread(world, "clerk") == 0
    assert unread(world, "dispatcher") == 2

"""Digests: one a unit and half hour, no line lost or twice, short enough, out within the limits."""

import json
import quopri
import threading
from datetime import timedelta

import pytest
from flask import Flask, current_app
from sqlalchemy import func, select, update

from tests.factories.notices import (
    gateway,
    mail_server,
    make_channel,
    make_digest,
    messages,
    work_off,
)
from tests.factories.steps import together
from tests.factories.world import World, make_task, make_world
from tracker import clock
from tracker.jobs.models import Job
from tracker.notices import quiet
from tracker.notices.channel_kinds import MOST_BYTES, ChannelKind
from tracker.notices.models import Digest, DigestLine, Message, NoticeSetting
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.models import TaskEvent
from tracker.tasks.states import State

SLOT = clock.now().replace(minute=0, second=0, microsecond=0)


@pytest.fixture
def world(both: Flask) -> World:
    return make_world()


def audience(world: World, unit: str = "sanitation") -> str:
    return f"unit:{world.units[unit]}"


def unmarked() -> int:
    db.session.rollback()
    query = select(func.count()).select_from(DigestLine).where(DigestLine.digest_id.is_(None))
    return db.session.scalar(query) or 0


def test_a_unit_gets_one_message_for_half_an_hour_with_all_its_lines(world: World):
    make_channel(world, "sanitation")
    first, second = make_task(world, State.DISPATCHED), make_task(world, State.DISPATCHED)
    make_digest(audience(world), SLOT)
    third = make_task(world, State.DISPATCHED)
    make_digest(audience(world), SLOT)
    (message,) = messages()
    assert all(number in message.body for number in (first, second))
    assert third not in message.body
    assert "区环卫中心：2 项提醒" in message.title
    make_digest(audience(world), SLOT + timedelta(minutes=30))
    assert third in messages()[-1].body
    assert unmarked() == 0


def test_a_unit_without_a_channel_gathers_no_lines(world: World):
    make_channel(world, "police")
    make_channel(world, "office", is_active=False)
    make_task(world, State.DISPATCHED)
    assert unmarked() == 0


def test_the_office_hears_of_what_waits_for_it(world: World):
    make_channel(world, "office")
    number = make_task(world, State.SUBMITTED)
    make_digest(audience(world, "office"))
    (message,) = messages()
    assert f"{number} 新上报，待受理" in message.body
    assert f"{number} 整改已提交，待核查" in message.body


def add_lines(count: int, *, audience: str, events: list[int]) -> None:
    with unit_of_work() as work:
        for n in range(count):
            work.add(
                DigestLine(
                    audience=audience, event_id=events[n], text_key="dispatch.unit",
                    params={"number": f"T-{events[n]}", "category": "暴露垃圾", "category_en": "litter", "place": "三灶社区", "due": None},
                )
            )  # fmt: skip


def test_a_line_whose_transaction_ends_late_goes_into_the_next_digest(make_app, request):
    """Its key is smaller than that of a line already sent; only PostgreSQL lets two write at once."""
    app: Flask = make_app("postgresql")
    with app.app_context():
        world = make_world()
        make_channel(world, "sanitation")
        make_task(world, State.CLOSED)
        make_digest(audience(world), SLOT - timedelta(days=1))
        slow, quick = db.session.scalars(select(TaskEvent.id).order_by(TaskEvent.id).limit(2)).all()
        written, go_on = threading.Event(), threading.Event()

        def late() -> None:
            with app.app_context(), unit_of_work() as work:
                work.add(line_of(audience(world), slow))
                work.flush()
                written.set()
                go_on.wait()

        thread = threading.Thread(target=late)
        thread.start()
        written.wait()
        with unit_of_work() as work:
            work.add(line_of(audience(world), quick))
        make_digest(audience(world), SLOT)
        go_on.set()
        thread.join()
        assert unmarked() == 1
        make_digest(audience(world), SLOT + timedelta(minutes=30))
        assert unmarked() == 0
        assert f"T-{slow} " in messages()[-1].body
        db.session.remove()


def line_of(audience: str, event_id: int) -> DigestLine:
    params = {
        "number": f"T-{event_id}",
        "category": "",
        "category_en": "",
        "place": "",
        "due": None,
    }
    return DigestLine(audience=audience, event_id=event_id, text_key="dispatch.unit", params=params)


def test_of_workers_that_make_the_same_digest_one_does(world: World):
    make_channel(world, "sanitation")
    make_task(world, State.DISPATCHED)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    wanted = audience(world)
    answers = together(app, [lambda: make_digest(wanted, SLOT) for _ in range(4)])
    assert answers == [None] * 4
    assert len(messages()) == 1


def test_a_long_digest_fits_the_narrowest_channel_and_counts_what_it_leaves_out(app: Flask):
    world = make_world()
    make_channel(world, "sanitation")
    for _ in range(9):
        make_task(world, State.CLOSED)
    make_digest(audience(world), SLOT - timedelta(days=1))
    events = list(db.session.scalars(select(TaskEvent.id).order_by(TaskEvent.id)))
    with unit_of_work() as work:
        work.execute(update(Message).values(digest_id=None))
        work.execute(DigestLine.__table__.delete())
    add_lines(50, audience=audience(world), events=events)
    make_digest(audience(world), SLOT)
    body = messages()[-1].body
    assert len(body.encode()) <= MOST_BYTES
    shown = body.count("新任务，待签收")
    assert 5 < shown < 50
    assert f"其余 {50 - shown} 项" in body
    assert body.endswith("详情请登录系统查看。")


def test_what_waits_is_asked_for_made_and_sent_by_the_worker(world: World):
    with gateway() as other_side:
        make_channel(world, "sanitation", ChannelKind.WEBHOOK, address=other_side.url)
        number = make_task(world, State.DISPATCHED)
        work_off()
        assert number in other_side.received[0]["message"]
        assert len(other_side.received) == 1
        (message,) = messages()
        assert (message.state, message.attempts) == ("sent", 1)
        work_off()
        assert len(other_side.received) == 1


def test_a_person_gets_the_kinds_they_chose_by_mail_and_nobody_else_does(app: Flask):
    world = make_world()
    with mail_server() as post:
        make_channel(world, "office", ChannelKind.EMAIL, address=post.url)
        with unit_of_work() as work:
            clerk = world.users["clerk"]
            work.add(NoticeSetting(user_id=clerk, email="clerk@office.cn", kinds=["work"]))
        number = make_task(world, State.CLOSED)
        work_off()
    ((recipients, letter),) = post.letters
    assert recipients == ["clerk@office.cn"]
    text = quopri.decodestring(letter).decode()
    assert f"{number} 新任务，待签收" in text
    assert "已结案" not in text
    assert [(m.state, m.user_id) for m in messages()] == [("sent", clerk)]


def due_again() -> None:
    with unit_of_work() as work:
        work.execute(update(Job).where(Job.done_at.is_(None)).values(run_at=clock.now()))


def test_a_channel_keeps_its_limit_a_minute(world: World):
    with gateway() as other_side:
        make_channel(world, "sanitation", ChannelKind.WEBHOOK, address=other_side.url, per_minute=2)
        for n in range(4):
            make_task(world, State.DISPATCHED)
            make_digest(audience(world), SLOT + timedelta(minutes=30 * n))
        work_off()
        due_again()
        work_off()
        assert len(other_side.received) == 2
        assert [m.state for m in messages()] == ["sent", "sent", "waiting", "waiting"]
        assert [m.attempts for m in messages()] == [1, 1, 0, 0]
        with unit_of_work() as work:
            work.execute(update(Message).values(tried_at=clock.now() - timedelta(minutes=2)))
        due_again()
        work_off()
        assert len(other_side.received) == 4


def test_in_quiet_hours_nothing_goes_out(app: Flask):
    world = make_world()
    hour = clock.in_city(clock.now()).hour
    with gateway() as other_side:
        make_channel(
            world, "sanitation", ChannelKind.WEBHOOK, address=other_side.url,
            quiet_from=hour, quiet_until=(hour + 2) % 24,
        )  # fmt: skip
        make_task(world, State.DISPATCHED)
        work_off()
        assert other_side.received == []
        (job,) = db.session.scalars(select(Job).where(Job.kind == "message.send")).all()
        assert job.run_at > clock.now() + timedelta(minutes=59)
        assert job.attempts == 0


@pytest.mark.parametrize(
    ("at", "start", "end", "until"),
    [
        ("2026-11-22T21:30+08:00", 20, 8, "2026-11-23T08:00+08:00"),
        ("2026-11-22T07:59+08:00", 20, 8, "2026-11-22T08:00+08:00"),
        ("2026-11-22T08:00+08:00", 20, 8, None),
        ("2026-11-22T13:00+08:00", 12, 14, "2026-11-22T14:00+08:00"),
        ("2026-11-22T23:00+08:00", 22, 0, "2026-11-23T00:00+08:00"),
        ("2026-11-22T23:00+08:00", 8, 8, None),
        ("2026-11-22T23:00+08:00", None, 8, None),
    ],
)
def test_quiet_hours_are_of_the_citys_day_also_across_midnight(at, start, end, until):
    from datetime import datetime

    found = quiet.until(datetime.fromisoformat(at), start, end)
    assert found == (datetime.fromisoformat(until) if until else None)


def test_a_message_that_is_refused_says_why_becomes_a_dead_letter_and_goes_when_asked_again(
    world: World,
):
    from tracker.notices import channels

    with gateway() as other_side:
        other_side.status = 503
        make_channel(world, "sanitation", ChannelKind.WEBHOOK, address=other_side.url)
        make_task(world, State.DISPATCHED)
        for _ in range(8):
            work_off()
            due_again()
        (message,) = messages()
        assert (message.state, message.attempts) == ("dead", 8)
        assert "503" in message.reason
        assert "secret-token" not in message.reason
        assert channels.dead_count(db.session()) == 1
        other_side.status = 200
        uuid = "6f2c7d7e-3c56-4f5e-9d63-6b1b5a0f4f11"
        for _ in range(2):
            channels.retry(message.id, actor=world.actor("sysadmin"), request_uuid=uuid)
        work_off()
        assert messages()[0].state == "sent"
        assert len(other_side.received) == 9


def test_sent_messages_and_their_digests_go_after_a_quarter_of_a_year(app: Flask):
    from tracker.notices import cleaning

    world = make_world()
    with gateway() as other_side:
        make_channel(world, "sanitation", ChannelKind.WEBHOOK, address=other_side.url)
        make_task(world, State.DISPATCHED)
        work_off()
    with unit_of_work() as work:
        long_ago = clock.now() - timedelta(days=100)
        work.execute(update(Message).values(created_at=long_ago))
        work.execute(update(Digest).values(made_at=long_ago))
    for _ in range(2):
        with unit_of_work() as work:
            cleaning.clean(work, {})
    for table in (Message, Digest, DigestLine):
        assert db.session.scalar(select(func.count()).select_from(table)) == 0


def test_a_gateway_hears_the_text_and_no_more(app: Flask):
    world = make_world()
    with gateway() as other_side:
        make_channel(world, "sanitation", ChannelKind.WEBHOOK, address=other_side.url + "?k=v")
        make_task(world, State.DISPATCHED, description="王五在家门口倾倒")
        work_off()
        heard = json.dumps(other_side.received, ensure_ascii=False)
    assert "王五" not in heard

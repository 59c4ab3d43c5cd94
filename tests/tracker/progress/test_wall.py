"""The wall of photos before and after the work: whose, in which order, at what cost."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.client import open_session
from tests.factories.task_pages import selects
from tests.factories.world import (
    GUANGAN,
    SANZAO,
    TOWN_A,
    TOWN_B,
    World,
    make_task,
    make_world,
    task,
)
from tracker import clock
from tracker.demo.pictures import draw
from tracker.evidence.models import Phase, Photo
from tracker.evidence.operations import take
from tracker.places.models import Area
from tracker.progress import wall
from tracker.progress.chosen import from_request
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks import after_photos
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.photo_views import store
from tracker.tasks.states import State

NUMBER = re.compile(r'class="wall-number" href="/tasks/([^"]+)"')


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def closed(world: World, community: str = SANZAO, *, ago: timedelta, bare: bool = False) -> str:
    """A task closed that long ago, with a photo before and one after unless `bare`."""
    number = make_task(world, State.CLOSED, community)
    found = task(number)
    at = clock.now() - ago
    kept = {
        phase: take(
            draw("refuse", found.id % 3, after=phase is Phase.AFTER), uuid=str(uuid4()),
            owner_id=world.users["clerk"], store=store(),
        ).uuid
        for phase in (() if bare else (Phase.BEFORE, Phase.AFTER))
    }  # fmt: skip
    with unit_of_work() as work:
        row = work.get_one(Task, found.id)
        row.reported_at, row.closed_at = at - timedelta(days=2), at
        for phase, uuid in kept.items():
            photo = work.get_one(Photo, uuid)
            photo.task_id, photo.phase = row.id, phase.value
    db.session.remove()
    return number


def numbers(page: str) -> list[str]:
    return NUMBER.findall(page)


def test_a_person_sees_the_pairs_of_the_own_jurisdiction_newest_closing_first(
    app: Flask, world: World
) -> None:
    older = closed(world, ago=timedelta(days=3))
    newer = closed(world, ago=timedelta(days=1))
    other = closed(world, GUANGAN, ago=timedelta(days=2))
    closed(world, ago=timedelta(days=1), bare=True)
    long_ago = closed(world, ago=timedelta(days=60))
    make_task(world, State.HANDLING)
    leader, leader_b = open_session(app, "leader"), open_session(app, "leader_b")
    page = leader.get("/progress/wall").text
    assert numbers(page) == [newer, other, older]
    assert page.count("/thumb") == 6
    assert page.count('loading="lazy"') == 6
    assert "用时 2 天" in page or "用时 48 小时" in page
    assert numbers(leader_b.get("/progress/wall").text) == [other]
    assert leader_b.get(f"/progress/wall?area={TOWN_A}").status_code == 404
    assert numbers(leader.get(f"/progress/wall?area={TOWN_B}").text) == [other]
    since = (clock.today() - timedelta(days=90)).isoformat()
    assert numbers(leader.get(f"/progress/wall?from={since}").text)[-1] == long_ago
    assert numbers(leader.get("/progress/wall?category=09").text) == []
    for known in ("source=inspection", f"unit={world.units['sanitation']}", "category=06"):
        assert numbers(leader.get(f"/progress/wall?{known}").text) == [newer, other, older], known
    for missed in ("source=hotline", "action=7", "tag=parking"):
        page = leader.get(f"/progress/wall?{missed}").text
        assert numbers(page) == [], missed
        assert f'<option value="{missed.partition("=")[2]}" selected>' in page, "the form says it"
    unit = world.units["police"]
    assert "没有符合条件" in leader.get(f"/progress/wall?unit={unit}").text
    assert open_session(app, "sysadmin").get("/progress/wall").status_code == 403
    for bad in ("after=zzz", "from=never", "unit=x", "from=2020-01-01"):
        assert leader.get(f"/progress/wall?{bad}").status_code == 422, bad


def test_the_wall_pages_stably_and_takes_the_same_queries_for_few_and_many(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wall, "PAGE_SIZE", 3)
    client = open_session(app, "leader")
    made = [closed(world, ago=timedelta(hours=n)) for n in (1, 2)]
    client.get("/progress/wall")
    with selects() as few:
        assert numbers(client.get("/progress/wall").text) == made
    made += [closed(world, ago=timedelta(hours=n)) for n in (3, 4)]
    with selects() as many:
        first = client.get("/progress/wall").text
    assert numbers(first) == made[:3]
    assert len(many) == len(few) <= 20
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    # a newer closing does not push the second page
    closed(world, ago=timedelta(minutes=1))
    second = client.get(following.group(1).replace("&amp;", "&")).text
    assert numbers(second) == made[3:]
    assert 'rel="next"' not in second


def test_the_wall_weighs_a_photo_as_the_page_of_its_task_does(app: Flask, world: World) -> None:
    for hours in (1, 2, 3, 4):
        closed(world, ago=timedelta(hours=hours))
    leader = world.actor("leader")
    chosen = from_request({}, clock.now())
    found = {
        card.after: card.evidence for card in wall.page(db.session(), leader, None, chosen).rows
    }
    weights = {}
    with app.test_request_context():
        for row in db.session.scalars(select(Task).where(Task.state == State.CLOSED.value)):
            events = db.session.scalars(
                select(TaskEvent).where(TaskEvent.task_id == row.id).order_by(TaskEvent.sequence)
            ).all()
            judged = after_photos.checked(
                db.session(), row, row.photos, events=events, actor=leader
            )
            weights |= {one.photo.uuid: one.level for one in judged}
    assert found == weights
    # the same drawing twice, so that a copy is among them
    assert len(set(found.values())) > 1


def test_a_page_looks_at_so_many_closings_and_the_next_one_at_the_older_ones(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wall, "SCAN", 2)
    client, found, address = open_session(app, "leader"), [], "/progress/wall"
    bare = [closed(world, ago=timedelta(hours=n), bare=True) for n in (1, 2, 3)]
    pairs = [closed(world, ago=timedelta(hours=n)) for n in (4, 5, 6)]
    first = client.get(address).text
    assert "还有更早办结的任务" in first
    for _ in range(len(bare) + len(pairs)):
        page = client.get(address).text
        found += numbers(page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        if following is None:
            break
        address = following.group(1).replace("&amp;", "&")
    assert found == pairs


@pytest.mark.parametrize("code", [None, SANZAO], ids=["everywhere", "one community"])
def test_the_wall_walks_an_index_of_closings(app: Flask, world: World, code: str | None) -> None:
    area = db.session.get_one(Area, code) if code else None
    with selects() as seen:
        wall.page(db.session(), world.actor("leader"), area, from_request({}, clock.now()))
    walks = [one for one in seen if "closed_at DESC" in one]
    assert len(walks) == 4
    for walk in walks:
        plan = db.session.connection().exec_driver_sql(
            "EXPLAIN QUERY PLAN " + walk, tuple("x" for _ in range(walk.count("?")))
        )
        said = " ".join(str(row) for row in plan)
        assert "ix_task_closing_closed_at" in said
        assert "TEMP B-TREE" not in said

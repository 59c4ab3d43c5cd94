"""A report begun at an inspection point, and a second report of a problem that is open already."""

from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories.client import sign_in
from tests.factories.points import make_point
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
from tracker.storage.db import db
from tracker.tasks.models import Task

LON, LAT = INSIDE[SANZAO]


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def form(**changes: str) -> dict[str, str]:
    return {
        "request_uuid": str(uuid4()),
        "lon": str(LON),
        "lat": str(LAT),
        "pos_method": "pin",
        "category_id": str(category()),
        "description": "垃圾桶满溢",
        "source": "inspection",
        "no_photo_reason": "测试",
        "mode": "report",
        **changes,
    }


def count() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Task)) or 0


def test_a_report_begun_at_a_point_lies_there_and_its_unit_is_proposed(app: Flask, world: World):
    code = make_point(world, name="唐人街市场", unit_id=world.units["police"], lon=LON, lat=LAT)
    client = sign_in(app, "inspector")
    page = client.get(f"/tasks/new?point={code}").text
    assert "唐人街市场" in page
    assert f'value="{LON}"' in page
    answer = client.post_form("/tasks/new", form(point_code=code, pos_method="point"))
    assert answer.status_code == 302
    number = answer.headers["Location"].rpartition("/")[2]
    made = task(number)
    assert made.point is not None
    assert (made.point.code, made.pos_method) == (code, "point")
    assert "唐人街市场" in client.get(f"/tasks/{number}").text
    hints = client.get(
        f"/tasks/new/hints.json?lon={LON}&lat={LAT}&category={category()}&point={code}"
    )
    assert hints.json["unit"]["name"] == "区交警大队"


def test_a_foreign_point_is_refused_and_nothing_is_stored(app: Flask, world: World):
    code = make_point(world, GUANGAN)
    client = sign_in(app, "inspector")
    assert client.get(f"/tasks/new?point={code}").status_code == 422
    assert client.post_form("/tasks/new", form(point_code=code)).status_code == 422
    assert count() == 0


def test_a_report_joins_the_open_task_it_names_once(app: Flask, world: World):
    number = make_task(world)
    client = sign_in(app, "inspector")
    sent = form(join=number, description="还是这一堆")
    for _ in range(2):
        answer = client.post_form("/tasks/new", sent)
        assert answer.headers["Location"].endswith(f"/tasks/{number}")
    assert count() == 1
    comments = [one.payload for one in task(number).events if one.action == "comment"]
    assert [one["text"] for one in comments] == ["补充上报：还是这一堆"]


def test_nobody_joins_a_task_they_may_not_see(app: Flask, world: World):
    number = make_task(world, community=GUANGAN, reporter="inspector_b")
    answer = sign_in(app, "inspector").post_form("/tasks/new", form(join=number))
    assert answer.status_code == 404
    assert [one.action for one in task(number).events] == ["report"]


def test_whoever_has_not_seen_what_is_near_is_asked_once_and_keeps_every_word(
    app: Flask, world: World
):
    number = make_task(world)
    client = sign_in(app, "inspector")
    asked = client.post_form("/tasks/new", form(description="又一堆垃圾"))
    assert asked.status_code == 422
    assert "又一堆垃圾" in asked.text
    assert f'name="join" value="{number}"' in asked.text
    assert 'name="near_seen" value="1"' in asked.text
    assert client.post_form("/tasks/new", form(near_seen="1")).status_code == 302
    assert count() == 2

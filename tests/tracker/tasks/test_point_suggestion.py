"""The point's unit comes first wherever a unit is proposed, and tasks are found by their point."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.client import open_session
from tests.factories.points import make_point
from tests.factories.world import INSIDE, SANZAO, World, category, make_task, make_world
from tracker.places.models import Organization
from tracker.points.models import InspectionPoint
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.states import State

LON, LAT = INSIDE[SANZAO]


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def found_at(world: World, state: State = State.REPORTED) -> tuple[str, str]:
    """A task found at a point of the police (its category is the sanitation's); point, number."""
    code = make_point(world, unit_id=world.units["police"], lon=LON, lat=LAT)
    point_id = db.session.scalar(select(InspectionPoint.id).where(InspectionPoint.code == code))
    return code, make_task(world, state, point_id=point_id)


@pytest.mark.parametrize("state", [State.REPORTED, State.FILED])
def test_filing_and_dispatching_propose_the_points_unit(app: Flask, world: World, state: State):
    _, number = found_at(world, state)
    client = open_session(app, "dispatcher")
    page = client.get(f"/tasks/{number}").text
    assert "区交警大队（点位责任单位）" in page
    assert re.search(rf'<option selected value="{world.units["police"]}"', page)
    proposal = client.get(f"/tasks/{number}/proposal.json?category={category()}").get_json()
    assert proposal["unit_id"] == world.units["police"]


def test_a_unit_out_of_use_answers_for_no_point(app: Flask, world: World):
    _, number = found_at(world)
    with unit_of_work() as session:
        session.get_one(Organization, world.units["police"]).is_active = False
    assert "区环卫中心（按问题类别的主管单位）" in open_session(app, "dispatcher").get(f"/tasks/{number}").text  # fmt: skip


def test_list_and_export_are_filtered_by_the_point(app: Flask, world: World):
    code, number = found_at(world)
    other = make_task(world)
    client = open_session(app, "dispatcher")
    for page in ("/tasks/", "/tasks/export.csv"):
        text = client.get(f"{page}?point={code}").text
        assert number in text
        assert other not in text
    assert "去掉筛选" in client.get(f"/tasks/?point={code}").text
    assert number not in client.get("/tasks/?point=NO-SUCH").text

"""A report from outside every area is put where it belongs by the office, and the trail says so."""

from typing import Any

import pytest
from flask import Flask

from tests.factories.client import OfficeClient, open_session
from tests.factories.world import GRID, GUANGAN, SANZAO, World, make_task, make_world, task
from tracker.tasks.chain import breaks
from tracker.tasks.states import State


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def relocate(client: OfficeClient, number: str, **data: Any) -> Any:
    version = str(task(number).version)
    return client.post_form(f"/tasks/{number}/actions/relocate", {"version": version, **data})


def test_the_office_chooses_the_community_of_a_report_from_outside_every_area(
    app: Flask, world: World
) -> None:
    number = make_task(world, community=None)
    assert task(number).community_code is None
    assert open_session(app, "grid_lead_b").get(f"/tasks/{number}").status_code == 404
    dispatcher = open_session(app, "dispatcher")
    assert "更正位置" in dispatcher.get(f"/tasks/{number}").text
    assert (
        relocate(dispatcher, number, community_code=GUANGAN, text="在广安市场").status_code == 303
    )
    found = task(number)
    assert (found.state, found.community_code, found.district_code) == (
        State.REPORTED,
        GUANGAN,
        "440404",
    )
    assert (found.lon, found.lat) == (113.9, 22.5)
    assert breaks(found, found.events) == []
    assert open_session(app, "grid_lead_b").get(f"/tasks/{number}").status_code == 200
    assert "广安社区" in dispatcher.get(f"/tasks/{number}").text


def test_a_corrected_point_names_its_grid(app: Flask, world: World) -> None:
    number = make_task(world, community=None)
    answer = relocate(open_session(app, "dispatcher"), number, position="113.350, 22.045")
    assert answer.status_code == 303
    found = task(number)
    assert (found.community_code, found.grid_code) == (SANZAO, GRID)
    assert (found.lon, found.lat) == (113.35, 22.045)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "请填写：位置"),
        ({"community_code": "999"}, "所选社区不存在"),
        ({"position": "somewhere"}, "经纬度无法识别"),
    ],
)
def test_a_place_that_is_none_is_refused_and_nothing_moves(
    app: Flask, world: World, typed: dict[str, str], said: str
) -> None:
    number = make_task(world, community=None)
    answer = relocate(open_session(app, "dispatcher"), number, **typed)
    assert answer.status_code == 422
    assert said in answer.text
    assert task(number).community_code is None


def test_only_the_office_moves_a_task(app: Flask, world: World) -> None:
    number = make_task(world)
    answer = relocate(open_session(app, "grid_lead"), number, community_code=GUANGAN)
    assert answer.status_code == 403
    assert task(number).community_code == SANZAO

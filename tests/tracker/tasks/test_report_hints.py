"""What a reporter is told before sending, and the borders under the pin."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from gis.coordinates import from_wgs84
from tests.factories.client import open_session
from tests.factories.world import (
    GUANGAN,
    HAIAN,
    INSIDE,
    OUTSIDE,
    SANZAO,
    TENGSHAN,
    World,
    category,
    make_task,
    make_world,
)
from tracker import clock
from tracker.storage.db import db
from tracker.tasks.given import Place
from tracker.tasks.states import State
from tracker.tasks.suggestions import FAR_M, hints, is_far

LON, LAT = INSIDE[SANZAO]
#: Degrees of latitude in about a metre.
METRE = 1 / 111_195


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def ask(app: Flask, who: str = "inspector", **query: Any) -> Any:
    answer = open_session(app, who).get("/tasks/new/hints.json", query_string=query)
    return answer.get_json() | {"status": answer.status_code}


def beside(metres: float, **changes: Any) -> str:
    """A report of the usual category so many metres north of the place asked about."""
    world_ = changes.pop("world")
    place = Place(lon=LON, lat=LAT + metres * METRE, method="pin")
    return make_task(world_, changes.pop("state", State.REPORTED), place=place, **changes)


def test_a_place_names_town_community_and_grid(app: Flask, world: World) -> None:
    found = ask(app, lon=113.350, lat=22.045)
    assert found["areas"] == ["三灶镇", "三灶社区", "第1网格"]
    assert (found["is_outside"], found["is_far"]) == (False, False)
    assert "三灶社区" in found["html"]


def test_outside_every_area_it_says_so_and_refuses_nothing(app: Flask, world: World) -> None:
    found = ask(app, lon=OUTSIDE[0], lat=OUTSIDE[1])
    assert (found["status"], found["areas"], found["is_outside"]) == (200, [], True)
    assert "未落入网格" in found["html"]


def test_the_unit_of_the_category_is_suggested_with_its_reason(app: Flask, world: World) -> None:
    assert ask(app, lon=LON, lat=LAT, category=category())["unit"] == {
        "name": "区环卫中心", "reason": "按问题类别的主管单位",
    }  # fmt: skip
    assert ask(app, lon=LON, lat=LAT, category=category("07001"))["unit"] == {
        "name": "三灶社区居委会", "reason": "属地社区兜底",
    }  # fmt: skip


def test_the_deadline_of_the_category_is_shown_beforehand(app: Flask, world: World) -> None:
    found = ask(app, category=category())
    assert found["due_at"] > clock.now().isoformat()
    assert found["due_text"] in found["html"]


def test_open_tasks_of_the_category_within_fifty_metres_are_listed_nearest_first(
    app: Flask, world: World
) -> None:
    far, near = beside(45, world=world), beside(10, world=world, state=State.FILED)
    beside(60, world=world)
    beside(5, world=world, state=State.CLOSED)
    beside(5, world=world, category_id=category("07001"))
    found = ask(app, lon=LON, lat=LAT, category=category())
    assert [(task["number"], task["state"]) for task in found["near"]] == [
        (near, "filed"), (far, "reported"),
    ]  # fmt: skip
    assert [task["distance_m"] for task in found["near"]] == [10, 45]
    assert found["near"][0]["url"] == f"/tasks/{near}"
    assert "补充到这一件" in found["html"]


def test_a_task_that_the_reporter_may_not_see_is_not_betrayed(app: Flask, world: World) -> None:
    beside(5, world=world)
    assert ask(app, "inspector_b", lon=LON, lat=LAT, category=category())["near"] == []
    assert ask(app, "clerk_police", lon=LON, lat=LAT, category=category())["near"] == []
    assert len(ask(app, "dispatcher", lon=LON, lat=LAT, category=category())["near"]) == 1


def test_after_seven_days_it_is_no_duplicate_any_more(app: Flask, world: World) -> None:
    beside(5, world=world)

    def near_after(days: int) -> int:
        at = clock.now() + timedelta(days=days)
        return len(
            hints(
                db.session(), actor=world.actor("inspector"), at=at, lon=LON, lat=LAT,
                category_id=category(),
            ).near
        )  # fmt: skip

    assert (near_after(6), near_after(8)) == (1, 0)


def test_typed_coordinates_are_answered_as_a_position_on_the_map(app: Flask, world: World) -> None:
    x, y = from_wgs84(LON, LAT, "gcj02")
    found = ask(app, coords=f"{x}，{y}", coord_sys="gcj02")
    assert found["lon"] == pytest.approx(LON, abs=1e-6)
    assert found["lat"] == pytest.approx(LAT, abs=1e-6)
    assert found["areas"][1] == "三灶社区"


@pytest.mark.parametrize(
    "query",
    [
        {"coords": "这里"},
        {"coords": "113.35, 22.04", "coord_sys": "mars"},
        {"coords": "113.35, 22.04", "coord_sys": 'GEOGCS["x"]'},
        {"lon": "999", "lat": "0"},
        {"lon": "nan", "lat": "22"},
        {"lon": "inf", "lat": "22"},
    ],
)
def test_a_nonsense_position_is_refused_in_words(
    app: Flask, world: World, query: dict[str, str]
) -> None:
    found = ask(app, **query)
    assert found["status"] == 422
    assert found["message"]


@pytest.mark.parametrize(
    "query", [{}, {"lon": "113.3"}, {"category": "0"}, {"lon": "x", "lat": "y"}]
)
def test_half_a_question_gets_half_an_answer(
    app: Flask, world: World, query: dict[str, str]
) -> None:
    assert ask(app, **query)["status"] == 200


def test_a_hostile_title_stays_text_in_the_hints(app: Flask, world: World) -> None:
    beside(5, world=world, description="<img src=x onerror=alert(1)>")
    assert "<img" not in ask(app, lon=LON, lat=LAT, category=category())["html"]


def test_far_means_more_than_fifty_kilometres_from_every_area(app: Flask, world: World) -> None:
    # the district's box ends at 22.03 in the south
    south = 22.03 - FAR_M * METRE
    assert not is_far(db.session(), 113.36, south + 0.01)
    assert is_far(db.session(), 113.36, south - 0.01)
    assert not is_far(db.session(), LON, LAT)


def test_the_borders_are_those_of_ones_own_communities(app: Flask, world: World) -> None:
    def codes(who: str) -> list[str]:
        answer = open_session(app, who).get("/tasks/new/borders.json")
        assert answer.content_type == "application/geo+json"
        return [feature["id"] for feature in answer.get_json()["features"]]

    assert codes("inspector") == [SANZAO, HAIAN]
    assert codes("inspector_b") == [GUANGAN, TENGSHAN]
    assert codes("grid_worker") == [SANZAO]
    assert codes("dispatcher") == [SANZAO, HAIAN, GUANGAN, TENGSHAN]
    assert codes("clerk") == [SANZAO, HAIAN, GUANGAN, TENGSHAN]


def test_unchanged_borders_are_not_sent_twice(app: Flask, world: World) -> None:
    client = open_session(app, "inspector")
    etag = client.get("/tasks/new/borders.json").headers["ETag"]
    again = client.get("/tasks/new/borders.json", headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    other = open_session(app, "inspector_b")
    assert other.get("/tasks/new/borders.json", headers={"If-None-Match": etag}).status_code == 200


def test_the_hints_work_on_both_databases(both: Flask) -> None:
    world = make_world()
    number = beside(5, world=world)
    actor = world.actor("inspector")
    found = hints(
        db.session(), actor=actor, at=clock.now(), lon=LON, lat=LAT, category_id=category()
    )
    assert [task.number for task in found.near] == [number]
    assert found.unit is not None

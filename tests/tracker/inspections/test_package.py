"""A phone takes along what its person may use, nothing else, and only when it changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from tests.factories.client import open_session
from tests.factories.points import make_point
from tests.factories.sending import jpeg, named, phone_of
from tests.factories.visits import make_visit, point_of
from tests.factories.world import GUANGAN, HAIAN, SANZAO, World, make_task, make_world
from tests.tracker.inspections.test_sync import sent_report
from tests.tracker.inspections.test_visits import make_round
from tracker.access.actor import Actor
from tracker.inspections import package
from tracker.points.models import InspectionPoint
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.states import State


def packed(app: Flask, who: str) -> dict[str, Any]:
    answer = open_session(app, who).get("/inspect/package")
    assert answer.status_code == 200
    return dict(answer.get_json())


@pytest.fixture
def world(app: Flask) -> World:
    made = make_world()
    for code, community in (("P1", SANZAO), ("P2", GUANGAN), ("P3", HAIAN)):
        make_point(made, community, code=code)
    return made


def codes(found: dict[str, Any]) -> list[str]:
    return [one["code"] for one in found["points"]]


def test_points_are_those_of_the_area_the_unit_and_the_rounds(app: Flask, world: World):
    make_point(world, GUANGAN, code="P4", unit_id=world.units["sanitation"])
    make_round(world, "P2", "inspector")
    assert codes(packed(app, "inspector")) == ["P2", "P1", "P3"], "those of rounds first"
    assert codes(packed(app, "grid_worker")) == ["P1"]
    assert codes(packed(app, "clerk")) == ["P4"]
    assert codes(packed(app, "dispatcher")) == ["P1", "P2", "P3", "P4"]
    assert codes(packed(app, "leader")) == codes(packed(app, "sysadmin")) == []


def test_a_round_says_which_points_are_whose(app: Flask, world: World):
    round_id = make_round(world, "P1", "inspector")
    (found,) = packed(app, "inspector")["rounds"]
    assert (found["id"], found["kind_name"]) == (round_id, "省市暗访")
    assert found["points"] == [
        {"point_id": point_of("P1").id, "position": 1, "visited_at": None, "mine": True}
    ]
    make_visit(world, "P1", round_id=round_id)
    assert packed(app, "inspector")["rounds"][0]["points"][0]["visited_at"]
    assert packed(app, "grid_worker")["rounds"] == []


def test_a_point_brings_its_gaps_and_its_open_tasks(app: Flask, world: World):
    make_visit(world, "P1", ("G1", "G6"))
    found = next(one for one in packed(app, "inspector")["points"] if one["code"] == "P1")
    assert len(found["gaps"]) == 2
    assert {one["item_id"] for one in found["open_tasks"]} == set(found["gaps"])
    assert found["last_score"] is not None
    assert found["community"] == "三灶社区"
    make_visit(world, "P1")
    found = next(one for one in packed(app, "inspector")["points"] if one["code"] == "P1")
    assert (found["gaps"], len(found["open_tasks"])) == ([], 2)


def test_every_item_names_what_the_phone_needs(app: Flask, world: World):
    found = packed(app, "inspector")
    assert found["format"] == 1
    edition = next(one for one in found["editions"] if one["kind"] == "checklist")
    assert edition["results"][0] == ["conform", "符合"]
    categories = {one["id"] for one in found["categories"]}
    assert all(one["category_id"] in categories for one in edition["items"])
    assert {one["category_id"] for one in found["phrases"]} <= categories
    assert all(one["makes_task"] == ["fail"] for one in edition["items"])
    assert {one["code"] for one in found["site_types"]} >= {"market"}
    assert {one["properties"]["code"] for one in found["borders"]["features"]} >= {SANZAO, HAIAN}
    assert found["counts"] == {"points": 2, "shown": 2}


def test_a_unit_takes_its_tasks_along_with_their_photos(app: Flask, world: World):
    number = make_task(world, State.HANDLING)
    make_task(world, State.FILED)
    (found,) = packed(app, "clerk")["tasks"]
    assert (found["number"], found["state_name"], found["before_photos"]) == (number, "整改中", [])
    assert packed(app, "clerk_police")["tasks"] == packed(app, "inspector")["tasks"] == []


def test_a_before_photo_is_named_by_its_address(app: Flask, world: World):
    from tests.factories.steps import step
    from tracker.tasks.states import Action

    phone = phone_of(app, "inspector")
    photo = named(phone.bring(jpeg()))
    sent = phone.send(sent_report(content={"photos": [photo["uuid"]]}, photos=[photo]))
    number = sent.get_json()["receipt"]["number"]
    for action in (Action.FILE, Action.DISPATCH):
        step(world, number, action, "dispatcher")
    (found,) = packed(app, "clerk")["tasks"]
    assert found["before_photos"] == [f"/photos/{photo['uuid']}/view"]


def test_the_package_is_sent_again_only_when_it_changed(app: Flask, world: World):
    client = open_session(app, "inspector")
    first = client.get("/inspect/package")
    tag = {"If-None-Match": first.headers["ETag"]}
    same = client.get("/inspect/package", headers=tag)
    assert (same.status_code, same.data) == (304, b"")
    make_visit(world, "P1", ("G1",))
    changed = client.get("/inspect/package", headers=tag)
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]
    other = open_session(app, "grid_worker").get("/inspect/package", headers=tag)
    assert other.status_code == 200, "nobody's version is another's"


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements of a block."""
    seen: list[str] = []

    def note(_c: Any, _k: Any, statement: str, *_more: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def measure(app: Flask, actor: Actor) -> tuple[int, int]:
    """Statements and bytes of one package."""
    db.session.rollback()
    with app.test_request_context(), counted() as asked:
        size = len(package.build(db.session(), actor).body)
        return len(asked), size


def test_a_thousand_points_need_no_more_questions_than_three(both: Flask):
    world = make_world()
    for code in ("P1", "P2", "P3"):
        make_point(world, code=code)
    make_visit(world, "P1", ("G1",))
    make_task(world, State.HANDLING)
    actor = world.actor("dispatcher")
    measure(both, actor)
    few, _ = measure(both, actor)
    with unit_of_work() as work:
        kept = point_of("P1")
        work.add_all(
            InspectionPoint(
                code=f"X{n:04}", name=f"点位{n}", site_type_code=kept.site_type_code, lon=kept.lon,
                lat=kept.lat, district_code=kept.district_code, town_code=kept.town_code,
                community_code=kept.community_code, created_at=kept.created_at, updated_at=kept.updated_at,
            )
            for n in range(700)
        )  # fmt: skip
    many, size = measure(both, actor)
    assert many <= few + 2
    assert many <= 45
    assert size > 100_000


def test_no_more_points_than_a_phone_holds(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(package, "MAX_POINTS", 2)
    found = packed(app, "dispatcher")
    assert found["counts"] == {"points": 3, "shown": 2}


def test_what_was_retired_is_left_at_home(app: Flask, world: World):
    with unit_of_work() as work:
        work.get_one(InspectionPoint, point_of("P1").id).is_active = False
    assert codes(packed(app, "inspector")) == ["P3"]

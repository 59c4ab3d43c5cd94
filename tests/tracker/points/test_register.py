"""The register: points are made, changed, moved and retired by whoever manages their area."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories.points import ensure_site_types, given_point, make_point, point
from tests.factories.steps import together
from tests.factories.world import (
    GRID,
    GUANGAN,
    HAIAN,
    INSIDE,
    OUTSIDE,
    SANZAO,
    TENGSHAN,
    TOWN_A,
    World,
    make_world,
)
from tracker import clock
from tracker.access.actor import NOBODY, SYSTEM
from tracker.access.permissions import Permission
from tracker.access.policy import allows
from tracker.audit.models import AuditEntry
from tracker.errors import Conflict, Fault, Invalid, NotFound, NotPermitted
from tracker.points import operations, queries
from tracker.points.campaign import ACTIONS, PROJECTS
from tracker.points.given import PointGiven
from tracker.points.models import InspectionPoint, PointChange
from tracker.points.operations import StalePoint, put
from tracker.points.shapes import MAX_VERTICES
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work


@pytest.fixture
def world(both: Flask) -> World:
    return _world()


def _world() -> World:
    made = make_world()
    with unit_of_work() as work:
        ensure_site_types(work)
    return made


def create(world: World, who: str = "dispatcher", **changes: Any) -> str:
    return operations.create(
        given_point(**changes), actor=world.actor(who), request_uuid=str(uuid4())
    )


def edit(world: World, code: str, who: str = "dispatcher", version: int | None = None, **changes: Any) -> str:  # fmt: skip
    given = replace(PointGiven.of(point(code)), **changes)
    return operations.edit(
        code, given, actor=world.actor(who), version=version, request_uuid=str(uuid4())
    )


def put_all(world: World, rows: list[PointGiven]) -> None:
    """What an import does: its rows in one unit of work."""
    with unit_of_work() as work:
        for row in rows:
            put(work, row, actor=world.actor("dispatcher"), at=clock.now(), kind="import")


def changes_of(code: str) -> list[tuple[str, dict[str, Any]]]:
    db.session.rollback()
    rows = db.session.scalars(
        select(PointChange)
        .join(InspectionPoint, InspectionPoint.id == PointChange.point_id)
        .where(InspectionPoint.code == code)
        .order_by(PointChange.id)
    )
    return [(row.kind, row.changes) for row in rows]


def test_the_campaign_has_four_projects_and_fifteen_actions():
    assert [len(project.actions) for project in PROJECTS] == [4, 4, 4, 3]
    assert list(ACTIONS) == [str(number) for number in range(1, 16)]


def test_a_new_point_gets_a_number_and_the_areas_it_lies_in(world: World):
    first, second = create(world), create(world, community=GUANGAN)
    assert (first, second) == ("440404-00001", "440404-00002")
    found = point(first)
    assert (found.community_code, found.town_code) == (SANZAO, TOWN_A)
    assert found.cell is not None
    assert changes_of(first)[0][0] == "create"
    assert changes_of(first)[0][1]["name"] == ["", "唐人街市场"]


def test_a_point_without_a_position_lies_in_the_chosen_community(world: World):
    found = point(create(world, community=None, community_code=HAIAN))
    assert (found.community_code, found.town_code, found.lon, found.cell) == (
        HAIAN, TOWN_A, None, None,
    )  # fmt: skip


def test_the_position_decides_against_a_wrongly_chosen_community(world: World):
    assert point(create(world, community_code=HAIAN)).community_code == SANZAO


def test_a_position_in_a_grid_gives_the_grid(world: World):
    assert point(create(world, lon=113.35, lat=22.045)).grid_code == GRID


def test_a_change_is_told_field_by_field_in_words(world: World):
    code = create(world)
    edit(world, code, name="三灶市场", unit_id=world.units["sanitation"], actions=("7", "1"))
    kind, changes = changes_of(code)[-1]
    assert kind == "edit"
    assert changes["name"] == ["唐人街市场", "三灶市场"]
    assert changes["unit_id"] == ["", "区环卫中心"]
    assert changes["actions"] == ["", "环境卫生大清洁行动、农贸市场大升级行动"]
    assert point(code).actions == ["1", "7"]


def test_saving_the_same_words_again_writes_no_history(world: World):
    code = create(world)
    version = point(code).version
    edit(world, code)
    assert point(code).version == version
    assert len(changes_of(code)) == 1


def test_every_change_leaves_an_audit_entry(world: World):
    code = create(world)
    edit(world, code, name="新名")
    kinds = db.session.scalars(select(AuditEntry.kind).where(AuditEntry.object == code)).all()
    assert sorted(kinds) == ["point.create", "point.edit"]


def test_a_moved_point_changes_its_areas_and_says_so(world: World):
    code = create(world)
    lon, lat = INSIDE[TENGSHAN]
    operations.move(
        code, lon=lon, lat=lat, actor=world.actor("dispatcher"), version=None,
        request_uuid=str(uuid4()),
    )  # fmt: skip
    assert point(code).community_code == TENGSHAN
    kind, changes = changes_of(code)[-1]
    assert kind == "move"
    assert changes["community_code"] == ["三灶社区", "藤山社区"]


def test_a_retired_point_stays_and_can_come_back(world: World):
    code = create(world)
    for wanted in (False, True):
        operations.set_active(
            code, wanted, actor=world.actor("dispatcher"), version=None, request_uuid=str(uuid4())
        )
    assert [kind for kind, _ in changes_of(code)] == ["create", "deactivate", "activate"]
    assert point(code).is_active


def test_only_who_manages_the_old_and_the_new_area_may_move_a_point(world: World):
    code = create(world)
    boss = world.actor("dispatcher")
    narrow = replace(boss, grants=(replace(boss.grants[0], area_code=TOWN_A),))
    with pytest.raises(NotPermitted):
        operations.edit(
            code, given_point(GUANGAN), actor=narrow, version=None, request_uuid=str(uuid4())
        )
    far = create(world, community=GUANGAN)
    with pytest.raises(NotFound):
        operations.edit(far, given_point(), actor=narrow, version=None, request_uuid=str(uuid4()))
    with unit_of_work() as work, pytest.raises(NotPermitted):
        put(work, given_point(code=far), actor=narrow, at=clock.now())
    assert point(far).community_code == GUANGAN


@pytest.mark.parametrize("who", ["inspector", "grid_lead", "clerk", "leader", "sysadmin"])
def test_others_may_not_make_points(app: Flask, who: str):
    world = _world()
    with pytest.raises(NotPermitted):
        create(world, who)
    assert db.session.scalar(select(func.count(InspectionPoint.id))) == 0


def test_a_stale_page_does_not_overwrite_a_newer_change(world: World):
    code = create(world)
    opened = point(code).version
    edit(world, code, name="甲")
    with pytest.raises(StalePoint):
        edit(world, code, name="乙", version=opened)
    assert point(code).name == "甲"


def test_a_resent_request_makes_one_point(world: World):
    uuid = str(uuid4())
    made = {
        operations.create(given_point(), actor=world.actor("dispatcher"), request_uuid=uuid)
        for _ in range(2)
    }
    assert len(made) == 1
    with pytest.raises(Conflict):
        operations.create(
            given_point(name="另一个"), actor=world.actor("dispatcher"), request_uuid=uuid
        )


def test_a_code_is_taken_once(world: World):
    create(world, code="SZ-01")
    with pytest.raises(Invalid) as refused:
        create(world, code="SZ-01")
    assert refused.value.field == "code"
    assert (refused.value.code, "“SZ-01”" in str(refused.value)) == ("invalid", True)


def test_an_invisible_letter_does_not_make_a_taken_code_free(world: World):
    code = create(world, name="旧市场")
    for hidden in (f"{code}\u200b", f"{code}\0"):
        with pytest.raises(Invalid) as refused:
            create(world, code=hidden, name="新市场")
        assert refused.value.field == "code"
    assert point(code).name == "旧市场"


def test_ten_at_once_get_ten_numbers(both: Flask):
    world = _world()
    actor = world.actor("dispatcher")
    db.session.remove()

    def one() -> str:
        return operations.create(given_point(), actor=actor, request_uuid=str(uuid4()))

    codes = together(both, [one] * 6)
    assert sorted(codes) == [f"440404-{n:05d}" for n in range(1, 7)]


LINE = {"type": "LineString", "coordinates": [[113.35, 22.04], [113.36, 22.04], [113.36, 22.05]]}
RING = [[113.35, 22.04], [113.36, 22.04], [113.36, 22.05], [113.35, 22.04]]


def test_a_street_is_marked_half_way_along_it(world: World):
    found = point(create(world, geometry=LINE, lon=1.0, lat=1.0))
    assert (found.lon, found.lat) == (113.36, 22.04)
    assert found.geometry == LINE


def test_a_park_is_marked_inside_it(world: World):
    found = point(create(world, geometry={"type": "Polygon", "coordinates": [RING]}))
    assert found.community_code == SANZAO
    assert found.lon is not None
    assert 113.35 < found.lon < 113.36


NAN, INF = float("nan"), float("inf")
BROKEN: dict[str, Any] = {
    "a word": "LineString",
    "a list": [[113.35, 22.04]],
    "a point": {"type": "Point", "coordinates": [113.35, 22.04]},
    "no coordinates": {"type": "LineString"},
    "one vertex": {"type": "LineString", "coordinates": [[113.35, 22.04]]},
    "no length": {"type": "LineString", "coordinates": [[113.35, 22.04]] * 3},
    "not a number": {"type": "LineString", "coordinates": [[NAN, 22.0], [113.3, 22.1]]},
    "endless": {"type": "LineString", "coordinates": [[INF, 22.0], [113.3, 22.1]]},
    "words in it": {"type": "LineString", "coordinates": [["113", "22"], [113.3, 22.1]]},
    "too deep": {"type": "LineString", "coordinates": [[[113.3, 22.0]], [[113.3, 22.1]]]},
    "turned round": {"type": "LineString", "coordinates": [[22.0, 113.3], [22.1, 113.3]]},
    "huge number": {"type": "LineString", "coordinates": [[10**400, 22.0], [113.3, 22.1]]},
    "bow tie": {
        "type": "Polygon",
        "coordinates": [[[113.3, 22], [113.4, 22.1], [113.4, 22], [113.3, 22.1], [113.3, 22]]],
    },
    "open ring": {"type": "Polygon", "coordinates": [[[113.3, 22.0], [113.4, 22.1]]]},
    "a type that is a list": {"type": ["Polygon"], "coordinates": [RING]},
    "too many": {"type": "LineString", "coordinates": [[113.3, 22.0]] * (MAX_VERTICES + 1)},
    "a collection": {"type": "GeometryCollection", "geometries": [LINE]},
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_broken_shape_is_refused_and_nothing_is_kept(app: Flask, name: str):
    world = _world()
    with pytest.raises(Invalid) as refused:
        create(world, geometry=BROKEN[name])
    assert refused.value.field == "geometry"
    assert db.session.scalar(select(func.count(InspectionPoint.id))) == 0


WRONG: dict[str, dict[str, Any]] = {
    "name": {"name": " \x00 "},
    "code": {"code": "a/b"},
    "community_code": {"community": None},
    "site_type_code": {"site_type_code": "nothing\0"},
    "unit_id": {"unit_id": 2**40},
    "actions": {"actions": ("16",)},
    "cycle_days": {"cycle_days": 0},
    "person": {"person": "张三 138-0013-8000"},
    "coords": {"lon": NAN, "lat": 22.0},
    "address": {"address": "长" * 257},
}


@pytest.mark.parametrize("field", sorted(WRONG))
def test_a_wrong_value_names_its_field(app: Flask, field: str):
    world = _world()
    with pytest.raises(Invalid) as refused:
        create(world, **WRONG[field])
    assert refused.value.field == field


@pytest.mark.parametrize("code", ["new", "Import", "../x", "-1", "x y", "x" * 33, "<b>"])
def test_a_code_that_could_not_be_opened_is_refused(app: Flask, code: str):
    with pytest.raises(Invalid):
        create(_world(), code=code)


def test_a_place_outside_every_area_is_refused_in_words(app: Flask):
    world = _world()
    with pytest.raises(Fault) as refused:
        create(world, lon=OUTSIDE[0], lat=OUTSIDE[1])
    assert "区域" in str(refused.value)


def test_a_chosen_community_takes_a_place_that_lies_on_no_map(app: Flask):
    world = _world()
    found = point(create(world, lon=OUTSIDE[0], lat=OUTSIDE[1], community_code=SANZAO))
    assert found.community_code == SANZAO


def test_a_failed_row_of_a_batch_leaves_nothing_when_the_batch_is_given_up(world: World):
    rows = [given_point(), given_point(name="")]
    with pytest.raises(Invalid):
        put_all(world, rows)
    assert db.session.scalar(select(func.count(InspectionPoint.id))) == 0


def test_putting_a_row_twice_says_unchanged(world: World):
    actor = world.actor("dispatcher")
    row = given_point(code="A-1", geometry=LINE)
    outcomes = []
    for given in (row, row, replace(row, name="改名")):
        with unit_of_work() as work:
            outcomes.append(put(work, given, actor=actor, at=clock.now(), kind="import")[1])
    assert outcomes == ["created", "unchanged", "changed"]
    assert [kind for kind, _ in changes_of("A-1")] == ["import", "import"]


def test_for_every_person_the_list_of_points_is_what_the_policy_allows(both: Flask):
    world = make_world()
    for community in (SANZAO, HAIAN, GUANGAN, TENGSHAN):
        make_point(world, community)
    make_point(world, TENGSHAN, unit_id=world.units["police"])
    make_point(world, GUANGAN, unit_id=world.units["guangan"], is_active=False)
    db.session.rollback()
    every = db.session.scalars(select(InspectionPoint).order_by(InspectionPoint.id)).all()
    actors = {name: world.actor(name) for name in world.users}
    actors |= {"nobody": NOBODY, "the system": SYSTEM}
    for name, actor in actors.items():
        listed = set(db.session.scalars(queries.visible_points(actor)))
        allowed = {row for row in every if allows(actor, Permission.POINT_VIEW, row)}
        assert listed == allowed, name
    assert len(set(db.session.scalars(queries.visible_points(actors["clerk_police"])))) == 1


def test_a_foreign_point_is_as_unknown_as_one_that_never_was(both: Flask):
    world = make_world()
    code = make_point(world, GUANGAN)
    faults = []
    for wanted in (code, "NONE-1"):
        with pytest.raises(NotFound) as caught:
            queries.find(db.session(), wanted, world.actor("inspector"))
        faults.append((caught.value.status, str(caught.value)))
    assert faults[0] == faults[1]
    assert queries.find(db.session(), code, world.actor("inspector_b")).code == code

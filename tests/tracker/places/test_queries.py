"""Finding areas: by parent, with boundaries, inside a jurisdiction."""

import pytest
from sqlalchemy import select

from tests.factories.world import (
    DISTRICT,
    GRID,
    GUANGAN,
    HAIAN,
    SANZAO,
    TENGSHAN,
    TOWN_A,
    TOWN_B,
    make_world,
)
from tracker.access.actor import NOBODY, SYSTEM, Actor, Grant
from tracker.access.roles import Role
from tracker.clock import now
from tracker.errors import NotFound
from tracker.places import queries
from tracker.places.models import Area
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work

EVERYTHING = [DISTRICT, TOWN_A, SANZAO, GRID, HAIAN, TOWN_B, GUANGAN, TENGSHAN]


def visible(actor):
    return db.session.scalars(queries.areas_visible_to(actor)).all()


def codes(areas):
    return [area.code for area in areas]


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("inspector", [TOWN_A, SANZAO, GRID, HAIAN]),
        ("grid_lead", [SANZAO, GRID]),
        ("leader_b", [TOWN_B, GUANGAN, TENGSHAN]),
        ("clerk", sorted(EVERYTHING)),
        ("worker", []),
        ("sysadmin", []),
    ],
)
def test_a_person_sees_the_areas_below_their_grants_and_around_their_unit(both, who, expected):
    world = make_world()
    assert codes(visible(world.actor(who))) == sorted(expected)


def test_nobody_sees_no_area_and_a_grant_without_area_sees_all(both):
    make_world()
    everywhere = Actor(user_id=1, grants=(Grant(Role.LEADER),))
    assert visible(NOBODY) == []
    assert codes(visible(everywhere)) == codes(visible(SYSTEM)) == sorted(EVERYTHING)


def test_children_are_those_in_force_directly_below_in_code_order(both):
    make_world()
    assert codes(queries.children(db.session, None)) == [DISTRICT]
    assert codes(queries.children(db.session, TOWN_A)) == [SANZAO, HAIAN]
    with unit_of_work() as work:
        work.get_one(Area, HAIAN).valid_to = now()
    assert codes(queries.children(db.session, TOWN_A)) == [SANZAO]
    assert queries.child_counts(db.session, [TOWN_A, TOWN_B, GRID]) == {TOWN_A: 1, TOWN_B: 2}


def test_a_boundary_is_found_by_version_and_none_is_none(both):
    make_world()
    border = queries.boundary_of(db.session, SANZAO)
    assert (border.code, border.level, border.version) == (SANZAO, "community", 1)
    assert border.as_feature()["properties"]["code"] == SANZAO
    assert queries.boundary_of(db.session, SANZAO, version=2) is None
    assert queries.boundary_of(db.session, "440499") is None


def test_children_with_boundaries_can_be_simplified_in_metres(both):
    import shapely
    from shapely.geometry import mapping, shape

    make_world()
    with unit_of_work() as work:
        boundary = work.scalars(
            select(queries.AreaBoundary).where(queries.AreaBoundary.area_code == SANZAO)
        ).one()
        boundary.geometry = mapping(shapely.Point(113.355, 22.045).buffer(0.01, quad_segs=64))
    exact = queries.children_with_boundaries(db.session, TOWN_A)
    coarse = queries.children_with_boundaries(db.session, TOWN_A, simplify_m=100)
    assert (
        [border.code for border in coarse] == [border.code for border in exact] == [SANZAO, HAIAN]
    )
    round_, plain = shape(exact[0].geometry), shape(coarse[0].geometry)
    assert plain.is_valid
    assert shapely.get_num_coordinates(plain) < shapely.get_num_coordinates(round_) / 4
    assert shapely.hausdorff_distance(plain, round_) < 100 / 100_000


def test_an_unknown_area_is_not_found(both):
    with pytest.raises(NotFound):
        queries.find_area(db.session, "440499")


def test_the_ancestors_of_a_grid_start_with_the_district(both):
    make_world()
    grid = queries.find_area(db.session, GRID)
    assert codes(queries.ancestors(db.session, grid)) == [DISTRICT, TOWN_A, SANZAO]

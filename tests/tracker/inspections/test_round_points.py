"""The points of a round: they come and go until the list is frozen, are shared out and put in order."""

from datetime import timedelta

import pytest

from tests.factories.client import open_session
from tests.factories.points import make_point, point
from tests.factories.rounds import (
    codes_of,
    make_round,
    note_visits,
    points_of,
    round_,
    step,
)
from tests.factories.world import (
    GUANGAN,
    HAIAN,
    SANZAO,
    TENGSHAN,
    TOWN_A,
    make_world,
)
from tracker import clock
from tracker.errors import Conflict, Invalid
from tracker.inspections import (
    round_people,
    round_points,
    rounds,
)
from tracker.inspections.round_models import RoundKind
from tracker.inspections.route_order import length_m
from tracker.storage.db import db


@pytest.fixture
def world(app):
    return make_world()


@pytest.fixture
def on_both(both):
    return make_world()


def five_points(world) -> list[str]:
    return [
        make_point(world, SANZAO, name="三灶市场", unit_id=world.units["sanitation"]),
        make_point(world, SANZAO, name="三灶路", site_type_code="main_road"),
        make_point(world, HAIAN, name="金海岸市场"),
        make_point(world, GUANGAN, name="广安市场"),
        make_point(world, TENGSHAN, name="藤山市场", unit_id=world.units["sanitation"]),
    ]


def test_points_come_and_go_but_not_visited_ones(on_both):
    world = on_both
    codes = five_points(world)
    made = make_round(world, area_code=TOWN_A, opened=True)
    ids = {code: point(code).id for code in codes}
    add = lambda w, r: round_points.add(w, r, [codes[0]], actor=world.actor("dispatcher"))  # noqa: E731
    assert step(world, made, "add", add) == 0, "it is in it already"
    with pytest.raises(Invalid, match=codes[3]):
        step(
            world,
            made,
            "add",
            lambda w, r: round_points.add(w, r, [codes[3]], actor=world.actor("dispatcher")),
        )
    note_visits(world, [codes[0]], round_id=made)
    with pytest.raises(Conflict):
        step(
            world,
            made,
            "remove",
            lambda w, r: round_points.remove(w, r, [ids[codes[0]], ids[codes[1]]]),
        )
    assert step(world, made, "remove", lambda w, r: round_points.remove(w, r, [ids[codes[1]]])) == 1
    assert sorted(codes_of(made)) == [codes[0], codes[2]]
    assert [row.position for row in points_of(made)] == [1, 2]


def test_a_frozen_list_neither_grows_nor_shrinks_and_says_why(world):
    codes = five_points(world)
    review = clock.today() + timedelta(days=9)
    made = make_round(world, kind=RoundKind.REVIEW, review_on=review, area_code=TOWN_A)
    step(world, made, "freeze", lambda w, r: rounds.freeze(w, r, now=clock.now()))
    for change in (
        lambda w, r: round_points.add(w, r, [codes[0]], actor=world.actor("dispatcher")),
        lambda w, r: round_points.remove(w, r, [point(codes[0]).id]),
        lambda w, r: round_points.redraw(
            w, r, "x", actor=world.actor("dispatcher"), now=clock.now()
        ),
    ):
        with pytest.raises(Conflict) as refused:
            step(world, made, "try", change)
        assert refused.value.code == "frozen"
        assert "冻结" in str(refused.value)
    step(world, made, "open", lambda w, r: rounds.open_round(w, r, now=clock.now()))
    plain = make_round(world)
    with pytest.raises(Conflict):
        step(world, plain, "freeze", lambda w, r: rounds.freeze(w, r, now=clock.now()))


def test_communities_are_shared_out_evenly_and_points_given_by_hand(on_both):
    world = on_both
    codes = five_points(world)
    inspectors = (world.users["inspector"], world.users["inspector_b"])
    made = make_round(world, inspector_ids=inspectors)
    step(world, made, "split", lambda w, r: round_points.split_by_community(w, r))
    by_community: dict[str, set[int]] = {}
    for row in points_of(made):
        by_community.setdefault(row.point.community_code, set()).add(row.inspector_id)
    assert all(len(given) == 1 for given in by_community.values())
    assert {who for given in by_community.values() for who in given} == set(inspectors)
    with pytest.raises(Invalid):
        step(
            world,
            made,
            "give",
            lambda w, r: round_points.give(w, r, [point(codes[0]).id], world.users["clerk"]),
        )
    step(
        world,
        made,
        "give",
        lambda w, r: round_points.give(w, r, [point(codes[0]).id], inspectors[1]),
    )
    step(
        world,
        made,
        "inspectors",
        lambda w, r: round_people.set_inspectors(
            w, r, inspectors[:1], actor=world.actor("dispatcher")
        ),
    )
    assert {row.inspector_id for row in points_of(made)} <= {inspectors[0], None}


def walked(codes) -> float:
    return length_m([(point(code).lon, point(code).lat) for code in codes])


def test_each_inspector_gets_a_walk_of_their_own(app, world):
    five_points(world)
    made = make_round(world, inspector_ids=(world.users["inspector"], world.users["verifier"]))
    step(world, made, "split", round_points.split_by_community)
    client = open_session(app, "dispatcher")
    client.post_form(f"/rounds/{made}/order")
    given = [row.inspector_id for row in points_of(made)]
    assert given == sorted(given)
    assert len(set(given)) == 2


def test_the_order_can_be_changed_point_by_point_and_put_back_along_the_route(world):
    codes = five_points(world)
    made = make_round(world)
    along = codes_of(made)
    last = point(along[-1]).id
    step(world, made, "move", lambda w, r: round_points.move(w, r, last, 1))
    assert codes_of(made) == [along[-1], *along[:-1]]
    assert walked(codes_of(made)) > walked(along)
    short = round_points.shortest_order(db.session(), round_(made))
    step(world, made, "order", lambda w, r: round_points.put_in_order(w, r, short))
    assert walked(codes_of(made)) <= walked(along)
    assert sorted(along) == sorted(codes_of(made)) == codes

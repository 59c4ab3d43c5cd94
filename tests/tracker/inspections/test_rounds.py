"""A round is planned within one's own area, filled, opened, followed, frozen and closed, each once."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from tests.factories.points import make_point, point
from tests.factories.rounds import (
    codes_of,
    given_round,
    make_round,
    note_visits,
    points_of,
    round_,
    step,
)
from tests.factories.world import (
    DISTRICT,
    GUANGAN,
    HAIAN,
    SANZAO,
    TENGSHAN,
    TOWN_A,
    TOWN_B,
    make_world,
)
from tracker import clock
from tracker.access.permissions import Permission
from tracker.access.policy import allows
from tracker.audit.models import AuditEntry
from tracker.errors import Conflict, Fault, Invalid, NotFound, NotPermitted
from tracker.inspections import (
    liaisons,
    round_people,
    round_points,
    round_queries,
    round_requests,
    rounds,
)
from tracker.inspections.drawing import DrawOptions
from tracker.inspections.round_models import Draw, Round, RoundKind
from tracker.inspections.round_queries import RoundFilter
from tracker.people.models import User
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work


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


def test_a_round_holds_the_points_of_its_area_that_are_in_use(on_both):
    world = on_both
    codes = five_points(world)
    make_point(world, SANZAO, name="旧市场", is_active=False)
    assert sorted(codes_of(make_round(world))) == codes
    assert sorted(codes_of(make_round(world, area_code=TOWN_A))) == codes[:3]
    made = round_(make_round(world, area_code=SANZAO))
    assert (made.district_code, made.town_code, made.community_code) == (DISTRICT, TOWN_A, SANZAO)
    assert made.name == "2026年11月区迎检办督导检查（三灶社区）"


def test_a_draw_can_be_repeated_from_what_the_round_keeps(world):
    for number in range(12):
        make_point(world, SANZAO, name=f"点位{number}")
    options = DrawOptions(size=4)
    first = codes_of(make_round(world, draw=Draw.RANDOM, options=options, seed="a"))
    kept = round_(make_round(world, draw=Draw.RANDOM, options=options, seed="a"))
    assert len(first) == 4
    assert codes_of(kept.id) == first
    with unit_of_work() as work:
        again = round_points.drawn(
            work, work.get_one(Round, kept.id), actor=world.actor("dispatcher"), now=clock.now()
        )
    assert [one.candidate.code for one in again] == first


def test_a_self_inspection_holds_the_units_own_points_only(world):
    codes = five_points(world)
    own = {
        "kind": RoundKind.SELF,
        "unit_id": world.units["sanitation"],
        "inspector_ids": (world.users["clerk"],),
    }
    by_office = make_round(world, **own)
    by_head = make_round(world, who="head", **own)
    assert sorted(codes_of(by_office)) == sorted(codes_of(by_head)) == [codes[0], codes[4]]


def test_a_units_head_plans_no_other_kind_no_other_unit_and_adds_no_foreign_point(world):
    codes = five_points(world)
    head = {"kind": RoundKind.SELF, "unit_id": world.units["sanitation"], "inspector_ids": ()}
    with pytest.raises(NotPermitted):
        make_round(world, who="head", kind=RoundKind.OFFICE)
    with pytest.raises(NotPermitted):
        make_round(world, who="head", **{**head, "unit_id": world.units["police"]})
    with pytest.raises(NotPermitted):
        make_round(world, who="head", **{**head, "kind": RoundKind.LIAISON})
    made = make_round(world, who="head", **head)
    for foreign, refusal in ((codes[2], NotFound), ("no-such", NotFound)):
        with pytest.raises(refusal):
            step(
                world,
                made,
                "add",
                lambda w, r, c=foreign: round_points.add(w, r, [c], actor=world.actor("head")),
                who="head",
            )
    assert len(codes_of(made)) == 2
    with pytest.raises(Invalid) as refused:
        make_round(world, who="head", **{**head, "inspector_ids": (world.users["inspector"],)})
    assert refused.value.field == "inspectors"


def test_a_head_manages_no_liaison_round_of_the_own_unit(world):
    five_points(world)
    liaisons.add(
        world.units["sanitation"],
        SANZAO,
        person="",
        since=clock.today(),
        actor=world.actor("dispatcher"),
        request_uuid=str(uuid4()),
    )
    made = make_round(
        world, kind=RoundKind.LIAISON, unit_id=world.units["sanitation"], inspector_ids=()
    )
    assert round_queries.find(db.session(), made, world.actor("head")).id == made
    with pytest.raises(NotPermitted):
        step(
            world, made, "close", lambda w, r: rounds.close_round(w, r, now=clock.now()), who="head"
        )


def test_a_liaison_round_takes_the_communities_the_unit_looks_after_today(on_both):
    world = on_both
    codes = five_points(world)
    unit = world.units["police"]
    actor = world.actor("dispatcher")
    for community in (HAIAN, GUANGAN):
        row = liaisons.add(
            unit,
            community,
            person="李四",
            since=clock.today(),
            actor=actor,
            request_uuid=str(uuid4()),
        )
    made = make_round(world, kind=RoundKind.LIAISON, unit_id=unit, inspector_ids=())
    assert sorted(codes_of(made)) == [codes[2], codes[3]]
    assert round_people.proposed(db.session(), "liaison", unit, actor) == [
        world.users["clerk_police"]
    ]
    db.session.rollback()
    assert row


def test_nobody_plans_outside_the_own_area(world):
    five_points(world)
    with unit_of_work() as work:
        grant = work.get_one(User, world.users["dispatcher_2"]).grants[0]
        grant.area_code = TOWN_A
    make_round(world, who="dispatcher_2", area_code=TOWN_A)
    for area in (TOWN_B, DISTRICT):
        with pytest.raises(NotPermitted):
            make_round(world, who="dispatcher_2", area_code=area)
    with pytest.raises(NotPermitted):
        make_round(world, who="inspector", area_code=TOWN_A)
    foreign = make_round(world, area_code=TOWN_B)
    for who in ("dispatcher_2", "clerk", "grid_lead"):
        with pytest.raises(NotFound):
            step(
                world,
                foreign,
                "close",
                lambda w, r: rounds.close_round(w, r, now=clock.now()),
                who=who,
            )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"month": "2026-13"}, "month"),
        ({"month": "11月"}, "month"),
        ({"due_on": clock.today() - timedelta(days=1)}, "due_on"),
        ({"due_on": clock.today() + timedelta(days=999)}, "due_on"),
        ({"kind": RoundKind.REVIEW}, "review_on"),
        ({"kind": RoundKind.REVIEW, "review_on": clock.today()}, "due_on"),
        ({"kind": RoundKind.SELF}, "unit_id"),
        ({"kind": RoundKind.SELF, "unit_id": 99999}, "unit_id"),
        ({"area_code": "999999"}, "area_code"),
        ({"name": "长" * 101}, "name"),
        ({"draw": Draw.RANDOM, "options": DrawOptions(share=0)}, "share"),
        ({"options": DrawOptions(site_types=("school",))}, "draw"),
        ({"inspector_ids": (99999,)}, "inspectors"),
    ],
)
def test_what_cannot_be_planned_names_its_field_and_leaves_nothing(app, changes, field):
    world = make_world()
    make_point(world)
    with pytest.raises(Invalid) as refused:
        make_round(world, **changes)
    assert refused.value.field == field
    assert db.session.scalar(select(func.count()).select_from(Round)) == 0


def test_administrators_and_closed_accounts_are_no_inspectors(world):
    make_point(world)
    with unit_of_work() as work:
        work.get_one(User, world.users["verifier"]).is_active = False
    for who in ("sysadmin", "auditor", "verifier"):
        with pytest.raises(Invalid) as refused:
            make_round(world, inspector_ids=(world.users["inspector"], world.users[who]))
        assert who in str(refused.value)


def test_a_unit_head_learns_no_foreign_names_by_trying_numbers(world):
    make_point(world, unit_id=world.units["sanitation"])
    foreign = world.users["sysadmin"]
    with pytest.raises(Invalid) as refused:
        make_round(
            world, who="head", kind=RoundKind.SELF, unit_id=world.units["sanitation"], inspector_ids=(foreign,)
        )  # fmt: skip
    assert refused.value.field == "inspectors"
    assert refused.value.facts["names"] == str(foreign)


def test_a_round_opens_with_points_and_people_and_closes_once(world):
    code = make_point(world)
    empty = make_round(world, draw=Draw.BY_HAND)
    with pytest.raises(Invalid) as refused:
        step(world, empty, "open", lambda w, r: rounds.open_round(w, r, now=clock.now()))
    assert refused.value.field == "codes"
    nobody = make_round(world, inspector_ids=())
    with pytest.raises(Invalid) as refused:
        step(world, nobody, "open", lambda w, r: rounds.open_round(w, r, now=clock.now()))
    assert refused.value.field == "inspectors"
    made = make_round(world, opened=True)
    assert round_(made).state == "open"
    with pytest.raises(Conflict):
        step(
            world,
            made,
            "redraw",
            lambda w, r: round_points.redraw(
                w, r, "x", actor=world.actor("dispatcher"), now=clock.now()
            ),
        )
    step(world, made, "close", lambda w, r: rounds.close_round(w, r, now=clock.now()))
    assert round_(made).closed_at is not None
    for change in (
        lambda w, r: rounds.close_round(w, r, now=clock.now()),
        lambda w, r: round_points.add(w, r, [code], actor=world.actor("dispatcher")),
        lambda w, r: round_points.split_by_community(w, r),
    ):
        with pytest.raises(Conflict):
            step(world, made, "again", change)


def test_an_inspector_whose_account_was_closed_keeps_a_round_from_opening(world):
    make_point(world)
    made = make_round(world)
    with unit_of_work() as work:
        work.get_one(User, world.users["inspector"]).is_active = False
    with pytest.raises(Invalid, match="inspector"):
        step(world, made, "open", lambda w, r: rounds.open_round(w, r, now=clock.now()))


def test_a_stale_page_is_told_and_a_double_post_is_answered_once(on_both):
    world = on_both
    make_point(world)
    uuid, given = str(uuid4()), given_round(world)
    actor = world.actor("dispatcher")
    first = round_requests.plan(given, actor=actor, request_uuid=uuid)
    assert round_requests.plan(given, actor=actor, request_uuid=uuid) == first
    with pytest.raises(Conflict):
        round_requests.plan(given_round(world, note="别的"), actor=actor, request_uuid=uuid)
    seen = round_(first).version
    once = str(uuid4())
    split = lambda w, r: round_points.split_by_community(w, r)  # noqa: E731
    step(world, first, "split", split, version=seen, request_uuid=once)
    step(world, first, "split", split, version=seen, request_uuid=once)
    with pytest.raises(Conflict) as refused:
        step(world, first, "split", split, version=seen)
    assert refused.value.code == "stale"
    assert round_(first).version == seen + 1
    kinds = db.session.scalars(
        select(AuditEntry.kind).where(AuditEntry.kind.startswith("round."))
    ).all()
    assert sorted(kinds) == ["round.plan", "round.split"]


def test_a_visit_counts_once_and_only_while_the_round_is_open(on_both):
    world = on_both
    codes = five_points(world)
    made = make_round(world, area_code=TOWN_A)
    ids = [point(code).id for code in codes]
    now = clock.now()

    def mark(point_id, at):
        with unit_of_work() as work:
            return rounds.mark_visited(work, made, point_id, at)

    assert not mark(ids[0], now), "the round has not begun"
    step(world, made, "open", lambda w, r: rounds.open_round(w, r, now=now))
    assert mark(ids[0], now)
    assert mark(ids[0], now + timedelta(hours=1))
    assert not mark(ids[3], now), "not a point of this round"
    step(world, made, "close", lambda w, r: rounds.close_round(w, r, now=now + timedelta(hours=2)))
    assert mark(ids[1], now + timedelta(hours=1)), "finished before the end, sent after it"
    assert not mark(ids[2], now + timedelta(hours=3))
    visited = {row.point_id: row.visited_at for row in points_of(made) if row.visited_at}
    assert visited == {ids[0]: now, ids[1]: now + timedelta(hours=1)}


def test_the_visible_query_is_the_policy(on_both):
    world = on_both
    five_points(world)
    made = [
        make_round(world),
        make_round(world, area_code=TOWN_A),
        make_round(world, area_code=GUANGAN, inspector_ids=(world.users["clerk_police"],)),
        make_round(world, kind=RoundKind.SELF, unit_id=world.units["sanitation"], inspector_ids=()),
    ]
    for who in world.users:
        actor = world.actor(who)
        seen = set(
            db.session.scalars(round_queries.visible_rounds(actor).with_only_columns(Round.id))
        )
        assert seen == {i for i in made if allows(actor, Permission.ROUND_VIEW, round_(i))}, who


def test_the_list_shows_progress_narrows_and_pages(on_both):
    world = on_both
    codes = five_points(world)
    made = make_round(world, opened=True)
    note_visits(world, codes[:2], round_id=made)
    actor = world.actor("dispatcher")
    page = round_queries.page(db.session(), actor, RoundFilter(state="open"))
    assert [(row.id, part.visited, part.all) for row, part in page.rows] == [(made, 2, 5)]
    assert round_queries.page(db.session(), actor, RoundFilter(month="2020-01")).rows == []
    for _ in range(25):
        make_round(world)
    first = round_queries.page(db.session(), actor, RoundFilter())
    second = round_queries.page(db.session(), actor, RoundFilter(), first.next_key)
    assert (len(first.rows), len(second.rows), first.total) == (25, 1, 26)
    assert second.rows[0][0].id == made
    with pytest.raises(Fault):
        round_queries.page(db.session(), actor, RoundFilter(), "no key")

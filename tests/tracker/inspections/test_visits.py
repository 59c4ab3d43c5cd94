"""A visit is recorded whole: answers, score, tasks, the point's newest result; or not at all."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories.points import make_point, point
from tests.factories.steps import task_in
from tests.factories.visits import given_visit, items_at, make_visit, recorded
from tests.factories.world import GUANGAN, HAIAN, SANZAO, World, make_task, make_world, task
from tracker import clock
from tracker.access.actor import NOBODY, SYSTEM
from tracker.access.permissions import Permission
from tracker.access.policy import allows
from tracker.errors import Invalid, NotFound, NotPermitted
from tracker.inspections import queries, subjects
from tracker.inspections.models import Answer, Visit
from tracker.inspections.round_models import Round, RoundInspector, RoundPoint
from tracker.inspections.visit_checklist import AnswerGiven
from tracker.inspections.visit_joining import NearTasks
from tracker.inspections.visits import ROUND_ENDED, Position
from tracker.points.checklist_models import CheckItem
from tracker.points.models import InspectionPoint
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.models import Task
from tracker.tasks.states import State
from tracker.tasks.verifying import Verified, verify


@pytest.fixture
def world(app: Flask) -> World:
    made = make_world()
    make_point(made, code="P1")
    return made


@pytest.fixture
def either(both: Flask) -> World:
    made = make_world()
    make_point(made, code="P1")
    return made


def visit(visit_id: int) -> Visit:
    db.session.rollback()
    return db.session.get_one(Visit, visit_id)


def answer_of(visit_id: int, code: str) -> Answer:
    return next(one for one in visit(visit_id).answers if one.item_id == item_id(code))


def test_a_visit_keeps_every_answer_its_edition_and_its_score(world: World):
    kept = visit(make_visit(world, "P1", ("G1", "G6"), note="雨天"))
    count = len(items_at("P1"))
    assert len(kept.answers) == count
    assert (kept.fail_count, kept.conform_count) == (2, count - 2)
    assert kept.score is not None
    assert 0 < kept.score < 100
    assert "sample-2026" in kept.editions
    assert (kept.inspector_name, kept.note, kept.kind) == ("inspector", "雨天", "office")
    assert (kept.community_code, kept.district_code) == (SANZAO, "440404")


def test_a_failure_becomes_a_task_that_names_its_point_and_its_item(either: World):
    world = either
    visit_id = make_visit(world, "P1", ("G6",))
    failed = answer_of(visit_id, "G6")
    made = db.session.get_one(Task, failed.task_id)
    assert (made.state, made.source, made.reporter_id) == (
        "reported",
        "inspection",
        world.users["inspector"],
    )
    assert (made.point_id, made.check_item_id) == (point("P1").id, failed.item_id)
    assert (made.lon, made.lat, made.pos_method) == (113.355, 22.045, "point")
    assert made.category_id == failed.item.category_id
    assert made.description.startswith(failed.item.text)
    assert made.found_at == visit(visit_id).at
    seen = Verified()
    assert list(verify(db.session(), seen)) == []


def test_a_point_shows_its_newest_visit_and_keeps_its_version(either: World):
    world = either
    version = point("P1").version
    newest = clock.now() - timedelta(hours=1)
    make_visit(world, "P1", ("G1",), at=newest)
    score = point("P1").last_score
    make_visit(world, "P1", (), at=newest - timedelta(days=3))
    assert (point("P1").last_visit_at, point("P1").last_score) == (newest, score)
    assert point("P1").version == version


def test_a_clock_that_is_ahead_is_set_to_the_time_of_receipt(world: World):
    ahead = clock.now() + timedelta(days=400)
    kept = visit(make_visit(world, "P1", at=ahead))
    assert kept.at == kept.received_at or kept.at < kept.received_at
    assert kept.received_at <= clock.now()


def test_a_visit_older_than_sixty_days_is_refused_in_words(world: World):
    with pytest.raises(Invalid, match="60"):
        recorded(world, given_visit("P1", at=clock.now() - timedelta(days=61)))


def wrong(change: str) -> tuple[AnswerGiven, ...]:
    answers = given_visit("P1").answers
    first = answers[0]
    return {
        "left out": answers[1:],
        "twice": (*answers, first),
        "no such result": (replace(first, result="grand"), *answers[1:]),
        "another edition's": (replace(first, item_id=999_999), *answers[1:]),
        "none": (),
    }[change]


@pytest.mark.parametrize(
    "change", ["left out", "twice", "no such result", "another edition's", "none"]
)
def test_every_item_is_answered_once_with_a_result_of_its_edition(app: Flask, change: str):
    world = make_world()
    make_point(world, code="P1")
    with pytest.raises(Invalid) as refused:
        recorded(world, given_visit("P1", answers=wrong(change)))
    assert str(refused.value.field).startswith("answers")
    assert db.session.scalar(select(func.count()).select_from(Visit)) == 0
    assert db.session.scalar(select(func.count()).select_from(Task)) == 0


def test_the_same_item_failing_again_joins_the_open_task(either: World):
    world = either
    first = answer_of(make_visit(world, "P1", ("G6",)), "G6").task_id
    again = recorded(world, given_visit("P1", ("G6",), near={}))
    assert [one.joined for one in again.tasks] == [True]
    assert answer_of(again.visit.id, "G6").task_id == first
    assert db.session.get_one(Task, first).event_count == 2
    assert db.session.scalar(select(func.count()).select_from(Task)) == 1


def test_a_closed_task_is_not_joined(world: World):
    first = recorded(world, given_visit("P1", ("G6",), near={}))
    with unit_of_work() as work:
        work.get_one(Task, answer_of(first.visit.id, "G6").task_id).state = "closed"
    again = recorded(world, given_visit("P1", ("G6",), near={}))
    assert [one.joined for one in again.tasks] == [False]


def item_id(code: str) -> int:
    return next(key for key, name in items_at("P1") if name == code)


def g6_category() -> int:
    return db.session.get_one(CheckItem, item_id("G6")).category_id or 0


def test_open_tasks_near_by_are_asked_about_and_nothing_is_stored_until_then(either: World):
    world = either
    number = make_task(world, category_id=g6_category())
    given = given_visit("P1", ("G6", "G1"), near={})
    with pytest.raises(NearTasks) as asked:
        recorded(world, given)
    key = str(item_id("G6"))
    assert [(one.key, one.task.number) for one in asked.value.found] == [(key, number)]
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Visit)) == 0
    joined = recorded(world, replace(given, near={key: number}))
    assert {one.number for one in joined.tasks if one.joined} == {number}
    assert task(number).event_count == 2


def test_a_failure_may_be_a_new_task_although_another_is_near(world: World):
    number = make_task(world, category_id=g6_category())
    made = recorded(world, given_visit("P1", ("G6",)))
    assert [one.joined for one in made.tasks] == [False]
    assert made.tasks[0].number != number


def test_a_foreign_number_cannot_be_joined(world: World):
    foreign = make_task(world, community=GUANGAN, reporter="inspector_b", category_id=g6_category())
    key = str(item_id("G6"))
    with pytest.raises(Invalid):
        recorded(world, given_visit("P1", ("G6",), near={key: foreign}))


def test_two_failures_of_one_visit_are_two_tasks_whatever_their_categories(world: World):
    every = [code for _, code in items_at("P1")]
    made = recorded(world, given_visit("P1", every, near={}))
    numbers = [one.number for one in made.tasks]
    assert len(set(numbers)) == len(every)
    assert None not in numbers
    assert made.visit.score == 0


def test_who_may_not_inspect_a_point_learns_nothing_of_it(world: World):
    make_point(world, GUANGAN, code="P2")
    with pytest.raises(NotFound) as foreign:
        recorded(world, given_visit("P2"))
    with pytest.raises(NotFound) as unknown:
        recorded(world, given_visit("P1", point_id=999_999))
    assert foreign.value.message == unknown.value.message
    with pytest.raises(NotPermitted):
        recorded(world, given_visit("P1"), inspector="leader")


def test_a_line_takes_the_position_of_who_stood_on_it(app: Flask):
    world = make_world()
    line = {"type": "LineString", "coordinates": [[113.35, 22.045], [113.36, 22.045]]}
    make_point(world, code="R1", geometry=line)
    near, far = Position(113.352, 22.0455, 8), Position(113.352, 22.05, 8)
    for position, method in ((near, "gps"), (far, "point")):
        visit_id = make_visit(world, "R1", ("G6",), position=position)
        made = db.session.scalars(select(Task).order_by(Task.id.desc())).first()
        assert made is not None
        assert made.pos_method == method
        assert (made.lon == position.lon) is (method == "gps")
        assert visit(visit_id).lon == position.lon


def make_round(world: World, code: str, *inspectors: str, state: str = "open") -> int:
    with unit_of_work() as work:
        row = Round(
            uuid=str(uuid4()), name="十一月督查", kind="covert", month="2026-11", area_code="440404",
            district_code="440404", draw="all", state=state, due_on=clock.today(),
            created_at=clock.now(), closed_at=clock.now() - timedelta(days=2) if state == "closed" else None,
        )  # fmt: skip
        work.add(row)
        work.flush()
        work.add_all(
            RoundInspector(round_id=row.id, user_id=world.users[one]) for one in inspectors
        )
        point_id = work.scalars(
            select(InspectionPoint.id).where(InspectionPoint.code == code)
        ).one()
        work.add(RoundPoint(round_id=row.id, point_id=point_id, position=1))
        return row.id


def test_a_visit_counts_for_an_open_round_and_its_tasks_name_its_source(either: World):
    world = either
    round_id = make_round(world, "P1", "inspector")
    kept = visit(make_visit(world, "P1", ("G6",), round_id=round_id))
    assert (kept.round_id, kept.kind) == (round_id, "covert")
    assert db.session.scalars(select(Task.source)).one() == "covert"
    row = db.session.get_one(RoundPoint, (round_id, point("P1").id))
    assert row.visited_at == kept.at


def test_a_round_that_ended_loses_no_work(world: World):
    round_id = make_round(world, "P1", "inspector", state="closed")
    done = recorded(world, given_visit("P1", round_id=round_id))
    assert done.notices == [ROUND_ENDED]
    assert done.visit.round_id is None
    assert recorded(world, given_visit("P1", round_id=999_999)).notices == [ROUND_ENDED]


def test_a_round_lets_those_inspect_whom_it_names(world: World):
    for name in ("inspector_b", "leader"):
        assert make_visits_refused(world, name)
    make_round(world, "P1", "inspector_b", "leader")
    for name in ("inspector_b", "leader"):
        done = recorded(world, given_visit("P1", ("G6",)), inspector=name)
        assert done.tasks[0].number
        assert done.visit.inspector_id == world.users[name]


def make_visits_refused(world: World, name: str) -> bool:
    with pytest.raises((NotFound, NotPermitted)):
        recorded(world, given_visit("P1"), inspector=name)
    db.session.rollback()
    return True


def test_a_unit_inspects_its_own_points_as_self_inspection(world: World):
    make_point(world, HAIAN, code="P3", unit_id=world.units["sanitation"])
    done = recorded(world, given_visit("P3", ("G6",)), inspector="clerk")
    assert done.visit.kind == "self"
    made = db.session.scalars(select(Task)).one()
    assert (made.source, made.reporter_unit_id) == ("self_inspection", world.units["sanitation"])


def test_the_list_of_visits_and_of_points_is_what_the_policy_allows(either: World):
    world = either
    make_point(world, GUANGAN, code="P2", unit_id=world.units["sanitation"])
    make_point(world, HAIAN, code="P3")
    make_round(world, "P3", "inspector_b", "worker")
    for code, who in (("P1", "inspector"), ("P2", "inspector_b"), ("P3", "worker")):
        make_visit(world, code, ("G6",), inspector=who)
    db.session.rollback()
    actors = {name: world.actor(name) for name in world.users}
    actors |= {"nobody": NOBODY, "system": SYSTEM}
    visits = db.session.scalars(select(Visit)).all()
    points = db.session.scalars(select(InspectionPoint)).all()
    by_point = subjects.of_points(db.session(), points)
    for name, actor in actors.items():
        seen = set(db.session.scalars(select(Visit.id).where(queries.visible_visits(actor))))
        assert seen == {v.id for v in visits if allows(actor, Permission.VISIT_VIEW, v)}, name
        may = set(db.session.scalars(select(InspectionPoint.id).where(queries.inspectable(actor))))
        allowed = {p.id for p in points if allows(actor, Permission.VISIT_MAKE, by_point[p.id])}
        assert may == allowed, name


def test_states_of_joined_tasks_follow_the_workflow(app: Flask):
    world = make_world()
    make_point(world, code="P1")
    number = task_in(world, State.HANDLING, category_id=g6_category())
    key = str(item_id("G6"))
    done = recorded(world, given_visit("P1", ("G6",), near={key: number}))
    assert (done.tasks[0].number, task(number).state) == (number, "handling")

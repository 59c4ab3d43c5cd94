"""The pages of visits: a list by filters, one visit with its gaps, for whom the policy lets see it."""

import pytest
from flask import Flask

from tests.factories.client import open_session
from tests.factories.points import make_point
from tests.factories.visits import given_visit, make_visit, recorded
from tests.factories.world import GUANGAN, HAIAN, SANZAO, World, make_world
from tests.tracker.inspections.test_visits import make_round
from tracker import clock
from tracker.inspections import visit_listing
from tracker.inspections.visit_listing import VisitFilter
from tracker.storage.db import db


@pytest.fixture
def world(app: Flask) -> World:
    made = make_world()
    make_point(made, code="P1", name="三灶市场")
    make_point(made, HAIAN, code="P2", name="金海岸市场")
    make_point(made, GUANGAN, code="P3", name="广安市场")
    return made


def test_a_visit_shows_its_score_its_gaps_and_its_tasks(app: Flask, world: World):
    visit_id = make_visit(world, "P1", ("G6",), note="雨天<b>")
    page = open_session(app, "leader").get(f"/visits/{visit_id}")
    assert page.status_code == 200
    for words in ("三灶市场", "缺项清单", "不符合 1", "JW-", "雨天&lt;b&gt;", "inspector"):
        assert words in page.text, words
    assert "没有缺项" in open_session(app, "leader").get(f"/visits/{make_visit(world, 'P2')}").text


@pytest.mark.parametrize(
    ("who", "status"), [("inspector", 200), ("inspector_b", 404), ("clerk", 404), ("leader_b", 404)]
)
def test_a_foreign_visit_is_not_found(app: Flask, world: World, who: str, status: int):
    visit_id = make_visit(world, "P1")
    assert open_session(app, who).get(f"/visits/{visit_id}").status_code == status
    assert open_session(app, who).get("/visits/999999").status_code == 404


def test_the_list_is_narrowed_by_what_stands_in_the_address(app: Flask, world: World):
    round_id = make_round(world, "P2", "inspector")
    make_visit(world, "P1")
    make_visit(world, "P2", round_id=round_id)
    make_visit(world, "P3", inspector="inspector_b")
    month = clock.in_city(clock.now()).strftime("%Y-%m")
    client = open_session(app, "dispatcher")
    for query, shown in (
        ("", {"三灶市场", "金海岸市场", "广安市场"}),
        (f"month={month}", {"三灶市场", "金海岸市场", "广安市场"}),
        ("month=2020-12", set()),
        (f"community={SANZAO}", {"三灶市场"}),
        ("point=P3", {"广安市场"}),
        (f"round={round_id}", {"金海岸市场"}),
        ("month=2026-13&round=x&community=%00", None),
    ):
        answer = client.get(f"/visits/?{query}")
        if shown is None:
            assert answer.status_code in (200, 422)
            continue
        found = {name for name in ("三灶市场", "金海岸市场", "广安市场") if name in answer.text}
        assert (answer.status_code, found) == (200, shown), query
    assert "广安市场" not in open_session(app, "inspector").get("/visits/").text


def test_every_visit_is_on_one_page_of_the_list_only(both: Flask, monkeypatch: pytest.MonkeyPatch):
    world = make_world()
    make_point(world, code="P1")
    at = clock.now()
    made = {recorded(world, given_visit("P1", at=at)).visit.id for _ in range(3)}
    made |= {make_visit(world, "P1") for _ in range(2)}
    monkeypatch.setattr(visit_listing, "PAGE_SIZE", 2)
    seen: list[int] = []
    after: str | None = None
    for _ in range(4):
        page = visit_listing.page(db.session(), world.actor("leader"), VisitFilter(), after)
        seen += [one.id for one in page.rows]
        after = page.next_key
        if after is None:
            break
    assert sorted(seen) == sorted(made)


def test_a_broken_page_key_is_refused(app: Flask, world: World):
    client = open_session(app, "leader")
    for key in ("x", "WzEsMl0", "WyJ4IiwgMV0"):
        assert client.get(f"/visits/?after={key}").status_code == 422
        assert open_session(app, "dispatcher").get(f"/held/?after={key}").status_code == 422

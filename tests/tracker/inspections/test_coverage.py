"""Coverage counts inspected points of points in use, the same on tables, map, list and export."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.factories.client import open_session
from tests.factories.points import make_point
from tests.factories.rounds import make_round, note_visits, round_
from tests.factories.world import GUANGAN, HAIAN, SANZAO, TOWN_A, make_world
from tests.tracker.maps.test_map_data import statements
from tracker import clock
from tracker.errors import Fault
from tracker.inspections import coverage
from tracker.inspections.coverage import NOWHERE, Scope, Wanted
from tracker.inspections.round_models import RoundKind
from tracker.inspections.round_queries import Progress
from tracker.storage.db import db


@pytest.fixture
def world(app):
    return make_world()


def furnish(world) -> dict[str, str]:
    """Five points: two kinds in 三灶, one in 金海岸, one in 广安, one nowhere, one retired."""
    return {
        "market": make_point(world, SANZAO),
        "road": make_point(world, SANZAO, site_type_code="main_road"),
        "haian": make_point(world, HAIAN),
        "guangan": make_point(world, GUANGAN),
        "nowhere": make_point(world, SANZAO, community_code=None, unit_id=world.units["sanitation"], name="无社区") ,
        "retired": make_point(world, HAIAN, is_active=False),
    }  # fmt: skip


def counts(world, scope: Scope | None = None, who="dispatcher"):
    return coverage.of(db.session(), scope or Scope(), world.actor(who), clock.now())


def test_a_point_is_inspected_once_however_often_it_was_visited(both):
    world = make_world()
    points = furnish(world)
    for days_ago in (0, 1, 5):
        note_visits(world, [points["market"]], at=clock.now() - timedelta(days=days_ago))
    note_visits(world, [points["retired"]])
    note_visits(world, [points["haian"]], at=clock.now() - timedelta(days=40))
    found = coverage.by_community(counts(world))
    assert found[SANZAO].visited == 1
    assert found[HAIAN] == Progress(1, 0), "a retired point does not count, an old visit neither"
    assert coverage.total(found) == Progress(5, 1)
    assert coverage.by_community(counts(world, Scope(days=90)))[HAIAN] == Progress(1, 1)


def test_communities_types_and_total_add_up_to_the_same(world):
    points = furnish(world)
    note_visits(world, [points["road"], points["guangan"]])
    found = counts(world)
    by_place, by_kind = coverage.by_community(found), coverage.by_site_type(found)
    assert coverage.total(by_place) == coverage.total(by_kind) == Progress(5, 2)
    assert by_kind["main_road"] == Progress(1, 1)
    assert coverage.by_site_type(found, GUANGAN) == {"market": Progress(1, 1)}
    assert coverage.by_community(found, "main_road") == {SANZAO: Progress(1, 1)}


def test_nothing_to_inspect_has_no_rate():
    assert Progress(0, 0).percent is None
    assert coverage.total({}).percent is None


def test_a_month_is_the_citys_month():
    first, after = coverage.span(Scope("month", month="2026-12"), clock.now())
    assert first.astimezone(UTC) == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert after.astimezone(UTC) == datetime(2026, 12, 31, 16, tzinfo=UTC)


def test_visits_count_for_the_month_of_the_citys_calendar(both):
    world = make_world()
    point = make_point(world)
    # the last second of October, and the first of December, in the city
    for at in (datetime(2026, 10, 31, 15, 59, 59, tzinfo=UTC), datetime(2026, 11, 30, 16, tzinfo=UTC)):  # fmt: skip
        note_visits(world, [point], at=at)
    months = {m: coverage.total(counts(world, Scope("month", month=m))).visited for m in ("2026-10", "2026-11", "2026-12")}  # fmt: skip
    assert months == {"2026-10": 1, "2026-11": 0, "2026-12": 1}


def test_of_a_round_only_its_own_visits_count_against_all_points_of_its_area(both):
    world = make_world()
    points = furnish(world)
    made = make_round(world, area_code=TOWN_A, opened=True)
    note_visits(world, [points["market"]], round_id=made)
    note_visits(world, [points["road"]])
    found = counts(world, Scope("round", round=round_(made)))
    assert GUANGAN not in coverage.by_community(found)
    assert coverage.by_community(found)[SANZAO].visited == 1
    own = make_round(
        world, kind=RoundKind.SELF, unit_id=world.units["sanitation"], inspector_ids=()
    )
    assert coverage.total(counts(world, Scope("round", round=round_(own)))) == Progress(1, 0)


def test_everybody_sees_the_coverage_of_the_own_points(both):
    world = make_world()
    furnish(world)
    seen = {who: coverage.total(counts(world, who=who)).all for who in ("dispatcher", "inspector_b", "grid_lead", "clerk", "sysadmin")}  # fmt: skip
    assert seen["dispatcher"] == 5
    assert seen["inspector_b"] == 1
    assert seen["clerk"] == 1, "a unit sees its own point"
    assert seen["sysadmin"] == 0
    assert 1 <= seen["grid_lead"] <= 3


def test_the_list_behind_a_figure_has_as_many_points_as_the_figure_says(both):
    world = make_world()
    points = furnish(world)
    note_visits(world, [points["market"], points["guangan"]])
    session, actor, now = db.session(), world.actor("dispatcher"), clock.now()
    found = counts(world)
    for place, part in coverage.by_community(found).items():
        wanted = Wanted(Scope(), community=place or NOWHERE)
        for state, count in (
            ("", part.all),
            ("yes", part.visited),
            ("no", part.all - part.visited),
        ):
            page = coverage.points(session, wanted, actor, now, state=state, after=None)
            assert (page.total, len(page.rows)) == (count, count)
    for kind, part in coverage.by_site_type(found).items():
        wanted = Wanted(Scope(), site_type=kind)
        assert coverage.points(session, wanted, actor, now, state="yes", after=None).total == part.visited  # fmt: skip


def test_table_map_and_export_show_the_same_figures(app, world):
    points = furnish(world)
    note_visits(world, [points["road"], points["haian"]])
    client = open_session(app, "dispatcher")
    for query in ("", "?scope=month", "?type=market", f"?scope=days&days=7&community={SANZAO}"):
        page = client.get(f"/coverage/{query}").text
        on_map = client.get(f"/coverage/counts.json{query}").get_json()["communities"]
        table = {}
        for code, row in re.findall(r'<tr data-code="(\d+)"[^>]*>(.*?)</tr>', page, re.DOTALL):
            found = re.findall(r'<td class="num"><a[^>]*>(\d+)</a>', row)
            all_, visited, left = map(int, found) if found else (0, 0, 0)
            assert left == all_ - visited
            table[code] = [visited, all_]
        assert {code: pair for code, pair in table.items() if pair[1]} == on_map
    lines = client.get("/coverage/export.csv").text.lstrip("\ufeff").splitlines()
    exported = [line.split(",") for line in lines[1:]]
    page = client.get("/coverage/counts.json").get_json()["communities"]
    for code, (visited, all_) in page.items():
        own = [line for line in exported if line[0] == code]
        assert [sum(int(line[4]) for line in own), sum(int(line[3]) for line in own)] == [
            visited,
            all_,
        ]


def test_a_figure_opens_the_points_behind_it(app, world):
    points = furnish(world)
    note_visits(world, [points["road"]])
    client = open_session(app, "dispatcher")
    page = client.get("/coverage/?scope=days&days=7").text
    link = re.search(
        rf'href="(/coverage/points\?[^"]*inspected=yes[^"]*community={SANZAO}[^"]*)"', page
    )
    link = link or re.search(rf'href="(/coverage/points\?[^"]*community={SANZAO}[^"]*inspected=yes[^"]*)"', page)  # fmt: skip
    listed = client.get(link.group(1).replace("&amp;", "&")).text
    assert points["road"] in listed
    assert points["market"] not in listed


def test_the_page_costs_the_same_queries_whatever_there_is_to_count(app, world):
    points = furnish(world)
    client = open_session(app, "dispatcher")
    client.get("/coverage/")

    def cost(path: str) -> int:
        with statements(app) as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    before = [cost("/coverage/"), cost("/coverage/counts.json"), cost("/coverage/points")]
    for number in range(30):
        make_point(world, (SANZAO, HAIAN, GUANGAN)[number % 3], name=f"点位{number}")
    note_visits(world, list(points.values()))
    assert [cost("/coverage/"), cost("/coverage/counts.json"), cost("/coverage/points")] == before
    assert before[1] <= 5


def test_the_visits_are_found_by_an_index_and_not_by_reading_them_all(app, world):
    furnish(world)
    query = coverage.query(Scope(), world.actor("inspector"), clock.now())
    sql = query.compile(db.engine, compile_kwargs={"literal_binds": True})
    with db.engine.connect() as connection:
        plan = " ".join(row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}"))
    assert "SCAN visit" not in plan, plan
    assert "ix_visit_point_id_at" in plan, plan


@pytest.mark.parametrize("query", ["scope=month&month=2026-13", "scope=month&month=%00", "scope=round&round=99999999999", "scope=round&round=x", "scope=round&round=77", "days=x", "scope=x", "community=%00'", "type=" + "x" * 500, "scope=round", "scope=round&round="])  # fmt: skip
def test_an_address_that_means_nothing_is_no_server_error(app, world, query):
    client = open_session(app, "dispatcher")
    for path in ("/coverage/", "/coverage/points", "/coverage/counts.json", "/coverage/export.csv"):
        assert client.get(f"{path}?{query}").status_code in (200, 404, 422), path
    assert client.get("/coverage/points?after=zzz").status_code == 422


def test_a_foreign_round_has_no_coverage_for_others(world):
    make_point(world)
    made = make_round(world, area_code=TOWN_A)
    with pytest.raises(Fault) as refused:
        coverage.read(db.session(), {"scope": "round", "round": str(made)}, world.actor("inspector_b"), clock.now())  # fmt: skip
    assert refused.value.status == 404

"""Coverage debt: days since the last visit against the point's own cycle, never visited first."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from tests.factories.client import open_session
from tests.factories.points import make_point
from tests.factories.rounds import note_visits
from tests.factories.world import GUANGAN, HAIAN, SANZAO, World, make_world
from tests.tracker.maps.test_map_data import statements
from tracker import clock
from tracker.inspections import debt
from tracker.inspections.debt import Order, Owing, Wanted
from tracker.storage.db import db


def furnish(world: World) -> dict[str, str]:
    """Points that owe 0.1, 1.3, 2 and 9 cycles, one never visited, one retired."""
    now, found = clock.now(), {}
    for name, community, cycle, days in (
        ("fresh", SANZAO, 30, 3.0), ("late", SANZAO, 30, 40.0), ("twice", HAIAN, 10, 20.1), ("worst", GUANGAN, 5, 45.5),
    ):  # fmt: skip
        found[name] = make_point(world, community, name=name, cycle_days=cycle)
        note_visits(world, [found[name]], at=now - timedelta(days=days))
    found["never"] = make_point(world, HAIAN, name="never", site_type_code="estate", cycle_days=90)
    found["gone"] = make_point(world, HAIAN, name="gone", is_active=False)
    return found


def names(world: World, wanted: Wanted, who: str = "dispatcher") -> list[str]:
    page, _at = debt.page(db.session(), wanted, world.actor(who), clock.now(), after=None)
    assert page.total == len(page.rows)
    return [row.name for row in page.rows]


def test_what_owes_most_cycles_comes_first_and_never_visited_before_all(both: Flask) -> None:
    world = make_world()
    furnish(world)
    assert names(world, Wanted()) == ["never", "worst", "twice", "late"]
    assert names(world, Wanted(order=Order.DAYS)) == ["never", "worst", "late", "twice"]
    assert names(world, Wanted(Owing.ALL)) == ["never", "worst", "twice", "late", "fresh"]
    assert names(world, Wanted(Owing.TWICE)) == ["never", "worst", "twice"]
    assert names(world, Wanted(Owing.NEVER)) == ["never"]
    assert names(world, Wanted(community=HAIAN)) == ["never", "twice"]
    assert names(world, Wanted(site_type="estate")) == ["never"]
    assert names(world, Wanted(), "inspector_b") == ["worst"], "another town is not seen"
    totals = debt.totals(db.session(), Wanted(), world.actor("dispatcher"), clock.now())
    assert totals == {Owing.DUE: 4, Owing.TWICE: 3, Owing.NEVER: 1, Owing.ALL: 5}


def test_pages_follow_each_other_without_a_gap_or_a_double(
    both: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debt, "PAGE_SIZE", 2)
    world, now = make_world(), clock.now()
    for n in range(3):
        make_point(world, name=f"never{n}")
    for n in range(4):
        code = make_point(world, name=f"same{n}", cycle_days=10)
        note_visits(world, [code], at=now - timedelta(days=12))
    actor = world.actor("dispatcher")

    def walk() -> Iterator[str]:
        after = None
        for hours in range(9):
            # an hour passes between two pages
            page, at = debt.page(db.session(), Wanted(), actor, now + timedelta(hours=hours), after=after)  # fmt: skip
            assert abs(at - now) < timedelta(seconds=2)
            yield from (row.name for row in page.rows)
            after = page.next_key
            if after is None:
                return

    assert list(walk()) == ["never0", "never1", "never2", "same0", "same1", "same2", "same3"]


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def test_the_page_its_figures_and_its_map_show_the_same_points(app: Flask, world: World) -> None:
    points = furnish(world)
    client = open_session(app, "dispatcher")
    with statements(app) as said:
        page = client.get("/coverage/debt").text
    assert len(said) <= 30
    assert re.findall(r'<tr data-code="([^"]+)"', page) == [points[n] for n in ("never", "worst", "twice", "late")]  # fmt: skip
    assert re.search(r"到期未查 <b>4</b>", page)
    assert "9.1" in page
    drawn = client.get("/coverage/debt/points.json").json
    assert [row[3:] for row in drawn["points"]] == [["never", None, 90], ["worst", 45, 5], ["twice", 20, 10], ["late", 40, 30]]  # fmt: skip
    assert drawn["cut"] is False
    assert client.get("/coverage/debt/frame").status_code == 200
    assert client.get("/coverage/debt?owing=twice&type=market&sort=days").status_code == 200
    for query in ("owing=much", "sort=name", "after=x", "after=W251bGwsMSwxXQ"):
        assert client.get(f"/coverage/debt?{query}").status_code == 422, query
    stranger = open_session(app, "inspector_b")
    for address in ("debt", "debt/frame", "debt/points.json"):
        assert stranger.get(f"/coverage/{address}?community={SANZAO}").status_code == 404
        assert client.get(f"/coverage/{address}?community=nowhere").status_code == 404
    more = len(said)
    for n in range(20):
        make_point(world, name=f"more{n}")
    with statements(app) as said:
        client.get("/coverage/debt")
    assert len(said) <= more


def test_a_round_of_the_points_that_owe_is_one_click_away(app: Flask, world: World) -> None:
    furnish(world)
    client = open_session(app, "dispatcher")
    page = client.get(f"/coverage/debt?community={HAIAN}").text
    address = f"/rounds/new?draw=overdue_first&amp;communities={HAIAN}"
    assert address in page
    form = client.get(address.replace("&amp;", "&")).text
    assert re.search(r'<option selected value="overdue_first"|value="overdue_first"[^>]*(checked|selected)', form)  # fmt: skip
    assert re.search(rf'name="communities" value="{HAIAN}" checked', form)
    assert "rounds/new" not in open_session(app, "leader").get("/coverage/debt").text

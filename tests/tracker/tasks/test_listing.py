"""The list: only what one may see, in order, paged by key, by indexes and in few queries."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import event, insert, select, text
from sqlalchemy.dialects import sqlite

from tests.factories.client import open_session
from tests.factories.world import (
    DISTRICT,
    GUANGAN,
    HAIAN,
    SANZAO,
    TENGSHAN,
    TOWN_A,
    TOWN_B,
    World,
    make_task,
    make_world,
)
from tracker import clock
from tracker.errors import Invalid
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks import listing
from tracker.tasks.filters import Due, Sort, TaskFilter
from tracker.tasks.models import Task
from tracker.tasks.states import Source, State
from tracker.web.paging import pack

_TOWNS = {SANZAO: TOWN_A, HAIAN: TOWN_A, GUANGAN: TOWN_B, TENGSHAN: TOWN_B}
_STATES = [State.REPORTED, State.FILED, State.DISPATCHED, State.HANDLING, State.CLOSED]


def fill(world: World, count: int, *, start: int = 0) -> None:
    """Rows put straight into the table: many tasks of every community, every other held by a unit."""
    now = clock.now()
    rows: list[dict[str, Any]] = []
    for place in range(start, start + count):
        community = list(_TOWNS)[place % 4]
        reported = now - timedelta(minutes=place // 3)
        rows.append(
            {
                "number": f"JW-20260101-{place:06d}", "uuid": str(uuid4()), "source": "inspection",
                "state": _STATES[place % 5].value, "title": f"第 {place} 件", "description": "测试",
                "address": "", "district_code": DISTRICT, "town_code": _TOWNS[community],
                "community_code": community, "reporter_id": world.users["inspector_b"],
                "unit_id": world.units["sanitation"] if place % 2 else None,
                "found_at": reported, "reported_at": reported, "updated_at": reported,
                "due_at": now + timedelta(minutes=place % 7) if place % 3 else None,
            }
        )  # fmt: skip
    with unit_of_work() as work:
        work.execute(insert(Task), rows)


def pages(world: World, who: str, wanted: TaskFilter, *, size: int = 7) -> list[list[str]]:
    """Every page of a list, as numbers."""
    found, after = [], None
    while True:
        page = listing.page(
            db.session(), world.actor(who), wanted, now=clock.now(), after=after, size=size
        )
        found.append([row.number for row in page.rows])
        after = page.next_key
        if after is None:
            return found


@pytest.fixture
def world(both: Flask) -> World:
    return make_world()


@pytest.mark.parametrize("sort", list(Sort))
def test_pages_by_key_hold_every_row_once_and_in_order(world: World, sort: Sort) -> None:
    fill(world, 60)
    found = [n for page in pages(world, "dispatcher", TaskFilter(sort=sort)) for n in page]
    rows = {row.number: row for row in db.session.scalars(select(Task))}
    assert len(found) == len(set(found)) == 60
    values = [getattr(rows[number], listing.ORDERS[sort].column.key) for number in found]
    given = [value for value in values if value is not None]
    assert given == sorted(given, reverse=sort in (Sort.REPORTED_AT, Sort.UPDATED_AT))
    assert values[len(given) :] == [None] * (60 - len(given))


@pytest.mark.parametrize("sort", [Sort.REPORTED_AT, Sort.DUE_AT])
def test_rows_added_while_paging_neither_repeat_nor_hide_a_row(world: World, sort: Sort) -> None:
    fill(world, 40)
    before = set(db.session.scalars(select(Task.number)))
    actor, wanted = world.actor("dispatcher"), TaskFilter(sort=sort)
    seen, after = [], None
    for step in range(20):
        page = listing.page(db.session(), actor, wanted, now=clock.now(), after=after, size=9)
        seen += [row.number for row in page.rows if row.number in before]
        after = page.next_key
        if after is None:
            break
        fill(world, 3, start=1000 + 10 * step)
    assert sorted(seen) == sorted(before)


def test_a_list_shows_what_the_person_may_see_and_nothing_else(world: World) -> None:
    here, there = make_task(world, community=SANZAO), make_task(world, community=GUANGAN)
    held = make_task(world, State.DISPATCHED, GUANGAN)
    assert pages(world, "inspector", TaskFilter()) == [[held, there, here]]  # reported all three
    assert pages(world, "grid_lead", TaskFilter()) == [[here]]
    assert pages(world, "clerk", TaskFilter()) == [[held]]
    assert pages(world, "leader_b", TaskFilter()) == [[held, there]]
    assert pages(world, "clerk_police", TaskFilter()) == [[]]


def test_counting_stops_at_the_ceiling(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(world, 30)
    actor, now = world.actor("dispatcher"), clock.now()
    wanted = TaskFilter(sources=(Source.INSPECTION,))
    assert listing.count(db.session(), actor, wanted, now=now) == (30, False)
    monkeypatch.setattr(listing, "COUNT_CEILING", 29)
    assert listing.count(db.session(), actor, wanted, now=now) == (29, True)


def test_counters_say_a_total_that_they_know_however_many_there_are(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world()
    for place in (SANZAO, HAIAN, GUANGAN):
        make_task(world, community=place)
    monkeypatch.setattr(listing, "COUNT_CEILING", 1)
    known = TaskFilter(states=(State.REPORTED,))
    for who, wanted, total in (
        ("dispatcher", known, 3), ("leader_b", known, 1), ("inspector", TaskFilter(area=TOWN_A), 2),
    ):  # fmt: skip
        page = listing.page(db.session(), world.actor(who), wanted, now=clock.now(), size=total - 1)
        assert (page.total, page.total_is_floor) == (total, False)


A_MOMENT = datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "key",
    [
        "nonsense", pack([1, 2, 3]), pack([5, 1]), pack([None, 1]), pack(["2026-01-01", 1]),
        pack(["x", 1]), pack([A_MOMENT, "1"]), pack([A_MOMENT, -1]), pack([A_MOMENT, 2**40]),
    ],
)  # fmt: skip
def test_a_page_key_that_was_tampered_with_is_refused(app: Flask, key: str) -> None:
    world = make_world()
    with pytest.raises(Invalid):
        listing.page(
            db.session(), world.actor("dispatcher"), TaskFilter(), now=clock.now(), after=key
        )


def test_a_row_says_category_place_unit_and_how_near_its_deadline_is(world: World) -> None:
    number = make_task(world, State.HANDLING)
    row = listing.page(db.session(), world.actor("dispatcher"), TaskFilter(), now=clock.now()).rows[
        0
    ]
    assert (row.number, row.community, row.unit, row.band) == (
        number, "三灶社区", "区环卫中心", "on_time",
    )  # fmt: skip
    assert row.category_code == "06010"
    assert not hasattr(row, "description")
    later = clock.now() + timedelta(days=90)
    overdue = listing.page(
        db.session(), world.actor("dispatcher"), TaskFilter(due=Due.OVERDUE), now=later
    )
    assert [row.band for row in overdue.rows] == ["overdue"]


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SELECT statements of a block."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_a_list_page_takes_the_same_few_queries_for_few_and_for_many_rows(app: Flask) -> None:
    world = make_world()
    client = open_session(app, "dispatcher")
    make_task(world)
    assert client.get("/tasks/").status_code == 200
    with statements() as few:
        client.get("/tasks/")
    fill(world, 200)
    with statements() as many:
        client.get("/tasks/?state=reported&sort=due_at")
    assert len(few) <= len(many) <= 10  # a short first page needs no count


_MAIN_LISTS = [
    ("grid_lead", TaskFilter()),
    ("clerk", TaskFilter()),
    ("clerk", TaskFilter(states=(State.DISPATCHED, State.HANDLING), sort=Sort.DUE_AT)),
    ("dispatcher", TaskFilter()),
    ("dispatcher", TaskFilter(states=(State.REPORTED,))),
    ("dispatcher", TaskFilter(due=Due.OVERDUE, sort=Sort.DUE_AT)),
    ("dispatcher", TaskFilter(area=SANZAO)),
    ("dispatcher", TaskFilter(sort=Sort.UPDATED_AT)),
    ("leader_b", TaskFilter(sort=Sort.NUMBER)),
    ("inspector", TaskFilter()),
]


def test_a_change_of_filter_brings_its_rows_alone_and_going_back_the_whole_page(app: Flask) -> None:
    number = make_task(make_world(), State.REPORTED)
    client = open_session(app, "dispatcher")
    asked = {"HX-Request": "true", "HX-Target": "task-results"}
    rows = client.get("/tasks/?state=reported", headers=asked).text
    assert 'id="task-results"' in rows
    assert number in rows
    assert "<html" not in rows
    assert "filter-area" not in rows
    back = client.get("/tasks/", headers={**asked, "HX-History-Restore-Request": "true"}).text
    assert "filter-area" in back


def test_no_main_list_reads_the_whole_table(app: Flask) -> None:
    world = make_world()
    fill(world, 3000)
    with unit_of_work() as work:
        work.execute(text("ANALYZE"))
    for who, wanted in _MAIN_LISTS:
        plan = plan_of(world, who, wanted)
        of_task = [step for step in plan if " task " in f"{step} "]
        assert of_task, plan
        sharp = ("INDEX", "PRIMARY KEY")
        assert all("USING" in step and any(one in step for one in sharp) for step in of_task), plan


def plan_of(world: World, who: str, wanted: TaskFilter) -> list[str]:
    """The steps SQLite would take for the first page of a list."""
    query = listing.page_queries(world.actor(who), wanted, clock.now())[0](26)
    compiled = query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    explain = "EXPLAIN QUERY PLAN " + str(compiled).replace(":", "\\:")
    return [row[3] for row in db.session.execute(text(explain))]

"""What maps and boards show is what the events say, at every moment and on every past day."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from threading import Thread
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import select, update

from gis.cells import coarser
from tests.factories.world import (
    DISTRICT,
    HAIAN,
    SANZAO,
    TOWN_A,
    World,
    given_for,
    given_report,
    make_task,
    make_world,
    task,
)  # fmt: skip
from tracker import clock
from tracker.access.actor import SYSTEM
from tracker.clock import CITY_ZONE, in_city
from tracker.counters import kind_days, kinds, queries, tail
from tracker.counters.cells import cells
from tracker.counters.deltas import Deltas
from tracker.counters.kinds import Kinds
from tracker.counters.measures import Measure
from tracker.counters.models import EVERYWHERE, KIND_STOCKS, AreaTotal, CellCount, CounterTail
from tracker.counters.projecting import fold
from tracker.counters.queries import Days
from tracker.counters.recounting import differences, rebuild
from tracker.maps import tile_queries
from tracker.progress import direct
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.filters import TaskFilter
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.operations import Order, apply, perform
from tracker.tasks.states import Action, State


@pytest.fixture
def world(both: Flask) -> World:
    return make_world()


def today() -> date:
    return in_city(clock.now()).date()


def standing(code: str, on: date | None = None) -> dict[str, int]:
    found = queries.stocks(db.session(), [code], on=on).get(code, Counter())
    return {measure: n for measure, n in found.items() if n}


def test_each_task_stands_once_in_its_community_its_town_its_district_and_the_whole(
    world: World,
) -> None:
    for state in (State.REPORTED, State.HANDLING, State.HANDLING, State.CLOSED):
        make_task(world, state)
    for code in (SANZAO, TOWN_A, DISTRICT, EVERYWHERE):
        found = standing(code)
        assert found.pop(Measure.OVERDUE.value) == 2  # both will be, when their day is over
        assert found == {"reported": 1, "handling": 2, "closed": 1}
    assert standing(HAIAN) == {}


def test_the_counters_equal_a_recount_after_a_task_of_every_state(world: World) -> None:
    for state in State:
        if state is not State.MERGED:
            make_task(world, state)
    assert differences(db.session()) == []


def test_a_changed_counter_is_found_and_a_rebuild_mends_it(world: World) -> None:
    make_task(world, State.HANDLING)
    rebuild()
    with unit_of_work() as work:
        work.execute(update(AreaTotal).where(AreaTotal.area_code == SANZAO).values(handling=5))
        work.execute(update(CellCount).where(CellCount.level == 13).values(handling=7))
    found = [str(one) for one in differences(db.session())]
    assert f"area_total.handling ({SANZAO}): +4" in found
    assert any(one.startswith("cell_count.handling (13, ") for one in found)
    assert rebuild() == 1
    assert differences(db.session()) == []


def test_events_from_before_the_counters_are_counted_where_their_task_stands_now(
    world: World,
) -> None:
    make_task(world, State.HANDLING)
    kept = standing(SANZAO)
    with unit_of_work() as work:
        for event in work.scalars(select(TaskEvent)):
            event.payload = {k: v for k, v in event.payload.items() if k != "stands"}
    rebuild()
    assert standing(SANZAO) == kept


def test_a_step_that_fails_counts_nothing(world: World) -> None:
    make_task(world, State.REPORTED)
    before = standing(EVERYWHERE)
    dispatcher, given = world.actor("dispatcher"), given_for(world, Action.REJECT)

    def reject_and_fail() -> None:
        with unit_of_work() as work:
            apply(Action.REJECT, work.scalars(select(Task)).one(), actor=dispatcher, given=given)
            raise RuntimeError

    pytest.raises(RuntimeError, reject_and_fail)
    assert standing(EVERYWHERE) == before
    make_task(world, State.REPORTED, HAIAN)
    assert standing(SANZAO) == {"reported": 1}


def counted(
    level: int, key: int, states: Iterable[str], kinds: Any = ("",)
) -> list[tuple[int, ...]]:
    found = cells(db.session(), level, key, key, states=frozenset(states), kinds=kinds)
    return [tuple(row) for row in np.array(found).T.tolist()]


def test_a_cell_of_every_level_counts_the_task_until_it_is_closed(world: World) -> None:
    found = task(make_task(world, State.HANDLING))
    for level in range(13, 20):
        key = coarser(found.cell, level)
        assert counted(level, key, State) == [(key, 1, 1)]
    closed = task(make_task(world, State.CLOSED))
    key = coarser(closed.cell, 13)
    for ways in (("",), (":m06",), (":sinspection", ":shotline")):
        assert counted(13, key, State, ways) == [(key, 2, 1)]
    assert counted(13, key, ["closed"]) == [(key, 1, 0)]


def test_a_stamp_grows_with_every_event_of_the_area_and_with_no_other(world: World) -> None:
    make_task(world, State.REPORTED)
    here, there = queries.stamps(db.session(), [SANZAO]), queries.stamps(db.session(), [HAIAN])
    make_task(world, State.REPORTED)
    assert queries.stamps(db.session(), [SANZAO]) > here
    assert queries.stamps(db.session(), [HAIAN]) == there
    whole, seen = queries.stamps(db.session(), [EVERYWHERE]), tile_queries.versions(db.session())
    assert seen[1] == whole[0][1]
    rebuild()
    assert queries.stamps(db.session(), [EVERYWHERE]) > whole
    assert tile_queries.versions(db.session()) > seen


def told(world: World) -> list[object]:
    """Every kind of answer that the counters give."""
    session, days = db.session(), Days(today() - timedelta(days=40), today())
    places, both_ways = (SANZAO, TOWN_A, DISTRICT, EVERYWHERE), (("",), (":m06", ":m02"))
    units = frozenset(world.units.values())
    narrow = Kinds(units=units)
    last = coarser((1 << 62) - 1, 15)
    category = task(db.session.scalars(select(Task.number)).first() or "").category_id or 0
    return [
        *(
            queries.stocks(session, places, on, ways)
            for on in (None, today())
            for ways in both_ways
        ),
        *(queries.flows(session, places, list(Measure), days, ways) for ways in both_ways),
        queries.daily(session, places, [*Measure, "closed"], days),
        queries.changes(session, places, [*Measure, "closed"], days),
        queries.stamps(session, places),
        *map(list, cells(session, 15, 0, last, states=State)),
        *map(
            list,
            cells(session, 17, 0, last * 16, states=["closed"], places=[SANZAO], coarser_by=2),
        ),
        kinds.stocks(session, places, narrow, today()),
        kinds.flows(session, places, narrow, [Measure.FOUND, Measure.DUE], days),
        kind_days.daily(session, places, narrow, [Measure.FOUND, Measure.ENDED], days),
        *kind_days.line(session, places, narrow, [*KIND_STOCKS, Measure.FOUND], days),
        kind_days.stood(session, places, narrow, today()),
        kind_days.open_by_unit(session, DISTRICT, narrow),
        kind_days.by_unit(session, DISTRICT, narrow, units, Measure.FOUND, days),
        kinds.open_by_category(session, DISTRICT, Kinds(), [category]),
    ]


def waiting() -> int:
    return len(db.session().execute(select(CounterTail.id)).all())


def count_what_waits() -> None:
    with unit_of_work() as work:
        tail.is_mine(work, wait=True)
        fold(work, Deltas(), {})


def test_what_waits_is_told_as_if_it_were_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_task(world, State.CLOSED)
    count_what_waits()
    monkeypatch.setattr(tail, "LONGEST", 1_000)
    for state in (State.REPORTED, State.HANDLING, State.CLOSED, State.SUSPENDED, State.REJECTED):
        make_task(world, state)
        make_task(world, state, HAIAN)
    assert waiting() > 5
    before = told(world)
    count_what_waits()
    assert waiting() == 0
    for number, (once, again) in enumerate(zip(before, told(world), strict=True)):
        assert plain(once) == plain(again), number
    assert differences(db.session()) == []


def plain(answer: Any) -> Any:
    """Without figures of 0, which are as good as missing."""
    if isinstance(answer, dict):
        return {key: kept for key, one in answer.items() if (kept := plain(one))}
    return answer


def test_many_steps_leave_few_rows_waiting_and_a_batch_leaves_none(world: World) -> None:
    for _ in range(3):
        make_task(world, State.CLOSED)
    assert 0 < waiting() <= 2 * tail.LONGEST
    with unit_of_work():
        for _ in range(tail.FEW + 1):
            apply(Action.REPORT, None, actor=SYSTEM, given=given_report(SANZAO))
    assert waiting() == 0
    assert standing(EVERYWHERE) == {"closed": 3, "reported": tail.FEW + 1}


def test_a_reader_sees_one_moment_while_a_writer_counts_what_waits(
    both: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "LONGEST", 1_000)
    make_task(world, State.HANDLING)
    seen, rows = standing(EVERYWHERE), waiting()

    def count() -> None:
        with both.app_context():
            count_what_waits()
            db.session.remove()

    writer = Thread(target=count)
    writer.start()
    writer.join()
    assert (standing(EVERYWHERE), waiting()) == (seen, rows)
    db.session.rollback()
    assert (standing(EVERYWHERE), waiting()) == (seen, 0)


def test_flows_say_what_happened_on_the_days_asked_for(world: World) -> None:
    make_task(world, State.CLOSED)
    make_task(world, State.REJECTED)
    days = Days(today(), today())
    found = queries.flows(db.session(), [TOWN_A], list(Measure), days)[TOWN_A]
    assert (found[Measure.FOUND], found[Measure.VALID], found[Measure.RECTIFIED]) == (2, 1, 1)
    before = Days(today() - timedelta(days=30), today() - timedelta(days=1))
    assert queries.flows(db.session(), [TOWN_A], list(Measure), before) == {}


def test_a_step_that_was_taken_back_leaves_the_counters_as_a_recount_finds_them(
    world: World,
) -> None:
    number = make_task(world, State.SUBMITTED)
    for action, who in ((Action.REWORK, "verifier"), (Action.UNDO, "verifier")):
        order = Order(
            action,
            given_for(world, action, reason_code="unclear" if action is Action.REWORK else ""),
        )
        perform(
            [order], number=number, actor=world.actor(who), version=None, request_uuid=str(uuid4())
        )
    assert standing(SANZAO) == {"submitted": 1}
    day = Days(today(), today())
    flows = queries.flows(db.session(), [SANZAO], [Measure.REWORK, "w:unclear"], day)
    assert flows == {}
    assert differences(db.session()) == []


def test_a_rework_that_was_taken_back_after_midnight_is_none_of_its_own_day(world: World) -> None:
    midnight = datetime.combine(today() - timedelta(days=1), time(), CITY_ZONE)
    evening, verifier = midnight - timedelta(minutes=2), world.actor("verifier")
    with unit_of_work() as work:
        made = apply(Action.REPORT, None, actor=SYSTEM, given=given_report(SANZAO), at=evening).task
        work.flush()
        for action in (Action.FILE, Action.DISPATCH, Action.ACKNOWLEDGE, Action.SUBMIT):
            apply(action, made, actor=SYSTEM, given=given_for(world, action), at=evening)
        apply(
            Action.REWORK, made, actor=verifier, given=given_for(world, Action.REWORK), at=evening
        )
    with unit_of_work():
        later = midnight + timedelta(minutes=2)
        apply(Action.UNDO, made, actor=verifier, given=given_for(world, Action.UNDO), at=later)
    for back in (2, 1):
        day = today() - timedelta(days=back)
        found = queries.flows(db.session(), [SANZAO], [Measure.REWORK], Days(day, day))
        assert found == {}
        seen = direct.counts(
            db.session(), SYSTEM, Task.community_code, [SANZAO], TaskFilter(), Days(day, day), later
        )
        assert seen[SANZAO][Measure.REWORK] == 0
    assert differences(db.session()) == []

"""A figure on a map equals the list it opens, whichever way it was counted, now and in the past."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update

from tests.factories.points import make_point
from tests.factories.world import (
    DISTRICT,
    GUANGAN,
    HAIAN,
    SANZAO,
    TENGSHAN,
    TOWN_A,
    TOWN_B,
    World,
    category,
    given_for,
    given_report,
    make_world,
)  # fmt: skip
from tracker import clock
from tracker.access.actor import SYSTEM, Actor
from tracker.clock import CITY_ZONE, in_city
from tracker.counters import kind_days
from tracker.counters.kinds import kinds_of
from tracker.counters.measures import DATED, Measure
from tracker.counters.queries import Days
from tracker.errors import Fault, Invalid
from tracker.places.models import Level
from tracker.points.models import InspectionPoint
from tracker.progress import direct
from tracker.progress.choropleths import RATED
from tracker.progress.figures import Asked, Figures, of_areas
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks import filters
from tracker.tasks.filters import TaskFilter
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.operations import apply
from tracker.tasks.queries import COLUMN_OF, visible
from tracker.tasks.states import OPEN, RUNNING, Action, Source, State

PLACES = (SANZAO, HAIAN, GUANGAN, TENGSHAN)
ROAD = (Action.FILE, Action.DISPATCH, Action.ACKNOWLEDGE, Action.SUBMIT)
DAYS = 50


def history(world: World, *, tasks: int, seed: int = 5) -> None:
    """Tasks of the last fifty days, each as far as chance took it, some moved, returned, reworked."""
    chance, now = Random(seed), clock.now()  # noqa: S311 - no secret
    with unit_of_work():
        for _ in range(tasks):
            at = now - timedelta(days=chance.uniform(1, DAYS))
            given = given_report(
                chance.choice(PLACES), code=chance.choice(("06010", "09009")),
                source=chance.choice((Source.INSPECTION, Source.GRID_PATROL)),
            )  # fmt: skip
            found = apply(Action.REPORT, None, actor=SYSTEM, given=given, at=at).task
            db.session.flush()
            steps = list(ROAD[: chance.randint(0, 4)])
            if len(steps) == 4:
                steps.append(chance.choice((Action.PASS, Action.REWORK, Action.CLOSE_BY_NOTICE)))
            elif len(steps) == 3 and chance.random() < 0.3:
                steps.append(Action.RETURN)
            if chance.random() < 0.2:
                steps.insert(chance.randint(0, len(steps)), Action.RELOCATE)
            if chance.random() < 0.1:
                steps = [Action.REJECT]
            for action in steps:
                wait = 0.02 if action is Action.RETURN else chance.uniform(0, 6)
                at = min(at + timedelta(days=wait), now)
                unit = world.units[chance.choice(("sanitation", "police"))]
                try:
                    apply(
                        action,
                        found,
                        actor=SYSTEM,
                        given=given_for(world, action, unit_id=unit),
                        at=at,
                    )
                except Fault:
                    continue


@pytest.fixture
def world(both: Flask) -> World:
    made = make_world()
    history(made, tasks=120)
    return made


def month(last: date) -> Days:
    return Days(last - timedelta(days=29), last)


def asked(wanted: TaskFilter = TaskFilter(), on: date | None = None) -> Asked:  # noqa: B008
    now = clock.now()
    return Asked(wanted, month(on or in_city(now).date()), now, on)


def figures(
    actor: Actor, codes: tuple[str, ...], level: Level, what: Asked
) -> dict[str, dict[str, int]]:
    found = of_areas(db.session(), actor, codes, level, what)
    return {code: plain(one) for code, one in found.items()}


#: Steps are counted where the task stood when they were taken; a list shows where it is now.
TAKEN = {Measure.REWORK, Measure.RETURN}


def plain(one: Figures) -> dict[str, int]:
    wanted = (*DATED, Measure.OVERDUE, *sorted(OPEN))
    return {measure: one[measure] for measure in wanted if one[measure]}


FILTERS = (
    TaskFilter(),
    TaskFilter(category="06"),
    TaskFilter(sources=(Source.GRID_PATROL,)),
    TaskFilter(category="09009", sources=(Source.INSPECTION,)),
    TaskFilter(category="06010"),
)


def test_the_counters_and_the_tasks_themselves_give_the_same_figures(world: World) -> None:
    leader = world.actor("leader")
    for wanted in (*FILTERS, TaskFilter(unit_id=world.units["police"])):
        for codes, level in ((PLACES, Level.COMMUNITY), ((TOWN_A, TOWN_B), Level.TOWN)):
            what = asked(wanted)
            slow = direct.counts(
                db.session(), leader, COLUMN_OF[level], codes, wanted, what.days, what.at
            )
            expected = {code: plain(Figures(slow.get(code, {}))) for code in codes}
            assert figures(leader, codes, level, what) == expected
            assert any(expected.values())
        check_days(leader, asked(wanted))


def check_days(leader: Actor, what: Asked) -> None:
    """And the same on each day."""
    kinds, days = kinds_of(db.session(), what.wanted), what.days
    assert kinds is not None
    assert days is not None
    clauses = [visible(leader), Task.town_code == TOWN_A, *filters.clauses(what.wanted, what.at)]
    _, told = direct.by_day(db.session(), clauses, days, what.at)
    counted = kind_days.daily(db.session(), [TOWN_A], kinds, DATED, days)
    for measure in DATED:
        assert +told[measure] == +counted.get(measure, Counter()), (what.wanted, measure)


def test_grids_are_counted_alike_by_their_communities_and_all_together(world: World) -> None:
    leader, what = world.actor("leader"), replace(asked(), flows=RATED)
    at_first = select(Task.grid_code, func.min(Task.id)).where(Task.grid_code.is_not(None))
    rows = db.session.execute(at_first.group_by(Task.grid_code))
    in_grids = {code: first for code, first in rows}  # noqa: C416 - a row is no pair to dict()
    stayed = update(Task).where(Task.id == min(in_grids.values())).values(community_code=HAIAN)
    for change in ([], [stayed]):
        for one in change:  # its grid came to another community, the task did not
            with unit_of_work() as work:
                work.execute(one)
        slow = direct.counts(
            db.session(), leader, Task.grid_code, in_grids, TaskFilter(), what.days, what.at
        )
        fast = of_areas(db.session(), leader, list(in_grids), Level.GRID, what)
        for code in in_grids:
            for measure in (*RATED, Measure.OVERDUE, *OPEN):
                assert fast[code][measure] == slow[code][measure]
        assert sum(one[Measure.VALID] for one in fast.values()) > 0


def test_steps_that_sent_a_task_back_are_counted_whichever_way(world: World) -> None:
    what = asked()
    slow = direct.counts(
        db.session(), world.actor("leader"), Task.district_code, [DISTRICT], what.wanted, what.days, what.at
    )[DISTRICT]  # fmt: skip
    fast = of_areas(db.session(), world.actor("leader"), [DISTRICT], Level.DISTRICT, what)[DISTRICT]
    for measure in TAKEN:
        assert fast[measure] == slow[measure] > 0


def test_a_figure_equals_the_number_of_rows_of_the_list_it_opens(world: World) -> None:
    leader, what = world.actor("leader"), asked()
    make_point(world, actions=["7"])
    with unit_of_work() as work:
        point = select(InspectionPoint.id).scalar_subquery()
        work.execute(update(Task).where(Task.id % 3 == 0).values(point_id=point))

    def rows(area: str, wanted: TaskFilter, **narrowed: object) -> int:
        narrower = replace(wanted, area=area, **narrowed)  # type: ignore[arg-type]
        query = filters.apply(select(func.count(Task.id)).where(visible(leader)), narrower, what.at)
        return db.session.scalar(query) or 0

    days = {"since": what.days.first, "until": what.days.last}
    ended = {"ended_since": what.days.first, "ended_until": what.days.last}
    for wanted in (TaskFilter(), TaskFilter(action="7"), TaskFilter(action="body")):
        for codes, level in (((TOWN_A,), Level.TOWN), ((SANZAO, HAIAN), Level.COMMUNITY)):
            found = of_areas(db.session(), leader, codes, level, replace(what, wanted=wanted))
            for code in codes:
                one = found[code]
                assert one.open == rows(code, wanted, states=tuple(OPEN)) > 0
                assert one.overdue == rows(code, wanted, due=filters.Due.OVERDUE)
                assert one[Measure.FOUND] == rows(code, wanted, **days)
                assert one[Measure.ENDED] == rows(code, wanted, states=(State.CLOSED,), **ended)
    nothing = of_areas(
        db.session(), leader, (TOWN_A,), Level.TOWN, asked(TaskFilter(action="face"))
    )
    assert not plain(nothing[TOWN_A])


def test_a_past_day_shows_what_a_replay_of_the_events_shows(world: World) -> None:
    today = in_city(clock.now()).date()
    for back in (1, 3, 10, 30, DAYS + 5):
        day = today - timedelta(days=back)
        for wanted in FILTERS:
            found = of_areas(
                db.session(), world.actor("leader"), PLACES, Level.COMMUNITY, asked(wanted, day)
            )
            replayed = replay(day, wanted)
            for code in PLACES:
                assert {s: found[code][s] for s in sorted(OPEN) if found[code][s]} == {
                    s: n for s, n in replayed[code][0].items() if s in OPEN
                }
                assert found[code].overdue == replayed[code][1]
    check_changes(world.actor("leader"), today)


def check_changes(leader: Actor, today: date) -> None:
    """What changed on each day leads from the picture of one day to that of another."""
    first, last = today - timedelta(days=DAYS), today - timedelta(days=3)
    for wanted in FILTERS:
        kinds = kinds_of(db.session(), wanted)
        assert kinds is not None
        measures = (*sorted(OPEN), Measure.OVERDUE)
        areas = (*PLACES, TOWN_A)
        _, changed = kind_days.line(db.session(), areas, kinds, measures, Days(first, last))
        for codes, level in ((PLACES, Level.COMMUNITY), ((TOWN_A,), Level.TOWN)):
            before, after = (
                of_areas(db.session(), leader, codes, level, asked(wanted, day)) for day in (first, last)
            )  # fmt: skip
            for code in codes:
                for one in measures:
                    added = sum(n for _, n in changed.get((code, one), ()))
                    assert before[code][one] + added == after[code][one], (wanted, code, one)


def replay(day: date, wanted: TaskFilter) -> dict[str, tuple[dict[str, int], int]]:
    """States and overdue by community at the end of a day, told by the events alone."""
    end = datetime.combine(day + timedelta(days=1), time(), CITY_ZONE).astimezone(UTC)
    found: dict[str, tuple[dict[str, int], list[int]]] = {code: ({}, [0]) for code in PLACES}
    for task in db.session.scalars(select(Task)):
        if wanted.sources and task.source not in wanted.sources:
            continue
        facts: dict[str, object] = {}
        state = None
        for said in db.session.scalars(
            select(TaskEvent).where(TaskEvent.task_id == task.id, TaskEvent.at < end)
            .order_by(TaskEvent.sequence)
        ):  # fmt: skip
            facts |= said.payload.get("stands", {})
            state = said.target_state
        if state is None or (wanted.category and facts["category"] != category_of(wanted.category)):
            continue
        states, late = found[str(facts["community"])]
        states[state] = states.get(state, 0) + 1
        due = facts.get("due")
        if state in {s.value for s in RUNNING} and due and datetime.fromisoformat(str(due)) < end:
            late[0] += 1
    return {code: (states, late[0]) for code, (states, late) in found.items()}


def category_of(code: str) -> int:
    return category("06010" if code == "06" else code)


def test_a_unit_sees_its_own_tasks_only_and_not_those_of_a_past_day(world: World) -> None:
    clerk = world.actor("clerk")
    found = of_areas(db.session(), clerk, PLACES, Level.COMMUNITY, asked())
    own = db.session.scalar(
        select(func.count()).where(visible(clerk), Task.state.in_(sorted(OPEN)))
    )
    assert sum(one.open for one in found.values()) == own
    with pytest.raises(Invalid, match="本单位"):
        of_areas(
            db.session(), clerk, PLACES, Level.COMMUNITY,
            asked(on=in_city(clock.now()).date() - timedelta(days=2)),
        )  # fmt: skip


def test_rates_have_no_value_where_nothing_can_be_divided() -> None:
    assert Figures().rectified_rate is None
    assert Figures({Measure.DUE.value: 4, Measure.ON_TIME.value: 3}).on_time_rate == 75
    assert set(DATED) <= set(Measure)


def test_without_a_filter_the_tasks_are_asked_for_today_s_deadlines_alone(world: World) -> None:
    leader, what, said = world.actor("leader"), asked(), list[str]()

    def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        said.append(statement)

    of_areas(db.session(), leader, PLACES, Level.COMMUNITY, what)
    event.listen(db.engine, "before_cursor_execute", note)
    of_areas(db.session(), leader, PLACES, Level.COMMUNITY, what)
    event.remove(db.engine, "before_cursor_execute", note)
    of_tasks = [one for one in said if "FROM task" in one]
    assert len(said) <= 5
    assert len(of_tasks) == 1
    assert "due_at <" in of_tasks[0]

"""Due soon and overdue mean the same in a list, on a map, on a phone and in an export."""

from datetime import datetime, timedelta
from random import Random

from flask import Flask
from sqlalchemy import select

from tests.factories.client import open_session
from tests.factories.steps import alter, step
from tests.factories.world import SANZAO, World, make_task, make_world, task
from tracker import clock
from tracker.inspections.package_tasks import own_tasks
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks import presenting, queries
from tracker.tasks.deadlines import DueBand, due_band
from tracker.tasks.models import Task
from tracker.tasks.states import RUNNING, Action, State


def by_sql(at: datetime) -> dict[str, DueBand]:
    late = db.session.scalars(select(Task.number).where(queries.overdue(at)))
    soon = db.session.scalars(select(Task.number).where(queries.due_soon(at)))
    return dict.fromkeys(late, DueBand.OVERDUE) | dict.fromkeys(soon, DueBand.DUE_SOON)


def by_python(at: datetime) -> dict[str, DueBand]:
    bands = {row.number: presenting.band(row, at) for row in db.session.scalars(select(Task))}
    return {number: band for number, band in bands.items() if band not in (None, DueBand.ON_TIME)}


def test_lists_and_pages_agree_on_any_row_at_any_moment(both: Flask) -> None:
    world, dice, now = make_world(), Random(7), clock.now().replace(microsecond=0)  # noqa: S311
    numbers = [make_task(world) for _ in range(16)]
    seconds = (-7200, -61, -1, 0, 1, 59, 7200)
    seen: set[DueBand] = set()
    for _ in range(12):
        with unit_of_work() as work:
            for found in work.scalars(select(Task).where(Task.number.in_(numbers))):
                due = dice.choice((None, *seconds))
                soon = dice.choice((None, *seconds))
                found.state = dice.choice([*State, *sorted(RUNNING), *sorted(RUNNING)])
                found.due_at = None if due is None else now + timedelta(seconds=due)
                found.due_soon_at = None if soon is None else now + timedelta(seconds=soon)
        for second in seconds:
            at = now + timedelta(seconds=second)
            assert by_sql(at) == by_python(at)
            seen |= set(by_python(at).values())
    assert seen == {DueBand.OVERDUE, DueBand.DUE_SOON}


def _clock_started(world: World) -> dict[str, datetime]:
    """Tasks of every way a clock starts, by the moment it did."""
    plain, suspended, submitted, extended, again, reworked = (
        make_task(world, state)
        for state in (State.DISPATCHED, State.SUSPENDED, State.SUBMITTED, State.HANDLING, State.SUSPENDED, State.SUBMITTED)
    )  # fmt: skip
    for action, who in (
        (Action.ASK_EXTENSION, "clerk"), (Action.ENDORSE, "head"), (Action.GRANT_EXTENSION, "dispatcher"),
    ):  # fmt: skip
        step(world, extended, action, who)
    step(world, again, Action.RESUME, "dispatcher")
    step(world, reworked, Action.REWORK, "verifier")
    assert {task(number).state for number in (suspended, submitted)} == {"suspended", "submitted"}
    starts = {}
    for number in (plain, extended, again, reworked):
        starts[number] = next(
            event.at for event in reversed(task(number).events)
            if event.action in ("dispatch", "grant_extension", "resume", "rework")
        )  # fmt: skip
    return starts


def test_the_last_fifth_counts_from_where_the_clock_was_last_started(app: Flask) -> None:
    starts = _clock_started(make_world())
    dues = {number: task(number).due_at for number in starts}
    for number, due in dues.items():
        for share in (0.0, 0.5, 0.79, 0.81, 0.999, 1.001, 2.0):
            at = starts[number] + (due - starts[number]) * share
            expected = due_band(at, starts[number], due)
            assert presenting.band(task(number), at) is expected, (number, share)
            found = by_sql(at).get(number, DueBand.ON_TIME)
            assert found is expected, (number, share)
    late = max(dues.values()) + timedelta(days=400)
    assert set(by_sql(late)) == set(starts), "shelved and submitted tasks are never late"


def test_the_map_the_phone_and_the_ledger_say_what_the_list_says(app: Flask) -> None:
    world, now = make_world(), clock.now()
    hour = timedelta(hours=1)
    late, soon, calm = (make_task(world, State.HANDLING) for _ in range(3))
    shelved = make_task(world, State.SUSPENDED)
    for number, due, begins in (
        (late, -hour, -2 * hour), (soon, hour, -hour), (calm, 3 * hour, 2 * hour), (shelved, -hour, -2 * hour),
    ):  # fmt: skip
        alter(number, due_at=now + due, due_soon_at=now + begins)
    client = open_session(app, "dispatcher")
    answer = client.get(f"/maps/{SANZAO}/tasks.json").get_json()
    bands = {row[0]: row[answer["columns"].index("band")] for row in answer["rows"]}
    assert bands == {late: "overdue", soon: "due_soon", calm: "on_time", shelved: None}
    with app.test_request_context():
        mine = {row["number"]: row for row in own_tasks(db.session(), world.actor("clerk"))}
    assert {number for number, row in mine.items() if row["is_overdue"]} == {late}
    assert datetime.fromisoformat(mine[soon]["due_soon_at"]) == task(soon).due_soon_at
    exported = client.get("/tasks/export.csv?due=due_soon").data.decode()
    assert soon in exported
    assert late not in exported


def test_a_unit_finds_what_it_submitted_in_time(app: Flask) -> None:
    """Such a task is with no unit any more: no list may look for it among those that are."""
    world = make_world()
    number, late = make_task(world, State.CLOSED), make_task(world, State.CLOSED)
    alter(late, due_at=clock.now() - timedelta(days=30))
    for who in ("clerk", "dispatcher"):
        page = open_session(app, who).get("/tasks/?due=on_time").text
        assert (number in page, late in page) == (True, False), who

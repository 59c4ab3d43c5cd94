"""Every way of changing the record behind the product's back is seen by `tracker audit verify`."""

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.factories.world import make_task, make_world
from tracker.cli.audit import audit
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.states import State
from tracker.tasks.verifying import Verified, verify

#: One task has these events: report, file, dispatch, acknowledge, submit, pass.
EVENTS = 6
_OF_IT = "task_id = (SELECT id FROM task WHERE number = :number)"

MUTATIONS = {
    "a word of an event is changed": [
        f"UPDATE task_event SET actor_name = 'nobody' WHERE {_OF_IT} AND sequence = 3"
    ],
    "what an event holds is changed": [
        f"UPDATE task_event SET payload = '{{}}' WHERE {_OF_IT} AND sequence = 3"
    ],
    "an event is moved in time": [
        f"UPDATE task_event SET at = '2020-01-01 00:00:00.000000' WHERE {_OF_IT} AND sequence = 5"
    ],
    "an event from the middle is deleted": [
        f"DELETE FROM task_event WHERE {_OF_IT} AND sequence = 3"
    ],
    "the gap is closed": [
        f"DELETE FROM task_event WHERE {_OF_IT} AND sequence = 3",
        f"UPDATE task_event SET sequence = 3 WHERE {_OF_IT} AND sequence = 4",
        f"UPDATE task_event SET sequence = 4 WHERE {_OF_IT} AND sequence = 5",
        f"UPDATE task_event SET sequence = 5 WHERE {_OF_IT} AND sequence = 6",
        "UPDATE task SET event_count = 5 WHERE number = :number",
    ],
    "the first event is deleted": [f"DELETE FROM task_event WHERE {_OF_IT} AND sequence = 1"],
    "the newest event is cut off": [f"DELETE FROM task_event WHERE {_OF_IT} AND sequence = 6"],
    "the newest event is cut off and the count mended": [
        f"DELETE FROM task_event WHERE {_OF_IT} AND sequence = 6",
        "UPDATE task SET event_count = 5, state = 'submitted' WHERE number = :number",
    ],
    "two events change places": [
        f"UPDATE task_event SET sequence = 99 WHERE {_OF_IT} AND sequence = 2",
        f"UPDATE task_event SET sequence = 2 WHERE {_OF_IT} AND sequence = 3",
        f"UPDATE task_event SET sequence = 3 WHERE {_OF_IT} AND sequence = 99",
    ],
    "a hash is replaced": [
        f"UPDATE task_event SET hash = prev_hash WHERE {_OF_IT} AND sequence = 4"
    ],
    "all events are deleted": [f"DELETE FROM task_event WHERE {_OF_IT}"],
    "an event is added": [
        "INSERT INTO task_event (task_id, sequence, action, source_state, target_state, actor_name,"
        " roles, at, recorded_at, payload, prev_hash, hash) SELECT task_id, 7, 'comment', 'closed',"
        " 'closed', '', '', at, recorded_at, payload, hash, prev_hash FROM task_event"
        f" WHERE {_OF_IT} AND sequence = 6"
    ],
    "the state is set by hand": ["UPDATE task SET state = 'handling' WHERE number = :number"],
    "the head is replaced": ["UPDATE task SET head_hash = 'x' WHERE number = :number"],
    "the task takes another's identity": [
        "UPDATE task SET uuid = '00000000-0000-0000-0000-000000000000' WHERE number = :number"
    ],
}


def faults(number: str | None = None) -> list[str]:
    db.session.rollback()
    return list(verify(db.session(), Verified(), number=number))


def tamper(number: str, statements: list[str]) -> None:
    with unit_of_work() as work:
        # whoever forges events clears what points to them away first
        for statement in ("DELETE FROM digest_line", "DELETE FROM notice", *statements):
            work.execute(text(statement), {"number": number} if ":number" in statement else {})


@pytest.fixture
def two(app: Flask) -> tuple[str, str]:
    """A closed task to tamper with, and another that stays whole."""
    world = make_world()
    return make_task(world, State.CLOSED), make_task(world, State.CLOSED)


def test_what_the_product_wrote_is_whole(both: Flask) -> None:
    world = make_world()
    for state in (State.CLOSED, State.HANDLING, State.REJECTED):
        make_task(world, state)
    seen = Verified()
    assert list(verify(db.session(), seen)) == []
    assert (seen.tasks, seen.faults) == (3, 0)
    assert seen.events == EVENTS + 4 + 2


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda name: name.replace(" ", "-"))
def test_it_is_seen_when(two: tuple[str, str], mutation: str) -> None:
    number, other = two
    tamper(number, MUTATIONS[mutation])
    found = faults()
    assert found
    assert all(fault.startswith(number) for fault in found)
    assert faults(other) == []


def test_events_without_a_task_are_seen(app: Flask) -> None:
    make_task(make_world(), State.CLOSED)
    _without_foreign_keys("UPDATE task_event SET task_id = 4711")
    _without_foreign_keys("DELETE FROM task")
    assert faults() == ["task 4711: 6 events, but the task is gone"]


def _without_foreign_keys(statement: str) -> None:
    session: Session = db.session()
    session.rollback()
    connection = db.engine.raw_connection()
    connection.execute("PRAGMA foreign_keys=OFF")
    connection.execute(statement)
    connection.execute("PRAGMA foreign_keys=ON")
    connection.close()


def test_more_tasks_than_a_page_are_walked(
    two: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.tasks.verifying.PAGE", 1)
    seen = Verified()
    assert list(verify(db.session(), seen)) == []
    assert seen.tasks == 2


def test_the_command_ends_with_1_when_a_chain_is_broken(app: Flask, two: tuple[str, str]) -> None:
    run = app.test_cli_runner()
    whole = run.invoke(audit, ["verify"])
    assert (whole.exit_code, "发现问题 0 处" in whole.output) == (0, True)
    tamper(two[0], MUTATIONS["the newest event is cut off"])
    broken = run.invoke(audit, ["verify"])
    assert broken.exit_code == 1
    assert two[0] in broken.output
    assert run.invoke(audit, ["verify", "--task", two[1]]).exit_code == 0
    assert run.invoke(audit, ["verify", "--task", "JW-0"]).exit_code == 2

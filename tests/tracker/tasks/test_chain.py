"""The chain of a task's events shows every change made behind the one door."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import product
from typing import Any

from flask import Flask
from sqlalchemy import Table, delete, select, update

from tests.codebase.sources import python_files
from tests.factories.world import make_task, make_world, task
from tracker.notices.models import DigestLine, Notice
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.chain import breaks
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.states import State

EVENTS: Table = TaskEvent.__table__  # type: ignore[assignment]
TASKS: Table = Task.__table__  # type: ignore[assignment]

#: Not part of what happened: the row's own id.
UNSEALED = {"id"}
#: What an insider might write into each column of an event.
FORGED: dict[str, Any] = {
    "task_id": "another",
    "sequence": 77,
    "action": "cancel",
    "source_state": "reported",
    "target_state": "rejected",
    "actor_id": "another",
    "actor_name": "张三",
    "roles": "leader",
    "at": "an hour earlier",
    "recorded_at": "an hour earlier",
    "payload": {"reason": "另一个原因"},
    "prev_hash": "f" * 64,
    "hash": "e" * 64,
}


def faults(number: str) -> list[str]:
    found = task(number)
    return breaks(found, found.events)


def events(number: str) -> list[Any]:
    return [(event.id, event.sequence) for event in task(number).events]


def behind_the_door(*statements: Any) -> None:
    """Whoever forges events clears what points to them away first."""
    with unit_of_work() as work:
        for table in (DigestLine, Notice):
            work.execute(delete(table))
        for statement in statements:
            work.execute(statement)


class _TakenBack(Exception):
    """Ends a forgery that leaves no trace."""


def faults_after(number: str, *statements: Any) -> list[str]:
    """What a forgery shows, which is then taken back, so that the next one finds a whole chain."""
    seen: list[str] = []
    with suppress(_TakenBack), unit_of_work() as work:
        for statement in (delete(DigestLine), delete(Notice), *statements):
            work.execute(statement, execution_options={"synchronize_session": False})
        work.expire_all()
        found = work.scalars(select(Task).where(Task.number == number)).one()
        seen = breaks(found, found.events)
        raise _TakenBack
    assert faults(number) == []
    return seen


def test_a_task_walked_by_the_door_has_a_whole_chain(both: Flask):
    world = make_world()
    assert faults(make_task(world, State.CLOSED)) == []


def test_every_column_of_an_event_has_a_forgery_in_this_test():
    assert set(FORGED) == {column.name for column in EVENTS.columns} - UNSEALED


def test_a_changed_column_of_any_event_is_seen(both: Flask):
    world = make_world()
    number, other = make_task(world, State.CLOSED), task(make_task(world)).id
    behind_the_door(delete(EVENTS).where(EVENTS.c.task_id == other))
    given = {"task_id": other, "actor_id": world.users["auditor"]}
    for place, (column, forged) in product((0, 2, -1), sorted(FORGED.items())):
        event = task(number).events[place]
        value = given.get(column, forged)
        if value == "an hour earlier":
            value = getattr(event, column) - timedelta(hours=1)
        assert getattr(event, column) != value
        forgery = update(EVENTS).where(EVENTS.c.id == event.id).values({column: value})
        assert faults_after(number, forgery) != [], (place, column)


def delete_one(number: str, place: int) -> Any:
    return delete(EVENTS).where(EVENTS.c.id == events(number)[place][0])


def test_a_deleted_event_is_seen(both: Flask):
    number = make_task(make_world(), State.CLOSED)
    for place in (0, 2, -1):
        assert faults_after(number, delete_one(number, place)) != [], place


def test_a_deleted_event_is_seen_even_when_the_others_move_up(both: Flask):
    number = make_task(make_world(), State.CLOSED)
    for place in (0, 2):
        later = events(number)[place + 1 :]
        seen = faults_after(
            number,
            delete_one(number, place),
            *(update(EVENTS).where(EVENTS.c.id == i).values(sequence=n - 1) for i, n in later),
            update(TASKS).where(TASKS.c.number == number).values(event_count=len(later) + place),
        )
        assert seen != [], place


def test_events_in_another_order_are_seen(both: Flask):
    number = make_task(make_world(), State.CLOSED)
    (first, one), (second, two) = events(number)[1:3]
    behind_the_door(
        update(EVENTS).where(EVENTS.c.id == first).values(sequence=99),
        update(EVENTS).where(EVENTS.c.id == second).values(sequence=one),
        update(EVENTS).where(EVENTS.c.id == first).values(sequence=two),
    )
    assert faults(number) != []


def copied(number: str, **changes: Any) -> dict[str, Any]:
    last = task(number).events[-1]
    row = {column.name: getattr(last, column.name) for column in EVENTS.columns}
    return {**row, "id": None, "sequence": last.sequence + 1, **changes}


def test_an_event_that_was_slipped_in_is_seen(both: Flask):
    number = make_task(make_world(), State.HANDLING)
    row = copied(number, prev_hash=task(number).head_hash)
    row.pop("id")
    behind_the_door(EVENTS.insert().values(row))
    assert faults(number) != []


def test_a_task_changed_behind_the_door_is_seen(both: Flask):
    number = make_task(make_world(), State.HANDLING)
    for change in ({"state": "closed"}, {"event_count": 3}, {"head_hash": "d" * 64}):
        forgery = update(TASKS).where(TASKS.c.number == number).values(change)
        assert faults_after(number, forgery) != [], change


def test_an_event_of_another_task_does_not_fit(both: Flask):
    world = make_world()
    number, other = make_task(world, State.FILED), make_task(world, State.FILED)
    assert breaks(task(number), task(other).events) != []


def test_no_event_at_all_is_seen(both: Flask):
    number = make_task(make_world())
    assert breaks(task(number), []) != []


def test_nothing_but_the_one_door_writes_events_or_states():
    """Reading the source: the names through which a second writer would have to go."""
    allowed = {
        "tracker/tasks/operations.py", "tracker/tasks/appending.py", "tracker/tasks/models.py",
    }  # fmt: skip
    writers: dict[str, Callable[[str], bool]] = {
        "TaskEvent(": lambda text: "TaskEvent(" in text.replace("class TaskEvent(Base)", ""),
        # the desk rehearses on copies that no session holds
        ".state =": lambda text: "task.state = " in text and "session.expunge(" not in text,
        "event.hash": lambda text: ".head_hash =" in text,
    }
    found = {
        name: [
            path for path, text in python_files("tracker") if writes(text) and path not in allowed
        ]
        for name, writes in writers.items()
    }
    assert found == dict.fromkeys(writers, [])

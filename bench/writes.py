"""A step through the door with its event, chain and counters, against a plain UPDATE and INSERT with one commit each."""

from collections.abc import Callable, Iterator
from itertools import count
from uuid import uuid4

from sqlalchemy import select, text

from bench.installations import SMALL, copied
from bench.report import Section
from bench.timing import in_turn
from tracker.access.actor import SYSTEM
from tracker.storage.db import db
from tracker.tasks import listeners
from tracker.tasks.given import Given
from tracker.tasks.models import Task
from tracker.tasks.operations import Order, perform
from tracker.tasks.states import Action, State

STEPS = 40
ROUNDS = 2


def measure() -> Section:
    """SQLite with synchronous=FULL, one writer; each step files a report."""
    with copied(SMALL) as app, app.app_context():
        numbers = iter(
            db.session.scalars(select(Task.number).where(Task.state == State.REPORTED.value)).all()
        )
        db.session.remove()
        ways = {
            "plain": _many(_plain(count())),
            "door without counters": _without(_many(_filing(numbers))),
            "door": _many(_filing(numbers)),
        }
        with db.engine.begin() as connection:
            connection.execute(
                text("CREATE TABLE bench_event (id INTEGER PRIMARY KEY, at TEXT, payload TEXT)")
            )
        took = {name: seconds / STEPS * 1000 for name, seconds in in_turn(ways, ROUNDS).items()}
        db.session.remove()
    rows = [
        ("plain UPDATE and INSERT", f"{took['plain']:.2f}", "1.0 ×"),
        ("a step through the door, without its counters", f"{took['door without counters']:.2f}", f"{took['door without counters'] / took['plain']:.1f} ×"),
        ("a step through the door", f"{took['door']:.2f}", f"{took['door'] / took['plain']:.1f} ×"),
        ("what the counters add to the step", f"{took['door'] - took['door without counters']:.2f}", f"{took['door'] / took['door without counters']:.2f} ×"),
    ]  # fmt: skip
    notes = [
        f"Median milliseconds of a commit over {ROUNDS} rounds of {STEPS}, SQLite, WAL, synchronous=FULL, one writer.",
        "A step through the door checks the rules, locks the task, seals the event, keeps a receipt and tells who has to know.",
    ]
    return Section("Steps", ("way", "ms a commit", "ratio"), rows, notes)


def _many(step: Callable[[], None]) -> Callable[[], None]:
    def steps() -> None:
        for _ in range(STEPS):
            step()

    return steps


def _filing(numbers: Iterator[str]) -> Callable[[], None]:
    order = [Order(Action.FILE, Given(category_id=1))]

    def step() -> None:
        perform(order, number=next(numbers), actor=SYSTEM, version=None, request_uuid=str(uuid4()))

    return step


def _without(steps: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        kept = list(listeners._watchers)
        listeners._watchers.clear()
        try:
            steps()
        finally:
            listeners._watchers.extend(kept)

    return run


def _plain(serials: Iterator[int]) -> Callable[[], None]:
    def step() -> None:
        serial = next(serials)
        with db.engine.begin() as connection:
            connection.execute(
                text("UPDATE task SET updated_at = updated_at WHERE id = :id"),
                {"id": 1 + serial % 1000},
            )
            connection.execute(
                text("INSERT INTO bench_event (at, payload) VALUES ('2026-01-01', :p)"),
                {"p": "x" * 400},
            )

    return step

"""Those who write: each takes tasks through their life, by the door or past it, here or in a process of its own."""

import hashlib
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from multiprocessing.connection import Connection
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, select, update

from tracker import clock
from tracker.access.actor import SYSTEM
from tracker.app import create_app
from tracker.settings import Settings
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks import listeners
from tracker.tasks.given import NOTHING, Given
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.operations import Order, perform
from tracker.tasks.standing import Standing, moved, standing_of
from tracker.tasks.states import Action, State

#: Four ways to commit one step of one task.
PLAIN, COUNTED, UNCOUNTED, DOOR = "plain", "plain with counters", "door without counters", "door"
WAYS = (PLAIN, COUNTED, UNCOUNTED, DOOR)
#: From the report to the end.
STEPS = (Action.FILE, Action.DISPATCH, Action.ACKNOWLEDGE, Action.SUBMIT, Action.PASS)
_A_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Supply:
    """Numbers of reported tasks that nobody else touches; the first ones are written past the door."""

    numbers: Sequence[str]
    unit_id: int
    category_id: int


class Writer:
    """Commits steps one after the other in the application of this process."""

    def __init__(self, supply: Supply, past: int = 20) -> None:
        """`past`: how many of the tasks are written past the door, again and again."""
        self._given = {
            Action.FILE: Given(category_id=supply.category_id),
            Action.DISPATCH: Given(unit_id=supply.unit_id, due_at=clock.now() + _A_WEEK),
            Action.SUBMIT: Given(measures="测量"),
        }
        self._door = self._orders(supply.numbers[past:])
        self._plain = _Plain(supply.numbers[:past])

    def commit(self, way: str, steps: int) -> None:
        """So many steps, each with its own commit. Raises what the door raises."""
        with _uncounted() if way == UNCOUNTED else _as_ever():
            for _ in range(steps):
                if way in (PLAIN, COUNTED):
                    self._plain.commit(is_counted=way == COUNTED)
                else:
                    number, action = next(self._door)
                    order = [Order(action, self._given.get(action, NOTHING))]
                    perform(
                        order, number=number, actor=SYSTEM, version=None, request_uuid=str(uuid4())
                    )
                    db.session.remove()

    @staticmethod
    def _orders(numbers: Sequence[str]) -> Iterator[tuple[str, Action]]:
        return ((number, action) for number in numbers for action in STEPS)


class _Plain:
    """The same rows without the door: a task goes to and fro between reported and filed."""

    def __init__(self, numbers: Sequence[str]) -> None:
        with db.session() as session:
            tasks = session.scalars(select(Task).where(Task.number.in_(numbers))).all()
            self._standings: dict[int, Standing] = {task.id: standing_of(task) for task in tasks}
        db.session.remove()
        self._ids, self._serials = list(self._standings), count(1)

    def commit(self, *, is_counted: bool) -> None:
        serial = next(self._serials)
        key, now = self._ids[serial % len(self._ids)], clock.now()
        before = self._standings[key]
        is_new = before.state == State.REPORTED.value
        after = replace(before, state=(State.FILED if is_new else State.REPORTED).value)
        event = _event(key, serial, before, after, now)
        with unit_of_work() as work:
            connection = work.connection()
            connection.execute(
                update(Task.__table__)  # type: ignore[arg-type]
                .where(Task.id == key)
                .values(
                    state=after.state, filed_at=now if is_new else None, updated_at=now, head_hash=event["hash"],
                    event_count=Task.event_count + 1, version=Task.version + 1,
                )
            )  # fmt: skip
            connection.execute(insert(TaskEvent.__table__), [event])  # type: ignore[arg-type]
            if is_counted:
                listeners.counted(work, SimpleNamespace(**event), before, after)  # type: ignore[arg-type]
        self._standings[key] = after
        db.session.remove()


def _event(
    key: int, serial: int, before: Standing, after: Standing, at: datetime
) -> dict[str, Any]:
    sealed = hashlib.sha256(f"{key}/{serial}".encode()).hexdigest()
    payload = {"category": "06010 暴露垃圾", "category_changed": False, **moved(before, after)}
    return {
        "task_id": key, "sequence": 1000 + serial, "action": Action.FILE.value, "source_state": before.state,
        "target_state": after.state, "actor_id": None, "actor_name": "测量", "roles": "", "at": at, "recorded_at": at,
        "payload": payload, "prev_hash": sealed, "hash": sealed,
    }  # fmt: skip


@contextmanager
def _as_ever() -> Iterator[None]:
    yield


@contextmanager
def _uncounted() -> Iterator[None]:
    kept = list(listeners._watchers)
    listeners._watchers.clear()
    try:
        yield
    finally:
        listeners._watchers.extend(kept)


# --- processes -------------------------------------------------------------------------------------


class Crew:
    """Writers in processes of their own on one database; they work at the same time."""

    def __init__(self, settings: Settings, supplies: Sequence[Supply]) -> None:
        context = multiprocessing.get_context("spawn")
        self._hands: list[Any] = []
        self._processes = []
        for supply in supplies:
            near, far = context.Pipe()
            process = context.Process(target=_work, args=(far, settings, supply), daemon=True)
            process.start()
            far.close()  # so that a writer that dies is heard
            self._hands.append(near)
            self._processes.append(process)
        self.end()

    def commit(self, way: str, steps: int) -> None:
        """So many steps each; returns when all are done. Raises RuntimeError for a writer that failed."""
        self.begin(way, steps)
        failed = self.end()
        if failed:
            raise RuntimeError("; ".join(failed))

    def begin(self, way: str, steps: int) -> None:
        """As `commit`, but returns at once; `is_busy` and `end` tell the rest."""
        for hand in self._hands:
            hand.send((way, steps))

    def is_busy(self) -> bool:
        """Whether nobody has finished what was begun."""
        return not any(hand.poll() for hand in self._hands)

    def end(self) -> list[str]:
        """Wait until everybody has finished; what stopped those who failed."""
        return [said for hand in self._hands if (said := hand.recv())]

    def dismiss(self) -> None:
        """Send everybody home."""
        for hand in self._hands:
            hand.send(None)
        for process in self._processes:
            process.join(timeout=30)


def _work(hand: Connection, settings: Settings, supply: Supply) -> None:
    """Carry out what is ordered until nothing more is; says "" when it went well, else what went wrong."""
    app = create_app(settings)
    with app.app_context():
        writer = Writer(supply)
        hand.send("")
        while (order := hand.recv()) is not None:
            hand.send(_tried(lambda order=order: writer.commit(*order)))
        db.session.remove()
        db.engine.dispose()


def _tried(work: Callable[[], None]) -> str:
    try:
        work()
    except Exception as error:  # every failure of a write is what is counted
        return repr(error)
    return ""

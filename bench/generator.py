"""Tasks by the million with the events that tell their story, written in bulk past the door: for measuring, never for use.

Every chain is sealed and every event says what it moved, so that `tracker audit verify` finds nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, func, insert, select, text
from sqlalchemy.orm import Session

from bench import wide
from bench.district import SPOTS, THINGS
from gis.cells import encode
from gis.grid import Locator
from tracker import clock
from tracker.catalogue.models import Category
from tracker.clock import CITY_ZONE, in_city
from tracker.counters import recounting
from tracker.people.models import User
from tracker.places.models import Organization
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.chain import GENESIS, seal
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.standing import Standing, moved
from tracker.tasks.states import OPEN, Action, Closing, State

SEED = 11
#: Days of the past that finished tasks are spread over, and open ones.
PAST, LATELY = 730, 45
PEOPLE = 300
_BATCH = 5_000
_ROAD = (
    (Action.REPORT, State.REPORTED), (Action.FILE, State.FILED), (Action.DISPATCH, State.DISPATCHED),
    (Action.ACKNOWLEDGE, State.HANDLING), (Action.SUBMIT, State.SUBMITTED), (Action.PASS, State.CLOSED),
)  # fmt: skip
#: Weights of where a task has come to: 15 % open, half settled on the spot, as a district lives.
_ENDS = (
    ((*_ROAD[:1],), 3.0), ((*_ROAD[:2],), 2.0), ((*_ROAD[:3],), 3.0), ((*_ROAD[:4],), 5.0), ((*_ROAD[:5],), 2.0),
    (_ROAD, 34.0), (((Action.SELF_HANDLE, State.CLOSED),), 50.0), ((_ROAD[0], (Action.REJECT, State.REJECTED)), 1.0),
)  # fmt: skip
_MARKS = {
    Action.FILE: "filed_at", Action.DISPATCH: "dispatched_at", Action.ACKNOWLEDGE: "acknowledged_at",
    Action.SUBMIT: "submitted_at", Action.PASS: "closed_at",
}  # fmt: skip
_CLOSINGS = {
    Action.PASS: Closing.PASSED, Action.SELF_HANDLE: Closing.SELF_HANDLED, Action.REJECT: Closing.REJECTED,
}  # fmt: skip
#: Columns without a value of their own.
_PLAIN = {
    "assist_unit_ids": [], "joint_unit_ids": [], "is_urgent": False, "is_supervised": False, "is_exempt": False,
    "was_overdue": False, "appealed": False, "is_endorsed": False, "is_forced": False, "rework_to_read": False,
    "self_handled": False, "rework_count": 0, "extension_count": 0, "return_count": 0, "coord_sys": "wgs84",
    "pos_method": "gps",
}  # fmt: skip
_TASK: Table = Task.__table__  # type: ignore[assignment]
_EVENT: Table = TaskEvent.__table__  # type: ignore[assignment]


@dataclass
class _Event:
    """What `chain.seal` reads."""

    id: int
    task_id: int
    sequence: int
    action: str
    source_state: str | None
    target_state: str
    at: datetime
    recorded_at: datetime
    payload: dict[str, Any]
    prev_hash: str
    hash: str = ""
    actor_id: int | None = None
    actor_name: str = "测量"
    roles: str = ""


def fill(count: int, *, seed: int = SEED) -> None:
    """Make the district, `count` tasks and their events, then count them. The database is new and migrated."""
    made = wide.areas()
    with unit_of_work() as session:
        wide.make_wide_district(session, made)
        _make_people(session)
    units = list(db.session.scalars(select(Organization.id).order_by(Organization.id)))
    people = list(db.session.scalars(select(User.id).order_by(User.id)))
    categories = list(db.session.scalars(select(Category.id).order_by(Category.id)))
    db.session.remove()
    with _bulk() as connection:
        stories = _stories(made, count, Random(seed), units, categories, people)
        while batch := list(islice(stories, _BATCH)):
            connection.execute(insert(_TASK), [task for task, _ in batch])
            connection.execute(insert(_EVENT), [vars(event) for _, own in batch for event in own])
    recounting.rebuild()
    db.session.remove()
    with db.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()


def _make_people(session: Session) -> None:
    """Those who reported the tasks; they cannot sign in."""
    now = clock.now()
    session.execute(
        insert(User),
        [
            {"username": f"bench-{n}", "name": f"测量员{n}", "password_hash": "-", "must_change_password": False,
             "created_at": now, "password_changed_at": now}
            for n in range(PEOPLE)
        ],
    )  # fmt: skip


@contextmanager
def _bulk() -> Iterator[Connection]:
    """One transaction without indexes, which are made anew at its end."""
    indexes = sorted(
        (index for table in (_TASK, _EVENT) for index in table.indexes), key=lambda i: str(i.name)
    )
    is_sqlite = db.engine.dialect.name == "sqlite"
    with db.engine.connect() as connection:
        if is_sqlite:
            driver = connection.connection.driver_connection
            for setting in ("foreign_keys=OFF", "synchronous=OFF", "cache_size=-500000"):
                driver.execute(f"PRAGMA {setting}")
        for index in indexes:
            index.drop(connection)
        yield connection
        for index in indexes:
            index.create(connection)
        if not is_sqlite:
            for table in (_TASK, _EVENT):
                last = connection.scalar(select(func.max(table.c.id))) or 1
                connection.execute(text(f"SELECT setval('{table.name}_id_seq', {int(last)})"))
        connection.commit()
    # the settings above belong to the connection
    db.engine.dispose()


def _stories(
    made: wide.Areas,
    count: int,
    rng: Random,
    units: list[int],
    categories: list[int],
    people: list[int],
) -> Iterator[tuple[dict[str, Any], list[_Event]]]:
    """Tasks in the order in which they were reported, each with its events."""
    lons, lats = wide.points(made, count)
    found = Locator.from_areas(made).locate_many(lons, lats)
    cells = encode(lons, lats).tolist()
    today = datetime.combine(in_city(clock.now()).date(), time(), CITY_ZONE).astimezone(UTC)
    ways = rng.choices([way for way, _ in _ENDS], weights=[weight for _, weight in _ENDS], k=count)
    ages = [rng.uniform(0.05, LATELY if way[-1][1] in OPEN else PAST) for way in ways]
    event_id = 0
    for n, (age, way) in enumerate(sorted(zip(ages, ways, strict=True), key=lambda one: -one[0])):
        community, grid = wide.codes_of(found, n)
        standing = Standing(
            state="", source=rng.choice(("inspection", "grid_patrol", "hotline")),
            district_code=wide.DISTRICT, town_code=community[:9] if community else None,
            community_code=community, grid_code=grid, category_id=rng.choice(categories), cell=cells[n],
        )  # fmt: skip
        task, events = _story(n + 1, standing, today - timedelta(days=age), today, way, rng, units)
        task |= {"lon": float(lons[n]), "lat": float(lats[n]), "reporter_id": rng.choice(people)}
        # one in ten that are being rectified was given to a person
        given = task["state"] == State.HANDLING.value and rng.random() < 0.1
        task["assignee_id"] = rng.choice(people) if given else None
        for event in events:
            event_id += 1
            event.id = event_id
        yield task, events


def _story(
    task_id: int,
    standing: Standing,
    at: datetime,
    now: datetime,
    way: Any,
    rng: Random,
    units: list[int],
) -> tuple[dict[str, Any], list[_Event]]:
    uuid = str(UUID(int=rng.getrandbits(128), version=4))
    standing = replace(standing, reported_at=at)
    marks: dict[str, Any] = dict.fromkeys(
        (
            "filed_at",
            "dispatched_at",
            "acknowledged_at",
            "submitted_at",
            "closed_at",
            "due_soon_at",
            "closing",
        )
    )
    before: Standing | None = None
    events: list[_Event] = []
    for sequence, (action, state) in enumerate(way, 1):
        if sequence > 1:
            at = min(at + timedelta(days=rng.expovariate(0.8)), now)
        after = replace(standing, state=state.value)
        if action is Action.DISPATCH:
            due_at = at + timedelta(days=rng.choice((1, 3, 5, 10)))
            marks["due_soon_at"] = due_at - (due_at - at) / 5
            after = replace(after, unit_id=rng.choice(units), due_at=due_at)
        if action in _MARKS:
            marks[_MARKS[action]] = at
        if action is Action.SUBMIT:
            late = after.due_at is not None and at > after.due_at
            after = replace(after, submitted_at=at, was_overdue=late)
        if action in _CLOSINGS:
            marks["closed_at"], marks["closing"] = at, _CLOSINGS[action].value
            after = replace(after, closed_at=at, closing=marks["closing"])
        event = _Event(
            0, task_id, sequence, action.value, before.state if before else None, state.value, at, at,
            moved(before, after), events[-1].hash if events else GENESIS,
        )  # fmt: skip
        event.hash = seal(event, task_uuid=uuid)
        events.append(event)
        standing = before = after
    return _row(task_id, uuid, standing, marks, events, rng), events


def _row(
    task_id: int,
    uuid: str,
    standing: Standing,
    marks: dict[str, Any],
    events: list[_Event],
    rng: Random,
) -> dict[str, Any]:
    thing, spot = rng.choice(THINGS), rng.choice(SPOTS)
    reported_at = standing.reported_at
    assert reported_at is not None
    return {
        **_PLAIN, **marks, "id": task_id, "number": f"BM-{reported_at:%Y%m%d}-{task_id:07d}", "uuid": uuid,
        "source": standing.source, "state": standing.state, "category_id": standing.category_id,
        "title": f"{spot}{thing}", "description": f"{spot}{thing}，影响市容，请及时处理。",
        "address": f"{spot}{rng.randrange(1, 200)}号", "cell": standing.cell,
        "district_code": standing.district_code, "town_code": standing.town_code,
        "community_code": standing.community_code, "grid_code": standing.grid_code, "unit_id": standing.unit_id,
        "found_at": reported_at, "reported_at": reported_at, "due_at": standing.due_at,
        "submitted_at": standing.submitted_at, "was_overdue": standing.was_overdue,
        "self_handled": len(events) == 1 and standing.state == State.CLOSED.value,
        "updated_at": events[-1].at, "event_count": len(events), "head_hash": events[-1].hash, "version": len(events),
    }  # fmt: skip

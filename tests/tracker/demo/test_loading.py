"""The demo district comes whole, the same each time, and never into real data."""

from datetime import UTC, datetime, timedelta
from random import Random

from flask import Flask
from sqlalchemy import func, select

from tracker.calendar.models import CalendarEntry
from tracker.demo.album import Album
from tracker.demo.doubts import MADE
from tracker.demo.history import Story
from tracker.demo.jinwan import demo_communities
from tracker.demo.loading import is_empty, load_demo
from tracker.demo.staff import DEMO_PASSWORD, demo_people
from tracker.evidence.store import open_store
from tracker.people.models import User
from tracker.people.passwords import verify
from tracker.places.models import Area
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.chain import breaks
from tracker.tasks.models import Task
from tracker.tasks.states import Source

END = datetime(2026, 11, 20, 8, tzinfo=UTC)
#: Tasks besides those of the sixty days: found on rounds, and made to show doubtful evidence.
FOUND = 5 + MADE


def _load(tasks: int = 400) -> dict[str, int]:
    load_demo(end=END, tasks=tasks, say=lambda _line: None)
    return dict(db.session.execute(select(Task.state, func.count()).group_by(Task.state)).all())


def test_the_demo_has_44_communities_tasks_in_every_state_whole_chains_and_accounts(
    app: Flask,
) -> None:
    assert is_empty()
    states = _load()
    assert set(states) == {
        "reported", "filed", "dispatched", "handling", "submitted", "closed", "suspended",
        "rejected", "merged", "cancelled",
    }  # fmt: skip
    assert sum(states.values()) == 400 + FOUND
    levels = dict(db.session.execute(select(Area.level, func.count()).group_by(Area.level)).all())
    assert levels["district"] == 1
    assert levels["town"] == 4
    assert levels["community"] == 44
    pilots = db.session.scalars(select(Area).where(Area.is_pilot, Area.level == "community")).all()
    assert len(pilots) == 6
    assert not is_empty()
    typhoon = db.session.scalars(select(CalendarEntry).where(CalendarEntry.layer == "order")).one()
    assert (END - timedelta(days=60)).date() < typhoon.day < END.date()
    assert [
        fault for task in db.session.scalars(select(Task)) for fault in breaks(task, task.events)
    ] == []
    hashes = db.session.scalars(select(User.password_hash)).all()
    assert len(hashes) == len(demo_people())
    assert verify(hashes[0], DEMO_PASSWORD)


def test_the_same_end_gives_the_same_district(make_app: object) -> None:
    pictures = []
    for _ in range(2):
        application = make_app("sqlite")  # type: ignore[operator]
        with application.app_context():
            _load(60)
            rows = db.session.execute(
                select(Task.number, Task.uuid, Task.state, Task.lon, Task.due_at)
            )
            pictures.append([tuple(row) for row in rows.all()])
            db.session.remove()
    assert pictures[0] == pictures[1]


class _Astray(Random):
    """Chance that always falls outside every area, on a grid worker who would settle it there."""

    def random(self) -> float:
        return 0.001


def test_a_patrol_outside_every_area_is_reported_and_does_not_stop_the_demo(app: Flask) -> None:
    _load(12)
    with unit_of_work() as work:
        album = Album(open_store(app.config["SETTINGS"].effective_photo_url))
        story = Story(work, album, _Astray(), END)
        story.places = [place.code for place in demo_communities() if place.is_pilot][:1]
        story.tell(END - timedelta(days=1))
    task = db.session.scalars(select(Task).order_by(Task.id.desc())).first()
    assert task is not None
    assert (task.source, task.community_code) == (Source.GRID_PATROL, None)

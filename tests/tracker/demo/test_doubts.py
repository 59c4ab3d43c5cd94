"""The demo has something to judge: photos of every weight, and items that wait for the office."""

from datetime import UTC, datetime

from flask import Flask
from sqlalchemy import select

from tracker.demo.loading import load_demo
from tracker.inspections import held
from tracker.inspections.models import HeldItem
from tracker.people.models import User
from tracker.places.models import Organization
from tracker.storage.db import db
from tracker.tasks.after_photos import Checked, checked
from tracker.tasks.models import Task
from tracker.tasks.photo_views import store
from tracker.tasks.states import State

END = datetime(2026, 11, 20, 8, tzinfo=UTC)


def _proof_of_the_sample_unit() -> list[Checked]:
    verifier = db.session.scalars(select(User).where(User.username == "verifier")).one().as_actor()
    unit = db.session.scalars(
        select(Organization.id).where(Organization.name == "区环境卫生管理中心")
    ).one()
    query = select(Task).where(Task.unit_id == unit, Task.state == State.SUBMITTED)
    return [
        one
        for task in db.session.scalars(query)
        for one in checked(db.session(), task, task.photos, events=task.events, actor=verifier)
    ]


def test_the_demo_has_photos_of_every_weight_and_items_that_the_office_can_decide(
    app: Flask,
) -> None:
    load_demo(end=END, tasks=12, say=lambda _line: None)
    with app.test_request_context():
        found = _proof_of_the_sample_unit()
    assert {"green", "amber", "red"} <= {one.level for one in found}
    said = " ".join(reason for one in found for reason in one.reasons)
    for words in ("早于", "距任务约", "经微信转发", "几乎相同"):
        assert words in said

    waiting = db.session.scalars(select(HeldItem).order_by(HeldItem.id)).all()
    assert [(row.kind, row.came_by) for row in waiting] == [
        ("submit", "file"), ("report", "deposit"), ("report", "deposit"),
    ]  # fmt: skip
    assert all(row.received_at <= END for row in waiting)
    dispatcher = db.session.scalars(select(User).where(User.username == "dispatcher")).one()
    actor, ids = dispatcher.as_actor(), [row.id for row in waiting]
    db.session.rollback()
    for held_id in ids:
        done = held.accept(held_id, actor=actor, store=store(), near={"report": "NEW"})
        assert done["number"]

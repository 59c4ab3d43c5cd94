"""The demo shows a round in every state, carried out by the real operations."""

from datetime import UTC, datetime

from flask import Flask
from sqlalchemy import func, select

from tracker.demo.loading import load_demo
from tracker.inspections import coverage, round_queries
from tracker.inspections.coverage import Scope
from tracker.inspections.models import Visit
from tracker.inspections.round_models import Liaison, Round
from tracker.people.models import User
from tracker.storage.db import db

END = datetime(2026, 11, 20, 8, tzinfo=UTC)


def test_the_demo_has_rounds_planned_open_closed_and_frozen(app: Flask) -> None:
    load_demo(end=END, tasks=100, say=lambda _line: None)
    found = {row.kind: row for row in db.session.scalars(select(Round).order_by(Round.id.desc()))}
    states = sorted(db.session.scalars(select(Round.state)))
    assert states == ["closed", "open", "open", "planned"]
    assert found["review"].frozen_at is not None
    assert found["review"].review_on > found["review"].due_on
    progress = round_queries.progress_of(db.session(), [row.id for row in db.session.scalars(select(Round))])  # fmt: skip
    shares = sorted(round(part.percent) for part in progress.values())
    assert shares[0] == 0
    assert 40 <= shares[2] <= 60
    assert 80 < shares[3] < 100
    assert db.session.scalar(select(func.count()).select_from(Liaison)) == 5
    actor = db.session.scalars(select(User).where(User.username == "leader")).one().as_actor()
    seen = coverage.total(coverage.of(db.session(), Scope("month", month="2026-11"), actor, END))
    assert 0 < seen.visited < seen.all
    assert db.session.scalar(select(func.max(Visit.at))) <= END

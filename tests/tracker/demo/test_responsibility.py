"""The demo's pilots have a responsibility map: each answers today and, where it changed hands, as before."""

from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import select

from tracker.demo.jinwan import demo_communities
from tracker.demo.loading import load_demo
from tracker.demo.responsibility import HANDED_OVER, POSTS
from tracker.responsibility.answering import who_answers
from tracker.responsibility.models import Kind, Responsibility
from tracker.storage.db import db

END = datetime(2026, 11, 20, 8, tzinfo=UTC)


def test_every_pilot_has_roads_ground_and_a_fallback_and_some_posts_changed_hands(app: Flask):
    load_demo(end=END, tasks=20, say=lambda _line: None)
    rows = db.session.scalars(
        select(Responsibility).where(Responsibility.is_latest.is_(True))
    ).all()
    pilots = [place for place in demo_communities() if place.is_pilot]
    for pilot in pilots:
        own = [row for row in rows if row.community_code == pilot.code]
        assert {row.kind for row in own} == set(Kind), pilot.name
        assert len(own) == len(POSTS), pilot.name
    handed = [row for row in rows if row.term == 2 and row.lon is not None]
    assert handed
    today, before = END.date(), END.date() - timedelta(days=HANDED_OVER + 10)
    for row in handed:
        assert row.lon is not None
        assert row.lat is not None
        then, now = (
            {one.row.code: one.row.person for one in who_answers(db.session(), row.lon, row.lat, on=on)}
            for on in (before, today)
        )  # fmt: skip
        assert then[row.code] != now[row.code]

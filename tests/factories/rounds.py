"""Rounds in the small world, made through the real operations."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from tests.factories.world import DISTRICT, World
from tracker import clock
from tracker.inspections import round_requests, rounds
from tracker.inspections.drawing import DrawOptions
from tracker.inspections.models import Visit
from tracker.inspections.round_given import RoundGiven
from tracker.inspections.round_models import Draw, Round, RoundKind, RoundPoint
from tracker.points.models import InspectionPoint
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work


def given_round(world: World, **changes: Any) -> RoundGiven:
    """Every point of the district, for the office's inspector, due in a week."""
    given = RoundGiven(
        kind=RoundKind.OFFICE, month="2026-11", area_code=DISTRICT, draw=Draw.ALL, seed="seed",
        options=DrawOptions(), due_on=clock.today() + timedelta(days=7),
        inspector_ids=(world.users["inspector"],),
    )  # fmt: skip
    return replace(given, **changes)


def make_round(
    world: World, *, who: str = "dispatcher", opened: bool = False, **changes: Any
) -> int:
    """Plan a round, and open it when asked; returns its id."""
    made = round_requests.plan(
        given_round(world, **changes), actor=world.actor(who), request_uuid=str(uuid4())
    )
    if opened:
        step(world, made, "open", lambda work, row: rounds.open_round(work, row, now=clock.now()), who=who)  # fmt: skip
    return made


def step(
    world: World, round_id: int, name: str, change: round_requests.Change, *, who: str = "dispatcher",
    version: int | None = None, request_uuid: str | None = None,
) -> Any:  # fmt: skip
    """One person's request about a round."""
    return round_requests.perform(
        round_id, name, change, content={}, actor=world.actor(who), version=version,
        request_uuid=request_uuid or str(uuid4()),
    )  # fmt: skip


def round_(round_id: int) -> Round:
    """The round as the database has it now."""
    db.session.rollback()
    return db.session.get_one(Round, round_id)


def codes_of(round_id: int) -> list[str]:
    """Codes of its points in the order of the route."""
    db.session.rollback()
    query = (
        select(InspectionPoint.code)
        .join(RoundPoint, RoundPoint.point_id == InspectionPoint.id)
        .where(RoundPoint.round_id == round_id)
        .order_by(RoundPoint.position)
    )
    return list(db.session.scalars(query))


def points_of(round_id: int) -> list[RoundPoint]:
    """Its rows in the order of the route."""
    db.session.rollback()
    query = select(RoundPoint).where(RoundPoint.round_id == round_id)
    return list(db.session.scalars(query.order_by(RoundPoint.position)))


def note_visits(
    world: World, codes: Collection[str], *, at: datetime | None = None, round_id: int | None = None,
    who: str = "inspector", score: float | None = 90.0,
) -> None:  # fmt: skip
    """Visits as the recording leaves them, without answers: only that they happened matters here."""
    moment = at or clock.now()
    with unit_of_work() as work:
        for point in work.scalars(select(InspectionPoint).where(InspectionPoint.code.in_(codes))):
            work.add(
                Visit(
                    uuid=str(uuid4()), point_id=point.id, round_id=round_id, kind="office", editions=[],
                    inspector_id=world.users[who], inspector_name=who, at=moment, received_at=moment,
                    score=score, district_code=point.district_code, town_code=point.town_code,
                    community_code=point.community_code, grid_code=point.grid_code, unit_id=point.unit_id,
                )
            )  # fmt: skip
            point.last_visit_at, point.last_score = moment, score
            if round_id is not None:
                rounds.mark_visited(work, round_id, point.id, moment)

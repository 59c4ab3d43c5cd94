"""Visits of the small world: through the real recording, with a real checklist."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from tests.factories.world import World
from tracker import clock
from tracker.inspections.held import LOCKED
from tracker.inspections.intake import leave
from tracker.inspections.intake_reading import read_item
from tracker.inspections.models import HeldItem
from tracker.inspections.visit_checklist import AnswerGiven, asked_at
from tracker.inspections.visits import Position, Recorded, VisitGiven, record
from tracker.points.models import InspectionPoint
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work


def point_of(code: str) -> InspectionPoint:
    """The point of a code."""
    return db.session.scalars(select(InspectionPoint).where(InspectionPoint.code == code)).one()


def items_at(code: str) -> list[tuple[int, str]]:
    """Id and code of the items asked at a point today, in order; `G1` is the first common one."""
    asked = asked_at(db.session(), point_of(code), clock.today())
    return [(one.item.id, one.item.line_code) for one in asked]


def answers_at(
    code: str, failing: Iterable[str] = (), **more: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """An answer for every item, 符合 but for the item codes `failing`; `G1={"note": …}` adds to one."""
    wanted = set(failing)
    answers = [
        {
            "item_id": item_id, "result": "fail" if item_code in wanted else "conform", "note": "", "photos": [],
            **more.get(item_code, {}),
        }
        for item_id, item_code in items_at(code)
    ]  # fmt: skip
    assert wanted <= {item_code for _, item_code in items_at(code)}, "no such item here"
    return answers


def given_visit(code: str, failing: Iterable[str] = (), **changes: Any) -> VisitGiven:
    """A whole visit of a point."""
    answers = tuple(
        AnswerGiven(one["item_id"], one["result"], one["note"], tuple(one["photos"]))
        for one in answers_at(code, failing)
    )
    kept: dict[str, Any] = {
        "uuid": str(uuid4()), "point_id": point_of(code).id, "at": clock.now(), "answers": answers,
        "near": {str(one.item_id): "NEW" for one in answers},
    }  # fmt: skip
    return VisitGiven(**{**kept, **changes})


def recorded(world: World, given: VisitGiven, *, inspector: str = "inspector") -> Recorded:
    """Record a visit and commit; raises what recording raises."""
    actor = world.actor(inspector)
    with unit_of_work() as session:
        return record(session, given, actor=actor)


def make_visit(
    world: World,
    point_code: str,
    failing: Iterable[str] = (),
    *,
    inspector: str = "inspector",
    round_id: int | None = None,
    at: datetime | None = None,
    position: Position | None = None,
    note: str = "",
) -> int:
    """A committed visit, every failure a new task; returns its id.

    `failing` are item codes as on the card, e.g. ("G1", "G6").
    """
    changes: dict[str, Any] = {"round_id": round_id, "position": position, "note": note}
    if at is not None:
        changes["at"] = at
    return recorded(
        world, given_visit(point_code, failing, **changes), inspector=inspector
    ).visit.id


def sent_visit(code: str, failing: Iterable[str] = (), **changes: Any) -> dict[str, Any]:
    """The body of a visit as a phone posts it; `answers=…` replaces the answers."""
    content: dict[str, Any] = {
        "point_id": point_of(code).id, "point_version": 1, "round_id": None, "note": "", "position": None,
        "answers": changes.pop("answers", None) or answers_at(code, failing),
    }  # fmt: skip
    content |= changes.pop("content", {})
    body = {
        "uuid": str(uuid4()), "kind": "visit", "made_at": clock.now().isoformat(), "photos": [],
        "content": content, "decisions": {},
    }  # fmt: skip
    return {**body, **changes}


def make_held(
    world: World, code: str, failing: Iterable[str] = (), *, who: str = "inspector"
) -> int:
    """A visit that a phone left for the office; returns the held item's id."""
    sent = read_item(sent_visit(code, failing))
    leave(sent, user_id=world.users[who], facts_of=lambda _sha256: None, reason=LOCKED)
    found = db.session.scalars(select(HeldItem.id).where(HeldItem.uuid == sent.uuid)).one()
    db.session.rollback()
    return found

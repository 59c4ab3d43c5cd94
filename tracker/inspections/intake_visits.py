"""Knows how a visit that a phone sent is carried out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.errors import Invalid
from tracker.inspections import intake_reading as read
from tracker.inspections.intake_photos import check_named
from tracker.inspections.intake_reading import Item
from tracker.inspections.visit_checklist import MAX_NOTE, AnswerGiven
from tracker.inspections.visits import Position, VisitGiven, record
from tracker.storage.receipts import parse_uuid
from tracker.texts import N_

#: Longest note of a visit.
MAX_VISIT_NOTE = 1000
#: Items of one visit, and photos of one answer.
MAX_ANSWERS = 500
MAX_ANSWER_PHOTOS = 9
#: How a position came about: the phone's own, a pin, the photo's, the point's QR code.
METHODS = ("gps", "pin", "photo", "code")


def carry_out(
    session: Session,
    item: Item,
    *,
    actor: Actor,
    accepted_by: Actor | None = None,
    received_at: datetime | None = None,
) -> dict[str, Any]:
    """Record the visit and say what came of it. Raises what `visits.record` raises."""
    given = given_in(item)
    check_named(item.photos, [uuid for answer in given.answers for uuid in answer.photos])
    recorded = record(session, given, actor=actor, accepted_by=accepted_by, received_at=received_at)
    visit = recorded.visit
    return {
        "visit_id": visit.id,
        "url": f"/visits/{visit.id}",
        "score": visit.score,
        "failed_critically": visit.failed_critically,
        "round_id": visit.round_id,
        "notices": recorded.notices,
        "tasks": [
            {"item_id": made.item_id, "number": made.number, "joined": made.joined}
            for made in recorded.tasks
        ],
    }


def given_in(item: Item) -> VisitGiven:
    """The visit that an item describes. Raises Invalid."""
    content = item.content
    return VisitGiven(
        uuid=item.uuid,
        point_id=read.whole(content, "point_id") or 0,
        at=item.made_at,
        answers=tuple(read.many(content, "answers", _answer, MAX_ANSWERS)),
        round_id=read.whole(content, "round_id", required=False),
        note=read.text(content, "note", MAX_VISIT_NOTE),
        position=position_in(content),
        near=item.near,
    )


def position_in(content: Mapping[str, Any]) -> Position | None:
    """The one position of an act, WGS-84 degrees; None when there is none. Raises Invalid."""
    sent = content.get("position")
    if sent is None:
        return None
    if not isinstance(sent, dict):
        raise Invalid(N_("“%(name)s”的格式不对。"), field="position", name="position")
    lon = read.number(sent, "lon", -180, 180)
    lat = read.number(sent, "lat", -90, 90)
    if lon is None or lat is None:
        raise Invalid(N_("位置不完整，请重新定位。"), field="position")
    method = read.text(sent, "method", 10)
    return Position(
        lon,
        lat,
        read.number(sent, "accuracy_m", 0, 1_000_000),
        method if method in METHODS else "gps",
    )


def _answer(sent: Any) -> AnswerGiven:
    if not isinstance(sent, dict):
        raise Invalid(N_("“%(name)s”的格式不对。"), field="answers", name="answers")
    return AnswerGiven(
        item_id=read.whole(sent, "item_id") or 0,
        result=read.text(sent, "result", 10),
        note=read.text(sent, "note", MAX_NOTE),
        photos=tuple(photos_in(sent, "photos")),
    )


def photos_in(sent: Mapping[str, Any], name: str) -> list[str]:
    """UUIDs of photos. Raises Invalid."""

    def one(uuid: Any) -> str:
        if not isinstance(uuid, str):
            raise Invalid(N_("照片清单的格式不对，没有保存。"), field=name)
        return parse_uuid(uuid)

    return read.many(sent, name, one, MAX_ANSWER_PHOTOS)

"""Knows the items that wait for the office: kept whole, accepted in their person's name, or discarded."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import Actor
from tracker.access.permissions import Permission
from tracker.access.policy import WHO, allows
from tracker.audit import operations as audit
from tracker.errors import Conflict, Invalid, NotPermitted
from tracker.evidence.images import decode
from tracker.evidence.store import PhotoStore, Size
from tracker.inspections import queries
from tracker.inspections.held_places import whose_office
from tracker.inspections.held_rights import lately
from tracker.inspections.intake_carrying import CARRY_OUT
from tracker.inspections.intake_photos import facts_for, put_in_tray
from tracker.inspections.intake_reading import Item, read_item
from tracker.inspections.models import HeldItem, HeldState
from tracker.inspections.uploads import PhotoFacts, TooMuch, facts_of
from tracker.people.models import User
from tracker.storage import receipts
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.texts import N_

#: Items of one person that may wait for the office at once.
MAX_WAITING = 1000

LOCKED = N_("账号已锁定或停用，由区迎检办决定是否补录。")
SIGNED_OUT = N_("未登录时由手机留存，由区迎检办决定是否补录。")
MOVED = N_("您的岗位或辖区已变动，由区迎检办决定是否补录。")
FROM_FILE = N_("由导出文件补录。")
NOT_PROVEN = N_("由导出文件补录，文件未能验证来源。")

CAME_BY_LABELS = {
    "sync": N_("手机上传"),
    "deposit": N_("手机留存（未登录）"),
    "file": N_("导出文件"),
}
STATE_LABELS = {
    HeldState.WAITING: N_("待处理"),
    HeldState.ACCEPTED: N_("已补录"),
    HeldState.DISCARDED: N_("不予补录"),
}


def hold(
    session: Session,
    item: Item,
    *,
    user: User,
    reason: str,
    came_by: str,
    at: datetime | None = None,
) -> dict[str, Any]:
    """Keep an item in the open unit of work, received at `at` or now; its photos' files are kept already.

    Returns the outcome for the phone. Raises TooMuch when the person's box is full.
    """
    waiting = session.scalar(
        select(func.count())
        .select_from(HeldItem)
        .where(HeldItem.user_id == user.id, HeldItem.state == HeldState.WAITING)
    )
    if (waiting or 0) >= MAX_WAITING:
        raise TooMuch(N_("待区迎检办处理的内容过多，请稍后再传。"))
    now = at or clock.now()
    areas = whose_office(session, item, user)
    session.add(
        HeldItem(
            uuid=item.uuid,
            user_id=user.id,
            kind=item.kind.value,
            digest=item.digest,
            content={"uuid": item.uuid, **_plain(item)},
            reason=reason,
            came_by=came_by,
            district_code=areas.district_code,
            town_code=areas.town_code,
            community_code=areas.community_code,
            made_at=item.made_at,
            received_at=now,
            state=HeldState.WAITING.value,
        )
    )
    session.flush()
    receipt = {"uuid": item.uuid, "kind": item.kind.value, "at": now.isoformat()}
    outcome = {"state": "held", "reason": reason, "receipt": receipt}
    receipts.keep(session, item.uuid, actor_id=user.id, digest=item.digest, outcome=outcome)
    return outcome


def _plain(item: Item) -> dict[str, Any]:
    kept = item.as_content()
    kept["photos"] = [{"uuid": one.uuid, "sha256": one.sha256} for one in item.photos]
    return kept


def reason_for(user: User) -> str:
    """Why a phone left an item instead of sending it."""
    is_locked = user.locked_until is not None and user.locked_until > clock.now()
    return LOCKED if is_locked or not user.is_active else SIGNED_OUT


def item_of(row: HeldItem, *, near: Mapping[str, str] | None = None) -> Item:
    """The item as it was sent, with the office's decisions."""
    return read_item({**row.content, "decisions": {"near": dict(near or {})}})


def accept(
    held_id: int, *, actor: Actor, store: PhotoStore, near: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Carry an item out in its person's name, with the dispatcher on record; once.

    The dispatcher's jurisdiction counts, and what the person could do lately. Raises NotFound,
    Conflict when it is decided already, NearTasks, and what carrying it out raises.
    """
    waiting = queries.find_held(db.session(), held_id, actor)
    photos = item_of(waiting).photos
    known = {photo.sha256: stored_facts(store, photo.sha256) for photo in photos}
    with unit_of_work() as session:
        row = _undecided(session, held_id, actor)
        item = item_of(row, near=near)
        user = session.get_one(User, row.user_id)
        facts = facts_for(session, item.photos, known.get, owner_id=user.id)
        put_in_tray(session, item.photos, facts, owner_id=user.id)
        outcome = CARRY_OUT[item.kind](
            session, item, actor=lately(user), accepted_by=actor, received_at=row.received_at
        )
        _decide(row, HeldState.ACCEPTED, actor, "", outcome)
        audit.record("held.accept", actor=actor, object=row.uuid, item=row.kind, user=user.username)
    return outcome


def discard(held_id: int, *, reason: str, actor: Actor) -> None:
    """Do not enter it; the item and its photos stay. Raises NotFound, Invalid, Conflict."""
    words = reason.strip()
    if not words or len(words) > 300:
        raise Invalid(N_("请写明不予补录的原因（最多 300 字）。"), field="reason")
    with unit_of_work() as session:
        row = _undecided(session, held_id, actor)
        _decide(row, HeldState.DISCARDED, actor, words, {})
        audit.record("held.discard", actor=actor, object=row.uuid, item=row.kind, reason=words)


def _undecided(session: Session, held_id: int, actor: Actor) -> HeldItem:
    row = queries.find_held(session, held_id, actor, lock=True)
    if not allows(actor, Permission.HELD_DECIDE, row):
        raise NotPermitted(WHO[Permission.HELD_DECIDE])
    if row.state != HeldState.WAITING:
        raise Conflict(N_("这一件已由他人处理。"), code="decided")
    if row.user_id == actor.user_id:
        raise NotPermitted(N_("本人的内容须由另一名派遣员处理。"))
    return row


def _decide(
    row: HeldItem, state: HeldState, actor: Actor, note: str, outcome: dict[str, Any]
) -> None:
    row.state, row.decided_at = state.value, clock.now()
    row.decided_by_id, row.decision_note, row.outcome = actor.user_id, note, outcome


def stored_facts(store: PhotoStore, sha256: str) -> PhotoFacts:
    """The facts of a photo in the store, read from its content."""
    data = store.read(sha256, Size.ORIGINAL)
    return facts_of(decode(data), len(data))

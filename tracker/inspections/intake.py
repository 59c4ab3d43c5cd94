"""Knows how an item of a phone is taken: once, whole, in one commit with its receipt, or not at all."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tracker import clock
from tracker.access.actor import Actor
from tracker.errors import Conflict, NotFound, NotPermitted, Unavailable
from tracker.inspections.held import MOVED, hold
from tracker.inspections.held_rights import was_possible
from tracker.inspections.intake_carrying import CARRY_OUT
from tracker.inspections.intake_photos import FactsOf, facts_for, put_in_tray
from tracker.inspections.intake_reading import Item
from tracker.people.models import User
from tracker.storage import receipts
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.texts import N_

Outcome = dict[str, Any]


def receive(item: Item, *, user: User, actor: Actor, facts_of: FactsOf) -> Outcome:
    """Carry an item out for a signed-in person and keep its receipt; a resend gets the first answer.

    An act that the person could do lately and may not now is held for the office. Returns
    {"state": "received" | "held", "receipt": …}. Raises PhotosMissing, NearTasks,
    StaleSubmission, Conflict (request_reused), and what carrying it out raises.
    """
    user_id = user.id

    def carry_out(session: Session) -> Outcome:
        done = CARRY_OUT[item.kind](session, item, actor=actor)
        head = {"uuid": item.uuid, "kind": item.kind.value, "at": clock.now().isoformat()}
        outcome = {"state": "received", "receipt": {**head, **done}}
        receipts.keep(session, item.uuid, actor_id=user_id, digest=item.digest, outcome=outcome)
        return outcome

    try:
        return _once(item, user_id, facts_of, carry_out, in_tray=True)
    except (NotPermitted, NotFound):
        session = db.session()
        if not was_possible(session, item, session.get_one(User, user_id)):
            raise
    return leave(item, user_id=user_id, facts_of=facts_of, reason=MOVED, came_by="sync")


def leave(
    item: Item, *, user_id: int, facts_of: FactsOf, reason: str, came_by: str = "deposit"
) -> Outcome:
    """Hold an item for the office, once. Raises PhotosMissing, TooMuch, Conflict."""

    def keep(session: Session) -> Outcome:
        user = session.get_one(User, user_id)
        return hold(session, item, user=user, reason=reason, came_by=came_by)

    return _once(item, user_id, facts_of, keep, in_tray=False)


def _once(
    item: Item,
    user_id: int,
    facts_of: FactsOf,
    work: Callable[[Session], Outcome],
    *,
    in_tray: bool,
) -> Outcome:
    """Answer a resend from its receipt; of two twins at once the second finds the first's."""
    digest = item.digest

    def earlier(session: Session) -> Outcome | None:
        return receipts.earlier(session, item.uuid, actor_id=user_id, digest=digest)

    kept = earlier(db.session())
    if kept is not None:
        return kept
    facts = facts_for(db.session(), item.photos, facts_of, owner_id=user_id)
    try:
        with unit_of_work() as session:
            kept = earlier(session)
            if kept is not None:
                return kept
            if in_tray:
                put_in_tray(session, item.photos, facts, owner_id=user_id)
            return work(session)
    except (IntegrityError, StaleDataError) as race:
        kept = earlier(db.session())
        if kept is not None:
            return kept
        if isinstance(race, StaleDataError):
            raise Unavailable(N_("内容刚刚被他人更新，请稍后自动重试。")) from race
        raise Conflict(
            N_("这个请求编号已用于另一项内容。请刷新页面后重新提交。"), code="request_reused"
        ) from race

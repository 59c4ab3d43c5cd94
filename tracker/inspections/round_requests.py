"""Knows a person's whole request about a round: receipt, lock, version, right, change, one commit."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from tracker import clock
from tracker.access.actor import Actor
from tracker.audit.operations import record as audit
from tracker.errors import Conflict
from tracker.inspections import round_queries, rounds
from tracker.inspections.round_given import RoundGiven
from tracker.inspections.round_models import Round
from tracker.inspections.round_rules import demand_manage
from tracker.storage import receipts
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.texts import N_

Change = Callable[[Session, Round], Any]

_STALE = N_("批次在您打开之后已被他人修改，您的操作没有保存。请刷新后核对再试。")


def plan(given: RoundGiven, *, actor: Actor, request_uuid: str) -> int:
    """Plan a round once; returns its id. Raises Invalid, NotPermitted, Conflict."""
    digest = receipts.digest_of({"round": "plan", **given.as_content()})
    try:
        with unit_of_work() as work:
            kept = receipts.earlier(work, request_uuid, actor_id=actor.user_id, digest=digest)
            if kept is not None:
                return int(kept["round_id"])
            made = rounds.plan(work, given, actor=actor, uuid=request_uuid, at=clock.now())
            receipts.keep(
                work, request_uuid, actor_id=actor.user_id, digest=digest, outcome={"round_id": made.id}
            )  # fmt: skip
            return made.id
    except IntegrityError as error:
        # its twin was faster: the same UUID is taken, and its receipt is there now
        kept = receipts.earlier(db.session(), request_uuid, actor_id=actor.user_id, digest=digest)
        if kept is None:
            raise Conflict(_STALE, code="stale") from error
        return int(kept["round_id"])


def perform(
    round_id: int,
    step: str,
    change: Change,
    *,
    content: dict[str, Any],
    actor: Actor,
    version: int | None,
    request_uuid: str,
) -> Any:
    """Carry out `change` on a locked round once; returns what it returned the first time.

    `step` names it in the audit log, `content` is what was asked. Raises NotFound for a foreign
    round, NotPermitted, Conflict (somebody else changed it since `version`) and what `change` raises.
    """
    digest = receipts.digest_of({"round": round_id, "step": step, "content": content})
    try:
        with unit_of_work() as work:
            round_ = round_queries.locked(work, round_id, actor)
            kept = receipts.earlier(work, request_uuid, actor_id=actor.user_id, digest=digest)
            if kept is not None:
                return kept["told"]
            demand_manage(actor, round_)
            if version is not None and round_.version != version:
                raise Conflict(_STALE, code="stale")
            told = change(work, round_)
            # whatever was changed of its points or people is a change of the round
            flag_modified(round_, "state")
            audit(f"round.{step}", actor=actor, object=round_.name, asked=content)
            receipts.keep(
                work, request_uuid, actor_id=actor.user_id, digest=digest, outcome={"told": told}
            )
    except StaleDataError as error:
        raise Conflict(_STALE, code="stale") from error
    return told

"""Writes audit entries in the transaction of the act they describe."""

from typing import Any

from flask import has_request_context, request

from tracker import clock
from tracker.access.actor import Actor
from tracker.audit.models import AuditEntry
from tracker.storage.db import db


def record(
    kind: str,
    *,
    actor: Actor,
    object: str = "",
    result: str = "ok",
    **detail: Any,
) -> None:
    """Append one entry; call it inside the unit of work of the act itself."""
    db.session.add(
        AuditEntry(
            at=clock.now(),
            actor_id=actor.user_id,
            actor_name=actor.name,
            kind=kind,
            object=object[:120],
            result=result,
            ip=(request.remote_addr or "") if has_request_context() else "",
            detail=detail,
        )
    )

"""Secures accounts: new first passwords, lock-outs ended, people signed out everywhere."""

from typing import Any

from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import Actor
from tracker.access.permissions import Permission
from tracker.audit.operations import record
from tracker.people import passwords, queries, sessions
from tracker.people.operations import demand, locked, named_act, once


def reset_password(
    user_id: int, *, actor: Actor, request_uuid: str | None, password: str | None = None
) -> str | None:
    """Give a new first password, to be changed; None when a resend was answered. Unlocks, too."""
    first = password or passwords.first_password()
    if password:
        passwords.check_strength(password, username=queries.person(user_id).username)
    stored = passwords.hash_password(first)

    def act(work: Session, acting: Actor) -> dict[str, Any]:
        user = locked(work, user_id)
        demand(acting, Permission.USER_SECURE, user)
        user.password_hash, user.must_change_password = stored, True
        user.password_changed_at = clock.now()
        user.failed_count, user.locked_until = 0, None
        sessions.revoke_all(work, user.id)
        record("user.reset_password", actor=acting, object=user.username)
        return {}

    content = named_act("user.reset_password", user_id)
    _, now_done = once(content, act, actor=actor, request_uuid=request_uuid)
    return first if now_done else None


def unlock(user_id: int, *, actor: Actor, request_uuid: str | None) -> None:
    """End a lock-out before its time."""

    def act(work: Session, acting: Actor) -> dict[str, Any]:
        user = locked(work, user_id)
        demand(acting, Permission.USER_SECURE, user)
        user.failed_count, user.locked_until = 0, None
        record("user.unlock", actor=acting, object=user.username)
        return {}

    once(named_act("user.unlock", user_id), act, actor=actor, request_uuid=request_uuid)


def end_sessions(user_id: int, *, actor: Actor, request_uuid: str | None) -> None:
    """Sign a person out everywhere."""

    def act(work: Session, acting: Actor) -> dict[str, Any]:
        user = locked(work, user_id)
        demand(acting, Permission.USER_SECURE, user)
        sessions.revoke_all(work, user.id)
        record("user.end_sessions", actor=acting, object=user.username)
        return {}

    once(named_act("user.end_sessions", user_id), act, actor=actor, request_uuid=request_uuid)

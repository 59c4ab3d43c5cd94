"""Knows a phone's right to leave items for the office: given with a sign-in, kept as a hash."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker import clock
from tracker.inspections.models import Deposit
from tracker.people.models import User
from tracker.people.sessions import hash_token
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work

#: How long a right holds, and how long after that its hash still proves an outbox file.
HOLDS = timedelta(days=30)
_PROVES = timedelta(days=60)
_SCHEME = "Deposit "


@dataclass(frozen=True)
class Right:
    """A token in clear, for the phone alone, and when it ends."""

    token: str
    expires_at: datetime


def right_of(user_id: int, session_token: str) -> Right:
    """The right of a sign-in for this day, written down on the first asking.

    The token is made from the installation's secret, so that asking again costs nothing and
    fills no table.
    """
    day = clock.today().isoformat()
    said = f"deposit {user_id} {hash_token(session_token)} {day}".encode()
    secret = str(current_app.config["SECRET_KEY"]).encode()
    token = hmac.new(secret, said, hashlib.sha256).hexdigest()
    kept = db.session.get(Deposit, hash_token(token))
    if kept is not None:
        return Right(token, kept.expires_at)
    now = clock.now()
    try:
        with unit_of_work() as work:
            work.execute(
                delete(Deposit).where(
                    Deposit.user_id == user_id, Deposit.expires_at < now - _PROVES
                )
            )
            work.add(
                Deposit(
                    token_hash=hash_token(token),
                    user_id=user_id,
                    issued_at=now,
                    expires_at=now + HOLDS,
                )
            )
    except IntegrityError:
        pass  # the same phone asked twice at once
    return Right(token, now + HOLDS)


def token_in(header: str | None) -> str | None:
    """The token of an `Authorization: Deposit …` header, None without one."""
    if header is None or not header.startswith(_SCHEME):
        return None
    return header.removeprefix(_SCHEME).strip()


def owner_of(session: Session, token: str) -> User | None:
    """Whose right it is, closed accounts too; None when it is unknown or too old."""
    kept = session.get(Deposit, hash_token(token))
    if kept is None or kept.expires_at < clock.now():
        return None
    return kept.user


def proves(session: Session, user_id: int, digests: Iterable[str], seal: str) -> bool:
    """Whether a seal over the items' digests was made with one of the person's tokens."""
    message, said = "\n".join(digests).encode(), seal.encode()
    hashes = session.scalars(select(Deposit.token_hash).where(Deposit.user_id == user_id))
    return any(
        hmac.compare_digest(
            hmac.new(key.encode(), message, hashlib.sha256).hexdigest().encode(), said
        )
        for key in hashes
    )

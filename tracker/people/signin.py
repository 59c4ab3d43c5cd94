"""Knows who may sign in: guesses are counted in the database before they are checked.

A try is reserved first (one row for the address, one count on the account) and given back when
the password was right, so that guesses sent at the same moment are counted too. A missing,
locked or closed account answers with the same words after the same work as a wrong password
(GB/T 22239-2019: limit failed sign-ins; the answer does not say whether an account exists).
"""

import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import NOBODY
from tracker.audit.operations import record
from tracker.errors import Fault, Unavailable
from tracker.people import passwords
from tracker.people.models import SignInAttempt, User
from tracker.people.usernames import folded
from tracker.storage.unit_of_work import unit_of_work
from tracker.texts import N_

#: Wrong passwords on one account before it is locked, and for how long.
MAX_WRONG = 5
LOCK = timedelta(minutes=30)
#: Failures from one address within the window before it is refused.
MAX_FROM_ADDRESS = 30
WINDOW = timedelta(minutes=15)

#: Checks running at once in this process: each takes 64 MiB and a core.
_ROOM = threading.BoundedSemaphore(2)
_PATIENCE_SECONDS = 10.0


class SignInRefused(Fault):
    """Wrong name or password, a locked or a closed account: never which."""

    status = 401
    code = "sign_in_refused"

    def __init__(self) -> None:
        super().__init__(
            N_("账号或密码不正确，或账号已锁定。连续输错 %(n)d 次，账号锁定 %(minutes)d 分钟。"),
            n=MAX_WRONG,
            minutes=int(LOCK.total_seconds() // 60),
        )


class TooManyAttempts(Fault):
    """Too many failures from one address."""

    status = 429
    code = "too_many_attempts"

    def __init__(self) -> None:
        super().__init__(
            N_("这个网络地址登录失败次数过多，请 %(minutes)d 分钟后再试。"),
            minutes=int(WINDOW.total_seconds() // 60),
        )


@dataclass(frozen=True)
class _Reserved:
    """A counted try: its row, the account it was for, what to compare with."""

    attempt_id: int
    fills_address: bool
    username: str = ""
    is_locked: bool = False
    user_id: int | None = None
    stored: str | None = None


def sign_in(username: str, password: str, *, ip: str) -> User:
    """The person whose name and password these are. Raises SignInRefused or TooManyAttempts."""
    return _prove(folded(username), password, ip=ip, kind="sign_in")


def confirm(user: User, password: str, *, ip: str) -> User:
    """Check the password of a person who is signed in; wrong ones count like those of sign-in."""
    return _prove(user.username, password, ip=ip, kind="password.confirm")


def _prove(username: str, password: str, *, ip: str, kind: str) -> User:
    reserved = _reserve(username, ip=ip)
    user_id = reserved.user_id if _check(reserved.stored, password) else None
    with unit_of_work() as work:
        user = _row_for_update(work, User.id == user_id) if user_id else None
        if user is None or not user.is_active:
            _note_failure(work, kind, reserved)
        else:
            _give_back(work, user, reserved)
            if kind == "sign_in":
                user.last_sign_in_at = clock.now()
            record(kind, actor=user.as_actor(), object=user.username)
    if user is None or not user.is_active:
        raise SignInRefused
    return user


def _give_back(work: Session, user: User, reserved: _Reserved) -> None:
    old = SignInAttempt.at < clock.now() - timedelta(days=1)
    work.execute(delete(SignInAttempt).where(or_(SignInAttempt.id == reserved.attempt_id, old)))
    user.failed_count, user.locked_until = 0, None


def _note_failure(work: Session, kind: str, reserved: _Reserved) -> None:
    """Write down a failure; a name that is no account's is not kept, it may be a password."""
    facts = {"locked": True} if reserved.is_locked else {}
    record(kind, actor=NOBODY, object=reserved.username, result="failed", **facts)
    if reserved.fills_address:
        record("sign_in.address_full", actor=NOBODY, result="refused")


def _check(stored: str | None, password: str) -> bool:
    if not _ROOM.acquire(timeout=_PATIENCE_SECONDS):
        raise Unavailable(N_("登录的人太多，请稍后再试。"))
    try:
        if stored is None or len(password) > passwords.MAX_LENGTH:
            passwords.waste_time(password[: passwords.MAX_LENGTH])
            return False
        return passwords.verify(stored, password)
    finally:
        _ROOM.release()


def _reserve(username: str, *, ip: str) -> _Reserved:
    now = clock.now()
    with unit_of_work() as work:
        failures = _failures(work, ip, now)
        if failures >= MAX_FROM_ADDRESS:
            raise TooManyAttempts
        attempt = SignInAttempt(ip=ip, at=now)
        work.add(attempt)
        work.flush()
        reserved = _Reserved(attempt.id, fills_address=failures + 1 == MAX_FROM_ADDRESS)
        user = _row_for_update(work, User.username == username) if username else None
        if user is None:
            return reserved
        usable = _count(user, now)
        reserved = replace(
            reserved, username=user.username, is_locked=user.locked_until is not None
        )
        if not usable:
            return reserved
        return replace(reserved, user_id=user.id, stored=user.password_hash)


def _row_for_update(work: Session, which: ColumnElement[bool]) -> User | None:
    """The account, kept from being counted by two requests at once."""
    return work.scalars(select(User).where(which).with_for_update()).one_or_none()


def _failures(work: Session, ip: str, now: datetime) -> int:
    query = select(func.count()).where(SignInAttempt.ip == ip, SignInAttempt.at > now - WINDOW)
    return work.scalar(query) or 0


def _count(user: User, now: datetime) -> bool:
    """Count one try on the account; False when it may not be tried."""
    if user.locked_until is not None:
        if user.locked_until > now:
            return False
        user.failed_count, user.locked_until = 0, None
    if not user.is_active:
        return False
    user.failed_count += 1
    if user.failed_count >= MAX_WRONG:
        user.locked_until = now + LOCK
    return True

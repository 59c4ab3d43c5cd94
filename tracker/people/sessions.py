"""Knows who is signed in: server-side session rows that can be revoked at once."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, current_app, g, request, session
from flask_login import LoginManager, UserMixin, login_user, logout_user
from sqlalchemy import and_, bindparam, select, update
from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import NOBODY, Actor, Grant
from tracker.access.roles import Role
from tracker.people.models import RoleGrant, User, UserSession
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work

login_manager = LoginManager()
# the row of a session says whether it holds; flask-login's own mark of a browser says nothing more
login_manager.session_protection = None

#: A session ends after this long whatever happens.
ABSOLUTE = timedelta(hours=12)
#: `last_seen_at` is written at most this often.
_TOUCH = timedelta(minutes=1)
#: A session, whose it is and what they hold, a row for each grant in force. Asked by every request:
#: plain columns in one query cost a quarter of three loaded entities.
_SESSION: Any = (
    select(
        UserSession.expires_at, UserSession.revoked_at, UserSession.last_seen_at,
        User.id, User.name, User.organization_id, User.is_active, User.must_change_password, User.locale,
        RoleGrant.role, RoleGrant.area_code, RoleGrant.organization_id.label("for_organization_id"),
    )
    .join(User, User.id == UserSession.user_id)
    .outerjoin(RoleGrant, and_(RoleGrant.user_id == User.id, RoleGrant.revoked_at.is_(None)))
    .where(UserSession.token_hash == bindparam("token_hash"))
    .order_by(RoleGrant.id)
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """Who is signed in, as far as every request needs to know; `account` is the whole row."""

    actor: Actor
    locale: str | None
    must_change_password: bool


class SignedIn(UserMixin):
    """What flask-login carries: the session's token stands for the person."""

    def __init__(self, token: str, person: Person | None = None) -> None:
        self.token = token
        self.person = person

    def get_id(self) -> str:
        return self.token


def hash_token(token: str) -> str:
    """How a token is kept: its SHA-256, so that a copy of the table opens no session."""
    return hashlib.sha256(token.encode()).hexdigest()


def start(user: User) -> None:
    """Open a session for `user` in this browser; whatever it had before ends, the cookie is rotated."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    before = session.get("_user_id")
    kept_locale = user.locale or session.get("locale")
    with unit_of_work() as work:
        if before:
            _revoke(work, hash_token(before), now)
        work.add(
            UserSession(
                token_hash=hash_token(token),
                user_id=user.id,
                created_at=now,
                last_seen_at=now,
                expires_at=now + ABSOLUTE,
                ip=request.remote_addr or "",
                user_agent=request.user_agent.string[:200],
            )
        )
    session.clear()
    if kept_locale:
        session["locale"] = kept_locale
    login_user(SignedIn(token))


def end() -> None:
    """Revoke this browser's session."""
    token = session.get("_user_id", "")
    logout_user()
    session.clear()
    with unit_of_work() as work:
        _revoke(work, hash_token(token), clock.now())


def _revoke(work: Session, token_hash: str, at: datetime) -> None:
    work.execute(
        update(UserSession)
        .where(UserSession.token_hash == token_hash, UserSession.revoked_at.is_(None))
        .values(revoked_at=at)
    )


def revoke_all(work: Session, user_id: int, *, but_token: str | None = None) -> None:
    """End every session of a person, inside the caller's unit of work."""
    query = update(UserSession).where(
        UserSession.user_id == user_id, UserSession.revoked_at.is_(None)
    )
    if but_token:
        query = query.where(UserSession.token_hash != hash_token(but_token))
    work.execute(query.values(revoked_at=clock.now()))


@login_manager.user_loader
def load(token: str) -> SignedIn | None:
    """The person behind a token, unless the session ended, idled out or the account is closed.

    What a screen asks by itself (access.gate.unattended) neither minds idling nor ends it.
    """
    token_hash = hash_token(token)
    # the connection is asked, not the session: no entity is made of what is only looked at
    rows = db.session.connection().execute(_SESSION, {"token_hash": token_hash}).all()
    row = rows[0] if rows else None
    now = clock.now()
    idle = timedelta(minutes=current_app.config["IDLE_MINUTES"])
    if row is None or row.revoked_at is not None or row.expires_at < now:
        return None
    view = current_app.view_functions.get(request.endpoint or "")
    is_unattended = getattr(view, "is_unattended", False)
    if (row.last_seen_at + idle < now and not is_unattended) or not row.is_active:
        return None
    if row.last_seen_at + _TOUCH < now and not is_unattended:
        with unit_of_work() as work:
            mine = update(UserSession).where(UserSession.token_hash == token_hash)
            work.execute(mine.values(last_seen_at=now))
    return SignedIn(token, _person(rows))


def _person(rows: Any) -> Person:
    """`rows` of `_SESSION`: the same person in each, with one grant or none."""
    first = rows[0]
    grants = tuple(
        Grant(Role(row.role), row.area_code, row.for_organization_id)
        for row in rows
        if row.role is not None
    )
    actor = Actor(first.id, first.name, first.organization_id, grants)
    return Person(actor, first.locale, first.must_change_password)


def account() -> User:
    """The row of whoever is signed in, for a page about the account itself."""
    return db.session.get_one(User, g.actor.user_id)


def install(app: Flask) -> None:
    """Make the person of each request known as `g.person` and `g.actor`."""
    login_manager.init_app(app)

    @app.before_request
    def know_actor() -> None:
        from flask_login import current_user

        if request.endpoint == "static":
            return
        found = current_user._get_current_object()
        g.person = found.person if found.is_authenticated else None
        g.actor = g.person.actor if g.person else NOBODY

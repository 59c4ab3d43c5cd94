"""Knows who is signed in: server-side session rows that can be revoked at once."""

import hashlib
import secrets
from datetime import datetime, timedelta

from flask import Flask, current_app, g, request, session
from flask_login import LoginManager, UserMixin, login_user, logout_user
from sqlalchemy import update
from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import NOBODY
from tracker.people.models import User, UserSession
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work

login_manager = LoginManager()

#: A session ends after this long whatever happens.
ABSOLUTE = timedelta(hours=12)
#: `last_seen_at` is written at most this often.
_TOUCH = timedelta(minutes=1)


class SignedIn(UserMixin):
    """What flask-login carries: the session's token stands for the person."""

    def __init__(self, token: str, user: User) -> None:
        self.token = token
        self.user = user

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
    login_user(SignedIn(token, user))


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
    row = db.session.get(UserSession, hash_token(token))
    now = clock.now()
    idle = timedelta(minutes=current_app.config["IDLE_MINUTES"])
    if row is None or row.revoked_at is not None or row.expires_at < now:
        return None
    view = current_app.view_functions.get(request.endpoint or "")
    is_unattended = getattr(view, "is_unattended", False)
    if (row.last_seen_at + idle < now and not is_unattended) or not row.user.is_active:
        return None
    if row.last_seen_at + _TOUCH < now and not is_unattended:
        with unit_of_work() as work:
            touched = work.get(UserSession, row.token_hash)
            if touched is not None:
                touched.last_seen_at = now
    return SignedIn(token, row.user)


def install(app: Flask) -> None:
    """Make the person of each request known as `g.user` and `g.actor`."""
    login_manager.init_app(app)

    @app.before_request
    def know_actor() -> None:
        from flask_login import current_user

        if request.endpoint == "static":
            return
        g.user = current_user.user if current_user.is_authenticated else None
        g.actor = g.user.as_actor() if g.user else NOBODY

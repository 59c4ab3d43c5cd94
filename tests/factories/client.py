"""A client that behaves as a browser does: signs in through the form, sends the page's CSRF token.

Each request runs in a context of its own, also inside the `app` fixture: otherwise flask-login
and Flask-WTF would find the person and the token of the request before in the shared `g`.
"""

import re
import secrets
from collections.abc import Mapping
from typing import Any, cast
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.factories.world import PASSWORD
from tracker import clock
from tracker.people.models import User, UserSession
from tracker.people.sessions import ABSOLUTE, hash_token
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work

#: A page anyone may open, with a form on it.
_OPEN_PAGE = "/login"
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_UUID = re.compile(r'name="request_uuid"[^>]*value="([^"]+)"')


class OfficeClient(FlaskClient):
    """A test client with a person behind it."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        with self.application.app_context():
            return super().open(*args, **kwargs)

    def csrf_token(self, page: str | None = None) -> str:
        """The token of this browser, read from a page with a form."""
        for path in (page, "/account", "/account/password", _OPEN_PAGE):
            found = _TOKEN.search(self.get(path).text) if path else None
            if found:
                return found.group(1)
        raise AssertionError("no page with a CSRF token")

    def post_form(
        self,
        path: str,
        data: Mapping[str, Any] | None = None,
        *,
        follow: bool = False,
        page: str | None = None,
        **more: Any,
    ) -> TestResponse:
        """Post a form as the page would: with its CSRF token and a request UUID unless given."""
        sent = {"request_uuid": str(uuid4()), "csrf_token": self.csrf_token(page), **(data or {})}
        return self.post(path, data=sent, follow_redirects=follow, **more)

    def post_json(self, path: str, data: Any, **more: Any) -> TestResponse:
        """Post JSON as the pages' scripts do: with the token as a header."""
        headers = {"X-CSRFToken": self.csrf_token(), "X-Requested-With": "fetch"}
        return self.post(path, json=data, headers=headers, **more)

    def token(self) -> str:
        """The server-side session's token, as the cookie carries it; empty when signed out."""
        with self.session_transaction() as kept:
            return cast(str, kept.get("_user_id", ""))


def visitor(app: Flask, **environ: Any) -> OfficeClient:
    """A browser in which nobody is signed in; `REMOTE_ADDR=` gives it an address."""
    client = OfficeClient(app, use_cookies=True)
    client.environ_base.update(environ)
    return client


def sign_in(app: Flask, username: str, password: str = PASSWORD) -> OfficeClient:
    """Sign in through the real form."""
    client = visitor(app)
    answer = client.post_form("/login", {"username": username, "password": password})
    assert answer.status_code == 302, answer.text
    return client


def post_form(
    client: OfficeClient, path: str, data: Mapping[str, Any] | None = None, *, follow: bool = False
) -> TestResponse:
    """The function form of `client.post_form`."""
    return client.post_form(path, data, follow=follow)


def request_uuid_on(page: str) -> str:
    """The request UUID of the first form on a page's HTML."""
    found = _UUID.search(page)
    assert found, "no request_uuid on the page"
    return found.group(1)


def session_token(app: Flask, username: str) -> str:
    """Write a session row for the person and return its token."""
    token, now = secrets.token_urlsafe(32), clock.now()
    with app.app_context(), unit_of_work() as work:
        user_id = work.scalars(select(User.id).where(User.username == username)).one()
        work.add(
            UserSession(
                token_hash=hash_token(token), user_id=user_id, created_at=now, last_seen_at=now,
                expires_at=now + ABSOLUTE,
            )
        )  # fmt: skip
        work.flush()
    return token


def open_session(app: Flask, username: str) -> OfficeClient:
    """A signed-in client without the form: quick, for tests that are not about signing in."""
    client = visitor(app)
    token = session_token(app, username)
    with client.session_transaction() as kept:
        kept["_user_id"], kept["_fresh"] = token, True
    return client


def fresh(kind: type[Any], key: Any) -> Any:
    """The row as the database has it now."""
    db.session.rollback()
    return db.session.get(kind, key)

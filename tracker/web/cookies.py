"""Knows the visitor's signed cookie: its signature is checked once in a process, its age with every request."""

import time

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import BadSignature

from tracker.web.keeping import Kept

#: A cookie is half a kilobyte; it is sent unchanged from signing in to signing out, but for messages.
_MOST = 5_000


class CheckedCookies(SecureCookieSessionInterface):
    """Flask's own cookie; what was found to be signed by this server is not worked out again.

    Who is signed in is said by a row (people.sessions), which is read every time.
    """

    def __init__(self) -> None:
        #: what a cookie holds, as text, and when it was signed (seconds since 1970)
        self._checked: Kept[tuple[str, float]] = Kept(_MOST)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        sent = request.cookies.get(self.get_cookie_name(app))
        known = self._checked.get(sent) if sent else None
        if sent and known is None:
            known = self._check(app, sent)
        oldest = time.time() - app.permanent_session_lifetime.total_seconds()
        if known is None or known[1] < oldest:
            return self.session_class()
        return self.session_class(self.serializer.loads(known[0]))

    def _check(self, app: Flask, sent: str) -> tuple[str, float] | None:
        signing = self.get_signing_serializer(app)
        if signing is None:
            return None
        try:
            held, at = signing.loads(sent, return_timestamp=True)
        except BadSignature:
            return None
        known = self.serializer.dumps(held), at.timestamp()
        self._checked.set(sent, known)
        return known


def install(app: Flask) -> None:
    """Put it in the place of Flask's own."""
    app.session_interface = CheckedCookies()

"""Knows whether a write was sent by a page of this server, as the browser itself says.

A second wall beside the form's token: a page of another site that came by a token still writes
nothing. Only host names are compared, for a proxy may leave the port out.
"""

import logging
from urllib.parse import urlsplit

from flask import Flask, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError

log = logging.getLogger(__name__)

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def is_foreign() -> bool:
    """Whether the browser names another site as the sender; scripts that say nothing are not judged."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is not None and _host_of(origin) != _host_of(f"//{request.host}")


def _host_of(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def install(app: Flask) -> None:
    @app.before_request
    def refuse_foreign() -> None:
        if request.method not in _READING and is_foreign():
            log.warning("refused a write from %r to %r", request.origin, request.host)
            raise CSRFError(_("请求来自其他网站。"))

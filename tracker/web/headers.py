"""Knows the security headers of every answer and the Content-Security-Policy of each kind of page."""

import secrets

from flask import Flask, Response, g, request

#: Scripts and styles come from this server or carry the nonce of this answer; nothing else.
_BASE = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data: blob:{images}; font-src 'self'; connect-src 'self'; worker-src 'self'; "
    "manifest-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "object-src 'none'; frame-ancestors {ancestors}"
)

#: On every answer, unless the view says otherwise.
_USUAL = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "geolocation=(self), camera=(self), microphone=()"),
)
_SECURE = (("Strict-Transport-Security", "max-age=31536000"),)


def csp_nonce() -> str:
    """The nonce of this answer; made once."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def policy(*, images: tuple[str, ...] = (), framed: bool = False) -> str:
    """A Content-Security-Policy; `images` are hosts of configured basemaps."""
    extra = "".join(f" {host}" for host in images)
    ancestors = "'self'" if framed else "'none'"
    return _BASE.format(nonce=csp_nonce(), images=extra, ancestors=ancestors)


def install(app: Flask) -> None:
    """Set the headers that a view has not set itself."""
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    secure = app.config["SESSION_COOKIE_SECURE"]

    usual = (*_USUAL, *(_SECURE if secure else ()))

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        wanted = [("Content-Security-Policy", policy()), *usual]
        if request.endpoint != "static":
            wanted.append(("Cache-Control", "no-store"))
        own = {name.casefold() for name in headers.keys()}  # noqa: SIM118 - iterating it gives pairs
        headers.extend([(name, value) for name, value in wanted if name.casefold() not in own])
        return response

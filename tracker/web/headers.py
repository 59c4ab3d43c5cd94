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

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", policy())
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(self), microphone=()")
        if secure:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.endpoint != "static":
            headers.setdefault("Cache-Control", "no-store")
        return response

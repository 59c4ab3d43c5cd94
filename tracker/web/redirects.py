"""Knows where a person may be sent back to: only to a page of this server."""

from urllib.parse import urlsplit

from flask import request, url_for


def safe_path(target: str | None) -> str | None:
    """`target` when it is a plain path on this server, else None."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return None
    try:
        parts = urlsplit(target)
    except ValueError:  # e.g. a bracket that no IPv6 address closes
        return None
    if parts.scheme or parts.netloc or any(ord(char) < 32 for char in target):
        return None
    return target


def referring_path() -> str | None:
    """The page of this server that led here, None when it was another or nobody says."""
    try:
        referrer = urlsplit(request.referrer or "")
    except ValueError:
        return None
    if referrer.netloc != request.host:
        return None
    return safe_path(referrer.path + (f"?{referrer.query}" if referrer.query else ""))


def back(default: str = "home.index") -> str:
    """The page the person came from when it is ours, else the default page."""
    given = safe_path(request.form.get("next") or request.args.get("next"))
    if given:
        return given
    return referring_path() or url_for(default)

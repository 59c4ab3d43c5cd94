"""The only place from which anything leaves the house: one message to one address, by the library."""

import logging
import socket
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from tracker.notices.channel_kinds import ChannelKind, allowed, is_plumbing
from tracker.texts import N_

log = logging.getLogger(__name__)

#: Words that may be shown of what the library said.
_MOST_WORDS = 200
#: Wait so long for a connection and for an answer (seconds).
_CONNECT, _READ = 10, 20


class NotAccepted(Exception):
    """The other side, or the way to it, did not take the message."""


def deliver(kind: ChannelKind, url: str, *, title: str, body: str, to: str = "") -> None:
    """Send it. `to` is one person's mail address. Raises NotAccepted, with no secret in its words."""
    import apprise

    if not allowed(kind, url):
        raise NotAccepted(N_("渠道地址不符合其类型，请重新填写。"))
    if kind in (ChannelKind.EMAIL, ChannelKind.WEBHOOK):
        _refuse_plumbing(url)
    if kind is ChannelKind.EMAIL and to:
        url = _addressed(url, to)
    asset = apprise.AppriseAsset(
        app_id="civic-grid-tracker", app_desc="", app_url="", async_mode=False,
        secure_logging=True, http_redirects=False,
    )  # fmt: skip
    way = apprise.Apprise(asset=asset)
    with apprise.LogCapture(level=logging.WARNING, fmt="%(message)s") as said:
        if not way.add(_with_timeouts(url)):
            raise NotAccepted(N_("渠道地址无法识别，请重新填写。"))
        subject = title if kind in (ChannelKind.EMAIL, ChannelKind.WEBHOOK) else ""
        if not way.notify(body=body, title=subject, body_format=apprise.NotifyFormat.TEXT):
            raise NotAccepted(_harmless(said.getvalue(), url) or N_("对方没有接受。"))


def _refuse_plumbing(url: str) -> None:
    """A name that was harmless when it was typed may lead elsewhere by now. Raises NotAccepted."""
    parts = urlsplit(url)
    for host in [parts.hostname, *(v for n, v in parse_qsl(parts.query) if n == "smtp")]:
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):  # not found: the library says so in its own words
            continue
        if any(is_plumbing(str(row[4][0]).split("%", 1)[0]) for row in found):
            raise NotAccepted(N_("渠道地址不符合其类型，请重新填写。"))


def _with_timeouts(url: str) -> str:
    joint = "&" if "?" in url else "?"
    return f"{url}{joint}cto={_CONNECT}&rto={_READ}"


def _addressed(url: str, to: str) -> str:
    parts = urlsplit(url)
    kept = [
        (name, value) for name, value in parse_qsl(parts.query) if name not in ("to", "cc", "bcc")
    ]
    return urlunsplit(parts._replace(query=urlencode([*kept, ("to", to)], quote_via=quote)))


def _harmless(said: str, url: str) -> str:
    """The library's last words, without any piece of the address but its host."""
    words = (said.strip().splitlines() or [""])[-1]
    parts = urlsplit(url)
    secrets = {parts.username, parts.password, *parts.path.split("/"), *parts.query.split("&")}
    secrets |= {value for _name, value in parse_qsl(parts.query)}
    secrets |= {unquote(secret) for secret in secrets if secret}
    if parts.scheme not in ("json", "jsons", "mailto", "mailtos"):
        secrets.add(parts.hostname)
    for secret in sorted((s for s in secrets if s and len(s) > 3), key=len, reverse=True):
        words = words.replace(secret, "…")
    return words[:_MOST_WORDS]

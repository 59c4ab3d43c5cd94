"""Knows the ways out of the house: what is typed for each, and how the library writes its address."""

import ipaddress
import re
import socket
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs, parse_qsl, quote, unquote, urlencode, urlsplit

from tracker.errors import Invalid
from tracker.texts import N_

#: 企业微信 lets a group robot send 20 messages a minute; the others no fewer.
MOST_PER_MINUTE = 20
#: A text of a 企业微信 robot has at most so many bytes of UTF-8; every message keeps to it.
MOST_BYTES = 2048


class ChannelKind(StrEnum):
    """How a message leaves."""

    WECOM = "wecom"  #: 企业微信群机器人
    DINGTALK = "dingtalk"  #: 钉钉群机器人
    FEISHU = "feishu"  #: 飞书群机器人
    EMAIL = "email"  #: a mail server of the office
    WEBHOOK = "webhook"  #: JSON posted to a gateway
    MANUAL = "manual"  #: nothing is sent: the text is copied by hand


KIND_LABELS = {
    ChannelKind.WECOM: N_("企业微信群机器人"),
    ChannelKind.DINGTALK: N_("钉钉群机器人"),
    ChannelKind.FEISHU: N_("飞书群机器人"),
    ChannelKind.EMAIL: N_("邮件"),
    ChannelKind.WEBHOOK: N_("Web-hook（JSON）"),
    ChannelKind.MANUAL: N_("人工转发（复制文本）"),
}

#: What the address of a mail server may say beside the server; the library knows more, files to read among it.
_MAIL_SETTINGS = frozenset(
    {"from", "to", "cc", "bcc", "name", "reply", "user", "pass", "smtp", "mode", "verify"}
)

#: What is to be typed for each.
KIND_HINTS = {
    ChannelKind.WECOM: N_("机器人的 Webhook 地址或其中的 key。"),
    ChannelKind.DINGTALK: N_(
        "机器人的 Webhook 地址或 access_token；加签密钥写在前面，如 密钥@令牌。"
    ),
    ChannelKind.FEISHU: N_("机器人的 Webhook 地址或其最后一段；不支持签名校验。"),
    ChannelKind.EMAIL: N_(
        "mailtos://用户:密码@邮件服务器?from=发件地址&to=收件地址；to 可省略，个人摘要按各人邮箱发送。"
    ),
    ChannelKind.WEBHOOK: N_("https:// 或内网 http:// 地址，将以 POST 收到 JSON。"),
    ChannelKind.MANUAL: N_("不填；摘要在本页列出，由人复制到微信群。"),
}


@dataclass(frozen=True)
class Address:
    """Where a channel leads: the library's URL, and what a page may show of it."""

    url: str
    hint: str


def parse(kind: ChannelKind, typed: str) -> Address:
    """The address that was typed for a kind. Raises Invalid for what the kind does not take."""
    try:
        return _READERS[kind](typed.strip())
    except ValueError:  # e.g. a bracket that no IPv6 address closes, a port that is no number
        raise _unusable() from None


def allowed(kind: ChannelKind, url: str) -> bool:
    """Whether a kept address still is one of its kind: asked again before anything is sent."""
    return url.split("://", 1)[0] in _SCHEMES[kind]


def _unusable() -> Invalid:
    return Invalid(N_("地址或密钥不符合所选类型，请核对后重新填写。"), field="address")


def _masked(secret: str) -> str:
    return "…" + secret[-4:] if len(secret) >= 12 else "…"


def _token(typed: str, host: str, take: Callable[[str], str], shape: str) -> str:
    """The token itself, out of a whole address of `host` or as it was typed."""
    if "://" in typed:
        parts = urlsplit(typed)
        if parts.scheme != "https" or parts.hostname != host:
            raise _unusable()
        typed = take(typed)
    if not re.fullmatch(shape, typed):
        raise _unusable()
    return typed


def _query(name: str) -> Callable[[str], str]:
    return lambda address: (parse_qs(urlsplit(address).query).get(name) or [""])[0]


def _wecom(typed: str) -> Address:
    key = _token(typed, "qyapi.weixin.qq.com", _query("key"), r"[A-Za-z0-9_-]{8,100}")
    return Address(f"wecombot://{key}", _masked(key))


def _dingtalk(typed: str) -> Address:
    secret, _, rest = typed.rpartition("@")
    token = _token(rest, "oapi.dingtalk.com", _query("access_token"), r"[A-Za-z0-9]{8,100}")
    if secret and not re.fullmatch(r"[A-Za-z0-9]{8,100}", secret):
        raise _unusable()
    return Address(
        f"dingtalk://{secret}@{token}" if secret else f"dingtalk://{token}", _masked(token)
    )


def _feishu(typed: str) -> Address:
    token = _token(
        typed, "open.feishu.cn", lambda a: urlsplit(a).path.rstrip("/").rsplit("/", 1)[-1],
        r"[A-Za-z0-9_-]{8,100}",
    )  # fmt: skip
    return Address(f"feishu://{token}", _masked(token))


def _email(typed: str) -> Address:
    parts = urlsplit(typed)
    if parts.scheme not in ("mailto", "mailtos") or not parts.hostname or parts.port == 0:
        raise _unusable()
    said = parse_qsl(parts.query, keep_blank_values=True)
    hosts = [parts.hostname, *(value for name, value in said if name == "smtp" and value)]
    if (
        parts.fragment
        or not {name for name, _value in said} <= _MAIL_SETTINGS
        # a line end would begin another header of the mail
        or not unquote(typed).isprintable()
        or any(_is_metadata(host) for host in hosts)
    ):
        raise _unusable()
    return Address(typed, hosts[-1])


def _webhook(typed: str) -> Address:
    parts = urlsplit(typed)
    host = parts.hostname
    if parts.scheme not in ("http", "https") or not host or parts.port == 0 or _is_metadata(host):
        raise _unusable()
    scheme = {"http": "json", "https": "jsons"}[parts.scheme]
    user = ""
    if parts.username:
        user = quote(unquote(parts.username), safe="") + ":"
        user += quote(unquote(parts.password or ""), safe="") + "@"
    port = f":{parts.port}" if parts.port else ""
    shown_host = f"[{host}]" if ":" in host else host
    # the library sends on only what is marked with a minus
    marked = [(f"-{name}", value) for name, value in parse_qsl(parts.query, keep_blank_values=True)]
    query = f"?{urlencode(marked)}" if marked else ""
    return Address(f"{scheme}://{user}{shown_host}{port}{parts.path}{query}", f"{host}{port}")


def _is_metadata(host: str) -> bool:
    """Addresses of the machine's own plumbing (169.254…), where no gateway of an office is.

    However it is written: as one number, in octal or hexadecimal, wrapped in IPv6, in wide digits.
    """
    plain = unicodedata.normalize("NFKC", unquote(host)).rstrip(".")
    try:
        return is_plumbing(plain)
    except ValueError:
        pass
    try:
        return is_plumbing(socket.inet_ntoa(socket.inet_aton(plain)))
    except (OSError, ValueError):  # a name: what it leads to is asked before each message
        return False


def is_plumbing(ip: str) -> bool:
    """Whether an IP address is link-local, in IPv6's clothes too. Raises ValueError for no address."""
    found = ipaddress.ip_address(ip)
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_link_local


def _manual(typed: str) -> Address:
    if typed:
        raise _unusable()
    return Address("", "")


_READERS: dict[ChannelKind, Callable[[str], Address]] = {
    ChannelKind.WECOM: _wecom,
    ChannelKind.DINGTALK: _dingtalk,
    ChannelKind.FEISHU: _feishu,
    ChannelKind.EMAIL: _email,
    ChannelKind.WEBHOOK: _webhook,
    ChannelKind.MANUAL: _manual,
}
_SCHEMES: dict[ChannelKind, tuple[str, ...]] = {
    ChannelKind.WECOM: ("wecombot",),
    ChannelKind.DINGTALK: ("dingtalk",),
    ChannelKind.FEISHU: ("feishu",),
    ChannelKind.EMAIL: ("mailto", "mailtos"),
    ChannelKind.WEBHOOK: ("json", "jsons"),
    ChannelKind.MANUAL: (),
}

for _table in (KIND_LABELS, KIND_HINTS, _READERS, _SCHEMES):
    if set(_table) != set(ChannelKind):
        raise RuntimeError("every kind of channel needs a label, a hint, a reader and its schemes")

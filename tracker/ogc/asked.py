"""Knows how the parameters of a page of features are read: each strictly, or refused by name."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from tracker.errors import Invalid
from tracker.texts import N_

#: Features of a page when nothing is said, and at most; who asks for more gets this many.
USUAL, MOST = 100, 10_000
#: The values of `f`; there is no other form than JSON.
_FORMS = frozenset({"json", "geojson"})
_LONGEST = 200
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")
_KEY = re.compile(r"(?P<cell>\d{1,19})-(?P<id>\d{1,10})|(?P<at>[^,]{1,40}),(?P<row>\d{1,10})")
_DIGITS = frozenset("0123456789+-.eE")

#: West, south, east, north in decimal degrees, WGS-84; west > east crosses the 180th meridian.
Box = tuple[float, float, float, float]


class BadParameter(Invalid):
    """A parameter that the standard lets nobody overlook; 400 as it demands."""

    status = 400
    code = "InvalidParameterValue"


class Key(NamedTuple):
    """The last row of the page before: by its cell, or by its moment."""

    row_id: int
    cell: int = 0
    at: datetime | None = None

    def __str__(self) -> str:
        if self.at is None:
            return f"{self.cell}-{self.row_id}"
        return f"{self.at.isoformat().replace('+00:00', 'Z')},{self.row_id}"


@dataclass(frozen=True)
class Asked:
    """What of a collection is wanted."""

    limit: int = USUAL
    box: Box | None = None
    #: the first and the last moment, both included; None is open
    since: datetime | None = None
    until: datetime | None = None
    after: Key | None = None


def read(args: Mapping[str, Any]) -> Asked:
    """The parameters of a page. Raises BadParameter with what is wrong and how it is mended."""
    check_names(args, _KINDS)
    given = {name: _one(args, name) for name in args}
    since, until = _read(given, "datetime", (None, None))
    return Asked(
        _read(given, "limit", USUAL), _read(given, "bbox", None), since, until,
        _read(given, "after", None),
    )  # fmt: skip


def check_names(args: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    """Refuse what is not known, and any form but JSON. Raises BadParameter."""
    for name in args:
        if name != "f" and name not in known:
            raise BadParameter(
                N_("不认识参数“%(name)s”，请去掉；可用的参数：%(known)s。"),
                field=name, name=name[:40], known=", ".join([*known, "f"]),
            )  # fmt: skip
    if "f" in args and _one(args, "f") not in _FORMS:
        raise BadParameter(
            N_("参数 f=%(value)s 不能用：只提供 JSON，请去掉 f 或写 f=json。"),
            field="f", value=_shown(args["f"]),
        )  # fmt: skip


def _one(args: Mapping[str, Any], name: str) -> str:
    every = args.getlist(name) if hasattr(args, "getlist") else [args[name]]
    if len(every) > 1:
        raise BadParameter(N_("参数“%(name)s”只能写一次。"), field=name, name=name)
    return str(every[0])


def _read(given: Mapping[str, str], name: str, usual: Any) -> Any:
    if name not in given:
        return usual
    kind, words = _KINDS[name]
    text = given[name]
    try:
        if len(text) > _LONGEST:
            raise ValueError
        return kind(text)
    except (ValueError, OverflowError):
        raise BadParameter(words, field=name, value=_shown(text), most=MOST) from None


def _shown(text: str) -> str:
    return text[:60] or "（空）"


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) < 1:
        raise ValueError(text)
    return min(int(text), MOST)


def _box(text: str) -> Box:
    parts = text.split(",")
    if len(parts) not in (4, 6) or not all(part and _DIGITS.issuperset(part) for part in parts):
        raise ValueError(text)
    numbers = [float(part) for part in parts]
    # with heights, which nothing here has, they are the third of each corner
    west, south, east, north = numbers if len(parts) == 4 else (*numbers[:2], *numbers[3:5])
    if not (abs(west) <= 180 and abs(east) <= 180 and -90 <= south <= north <= 90):
        raise ValueError(text)
    if not all(map(math.isfinite, numbers)):
        raise ValueError(text)
    return west, south, east, north


def _interval(text: str) -> tuple[datetime | None, datetime | None]:
    first, slash, last = text.partition("/")
    since = _end(first)
    until = _end(last) if slash else since
    if (since is None and not slash) or (since and until and since > until):
        raise ValueError(text)
    return since, until


def _end(text: str) -> datetime | None:
    return None if text in ("", "..") else moment(text)


def moment(text: str) -> datetime:
    """A moment of RFC 3339, with its zone; a plus that an address made a blank is read too. Raises ValueError."""
    plain = text.upper().replace(" ", "+")
    if not _MOMENT.fullmatch(plain):
        raise ValueError(text)
    found = datetime.fromisoformat(plain)
    if not 1900 < found.year < 9000:
        raise ValueError(text)
    return found


def _key(text: str) -> Key:
    found = _KEY.fullmatch(text)
    if not found:
        raise ValueError(text)
    parts = found.groupdict()
    row_id = int(parts["id"] or parts["row"])
    if row_id >= 2**31 or int(parts["cell"] or 0) >= 2**62:
        raise ValueError(text)
    if parts["at"]:
        return Key(row_id, at=moment(parts["at"]))
    return Key(row_id, cell=int(parts["cell"]))


#: Each parameter: how it is read, and what is said when it cannot be.
_KINDS: dict[str, tuple[Callable[[str], Any], str]] = {
    "bbox": (
        _box,
        N_(
            "参数 bbox=%(value)s 不能用：应为四个数，依次为西经度、南纬度、东经度、北纬度（WGS-84），如 bbox=113.35,22.04,113.36,22.05。"
        ),
    ),
    "datetime": (
        _interval,
        N_(
            "参数 datetime=%(value)s 不能用：应为带时区的时刻或起止，如 datetime=2026-11-01T00:00:00+08:00/..（.. 表示不限），起不能晚于止。"
        ),
    ),
    "limit": (_limit, N_("参数 limit=%(value)s 不能用：应为 1 至 %(most)s 的整数。")),
    "after": (
        _key,
        N_("翻页位置 after=%(value)s 无效：请从第一页开始，依次打开答复中 rel 为 next 的链接。"),
    ),
}

"""Knows paging by key: a page starts after the last row of the one before, whatever is inserted."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import orjson

from tracker.errors import Invalid
from tracker.texts import N_

Row = TypeVar("Row")

#: Rows of a page on the desktop.
PAGE_SIZE = 25


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page; `next_key` is None on the last one, `total` None when it was not counted."""

    rows: Sequence[Row]
    next_key: str | None
    total: int | None = None
    #: the count stopped here: there are at least this many
    total_is_floor: bool = False
    #: it ends where the search stopped, not where it is full: the next page looks further
    is_cut: bool = False


def pack(values: Sequence[Any]) -> str:
    """The sort values of a row as text for the URL; moments keep microseconds."""
    plain = [
        value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
        for value in values
    ]
    return base64.urlsafe_b64encode(orjson.dumps(plain)).decode().rstrip("=")


def unpack(key: str, *, size: int) -> list[Any]:
    """What `pack` packed. Raises Invalid for anything else."""
    try:
        padded = key + "=" * (-len(key) % 4)
        values = orjson.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
    except (ValueError, binascii.Error, UnicodeEncodeError):
        values = None
    if not isinstance(values, list) or len(values) != size or not all(map(_is_plain, values)):
        raise Invalid(N_("翻页位置无效，请从第一页重新打开列表。"), field="after")
    return values


def _is_plain(value: Any) -> bool:
    """What a column can be compared with on either database: text, a key's number, nothing."""
    if isinstance(value, str):
        return "\0" not in value
    return value is None or (type(value) is int and abs(value) < 2**31)

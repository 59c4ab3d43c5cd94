"""Knows how the JSON of a phone is read: every value checked, every refusal names its field."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson

from tracker.errors import Invalid
from tracker.storage.receipts import digest_of, parse_uuid
from tracker.texts import N_

#: Bytes of one item without its photos: a visit of a hundred items with long notes has 60 kB.
MAX_ITEM_BYTES = 1024 * 1024
#: Lists within lists: an item has six, an outbox file one more.
MAX_DEPTH = 20
#: Photos of one item: nine for each of some thirty failing answers.
MAX_PHOTOS = 300
_HASH = re.compile(r"[0-9a-f]{64}")


class Kind(StrEnum):
    """What a phone sends; one item is one act."""

    VISIT = "visit"  #: an inspection of a point
    REPORT = "report"  #: a free report
    SUBMIT = "submit"  #: a rectified task


KIND_LABELS = {
    Kind.VISIT: N_("点位检查"),
    Kind.REPORT: N_("问题上报"),
    Kind.SUBMIT: N_("整改提交"),
}


@dataclass(frozen=True)
class SentPhoto:
    """A photo that an item names: the phone's UUID, and the SHA-256 of its bytes in hex."""

    uuid: str
    sha256: str


@dataclass(frozen=True)
class Item:
    """One act as it was sent. `decisions` are no part of what identifies it."""

    uuid: str
    kind: Kind
    made_at: datetime
    photos: tuple[SentPhoto, ...]
    content: Mapping[str, Any]
    near: Mapping[str, str] = field(default_factory=dict)
    #: the version of the task that the person has seen and submits against all the same
    stale: int | None = None

    def as_content(self) -> dict[str, Any]:
        """What identifies the item: everything but the decisions."""
        return {
            "kind": self.kind.value,
            "made_at": self.made_at.isoformat(),
            "photos": [[photo.uuid, photo.sha256] for photo in self.photos],
            "content": self.content,
        }

    @property
    def digest(self) -> str:
        """SHA-256 over `as_content`."""
        return digest_of(self.as_content())


def parse(data: bytes) -> Any:
    """JSON that either database can keep: finite numbers, no NUL. Raises Invalid."""
    try:
        return _storable(orjson.loads(data))
    except (orjson.JSONDecodeError, RecursionError):
        raise Invalid(N_("内容不是有效的 JSON，没有保存。"), field="body") from None


def read_item(sent: Any) -> Item:
    """One item of a request or of an outbox file. Raises Invalid."""
    if not isinstance(sent, dict):
        raise Invalid(N_("内容格式不对，没有保存。"), field="body")
    kind = sent.get("kind")
    if kind not in tuple(Kind):
        raise Invalid(N_("不认识的内容类型，请更新后重试。"), field="kind")
    content = sent.get("content")
    if not isinstance(content, dict):
        raise Invalid(N_("内容格式不对，没有保存。"), field="content")
    decisions = sent.get("decisions") or {}
    if not isinstance(decisions, dict):
        raise Invalid(N_("内容格式不对，没有保存。"), field="decisions")
    return Item(
        uuid=parse_uuid(text(sent, "uuid", 64)),
        kind=Kind(kind),
        made_at=moment(sent, "made_at"),
        photos=_photos(sent.get("photos") or []),
        content=content,
        near=_near(decisions.get("near") or {}),
        stale=whole(decisions, "stale", required=False),
    )


def _photos(sent: Any) -> tuple[SentPhoto, ...]:
    refused = Invalid(N_("照片清单的格式不对，没有保存。"), field="photos")
    if not isinstance(sent, list) or len(sent) > MAX_PHOTOS:
        raise refused
    found = []
    for one in sent:
        if not isinstance(one, dict) or not is_hash(one.get("sha256")):
            raise refused
        found.append(SentPhoto(parse_uuid(text(one, "uuid", 64)), one["sha256"]))
    if len({photo.uuid for photo in found}) < len(found):
        raise refused
    return tuple(found)


def _near(sent: Any) -> dict[str, str]:
    if not isinstance(sent, dict) or len(sent) > 500:
        raise Invalid(N_("内容格式不对，没有保存。"), field="decisions")
    return {str(key)[:20]: str(choice).strip().upper()[:40] for key, choice in sent.items()}


def is_hash(value: Any) -> bool:
    """Whether this is a SHA-256 in lower-case hex."""
    return isinstance(value, str) and _HASH.fullmatch(value) is not None


def text(given: Mapping[str, Any], name: str, longest: int) -> str:
    """A text without control characters, empty when missing. Raises Invalid when too long."""
    value = given.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Invalid(N_("“%(name)s”应为文字。"), field=name, name=name)
    clean = "".join(char for char in value if char.isprintable() or char == "\n").strip()
    if len(clean) > longest:
        raise Invalid(N_("文字过长，最多 %(n)d 字。"), field=name, n=longest)
    return clean


def whole(given: Mapping[str, Any], name: str, *, required: bool = True) -> int | None:
    """A whole number that a key column can hold. Raises Invalid."""
    value = given.get(name)
    if value is None and not required:
        return None
    if type(value) is not int or not 0 <= value < 2**31:
        raise Invalid(N_("“%(name)s”应为整数。"), field=name, name=name)
    return value


def number(given: Mapping[str, Any], name: str, low: float, high: float) -> float | None:
    """A finite number between two bounds, None when missing. Raises Invalid."""
    value = given.get(name)
    if value is None:
        return None
    if type(value) not in (int, float) or not math.isfinite(value) or not low <= value <= high:
        raise Invalid(N_("“%(name)s”的数值无效。"), field=name, name=name)
    return float(value)


def truth(given: Mapping[str, Any], name: str) -> bool:
    """True or False; missing is False. Raises Invalid for anything else."""
    value = given.get(name, False)
    if not isinstance(value, bool):
        raise Invalid(N_("“%(name)s”应为是或否。"), field=name, name=name)
    return value


def moment(given: Mapping[str, Any], name: str) -> datetime:
    """An RFC 3339 moment with an offset. Raises Invalid."""
    refused = Invalid(N_("“%(name)s”的时间无效，应带时区。"), field=name, name=name)
    try:
        found = datetime.fromisoformat(text(given, name, 40))
    except ValueError:
        raise refused from None
    if found.tzinfo is None or not 2000 <= found.year <= 2200:
        raise refused
    return found


def many(given: Mapping[str, Any], name: str, read: Callable[[Any], Any], most: int) -> list[Any]:
    """A list of at most so many, each read; missing is empty. Raises Invalid."""
    value = given.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > most:
        raise Invalid(N_("“%(name)s”的格式不对。"), field=name, name=name)
    return [read(one) for one in value]


def _storable(value: Any, depth: int = 0) -> Any:
    """The same value without NUL in any text; neither database keeps one, nor an infinity."""
    if depth > MAX_DEPTH:
        raise Invalid(N_("内容格式不对，没有保存。"), field="body")
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, float) and not math.isfinite(value):
        raise Invalid(N_("内容里有无效的数值，没有保存。"), field="body")
    if isinstance(value, list):
        return [_storable(one, depth + 1) for one in value]
    if isinstance(value, dict):
        return {key.replace("\0", ""): _storable(one, depth + 1) for key, one in value.items()}
    return value

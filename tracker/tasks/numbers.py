"""Knows the next task number: prefix, day in the city, serial number of that day."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from flask import current_app
from sqlalchemy import Insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tracker.clock import in_city
from tracker.storage.unit_of_work import release_early
from tracker.tasks.models import NumberSequence

#: Where a session keeps the serial numbers taken for a batch: key → iterator.
_RESERVED = "tracker_reserved_numbers"


def next_number(session: Session, at: datetime) -> str:
    """E.g. `JW-20261122-0001`; the row is locked until the caller's transaction ends."""
    key = _key(at)
    kept: dict[str, Iterator[int]] = session.info.get(_RESERVED, {})
    serial = next(kept.get(key, iter(())), None)
    if serial is None:
        serial = _take(session, {key: 1})[key]
    return f"{key}-{serial:04d}"


def next_order(session: Session, district_code: str | None, at: datetime) -> str:
    """The number of a supervision order, e.g. `440404督〔2026〕12号`, counted by district and year."""
    district, year = (district_code or "")[:6], in_city(at).year
    key = f"DB-{district}-{year}"
    return f"{district}督〔{year}〕{_take(session, {key: 1})[key]}号"


def short_order(number: str) -> str:
    """The number of an order without its district: `督〔2026〕12号`, as a list shows it."""
    _district, sign, rest = number.partition("督")
    return sign + rest


@contextmanager
def reserved(session: Session, moments: Iterable[datetime]) -> Iterator[None]:
    """Take the numbers of a batch at once, one for each of `moments`, inside the unit of work.

    A number that the batch does not use stays unused.
    """
    session.info[_RESERVED] = {}
    try:
        wanted = Counter(map(_key, moments))
        for key, last in _take(session, wanted).items():
            session.info[_RESERVED][key] = iter(range(last - wanted[key] + 1, last + 1))
        yield
    finally:
        session.info.pop(_RESERVED, None)


def _key(at: datetime) -> str:
    return f"{current_app.config['NUMBER_PREFIX']}-{in_city(at):%Y%m%d}"


def _take(session: Session, wanted: Mapping[str, int]) -> dict[str, int]:
    """Raise the last serial number of each key by a count, in the order of the keys, and return them."""
    if not wanted:
        return {}
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    rows = [{"key": key, "last": count} for key, count in sorted(wanted.items())]
    # the statement of a single row is compiled once and for all
    taken = dialect.insert(NumberSequence).values(rows if len(rows) > 1 else rows[0])
    statement: Insert = taken.on_conflict_do_update(
        index_elements=[NumberSequence.key],
        set_={"last": NumberSequence.last + taken.excluded.last},
    )
    # everybody who reports today wants this row
    release_early(session)
    raised = statement.returning(NumberSequence.key, NumberSequence.last)
    return {key: last for key, last in session.execute(raised)}  # noqa: C416 - rows are not pairs to dict()

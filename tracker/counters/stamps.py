"""Names the SELECT on the stamps of areas: what a kept answer depends on."""

from collections import Counter
from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from tracker.counters import waiting
from tracker.counters.models import AreaStamp
from tracker.counters.reading import among_codes, dialect_of, rows


def stamps(session: Session, codes: Collection[str]) -> tuple[tuple[str, int], ...]:
    """What the figures of these areas depend on, for an ETag: equal stamps, equal figures."""
    found = Counter(dict(rows(session, _stamps(dialect_of(session)), sorted(codes))))
    found.update(waiting.stamps(session, codes))
    return tuple(sorted(found.items()))


@cache
def _stamps(dialect: str) -> Select[Any]:
    query: Any = select(AreaStamp.area_code, AreaStamp.value)
    found: Select[Any] = query.where(among_codes(AreaStamp.area_code, dialect))
    return found

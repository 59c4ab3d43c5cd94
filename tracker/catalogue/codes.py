"""Knows the code of a category by its id, so that a page of thousands of tasks joins no other table."""

import threading
from collections.abc import Collection

from sqlalchemy import select

from tracker.catalogue.models import Category
from tracker.storage.db import db

_lock = threading.Lock()
_known: dict[str, dict[int, str]] = {}


def codes_of(ids: Collection[int]) -> dict[int, str]:
    """The code of each category. A code never changes, so each is asked for once in a process."""
    kept = _known.setdefault(str(db.engine.url), {})
    missing = sorted(set(ids) - kept.keys())
    if missing:
        columns = select(Category.id, Category.code).where(Category.id.in_(missing))
        found = {row[0]: row[1] for row in db.session.execute(columns)}
        with _lock:
            kept.update(found)
    return {one: kept[one] for one in ids}

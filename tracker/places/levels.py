"""Knows of which level a code is, so that a query asks the one column that can hold it, and what lies below a level."""

import threading
from collections.abc import Collection

from sqlalchemy import select

from tracker.places.models import LEVELS, Area, Level
from tracker.storage.db import db

_lock = threading.Lock()
_known: dict[str, dict[str, Level]] = {}


def below(level: str) -> tuple[Level, ...]:
    """The levels inside an area of a level, the largest first."""
    return LEVELS[LEVELS.index(Level(level)) + 1 :]


def levels_of(codes: Collection[str]) -> dict[str, Level]:
    """The level of each code that is an area, retired ones too; others are missing.

    A code never changes its level, so each is asked for once in a process.
    """
    kept = _known.setdefault(str(db.engine.url), {})
    missing = sorted(set(codes) - kept.keys())
    if missing:
        session = db.session()
        with session.no_autoflush:
            rows = session.execute(select(Area.code, Area.level).where(Area.code.in_(missing)))
            found = {code: Level(level) for code, level in rows}
        with _lock:
            kept.update(found)
    return {code: kept[code] for code in codes if code in kept}

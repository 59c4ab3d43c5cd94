"""Knows which area lies in which: the tree of codes in memory, read once per epoch."""

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.places.locating import epoch
from tracker.places.models import LEVELS, Area
from tracker.storage.db import db

#: Answers of a tree that are kept for the next tile.
_KEPT = 256


@dataclass(frozen=True)
class Tree:
    """Every area, retired ones too, with its path from the district down."""

    #: code → codes from the district to the area itself
    paths: Mapping[str, tuple[str, ...]] = field(repr=False)
    _above_grids: dict[tuple[tuple[str, ...], ...], tuple[str, ...]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def within(self, codes: Collection[str]) -> dict[str, str]:
        """Which of `codes` each area lies in, itself included; of nested ones the smallest."""
        wanted = frozenset(codes)
        found: dict[str, str] = {}
        for code, path in self.paths.items():
            for above in reversed(path):
                if above in wanted:
                    found[code] = above
                    break
        return found

    def above_grids(self, *groups: tuple[str, ...]) -> tuple[str, ...]:
        """The areas larger than a grid that are one, or lie in one, of the codes of every group."""
        found = self._above_grids.get(groups)
        if found is None:
            found = tuple(
                code
                for code, path in self.paths.items()
                if len(path) < len(LEVELS)
                and all(not frozenset(codes).isdisjoint(path) for codes in groups)
            )
            if len(self._above_grids) >= _KEPT:
                self._above_grids.clear()
            self._above_grids[groups] = found
        return found

    def is_within(self, code: str, codes: Collection[str | None]) -> bool:
        """Whether the area is one of `codes`, or lies in one."""
        return not frozenset(codes).isdisjoint(self.paths.get(code, ()))


_lock = threading.Lock()
#: By database, with the epoch it was read in.
_built: dict[str, tuple[int, Tree]] = {}


def tree(session: Session, now: int | None = None) -> Tree:
    """The tree of the areas, built once per epoch and shared by all threads.

    `now` is the epoch where it was asked for already.
    """
    url = str(db.engine.url)
    if now is None:
        now = epoch(session)
    with _lock:
        known = _built.get(url)
        if known is None or known[0] != now:
            rows = session.execute(select(Area.code, Area.path))
            paths = {code: tuple(p for p in path.split("/") if p) for code, path in rows}
            known = _built[url] = (now, Tree(paths))
        return known[1]

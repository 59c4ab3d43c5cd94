"""Knows where nobody answers (无主区域) and where two posts answer for the same: reckoned once a version."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker import clock
from tracker.places.locating import epoch as area_epoch
from tracker.places.models import Area, AreaBoundary
from tracker.responsibility.index import Index, Term, index
from tracker.responsibility.queries import epoch
from tracker.responsibility.scopes import fit, share
from tracker.storage.db import db

if TYPE_CHECKING:
    from gis.cover import Left, Piece

#: Communities whose figures are kept, and pieces and overlaps of one that are told.
KEPT = 2000
MOST_PIECES, MOST_OVERLAPS = 40, 60


@dataclass(frozen=True)
class Overlap:
    """Two posts of one kind that answer for the very same thing on the same ground."""

    one: Term
    other: Term
    piece: "Piece"


@dataclass(frozen=True)
class Cover:
    """How a community is covered on a day."""

    left: "Left"
    overlaps: tuple[Overlap, ...]
    #: whether its fallback answers for what is left
    has_fallback: bool

    @property
    def share(self) -> float:
        """Covered ground, per cent."""
        return 100 * self.left.covered_m2 / self.left.area_m2 if self.left.area_m2 else 0.0

    @property
    def left_m2(self) -> float:
        return max(0.0, self.left.area_m2 - self.left.covered_m2)


_lock = threading.Lock()
_kept: OrderedDict[tuple[Any, ...], Cover] = OrderedDict()


def covers(
    session: Session, codes: Sequence[str], *, category: str | None = None, on: date | None = None
) -> dict[str, Cover]:
    """The cover of communities that have a border, by code; for a category (or 大类) or anything.

    What was reckoned for the same version of map and borders is not reckoned again.
    """
    day = on or clock.today()
    version = (str(db.engine.url), epoch(session), area_epoch(session), category, day)
    with _lock:
        found = {code: _kept[version + (code,)] for code in codes if version + (code,) in _kept}
    missing = [code for code in codes if code not in found]
    if not missing:
        return found
    known = index(session)
    for code, geometry in session.execute(
        select(Area.code, AreaBoundary.geometry)
        .join(AreaBoundary, AreaBoundary.area_code == Area.code)
        .where(Area.code.in_(missing), AreaBoundary.version == Area.boundary_version)
    ):
        found[code] = _reckon(known, code, geometry, category, day)
        with _lock:
            _kept[version + (code,)] = found[code]
            while len(_kept) > KEPT:
                _kept.popitem(last=False)
    return found


def within(known: Index, area: Any, category: str | None, day: date) -> list[Term]:
    """Segments and polygons that answer on a day and touch a polygon (shapely, WGS-84)."""
    return [
        one
        for one in (known.terms[key] for key in known.reach.touching(area))
        if one.is_valid(day) and fit(one.scopes, category, None) is not None
    ]


def _reckon(known: Index, code: str, geometry: Any, category: str | None, day: date) -> Cover:
    from shapely.geometry import shape

    from gis.cover import uncovered

    area = shape(geometry)
    terms = within(known, area, category, day)
    left = uncovered(area, [(one.shape, one.reach_m) for one in terms], most=MOST_PIECES)
    fallback = any(
        one.is_valid(day) and fit(one.scopes, category, None) is not None
        for one in known.fallbacks.get(code, [])
    )
    return Cover(left, tuple(_overlaps(terms)[:MOST_OVERLAPS]), fallback)


def _overlaps(terms: Sequence[Term]) -> list[Overlap]:
    """Pairs of one kind and of one scope on the same ground, the largest first.

    A segment in a polygon is none: the segment answers there.
    """
    import numpy as np
    import shapely

    from gis.cover import shared

    if len(terms) < 2:
        return []
    shapes = np.array([one.shape for one in terms], dtype=object)
    # wide enough for the reach of both, in degrees
    wide = max(one.reach_m for one in terms) * 2 / 90_000
    tree = shapely.STRtree(shapes)
    boxes = shapely.buffer(shapely.envelope(shapes), wide) if wide else shapes
    found = []
    for first, second in zip(*tree.query(boxes).tolist(), strict=True):
        one, other = terms[first], terms[second]
        if first >= second or one.kind is not other.kind or not share(one.scopes, other.scopes):
            continue
        piece = shared((one.shape, one.reach_m), (other.shape, other.reach_m))
        if piece is not None:
            found.append(Overlap(one, other, piece))
    return sorted(found, key=lambda overlap: -overlap.piece.area_m2)

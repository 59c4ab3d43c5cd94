"""Knows the demo's responsibility map: roads, ground and fallbacks of the six pilots, some handed over.

Every line is a rough drawing (示意) and every person is invented.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import SYSTEM
from tracker.demo.jinwan import Community, demo_areas, demo_communities
from tracker.demo.points import CITY, CLEAN, GREEN, OWN
from tracker.responsibility.given import PostGiven
from tracker.responsibility.operations import put
from tracker.responsibility.scopes import EVERYTHING, Scope, ScopeKind, Words

#: Days before the end of the demo on which the map was drawn, and on which some posts changed hands.
DRAWN, HANDED_OVER = 200, 20

_STREETS = tuple(
    Scope(ScopeKind.CATEGORY, code) for code in ("06010", "06011", "06012", "06014", "06042")
)
_GREEN = (Scope(ScopeKind.MAJOR, "04"), Scope(ScopeKind.CATEGORY, "06017"))
_ORDER = (Scope(ScopeKind.MAJOR, "07"), Scope(ScopeKind.MAJOR, "09"))


@dataclass(frozen=True)
class Post:
    """A post that every pilot has; `shape` are offsets (east, north) in thousandths of a degree."""

    name: str
    unit: str
    post: str
    scopes: tuple[Scope, ...]
    hours: str
    grade: str
    reach: int = 20
    #: a closed ring is a polygon, an open one a line, none the fallback
    shape: tuple[tuple[float, float], ...] = ()


POSTS = (
    Post("{name}主街", CLEAN, "道路保洁一组", _STREETS, "05:00-22:00", "一级", 25,
         ((-4.6, 0.6), (-2.0, 0.9), (0.8, 0.5), (4.2, 1.1))),
    Post("{name}南环路", CLEAN, "道路保洁二组", _STREETS, "06:00-20:00", "二级", 20,
         ((-3.8, -2.4), (-1.0, -2.9), (1.8, -2.5), (3.9, -2.8))),
    Post("{name}背街小巷", CLEAN, "背街小巷保洁组", _STREETS, "06:00-18:00", "三级", 12,
         ((-1.6, -0.4), (-1.2, -1.6), (-1.4, -2.6))),
    Post("{name}商业街区", CITY, "市容管理一中队", _ORDER, "08:00-23:00", "一级", 0,
         ((-1.8, 0.2), (1.9, 0.3), (2.1, 2.2), (-1.6, 2.3), (-1.8, 0.2))),
    Post("{name}街头绿地", GREEN, "绿化养护三组", _GREEN, "07:00-17:30", "二级", 0,
         ((0.4, -1.9), (2.4, -1.7), (2.2, -0.6), (0.6, -0.5), (0.4, -1.9))),
    Post("{name}兜底", OWN, "网格长", EVERYTHING, "08:30-21:00", ""),
)  # fmt: skip
#: From the middle of a community to the farthest corner below, thousandths of a degree.
_FARTHEST = 4.9
_PEOPLE = (
    "谭志成", "邝美兰", "区耀辉", "莫丽华", "容国栋", "甘秀珍", "戚伟文", "蓝小玲", "韦建国", "封雪梅",
    "岑志明", "招少红",
)  # fmt: skip


def load_responsibilities(work: Session, units: dict[str, int], end: datetime) -> None:
    """Draw the map inside the caller's unit of work; `units` are ids of organizations by name."""
    words = Words(work)
    for turn, (community, post) in enumerate(_posts()):
        given = _given(post, community, units, turn)
        drawn = end - timedelta(days=DRAWN)
        given = replace(given, valid_from=clock.in_city(drawn).date())
        row, _ = put(work, given, actor=SYSTEM, at=drawn, words=words)
        work.flush()
        if turn % 5 == 0:
            over = end - timedelta(days=HANDED_OVER)
            heir = replace(
                given, code=row.code, person=_PEOPLE[(turn * 7 + 5) % len(_PEOPLE)],
                valid_from=clock.in_city(over).date(),
            )  # fmt: skip
            put(work, heir, actor=SYSTEM, at=over, words=words)
            work.flush()


def _posts() -> Iterator[tuple[Community, Post]]:
    for community in demo_communities():
        if community.is_pilot:
            for post in POSTS:
                yield community, post


@lru_cache
def _size(code: str) -> float:
    """How many times larger than written the shapes of a community are drawn, to fill it."""
    from shapely.geometry import Point

    area = next(one for one in demo_areas() if one.code == code)
    place = next(one for one in demo_communities() if one.code == code)
    to_border = area.boundary.exterior.distance(Point(place.lon, place.lat))
    return min(3.0, max(0.5, 0.9 * to_border * 1000 / _FARTHEST))


def _given(post: Post, community: Community, units: dict[str, int], turn: int) -> PostGiven:
    size = _size(community.code) / 1000
    ring = [
        [round(community.lon + east * size, 6), round(community.lat + north * size, 6)]
        for east, north in post.shape
    ]
    geometry: dict[str, Any] | None = None
    if ring and ring[0] == ring[-1]:
        geometry = {"type": "Polygon", "coordinates": [ring]}
    elif ring:
        geometry = {"type": "LineString", "coordinates": ring}
    return PostGiven(
        name=post.name.format(name=community.name), geometry=geometry, reach_m=post.reach,
        community_code=community.code, scopes=post.scopes,
        unit_id=units[post.unit or community.full_name], post=post.post,
        person=_PEOPLE[turn % len(_PEOPLE)], phone=f"1380000{1000 + turn * 37}", hours=post.hours,
        grade=post.grade,
    )  # fmt: skip

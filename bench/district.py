"""A district of made-up areas and tasks, written in bulk: for measuring, never for use."""

import random
import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from shapely.geometry import Polygon, mapping, shape
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from gis import cells as morton
from gis import thiessen
from gis.coordinates import LonLat
from tracker import clock
from tracker.access.roles import Role
from tracker.catalogue.models import Category
from tracker.people.models import RoleGrant, User, UserSession
from tracker.people.sessions import ABSOLUTE, hash_token
from tracker.places.locating import bump_epoch
from tracker.places.models import Area, AreaBoundary, Organization
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.models import Task

DISTRICT = "990101"
#: The community that holds the tasks of a measurement.
COMMUNITY = DISTRICT + "100001"
OUTLINE = Polygon(
    [
        (113.26, 22.02),
        (113.38, 21.99),
        (113.47, 22.06),
        (113.45, 22.2),
        (113.33, 22.24),
        (113.25, 22.14),
    ]
)
_TOWNS = 4
_COMMUNITIES = 44
_GRIDS = 12
_UNITS = (
    "测量环卫中心",
    "测量城管大队",
    "测量交警大队",
    "测量水务中心",
    "测量园林所",
    "测量镇政府",
)
THINGS = (
    "路边暴露垃圾",
    "共享单车乱停放",
    "店外经营",
    "井盖破损",
    "墙面小广告",
    "绿地踩踏",
    "违规占道摆摊",
    "路灯不亮",
)
SPOTS = (
    "依云路口",
    "市场北门",
    "公交站旁",
    "小区东侧",
    "学校门前",
    "河堤步道",
    "工地围挡外",
    "停车场入口",
)
# (state, weight, days until it is due: earliest and latest; None when no clock runs)
_STATES: tuple[tuple[str, int, tuple[float, float] | None], ...] = (
    ("reported", 8, None),
    ("filed", 6, None),
    ("dispatched", 9, (-1.5, 5)),
    ("handling", 20, (-4, 6)),
    ("submitted", 9, (-3, 3)),
    ("closed", 42, (-40, 0)),
    ("suspended", 3, (5, 60)),
    ("rejected", 2, None),
    ("cancelled", 1, None),
)


def make_district(session: Session) -> None:
    """Commit 1 district, 4 towns, 44 communities, 12 grids in COMMUNITY, some units."""
    rng = random.Random(7)
    west, south, east, north = OUTLINE.bounds
    seeds: list[tuple[str, LonLat]] = []
    while len(seeds) < _COMMUNITIES:
        place = LonLat(rng.uniform(west, east), rng.uniform(south, north))
        if OUTLINE.contains(shape({"type": "Point", "coordinates": (place.lon, place.lat)})):
            town = 1 + (2 if place.lat > 22.1 else 0) + (1 if place.lon > 113.36 else 0)
            seeds.append((f"{DISTRICT}{town:02d}0{len(seeds) + 1:03d}", place))
    seeds[0] = (COMMUNITY, seeds[0][1])
    towns = {code[:9] for code, _ in seeds}
    _area(session, DISTRICT, "测量区", "district", None, OUTLINE)
    for rank, town in enumerate(sorted(towns), 1):
        _area(session, town, f"第{rank}镇", "town", DISTRICT, None)
    for rank, (code, polygon) in enumerate(thiessen.cells(seeds, OUTLINE).items(), 1):
        _area(session, code, f"第{rank}社区", "community", code[:9], polygon)
        if code == COMMUNITY:
            for part, grid in enumerate(thiessen.split_grid(polygon, _GRIDS), 1):
                _area(session, f"{code}{part:03d}", f"第{part}网格", "grid", code, grid)
    for name in _UNITS:
        session.add(Organization(name=name, kind="department", area_code=DISTRICT))
    bump_epoch(session)


def _area(
    session: Session, code: str, name: str, level: str, parent: str | None, polygon: Any
) -> None:
    path = (session.get_one(Area, parent).path if parent else "") + code + "/"
    version = 1 if polygon is not None else 0
    session.add(
        Area(code=code, name=name, level=level, parent_code=parent, path=path, is_schematic=True,
             boundary_version=version)
    )  # fmt: skip
    session.flush()
    if polygon is not None:
        session.add(
            AreaBoundary(
                area_code=code, version=1, geometry=mapping(polygon), valid_from=clock.now()
            )
        )


def add_tasks(session: Session, count: int, code: str = COMMUNITY, *, seed: int = 11) -> None:
    """Insert `count` tasks at places inside a community, in every state, past the lifecycle: figures only."""
    rng = random.Random(seed)
    polygon = shape(
        session.scalars(select(AreaBoundary.geometry).where(AreaBoundary.area_code == code)).one()
    )
    units = list(session.scalars(select(Organization.id)))
    categories = list(session.scalars(select(Category.id)))
    rows = [_task(rng, polygon, code, units, categories) for _ in range(count)]
    if rows:
        session.execute(insert(Task), rows)


def _task(
    rng: random.Random, polygon: Any, code: str, units: list[int], categories: list[int]
) -> dict[str, Any]:
    lon, lat = _inside(rng, polygon)
    state, _, due = rng.choices(_STATES, weights=[weight for _, weight, _ in _STATES])[0]
    now = clock.now()
    due_at = now + timedelta(days=rng.uniform(*due)) if due else None
    uuid = str(UUID(int=rng.getrandbits(128), version=4))
    thing, spot = rng.choice(THINGS), rng.choice(SPOTS)
    return {
        "number": f"BM-{uuid[:13].upper()}",
        "uuid": uuid,
        "source": rng.choice(("inspection", "grid_patrol", "hotline")),
        "state": state,
        "category_id": rng.choice(categories),
        "title": f"{spot}{thing}",
        "description": f"{spot}{thing}，影响市容，请及时处理。",
        "address": f"{spot}{rng.randrange(1, 200)}号",
        "lon": lon,
        "lat": lat,
        "cell": morton.encode(lon, lat),
        "community_code": code,
        "town_code": code[:9],
        "district_code": code[:6],
        "unit_id": rng.choice(units) if due else None,
        "found_at": now - timedelta(days=rng.uniform(0, 60)),
        "reported_at": now - timedelta(days=rng.uniform(0, 60)),
        "due_at": due_at,
        "due_soon_at": due_at - timedelta(days=1) if due_at else None,
        "updated_at": now,
    }


def _inside(rng: random.Random, polygon: Any) -> tuple[float, float]:
    west, south, east, north = polygon.bounds
    while True:
        lon, lat = rng.uniform(west, east), rng.uniform(south, north)
        if polygon.contains(shape({"type": "Point", "coordinates": (lon, lat)})):
            return lon, lat


def signed_in_cookie(
    app: Flask, role: Role = Role.LEADER, *, unit_id: int | None = None, name: str = "bench"
) -> tuple[str, str]:
    """Sign a person in who holds a role for the district or for a unit; the cookie's name and value."""
    token, now = secrets.token_urlsafe(32), clock.now()
    with unit_of_work() as work:
        user = work.scalar(select(User).where(User.username == name))
        if user is None:
            user = User(username=name, name="测量", password_hash=hash_token(token), must_change_password=False,
                        created_at=now, password_changed_at=now)  # fmt: skip
            work.add(user)
            work.flush()
            work.add(RoleGrant(user_id=user.id, role=role, area_code=None if unit_id else DISTRICT,
                               organization_id=unit_id, granted_at=now))  # fmt: skip
        work.add(
            UserSession(token_hash=hash_token(token), user_id=user.id, created_at=now,
                        last_seen_at=now, expires_at=now + ABSOLUTE)
        )  # fmt: skip
    db.session.remove()
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return app.config["SESSION_COOKIE_NAME"], serializer.dumps({"_user_id": token, "_fresh": False})

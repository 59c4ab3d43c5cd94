"""Loads the demo district into an empty database: areas, units, accounts, sixty days of work."""

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import current_app
from shapely.geometry import mapping
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.roles import Role
from tracker.app import DEMO_MARKER
from tracker.demo.album import Album
from tracker.demo.doubts import load_doubts
from tracker.demo.history import DAYS, TASKS, unfold
from tracker.demo.jinwan import demo_areas
from tracker.demo.meetings import load_meetings
from tracker.demo.points import load_points
from tracker.demo.responsibility import load_responsibilities
from tracker.demo.rounds import load_rounds
from tracker.demo.staff import DEMO_PASSWORD, OFFICE, demo_people, demo_units
from tracker.demo.workdays import load_workdays
from tracker.evidence.store import open_store
from tracker.notices.channel_kinds import MOST_PER_MINUTE, ChannelKind
from tracker.notices.models import Channel
from tracker.people.models import RoleGrant, User
from tracker.people.passwords import hash_password
from tracker.places.locating import bump_epoch
from tracker.places.models import Area, AreaBoundary, Organization
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work

Progress = Callable[[str], None]


def is_empty() -> bool:
    """Whether nothing was ever put into this database by anybody."""
    empty = db.session.scalar(select(User.id).limit(1)) is None
    empty = empty and db.session.scalar(select(Area.code).limit(1)) is None
    db.session.rollback()
    return empty


def load_demo(*, end: datetime | None = None, tasks: int = TASKS, say: Progress = print) -> None:
    """Fill an empty database; the same `end` gives the same district. Nothing is kept if it fails.

    The whole demo is one transaction: a broken start leaves an empty database behind.
    """
    end = end or clock.now().replace(minute=0, second=0, microsecond=0)
    album = Album(open_store(current_app.config["SETTINGS"].effective_photo_url))
    say("绘制示例照片 / drawing sample photos")
    _ = album.pages
    hashed = hash_password(DEMO_PASSWORD)
    with unit_of_work() as work:
        say("写入区域、单位和账号 / writing areas, organizations and accounts")
        _areas(work, end)
        units = _units(work)
        _people(work, units, hashed, end)
        load_workdays(work, end)
        _channels(work, units, end)
        say("登记测评点位 / registering inspection points")
        load_points(work, units, end - timedelta(days=DAYS))
        say("登记责任地图 / drawing the responsibility map")
        load_responsibilities(work, units, end)
        say(f"生成 {DAYS} 天 {tasks} 件任务 / making {tasks} tasks of {DAYS} days")
        for made in unfold(work, album, end=end, count=tasks):
            if made % 500 == 0 or made == tasks:
                say(f"  {made}/{tasks}")
        say("开展督查批次 / carrying out rounds")
        load_rounds(work, units, end)
        load_doubts(work, units, album, end)
        load_meetings(work, end)
    (current_app.config["SETTINGS"].data_dir / DEMO_MARKER).touch()


def _areas(work: Session, at: datetime) -> None:
    paths: dict[str, str] = {}
    for area in demo_areas():
        paths[area.code] = paths.get(area.parent or "", "") + area.code + "/"
        work.add(
            Area(
                code=area.code,
                name=area.name,
                level=area.level,
                parent_code=area.parent,
                path=paths[area.code],
                is_pilot=area.is_pilot,
                is_schematic=True,
                boundary_version=1,
                valid_from=at,
            )
        )
        work.flush()
        work.add(
            AreaBoundary(
                area_code=area.code,
                version=1,
                geometry=mapping(area.boundary),
                source="示意",
                valid_from=at,
            )
        )
    bump_epoch(work)
    work.flush()


def _units(work: Session) -> dict[str, int]:
    made: dict[str, int] = {}
    for unit in demo_units():
        row = Organization(
            name=unit.name,
            kind=unit.kind,
            area_code=unit.area,
            category_prefixes=list(unit.prefixes),
        )
        work.add(row)
        work.flush()
        made[unit.name] = row.id
    return made


def _people(work: Session, units: dict[str, int], hashed: str, at: datetime) -> None:
    for person in demo_people():
        user = User(
            username=person.username,
            name=person.name,
            organization_id=units[person.unit],
            password_hash=hashed,
            must_change_password=False,
            created_at=at,
            password_changed_at=at,
        )
        work.add(user)
        work.flush()
        work.add(
            RoleGrant(
                user_id=user.id,
                role=Role(person.role).value,
                area_code=person.area,
                organization_id=units[person.unit] if person.for_unit else None,
                granted_at=at,
            )
        )
    work.flush()


def _channels(work: Session, units: dict[str, int], at: datetime) -> None:
    """Digests that nothing leaves the house with: their texts stand on the channels page."""
    for unit in (OFFICE, "区环境卫生管理中心"):
        work.add(
            Channel(
                name=f"{unit}工作群",
                kind=ChannelKind.MANUAL,
                organization_id=units[unit],
                address="",
                hint="",
                per_minute=MOST_PER_MINUTE,
                created_at=at,
                updated_at=at,
            )
        )
    work.flush()

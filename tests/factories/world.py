"""A district with two towns of two communities each, six organizations, a person for each role.

Squares of 0.02 degrees around 三灶; every row that a test does not name is there to be NOT found.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from shapely.geometry import box, mapping
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import kept
from tracker import clock
from tracker.access.actor import Actor
from tracker.access.roles import Role
from tracker.calendar import Limit, LimitReading, LimitUnit
from tracker.catalogue.models import Category
from tracker.people.models import RoleGrant, User
from tracker.people.passwords import hash_password
from tracker.places.locating import bump_epoch
from tracker.places.models import Area, AreaBoundary, Organization
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.given import Given, Place
from tracker.tasks.models import Task
from tracker.tasks.operations import Order, perform
from tracker.tasks.reasons import REASONS
from tracker.tasks.states import Action, Source, State

PASSWORD = "a-long-first-word-7"

DISTRICT = "440404"
TOWN_A, TOWN_B = "440404100", "440404101"
SANZAO, HAIAN, GUANGAN, TENGSHAN = "440404100001", "440404100002", "440404101001", "440404101002"
GRID = SANZAO + "001"
#: a point (lon, lat) well inside each community, and one outside every area
INSIDE = {
    SANZAO: (113.355, 22.045),
    HAIAN: (113.375, 22.045),
    GUANGAN: (113.355, 22.145),
    TENGSHAN: (113.375, 22.145),
}
OUTSIDE = (113.9, 22.5)

LIMIT = Limit(3, LimitUnit.WORK_DAY, LimitReading.DAY_COUNT)


@dataclass
class World:
    """Ids of what was made, and the actors by name."""

    units: dict[str, int] = field(default_factory=dict)
    users: dict[str, int] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        user = db.session.get(User, self.users[name])
        assert user is not None
        return user.as_actor()


def _area(
    work: Session,
    code: str,
    name: str,
    level: str,
    parent: str | None,
    shape: Any,
    pilot: bool = False,
) -> None:
    path = (db.session.get_one(Area, parent).path if parent else "") + code + "/"
    work.add(
        Area(
            code=code,
            name=name,
            level=level,
            parent_code=parent,
            path=path,
            is_pilot=pilot,
            boundary_version=1,
        )
    )
    work.flush()
    work.add(
        AreaBoundary(
            area_code=code,
            version=1,
            geometry=mapping(shape),
            source="test",
            valid_from=clock.now(),
        )
    )


def _user(
    work: Session,
    world: World,
    username: str,
    unit: str,
    *grants: tuple[Role, str | None, str | None],
) -> None:
    now = clock.now()
    user = User(
        username=username, name=username, organization_id=world.units[unit], password_hash=hash_password(PASSWORD),
        must_change_password=False, created_at=now, password_changed_at=now,
    )  # fmt: skip
    work.add(user)
    work.flush()
    world.users[username] = user.id
    for role, area, organization in grants:
        work.add(
            RoleGrant(
                user_id=user.id, role=role, area_code=area, granted_at=now,
                organization_id=world.units[organization] if organization else None,
            )
        )  # fmt: skip


#: What the first making in this process left: who and what is where, and the rows themselves.
_KEPT: list[tuple[World, list[kept.Rows]]] = []


def make_world() -> World:
    """Commit the whole small district; from the second time on in a process by its rows."""
    if not kept.is_bare():
        return make_afresh()
    if not _KEPT:
        _KEPT.append((make_afresh(), kept.rows()))
        world, _ = _KEPT[0]
    else:
        world, rows = _KEPT[0]
        kept.put(rows)
    return World(dict(world.units), dict(world.users))


def make_afresh() -> World:
    """Commit the whole small district through the models."""
    world = World()
    with unit_of_work() as work:
        _area(work, DISTRICT, "金湾区", "district", None, box(113.34, 22.03, 113.39, 22.17))
        _area(work, TOWN_A, "三灶镇", "town", DISTRICT, box(113.34, 22.03, 113.39, 22.07))
        _area(work, TOWN_B, "红旗镇", "town", DISTRICT, box(113.34, 22.13, 113.39, 22.17))
        _area(
            work,
            SANZAO,
            "三灶社区",
            "community",
            TOWN_A,
            box(113.345, 22.035, 113.365, 22.055),
            True,
        )
        _area(
            work,
            HAIAN,
            "金海岸社区",
            "community",
            TOWN_A,
            box(113.365, 22.035, 113.385, 22.055),
            True,
        )
        _area(work, GUANGAN, "广安社区", "community", TOWN_B, box(113.345, 22.135, 113.365, 22.155))
        _area(
            work, TENGSHAN, "藤山社区", "community", TOWN_B, box(113.365, 22.135, 113.385, 22.155)
        )
        _area(work, GRID, "三灶社区第1网格", "grid", SANZAO, box(113.345, 22.035, 113.355, 22.055))
        bump_epoch(work)
        for key, name, kind, area, prefixes in (
            ("office", "区迎检办", "campaign_office", DISTRICT, []),
            ("sanitation", "区环卫中心", "department", DISTRICT, ["06"]),
            ("police", "区交警大队", "department", DISTRICT, ["09009"]),
            ("sanzao", "三灶社区居委会", "community", SANZAO, []),
            ("haian", "金海岸社区居委会", "community", HAIAN, []),
            ("guangan", "广安社区居委会", "community", GUANGAN, []),
        ):
            unit = Organization(name=name, kind=kind, area_code=area, category_prefixes=prefixes)
            work.add(unit)
            work.flush()
            world.units[key] = unit.id
        _user(work, world, "inspector", "office", (Role.INSPECTOR, TOWN_A, None))
        _user(work, world, "inspector_b", "office", (Role.INSPECTOR, TOWN_B, None))
        _user(work, world, "grid_worker", "sanzao", (Role.GRID_WORKER, SANZAO, None))
        _user(work, world, "grid_lead", "sanzao", (Role.GRID_LEAD, SANZAO, "sanzao"))
        _user(work, world, "grid_lead_b", "guangan", (Role.GRID_LEAD, GUANGAN, "guangan"))
        _user(work, world, "clerk", "sanitation", (Role.UNIT_CLERK, None, "sanitation"))
        _user(work, world, "clerk_police", "police", (Role.UNIT_CLERK, None, "police"))
        _user(work, world, "worker", "sanitation")
        _user(work, world, "head", "sanitation", (Role.UNIT_HEAD, None, "sanitation"))
        _user(work, world, "dispatcher", "office", (Role.DISPATCHER, DISTRICT, None))
        _user(work, world, "dispatcher_2", "office", (Role.DISPATCHER, DISTRICT, None))
        _user(work, world, "verifier", "office", (Role.VERIFIER, DISTRICT, None))
        _user(work, world, "leader", "office", (Role.LEADER, DISTRICT, None))
        _user(work, world, "leader_b", "office", (Role.LEADER, TOWN_B, None))
        _user(work, world, "assessor", "office", (Role.ASSESSOR, DISTRICT, None))
        _user(work, world, "sysadmin", "office", (Role.SYSTEM_ADMIN, None, None))
        _user(work, world, "secadmin", "office", (Role.SECURITY_ADMIN, None, None))
        _user(work, world, "auditor", "office", (Role.AUDIT_ADMIN, None, None))
    return world


def category(code: str = "06010") -> int:
    """The id of a shipped category."""
    return db.session.scalars(select(Category.id).where(Category.code == code)).first() or 0


def given_report(community: str | None = SANZAO, *, code: str = "06010", **changes: Any) -> Given:
    """A complete report in a community, or outside every area when None."""
    lon, lat = INSIDE[community] if community else OUTSIDE
    given = Given(
        place=Place(
            lon=lon,
            lat=lat,
            raw_x=lon,
            raw_y=lat,
            coord_sys="wgs84",
            method="pin",
            address="依云路口",
        ),
        category_id=category(code),
        description="路边暴露垃圾未清理",
        source=Source.INSPECTION,
        no_photo_reason="测试",
    )
    return replace(given, **changes)


#: The steps that lead a reported task to each state, each with who takes it and what is given.
_ROADS: dict[State, tuple[tuple[Action, str], ...]] = {
    State.REPORTED: (),
    State.REJECTED: ((Action.REJECT, "dispatcher"),),
    State.FILED: ((Action.FILE, "dispatcher"),),
    State.CANCELLED: ((Action.FILE, "dispatcher"), (Action.CANCEL, "dispatcher")),
    State.DISPATCHED: ((Action.FILE, "dispatcher"), (Action.DISPATCH, "dispatcher")),
    State.HANDLING: ((Action.FILE, "dispatcher"), (Action.DISPATCH, "dispatcher"), (Action.ACKNOWLEDGE, "clerk")),
    State.SUSPENDED: (
        (Action.FILE, "dispatcher"), (Action.DISPATCH, "dispatcher"), (Action.ACKNOWLEDGE, "clerk"),
        (Action.ASK_SUSPENSION, "clerk"), (Action.ENDORSE, "head"), (Action.SUSPEND, "dispatcher"),
    ),
    State.SUBMITTED: (
        (Action.FILE, "dispatcher"), (Action.DISPATCH, "dispatcher"), (Action.ACKNOWLEDGE, "clerk"),
        (Action.SUBMIT, "clerk"),
    ),
    State.CLOSED: (
        (Action.FILE, "dispatcher"), (Action.DISPATCH, "dispatcher"), (Action.ACKNOWLEDGE, "clerk"),
        (Action.SUBMIT, "clerk"), (Action.PASS, "verifier"),
    ),
}  # fmt: skip


def given_for(world: World, action: Action, **changes: Any) -> Given:
    """Everything any action could ask for, so that only the rule under test can refuse."""
    from datetime import timedelta

    given = Given(
        category_id=changes.get("category_id") or category(),
        unit_id=world.units["sanitation"],
        limit=LIMIT,
        assignee_id=world.users["worker"],
        reason="测试原因",
        reason_code=next(iter(REASONS.get(action, {})), ""),
        text="测试内容",
        measures="已清理",
        no_photo_reason="测试",
        description="又脏了",
        until=clock.today() + timedelta(days=30),
        stars=5,
        place=Place(lon=INSIDE[SANZAO][0], lat=INSIDE[SANZAO][1], method="pin"),
    )
    return replace(given, **{**_FITTING.get(action, _nothing)(world), **changes})


def _nothing(_world: World) -> dict[str, Any]:
    return {}


#: What an action takes that the others would refuse.
_FITTING: dict[Action, Callable[[World], dict[str, Any]]] = {
    Action.ADD_ASSIST: lambda world: {"unit_id": world.units["police"]},
    Action.REMOVE_ASSIST: lambda world: {"unit_id": world.units["police"]},
    Action.CONVENE: lambda world: {
        "unit_id": world.units["police"], "assignee_id": world.users["leader"],
    },
    Action.SUPERVISE: lambda _world: {"limit": None},
}  # fmt: skip


def make_task(
    world: World,
    state: State = State.REPORTED,
    community: str | None = SANZAO,
    *,
    reporter: str = "inspector",
    **changes: Any,
) -> str:
    """Walk a new task to `state` through the real operations; returns its number."""
    made = perform(
        [Order(Action.REPORT, given_report(community, **changes))],
        number=None, actor=world.actor(reporter), version=None, request_uuid=str(uuid4()),
    )  # fmt: skip
    number = made["number"]
    for action, who in _ROADS[state]:
        perform(
            [Order(action, given_for(world, action))],
            number=number, actor=world.actor(who), version=None, request_uuid=str(uuid4()),
        )  # fmt: skip
    return str(number)


def task(number: str) -> Task:
    """The task as the database has it now."""
    db.session.rollback()
    return db.session.scalars(select(Task).where(Task.number == number)).one()

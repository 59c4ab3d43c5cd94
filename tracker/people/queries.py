"""Finds accounts, grants and sessions for the pages and the commands."""

from dataclasses import dataclass
from datetime import timedelta

from flask import current_app
from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import selectinload

from tracker import clock
from tracker.access.roles import Role
from tracker.errors import NotFound
from tracker.people.models import RoleGrant, User, UserSession
from tracker.places.models import Area, Organization
from tracker.storage.db import db
from tracker.texts import N_
from tracker.web.paging import PAGE_SIZE, Page, pack, unpack

#: The largest key of a table on PostgreSQL; a larger number in an address is nobody's.
LARGEST_ID = 2**31 - 1


@dataclass(frozen=True)
class UserFilter:
    """What the list of accounts is narrowed to; empty means all."""

    text: str = ""
    organization_id: int | None = None
    role: Role | None = None
    #: "active", "inactive", "locked" or "" for all
    standing: str = ""


def find(wanted: UserFilter, *, after: str = "", limit: int = PAGE_SIZE) -> Page[User]:
    """One page of accounts in the order of their names. Raises Invalid for a foreign key."""
    matching = _matching(wanted)
    total = db.session.scalar(select(func.count()).select_from(matching.subquery())) or 0
    query = matching.options(
        selectinload(User.grants).selectinload(RoleGrant.area),
        selectinload(User.grants).selectinload(RoleGrant.organization),
        selectinload(User.organization),
    ).order_by(User.username)
    if after:
        (last,) = unpack(after, size=1)
        query = query.where(User.username > str(last))
    rows = db.session.scalars(query.limit(limit + 1)).all()
    next_key = pack([rows[limit - 1].username]) if len(rows) > limit else None
    return Page(rows[:limit], next_key, total)


def _matching(wanted: UserFilter) -> Select[User]:
    query = select(User)
    if wanted.text:
        query = query.where(
            or_(
                User.username.icontains(wanted.text, autoescape=True),
                User.name.icontains(wanted.text, autoescape=True),
            )
        )
    if wanted.organization_id is not None:
        query = query.where(User.organization_id == wanted.organization_id)
    if wanted.role is not None:
        held = exists().where(
            RoleGrant.user_id == User.id,
            RoleGrant.role == wanted.role,
            RoleGrant.revoked_at.is_(None),
        )
        query = query.where(held)
    if wanted.standing == "locked":
        return query.where(User.locked_until > clock.now())
    if wanted.standing:
        return query.where(User.is_active.is_(wanted.standing == "active"))
    return query


def person(user_id: int) -> User:
    """The account. Raises NotFound, also for a number that no key can have."""
    user = db.session.get(User, user_id) if user_id <= LARGEST_ID else None
    if user is None:
        raise NotFound(N_("没有这个账号。"))
    return user


def named(username: str) -> User:
    """The account of that name. Raises NotFound."""
    user = db.session.scalars(select(User).where(User.username == username)).one_or_none()
    if user is None:
        raise NotFound(N_("没有账号「%(username)s」。"), username=username)
    return user


def has_holder(role: Role) -> bool:
    """Whether somebody whose account is active holds the role."""
    query = select(RoleGrant.id).join(User, RoleGrant.user_id == User.id)
    query = query.where(
        RoleGrant.role == role, RoleGrant.revoked_at.is_(None), User.is_active.is_(True)
    )
    return db.session.scalars(query.limit(1)).first() is not None


def open_sessions(user_id: int) -> list[UserSession]:
    """Sessions that would be let in now, the latest used first."""
    now = clock.now()
    idle = timedelta(minutes=current_app.config["IDLE_MINUTES"])
    query = select(UserSession).where(
        UserSession.user_id == user_id,
        UserSession.revoked_at.is_(None),
        UserSession.expires_at >= now,
        UserSession.last_seen_at >= now - idle,
    )
    return list(db.session.scalars(query.order_by(UserSession.last_seen_at.desc())))


def organizations() -> list[Organization]:
    """Units an account may belong to or act for, by name."""
    query = select(Organization).where(Organization.is_active.is_(True))
    return list(db.session.scalars(query.order_by(Organization.kind, Organization.name)))


def areas() -> list[Area]:
    """Areas in force from the district down, each below its parent."""
    return list(db.session.scalars(select(Area).where(Area.valid_to.is_(None)).order_by(Area.path)))

"""Makes, edits, closes and secures accounts: each act once, audited, by whom the policy allows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import Actor
from tracker.access.permissions import Permission
from tracker.access.policy import WHO, allows
from tracker.access.roles import Role
from tracker.audit.operations import record
from tracker.errors import Conflict, Invalid, NotFound, NotPermitted
from tracker.people import passwords, queries, sessions
from tracker.people.models import RoleGrant, User
from tracker.people.usernames import checked
from tracker.places.models import Organization
from tracker.storage import receipts
from tracker.storage.unit_of_work import unit_of_work
from tracker.texts import N_

#: Roles without whose last holder nobody could administer the installation any more.
INDISPENSABLE = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN})


@dataclass(frozen=True)
class Particulars:
    """What an administrator writes down about a person."""

    name: str
    organization_id: int | None = None


@dataclass(frozen=True)
class Subject:
    """What the policy asks about an account."""

    id: int
    no_security_admin: bool


def subject_of(user: User) -> Subject:
    """The account as the policy sees it."""
    return Subject(user.id, no_security_admin=not queries.has_holder(Role.SECURITY_ADMIN))


def once(
    content: dict[str, Any],
    act: Callable[[Session, Actor], dict[str, Any]],
    *,
    actor: Actor,
    request_uuid: str | None,
) -> tuple[dict[str, Any], bool]:
    """Carry `act` out in one unit of work, or answer a resend; True when it was done now.

    The actor's grants are read anew inside, so a role revoked a moment ago gives nothing.
    """
    uuid, digest = receipts.parse_uuid(request_uuid), receipts.digest_of(content)
    with unit_of_work() as work:
        done = receipts.earlier(work, uuid, actor_id=actor.user_id, digest=digest)
        if done is not None:
            return done, False
        acting = work.get(User, actor.user_id) if actor.user_id is not None else None
        outcome = act(work, acting.as_actor() if acting else actor)
        receipts.keep(work, uuid, actor_id=actor.user_id, digest=digest, outcome=outcome)
    return outcome, True


def demand(actor: Actor, permission: Permission, user: User | None = None) -> None:
    """Raise NotPermitted unless the policy lets `actor` do it to this account."""
    if not allows(actor, permission, subject_of(user) if user else None):
        raise NotPermitted(WHO[permission])


def locked(work: Session, user_id: int) -> User:
    """The account, kept from changing until the end of the unit of work. Raises NotFound."""
    user = work.scalars(select(User).where(User.id == user_id).with_for_update()).one_or_none()
    if user is None:
        raise NotFound(N_("没有这个账号。"))
    return user


def keep_a_holder(work: Session, user: User, roles: frozenset[Role]) -> None:
    """Raise Invalid when nobody active but `user` holds one of the indispensable roles."""
    for role in sorted(roles & INDISPENSABLE):
        query = (
            select(RoleGrant.user_id)
            .join(User, RoleGrant.user_id == User.id)
            .where(RoleGrant.role == role, RoleGrant.revoked_at.is_(None), User.is_active.is_(True))
            .with_for_update()
        )
        if not set(work.scalars(query)) - {user.id}:
            raise Invalid(
                N_("这是最后一名在用的系统管理员或安全管理员，不能停用或撤销。请先授权另一人。"),
                code="last_administrator",
            )


def create_user(
    username: str,
    particulars: Particulars,
    *,
    actor: Actor,
    request_uuid: str | None,
    password: str | None = None,
    must_change_password: bool = True,
) -> tuple[int, str | None]:
    """Make an account; returns its id and the first password, None when a resend was answered.

    Raises Invalid for an unfit name, Conflict when the name is taken.
    """
    account = new_account(username, particulars, password, must_change=must_change_password)

    def act(work: Session, acting: Actor) -> dict[str, Any]:
        return {"user_id": insert(work, acting, account).id}

    content = {
        "act": "user.create",
        "username": account.username,
        "particulars": particulars.__dict__,
    }
    outcome, now_done = once(content, act, actor=actor, request_uuid=request_uuid)
    return int(outcome["user_id"]), account.first if now_done else None


@dataclass(frozen=True)
class NewAccount:
    """An account about to be made: its checked name, the first password and how it is kept."""

    username: str
    particulars: Particulars
    first: str
    stored: str
    must_change: bool


def new_account(
    username: str,
    particulars: Particulars,
    password: str | None = None,
    *,
    must_change: bool = True,
) -> NewAccount:
    """Check the name, make or check the first password, hash it. Raises Invalid."""
    name = checked(username)
    if password:
        passwords.check_strength(password, username=name)
    first = password or passwords.first_password()
    return NewAccount(name, particulars, first, passwords.hash_password(first), must_change)


def insert(work: Session, acting: Actor, account: NewAccount) -> User:
    """Add the account inside the caller's unit of work. Raises Invalid, Conflict."""
    demand(acting, Permission.USER_MANAGE)
    name = account.username
    if work.scalars(select(User.id).where(User.username == name)).first() is not None:
        raise Conflict(
            N_("账号名「%(username)s」已有人使用，请换一个。"), code="taken", username=name
        )
    now = clock.now()
    user = User(
        username=name, password_hash=account.stored, must_change_password=account.must_change,
        created_at=now, password_changed_at=now, **_fitting(work, account.particulars),
    )  # fmt: skip
    work.add(user)
    work.flush()
    record("user.create", actor=acting, object=name, name=user.name)
    return user


def _fitting(work: Session, given: Particulars) -> dict[str, Any]:
    """The columns an administrator may fill. Raises Invalid."""
    name = given.name.strip()
    if not name or len(name) > 50:
        raise Invalid(N_("请填写姓名，不超过 50 字。"), field="name")
    if given.organization_id is not None:
        unit = work.get(Organization, given.organization_id)
        if unit is None or not unit.is_active:
            raise Invalid(N_("没有这个单位，或单位已停用。"), field="organization_id")
    return {"name": name, "organization_id": given.organization_id}


def edit_user(
    user_id: int, particulars: Particulars, *, actor: Actor, request_uuid: str | None
) -> None:
    """Change name and unit. Raises Invalid."""

    def act(work: Session, acting: Actor) -> dict[str, Any]:
        demand(acting, Permission.USER_MANAGE)
        user = locked(work, user_id)
        before = {"name": user.name, "organization_id": user.organization_id}
        after = _fitting(work, particulars)
        user.name, user.organization_id = after["name"], after["organization_id"]
        record("user.edit", actor=acting, object=user.username, before=before, after=after)
        return {}

    content = {"act": "user.edit", "user_id": user_id, "particulars": particulars.__dict__}
    once(content, act, actor=actor, request_uuid=request_uuid)


def deactivate(user_id: int, *, actor: Actor, request_uuid: str | None) -> None:
    """Close an account: its sessions end at once. Raises Invalid for one's own and the last."""

    def act(work: Session, acting: Actor) -> dict[str, Any]:
        demand(acting, Permission.USER_MANAGE)
        user = locked(work, user_id)
        if user.id == acting.user_id:
            raise NotPermitted(N_("不能停用自己的账号，请由另一名系统管理员操作。"))
        keep_a_holder(work, user, user.as_actor().roles)
        user.is_active = False
        sessions.revoke_all(work, user.id)
        record("user.deactivate", actor=acting, object=user.username)
        return {}

    once(named_act("user.deactivate", user_id), act, actor=actor, request_uuid=request_uuid)


def reactivate(user_id: int, *, actor: Actor, request_uuid: str | None) -> None:
    """Open a closed account again, with the grants it had."""

    def act(work: Session, acting: Actor) -> dict[str, Any]:
        demand(acting, Permission.USER_MANAGE)
        user = locked(work, user_id)
        user.is_active = True
        record("user.reactivate", actor=acting, object=user.username)
        return {}

    once(named_act("user.reactivate", user_id), act, actor=actor, request_uuid=request_uuid)


def named_act(act: str, user_id: int) -> dict[str, Any]:
    """What is asked when nothing but the account is named."""
    return {"act": act, "user_id": user_id}

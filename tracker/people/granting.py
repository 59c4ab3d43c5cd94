"""Gives and takes roles: each with the jurisdiction it needs, three administrators apart."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import Actor
from tracker.access.permissions import Permission
from tracker.access.roles import BY_AREA, FOR_UNIT, SEPARATED, Role
from tracker.audit.operations import record
from tracker.errors import Conflict, Invalid, NotFound
from tracker.people.models import RoleGrant, User
from tracker.people.operations import NewAccount, demand, insert, keep_a_holder, locked, once
from tracker.people.queries import LARGEST_ID
from tracker.places.models import Area, Organization
from tracker.storage.unit_of_work import unit_of_work
from tracker.texts import N_


@dataclass(frozen=True)
class Jurisdiction:
    """A role, and where or for whom it holds."""

    role: Role
    area_code: str | None = None
    organization_id: int | None = None


def grant_role(
    user_id: int, wanted: Jurisdiction, *, actor: Actor, request_uuid: str | None
) -> int:
    """Give a role; returns the grant's id.

    Raises NotPermitted for oneself and for whoever the policy does not allow, Invalid when the
    jurisdiction does not fit or another separated administrator's role is held (三员分立,
    GB/T 22239-2019), Conflict when it is held already.
    """

    def act(work: Session, acting: Actor) -> dict[str, Any]:
        return {"grant_id": give(work, acting, locked(work, user_id), wanted).id}

    content = {"act": "user.grant", "user_id": user_id, "wanted": wanted.__dict__}
    outcome, _ = once(content, act, actor=actor, request_uuid=request_uuid)
    return int(outcome["grant_id"])


def give(work: Session, acting: Actor, user: User, wanted: Jurisdiction) -> RoleGrant:
    """Add the grant inside the caller's unit of work."""
    demand(acting, Permission.USER_GRANT, user)
    _check_person(user, wanted)
    _check_place(work, wanted)
    grant = RoleGrant(
        role=wanted.role, area_code=wanted.area_code, organization_id=wanted.organization_id,
        granted_by_id=acting.user_id, granted_at=clock.now(),
    )  # fmt: skip
    user.grants.append(grant)
    work.flush()
    record("user.grant", actor=acting, object=user.username, **_facts(grant))
    return grant


def add_user(account: NewAccount, roles: Iterable[Jurisdiction], *, actor: Actor) -> int:
    """Make an account with its roles, all or nothing; returns its id. Raises Invalid, Conflict."""
    with unit_of_work() as work:
        user = insert(work, actor, account)
        for wanted in roles:
            give(work, actor, user, wanted)
        return user.id


def revoke_role(user_id: int, grant_id: int, *, actor: Actor, request_uuid: str | None) -> None:
    """Take a role; the row stays with its end. Raises NotFound, Invalid for the last holder."""

    if grant_id > LARGEST_ID:
        raise NotFound(N_("没有这项授权。"))

    def act(work: Session, acting: Actor) -> dict[str, Any]:
        user = locked(work, user_id)
        grant = work.get(RoleGrant, grant_id)
        if grant is None or grant.user_id != user.id:
            raise NotFound(N_("没有这项授权。"))
        demand(acting, Permission.USER_GRANT, user)
        if grant.revoked_at is not None:
            raise Conflict(N_("这项授权已被撤销，请刷新页面查看。"))
        if user.is_active:
            keep_a_holder(work, user, frozenset({Role(grant.role)}))
        grant.revoked_at = clock.now()
        record("user.revoke", actor=acting, object=user.username, **_facts(grant))
        return {}

    content = {"act": "user.revoke", "user_id": user_id, "grant_id": grant_id}
    once(content, act, actor=actor, request_uuid=request_uuid)


def _facts(grant: RoleGrant) -> dict[str, Any]:
    facts = {
        "role": grant.role,
        "area_code": grant.area_code,
        "organization_id": grant.organization_id,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _check_person(user: User, wanted: Jurisdiction) -> None:
    if not user.is_active:
        raise Invalid(N_("账号已停用，不能授权。请先恢复账号。"))
    held = [grant.as_grant() for grant in user.grants if grant.revoked_at is None]
    if any(
        (one.role, one.area_code, one.organization_id)
        == (wanted.role, wanted.area_code, wanted.organization_id)
        for one in held
    ):
        raise Conflict(N_("此人已有这项授权。"), code="held")
    others = {one.role for one in held} & SEPARATED - {wanted.role}
    if wanted.role in SEPARATED and others:
        raise Invalid(
            N_("系统管理员、安全管理员、审计管理员须由三人分别担任，此人已任其中一职。"),
            field="role",
        )


def _check_place(work: Session, wanted: Jurisdiction) -> None:
    if (wanted.role in BY_AREA) != (wanted.area_code is not None):
        raise Invalid(
            N_("请选择这个岗位负责的区域。")
            if wanted.role in BY_AREA
            else N_("这个岗位不按区域授权，请不要选择区域。"),
            field="area_code",
        )
    if (wanted.role in FOR_UNIT) != (wanted.organization_id is not None):
        raise Invalid(
            N_("请选择这个岗位所代表的单位。")
            if wanted.role in FOR_UNIT
            else N_("这个岗位不按单位授权，请不要选择单位。"),
            field="organization_id",
        )
    if wanted.area_code is not None:
        area = work.get(Area, wanted.area_code)
        if area is None or area.valid_to is not None:
            raise Invalid(N_("没有这个区域。"), field="area_code")
    if wanted.organization_id is not None:
        unit = work.get(Organization, wanted.organization_id)
        if unit is None or not unit.is_active:
            raise Invalid(N_("没有这个单位，或单位已停用。"), field="organization_id")

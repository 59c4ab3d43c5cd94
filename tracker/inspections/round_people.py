"""Knows who may be named as an inspector of a round."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.access.roles import SEPARATED
from tracker.errors import Invalid
from tracker.inspections.round_given import OF_A_UNIT
from tracker.inspections.round_models import Round, RoundInspector, RoundKind, RoundPoint
from tracker.inspections.round_rules import is_unit_bound
from tracker.people.models import RoleGrant, User
from tracker.places.models import Organization
from tracker.texts import N_

#: More inspectors than this are no round but a campaign.
MOST_INSPECTORS = 200


def eligible(kind: str, unit_id: int | None, actor: Actor) -> Select[User]:
    """Active accounts that may be named: people of a unit, none of the three administrators.

    A 自查 is carried out by the unit's own people; whoever plans for a unit alone names no others.
    """
    administers = exists().where(
        RoleGrant.user_id == User.id,
        RoleGrant.revoked_at.is_(None),
        RoleGrant.role.in_(sorted(SEPARATED)),
    )
    query = select(User).where(User.is_active, User.organization_id.is_not(None), ~administers)
    if kind == RoundKind.SELF or is_unit_bound(actor):
        query = query.where(User.organization_id == unit_id)
    return query


def choices(
    session: Session, kind: str, unit_id: int | None, actor: Actor
) -> list[tuple[str, list[Any]]]:
    """People to choose from, by unit: (unit, [(id, name)]); a unit that carries it out comes first."""
    rows = session.execute(
        eligible(kind, unit_id, actor)
        .join(Organization, Organization.id == User.organization_id)
        .with_only_columns(User.id, User.name, Organization.id.label("unit"), Organization.name.label("unit_name"))
        .order_by(Organization.id, User.id)
    )  # fmt: skip
    groups: dict[tuple[bool, int], tuple[str, list[Any]]] = {}
    for row in rows:
        key = (row.unit != unit_id, row.unit)
        groups.setdefault(key, (row.unit_name, []))[1].append((row.id, row.name))
    return [groups[key] for key in sorted(groups)]


def proposed(session: Session, kind: str, unit_id: int | None, actor: Actor) -> list[int]:
    """Who is proposed: for a round that a unit carries out, that unit's people."""
    if kind not in OF_A_UNIT or unit_id is None:
        return []
    own = eligible(kind, unit_id, actor).where(User.organization_id == unit_id)
    return list(session.scalars(own.with_only_columns(User.id).order_by(User.id).limit(20)))


def set_inspectors(
    session: Session, round_: Round, user_ids: Collection[int], *, actor: Actor
) -> None:
    """Name the inspectors. Points given to somebody who is named no more are anybody's again.

    Raises Invalid for an account that is locked, closed, or may not be named.
    """
    wanted = sorted(set(user_ids))
    if len(wanted) > MOST_INSPECTORS:
        raise Invalid(N_("检查人最多 %(n)d 名。"), field="inspectors", n=MOST_INSPECTORS)
    allowed = eligible(round_.kind, round_.unit_id, actor).where(User.id.in_(wanted))
    found = set(session.scalars(allowed.with_only_columns(User.id)))
    if missing := set(wanted) - found:
        named = select(User.name).where(User.id.in_(sorted(missing)))
        if is_unit_bound(actor):  # learns no names by trying numbers
            known = or_(User.id.in_(round_.inspector_ids), User.organization_id == round_.unit_id)
            named = named.where(known)
        names = session.scalars(named).all()
        raise Invalid(
            N_("检查人须是在用账号（自查批次限本单位人员），请去掉：%(names)s"),
            field="inspectors",
            names="、".join(sorted(names)) or "、".join(map(str, sorted(missing))),
        )
    old = {row.user_id: row for row in _rows(session, round_)}
    for user_id in set(old) - found:
        session.delete(old[user_id])
    session.add_all(RoundInspector(round_id=round_.id, user_id=i) for i in wanted if i not in old)
    for point in session.scalars(
        select(RoundPoint).where(
            RoundPoint.round_id == round_.id, RoundPoint.inspector_id.not_in(wanted)
        )
    ):
        point.inspector_id = None
    session.flush()
    session.expire(round_, ["inspectors"])


def _rows(session: Session, round_: Round) -> Sequence[RoundInspector]:
    return session.scalars(select(RoundInspector).where(RoundInspector.round_id == round_.id)).all()


def inactive_names(session: Session, round_: Round) -> list[str]:
    """Names of inspectors whose accounts were closed since they were named."""
    return list(
        session.scalars(
            select(User.name)
            .join(RoundInspector, RoundInspector.user_id == User.id)
            .where(RoundInspector.round_id == round_.id, User.is_active.is_(False))
            .order_by(User.id)
        )
    )

"""Knows 挂点: which unit looks after which village or community, since when, until when."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, joinedload

from tracker import clock
from tracker.access.actor import Actor
from tracker.access.permissions import Permission
from tracker.access.policy import WHO
from tracker.access.predicates import in_area_of
from tracker.access.roles import Role
from tracker.audit.operations import record as audit
from tracker.errors import Conflict, Invalid, NotFound, NotPermitted
from tracker.inspections.round_models import Liaison
from tracker.places.locating import Located, of_area
from tracker.places.models import Area, Level, Organization
from tracker.places.queries import areas_visible_to
from tracker.storage import receipts
from tracker.storage.unit_of_work import unit_of_work
from tracker.texts import N_

PERSON_LENGTH = 50
#: A page shows this many rows at most; a district has some hundred.
MOST_ROWS = 1000

_dispatches_there = in_area_of(Role.DISPATCHER)


def in_force(day: date) -> ColumnElement[bool]:
    """Liaisons that hold on a day."""
    return (Liaison.since <= day) & or_(Liaison.until.is_(None), Liaison.until >= day)


def communities_of(session: Session, unit_id: int) -> list[str]:
    """Codes of the communities that a unit looks after today."""
    wanted = (Liaison.unit_id == unit_id) & in_force(clock.today())
    return list(
        session.scalars(select(Liaison.community_code).where(wanted).distinct().order_by(Liaison.community_code))
    )  # fmt: skip


def visible_rows(session: Session, actor: Actor, *, with_ended: bool = False) -> Sequence[Liaison]:
    """Liaisons of the communities in the actor's jurisdiction, in the order of the communities."""
    areas = areas_visible_to(actor).order_by(None).with_only_columns(Area.code)
    query = select(Liaison).where(Liaison.community_code.in_(areas))
    if not with_ended:
        query = query.where(or_(Liaison.until.is_(None), Liaison.until >= clock.today()))
    return session.scalars(
        query.options(joinedload(Liaison.unit), joinedload(Liaison.community))
        .order_by(Liaison.community_code, Liaison.until.is_not(None), Liaison.since, Liaison.id)
        .limit(MOST_ROWS)
    ).all()


def add(
    unit_id: int, community_code: str, *, person: str, since: date, actor: Actor, request_uuid: str
) -> int:
    """Note that a unit looks after a community from a day on; returns the row's id.

    Idempotent by `request_uuid`. Raises Invalid, NotPermitted, Conflict.
    """
    content = {"unit": unit_id, "community": community_code, "person": person, "since": since}
    digest = receipts.digest_of({"liaison": "add", **content})
    with unit_of_work() as work:
        kept = receipts.earlier(work, request_uuid, actor_id=actor.user_id, digest=digest)
        if kept is not None:
            return int(kept["id"])
        row = put(work, unit_id, community_code, person=person, since=since, actor=actor)
        receipts.keep(work, request_uuid, actor_id=actor.user_id, digest=digest, outcome={"id": row.id})  # fmt: skip
        return row.id


def put(
    work: Session, unit_id: int, community_code: str, *, person: str, since: date, actor: Actor
) -> Liaison:
    """As `add`, inside the caller's unit of work."""
    unit = work.get(Organization, unit_id)
    if unit is None or not unit.is_active:
        raise Invalid(N_("请选择在用的单位。"), field="unit_id")
    area = work.get(Area, community_code)
    if area is None or area.level != Level.COMMUNITY or area.valid_to is not None:
        raise Invalid(N_("请选择在用的社区（村）。"), field="community_code")
    _demand(actor, of_area(work, area.code))
    if len(person) > PERSON_LENGTH:
        raise Invalid(N_("挂点人不超过 %(most)d 字。"), field="person", most=PERSON_LENGTH)
    if abs((since - clock.today()).days) > 3660:
        raise Invalid(N_("开始日期须在前后十年之内。"), field="since")
    same = (Liaison.unit_id == unit_id) & (Liaison.community_code == community_code)
    if work.scalar(select(Liaison.id).where(same, Liaison.until.is_(None))):
        raise Conflict(N_("%(unit)s已经挂点%(area)s。"), unit=unit.name, area=area.name)
    row = Liaison(unit_id=unit_id, community_code=community_code, person=person, since=since)
    work.add(row)
    work.flush()
    audit("liaison.add", actor=actor, object=f"{unit.name} {area.name}", since=str(since))
    return row


def end(liaison_id: int, *, actor: Actor, request_uuid: str) -> None:
    """End a liaison with today; the row stays as history. Idempotent by `request_uuid`."""
    digest = receipts.digest_of({"liaison": "end", "id": liaison_id})
    with unit_of_work() as work:
        kept = receipts.earlier(work, request_uuid, actor_id=actor.user_id, digest=digest)
        if kept is not None:
            return
        row = _visible(work, liaison_id, actor)
        _demand(actor, of_area(work, row.community_code))
        if row.until is not None:
            raise Conflict(N_("这项挂点已经结束。"))
        # a liaison that begins later never held: it ends the day before it begins
        row.until = max(clock.today(), row.since - timedelta(days=1))
        audit("liaison.end", actor=actor, object=f"{row.unit.name} {row.community.name}")
        receipts.keep(work, request_uuid, actor_id=actor.user_id, digest=digest, outcome={})


def _visible(work: Session, liaison_id: int, actor: Actor) -> Liaison:
    areas = areas_visible_to(actor).order_by(None).with_only_columns(Area.code)
    row = work.scalar(
        select(Liaison)
        .where(Liaison.id == liaison_id, Liaison.community_code.in_(areas))
        .with_for_update()
    )
    if row is None:
        raise NotFound(N_("没有这项挂点，或不在您的辖区内。"))
    return row


def may_manage_anywhere(actor: Actor) -> bool:
    """Whether the person may change the table of any community at all."""
    return actor.has(Role.DISPATCHER)


def _demand(actor: Actor, place: Located) -> None:
    if not actor.is_system and not _dispatches_there(actor, place):
        raise NotPermitted(WHO[Permission.ROUND_MANAGE])


def units_for_choice(session: Session) -> Sequence[Any]:
    """Units in use: (id, name)."""
    return session.execute(
        select(Organization.id, Organization.name).where(Organization.is_active).order_by(Organization.id)
    ).all()  # fmt: skip

"""Changes of areas and organizations by the system administrator, each recorded for audit."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import Actor
from tracker.audit.operations import record as audit
from tracker.catalogue.models import Category
from tracker.errors import Invalid, NotFound
from tracker.places.importing_plan import NAME_LENGTH
from tracker.places.locating import bump_epoch
from tracker.places.models import Area, Organization, OrganizationKind
from tracker.places.queries import find_area
from tracker.storage import receipts
from tracker.storage.unit_of_work import unit_of_work
from tracker.texts import N_


@dataclass(frozen=True)
class OrganizationGiven:
    """Everything an administrator says of an organization."""

    name: str
    kind: OrganizationKind
    area_code: str | None = None
    category_prefixes: tuple[str, ...] = ()
    is_active: bool = True

    @classmethod
    def of(cls, unit: Organization) -> "OrganizationGiven":
        """What is stored of an organization."""
        return cls(
            unit.name,
            OrganizationKind(unit.kind),
            unit.area_code,
            tuple(unit.category_prefixes),
            unit.is_active,
        )

    def with_changes(self, **changes: Any) -> "OrganizationGiven":
        return replace(self, **changes)

    def put_into(self, unit: Organization) -> None:
        """Write the values into a row."""
        unit.name, unit.kind, unit.area_code = self.name, self.kind.value, self.area_code
        unit.category_prefixes, unit.is_active = list(self.category_prefixes), self.is_active

    def as_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "kind": self.kind.value,
            "area_code": self.area_code,
            "category_prefixes": list(self.category_prefixes),
            "is_active": self.is_active,
        }


@dataclass(frozen=True)
class AreaGiven:
    """What an administrator may change of an area by hand."""

    name: str
    is_pilot: bool
    is_schematic: bool
    #: last day on which the area exists, by the city's calendar; None while it goes on
    valid_to: date | None = None


def check_organization(
    session: Session, given: OrganizationGiven, unit: Organization | None
) -> None:
    """Raise Invalid, naming the field, when an organization cannot be stored so."""
    if not given.name:
        raise Invalid(N_("请填写单位名称"), field="name")
    if len(given.name) > NAME_LENGTH:
        raise Invalid(N_("名称超过 %(most)d 个字"), field="name", most=NAME_LENGTH)
    other = session.scalar(select(Organization).where(Organization.name == given.name))
    if other is not None and (unit is None or other.id != unit.id):
        raise Invalid(N_("已有同名单位，名称不能重复"), field="name")
    if given.area_code:
        area = session.get(Area, given.area_code)
        if area is None:
            raise Invalid(
                N_("没有代码为 %(area)s 的区域"), field="area_code", area=given.area_code[:40]
            )
    for prefix in given.category_prefixes:
        known = session.scalar(
            select(func.count())
            .select_from(Category)
            .where(or_(Category.code == prefix, Category.major_code == prefix))
        )
        if not known:
            raise Invalid(
                N_("目录中没有代码为 %(category)s 的大类或小类"),
                field="category_prefixes",
                category=prefix[:12],
            )


def save_organization(
    given: OrganizationGiven, *, unit_id: int | None, actor: Actor, request_uuid: str
) -> int:
    """Create (`unit_id` None) or change an organization; returns its id.

    Idempotent by `request_uuid`. Raises Invalid, NotFound, Conflict.
    """
    digest = receipts.digest_of({"unit": unit_id, **given.as_dict()})
    with unit_of_work() as work:
        kept = receipts.earlier(work, request_uuid, actor_id=actor.user_id, digest=digest)
        if kept is not None:
            return int(kept["unit_id"])
        unit = work.get(Organization, unit_id) if unit_id is not None else None
        if unit_id is not None and unit is None:
            raise NotFound(N_("没有这个单位。"))
        check_organization(work, given, unit)
        before = OrganizationGiven.of(unit).as_dict() if unit else {}
        if unit is None:
            unit = Organization()
            work.add(unit)
        given.put_into(unit)
        work.flush()
        kind = "organization.change" if before else "organization.create"
        changed = {key: value for key, value in given.as_dict().items() if before.get(key) != value}
        audit(kind, actor=actor, object=given.name, changed=changed)
        receipts.keep(
            work,
            request_uuid,
            actor_id=actor.user_id,
            digest=digest,
            outcome={"unit_id": unit.id},
        )
        return unit.id


def save_area(code: str, given: AreaGiven, *, actor: Actor, request_uuid: str) -> None:
    """Change an area by hand. Idempotent by `request_uuid`. Raises Invalid, NotFound, Conflict.

    An area that is retired keeps its boundaries and its tasks, but holds no position any more.
    """
    digest = receipts.digest_of({"area": code, **vars(given)})
    with unit_of_work() as work:
        if receipts.earlier(work, request_uuid, actor_id=actor.user_id, digest=digest) is not None:
            return
        area = find_area(work, code)
        _check_area(work, area, given)
        retired = _end_of(given.valid_to)
        changed = {
            key: value
            for key, value in (
                ("name", given.name),
                ("is_pilot", given.is_pilot),
                ("is_schematic", given.is_schematic),
                ("valid_to", retired),
            )
            if getattr(area, key) != value
        }
        for key, value in changed.items():
            setattr(area, key, value)
        if changed:
            bump_epoch(work)
            said = {
                key: str(value) if key == "valid_to" else value for key, value in changed.items()
            }
            audit("area.change", actor=actor, object=code, changed=said)
        receipts.keep(work, request_uuid, actor_id=actor.user_id, digest=digest, outcome={})


def _check_area(session: Session, area: Area, given: AreaGiven) -> None:
    if not given.name:
        raise Invalid(N_("请填写名称"), field="name")
    if len(given.name) > NAME_LENGTH:
        raise Invalid(N_("名称超过 %(most)d 个字"), field="name", most=NAME_LENGTH)
    if given.valid_to is None:
        if area.parent and area.parent.valid_to is not None:
            raise Invalid(N_("上级区域已停用，请先恢复上级区域"), field="valid_to")
        return
    if given.valid_to > clock.today():
        raise Invalid(N_("停用日期不能晚于今天"), field="valid_to")
    below = session.scalar(
        select(func.count())
        .select_from(Area)
        .where(Area.parent_code == area.code, Area.valid_to.is_(None))
    )
    if below:
        raise Invalid(
            N_("还有 %(n)d 个下级区域在用，请先停用或调整它们"), field="valid_to", n=below
        )


def _end_of(day: date | None) -> datetime | None:
    """The last second of a day in the city."""
    if day is None:
        return None
    return datetime.combine(day, time.max.replace(microsecond=0), tzinfo=clock.CITY_ZONE)

"""Knows what the selects of task pages offer: areas, units, categories, people of a unit."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.access.roles import FOR_UNIT
from tracker.catalogue.models import Category
from tracker.people.models import RoleGrant, User
from tracker.places.models import Area, Level, Organization
from tracker.places.versions import Version, version
from tracker.points.models import InspectionPoint
from tracker.points.queries import visible_points
from tracker.storage.plain import fetched
from tracker.tasks import presenting
from tracker.tasks.models import Task
from tracker.tasks.parties import may_decide
from tracker.web.keeping import Kept


@dataclass(frozen=True)
class AreaChoice:
    """An area of a select; `depth` 0 is a district."""

    code: str
    name: str
    depth: int


@dataclass(frozen=True)
class CategoryChoice:
    """A category of a select with the default limit that goes with it."""

    id: int
    code: str
    label: str
    limit_value: int
    limit_unit: str
    limit_reading: str


@dataclass(frozen=True)
class MajorChoice:
    """A major category (大类) and its categories in code order."""

    code: str
    label: str
    members: tuple[CategoryChoice, ...]


_DEPTHS = {Level.DISTRICT.value: 0, Level.TOWN.value: 1, Level.COMMUNITY.value: 2}


#: What every select offers, by version: a district has hundreds of areas and units, and 200 categories.
_AREAS: Kept[list[AreaChoice]] = Kept(4)
_UNITS: Kept[list[tuple[int, str]]] = Kept(4)
_MAJORS: Kept[list[MajorChoice]] = Kept(8)
#: Names of all, also of what is used no more.
_MATTERS: Kept[dict[int, str]] = Kept(8)
_NAMES: Kept[dict[int, str]] = Kept(4)


def areas(session: Session, *, besides: str = "") -> list[AreaChoice]:
    """Districts, towns and communities in the order of the tree, and the grid `besides` if it is one."""
    found = _AREAS.made(version(session), lambda: _areas(session, Area.level.in_(sorted(_DEPTHS))))
    if not besides or any(area.code == besides for area in found):
        return found
    return _areas(session, or_(Area.level.in_(sorted(_DEPTHS)), Area.code == besides))


def _areas(session: Session, wanted: ColumnElement[bool]) -> list[AreaChoice]:
    rows = session.execute(
        select(Area.code, Area.name, Area.level)
        .where(Area.valid_to.is_(None), wanted)
        .order_by(Area.path)
    )
    return [AreaChoice(code, name, _DEPTHS.get(level, 3)) for code, name, level in rows]


def point(session: Session, code: str, actor: Actor) -> tuple[str, str] | None:
    """Code and name of a visible inspection point; None without one."""
    if not code:
        return None
    name = session.scalar(
        visible_points(actor)
        .with_only_columns(InspectionPoint.name)
        .where(InspectionPoint.code == code)
    )
    return (code, name) if name else None


def units(session: Session) -> list[tuple[int, str]]:
    """Active organizations, (id, name), departments before communities."""
    return _UNITS.made(version(session), lambda: _units(session))


def _units(session: Session) -> list[tuple[int, str]]:
    rows = session.execute(
        select(Organization.id, Organization.name)
        .where(Organization.is_active)
        .order_by(Organization.kind.desc(), Organization.id)
    )
    return [(unit_id, name) for unit_id, name in rows]


def categories(session: Session, *, english: bool) -> list[MajorChoice]:
    """Active categories by major category; components are called by their fault."""
    return _MAJORS.made((version(session), english), lambda: _majors(session, english))


def _majors(session: Session, english: bool) -> list[MajorChoice]:
    rows = session.execute(
        select(
            Category.id, Category.code, Category.kind, Category.name, Category.name_en,
            Category.major_code, Category.major_name, Category.major_name_en,
            Category.limit_value, Category.limit_unit, Category.limit_reading,
        )
        .where(Category.is_active)
        .order_by(Category.major_code, Category.code)
    )  # fmt: skip
    majors: dict[str, tuple[str, list[CategoryChoice]]] = {}
    for row in rows:
        label = row.major_name_en if english and row.major_name_en else row.major_name
        matter = presenting.matter(row.kind, row.name, row.name_en, english=english)
        majors.setdefault(row.major_code, (label, []))[1].append(
            CategoryChoice(
                row.id, row.code, matter, row.limit_value, row.limit_unit, row.limit_reading
            )
        )
    return [MajorChoice(code, label, tuple(members)) for code, (label, members) in majors.items()]


def category_names(session: Session, known: Version, *, english: bool) -> dict[int, str]:
    """The matters of all categories in the reader's language, of the version that is read already."""

    def made() -> dict[int, str]:
        columns = (Category.id, Category.kind, Category.name, Category.name_en)
        return {
            key: presenting.matter(kind, name, name_en, english=english)
            for key, kind, name, name_en in session.execute(select(*columns))
        }

    return _MATTERS.made((known, english), made)


def unit_names(session: Session, known: Version) -> dict[int, str]:
    """Names of all units, of the version that is read already."""
    return _NAMES.made(
        known, lambda: dict(fetched(session, select(Organization.id, Organization.name)))
    )


def people_of(session: Session, unit_id: int | None) -> list[tuple[int, str]]:
    """Active people of a unit, (id, name): its members and those who act for it."""
    if unit_id is None:
        return []
    acts_for = select(RoleGrant.user_id).where(
        RoleGrant.organization_id == unit_id,
        RoleGrant.role.in_(sorted(FOR_UNIT)),
        RoleGrant.revoked_at.is_(None),
    )
    rows = session.execute(
        select(User.id, User.name)
        .where(and_(User.is_active, or_(User.organization_id == unit_id, User.id.in_(acts_for))))
        .order_by(User.id)
    )
    return [(user_id, name) for user_id, name in rows]


def deciders(session: Session, task: Task) -> list[tuple[int, str]]:
    """Active people who may be named to decide jointly about a task, (id, name): leaders first."""
    rows = session.execute(
        select(User.id, User.name)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(User.is_active, may_decide(task))
        .group_by(User.id, User.name)
        .order_by(func.min(RoleGrant.role).desc(), User.id)
        .limit(200)
    )
    return [(user_id, name) for user_id, name in rows]

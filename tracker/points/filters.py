"""Knows what a list of points can be narrowed by, and how it stands in the address bar."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import ColumnElement, String, and_, cast, false, or_, select
from sqlalchemy.orm import Session

from tracker.places.jurisdiction import lies_in
from tracker.points.campaign import actions_of, part_of
from tracker.points.models import InspectionPoint, SiteType
from tracker.texts import N_
from tracker.web import arguments as kinds
from tracker.web.arguments import Addressed

#: Words of a search that count.
MAX_WORDS = 5


class Standing(StrEnum):
    """Which points besides those in use."""

    RETIRED = "retired"  #: 停用 only
    ALL = "all"  #: both


class Sort(StrEnum):
    """The order of the list."""

    CODE = "code"  #: by code
    LAST_VISIT = "last_visit"  #: never visited first, then the longest ago
    SCORE = "score"  #: the lowest score of the newest visit first


STANDING_LABELS = {Standing.RETIRED: N_("已停用"), Standing.ALL: N_("在用和停用")}
SORT_LABELS = {
    Sort.CODE: N_("按编号"),
    Sort.LAST_VISIT: N_("最久未检查"),
    Sort.SCORE: N_("得分最低"),
}


@dataclass(frozen=True)
class PointFilter(Addressed):
    """What is wanted; an empty one wants every visible point in use."""

    site_type: str = ""
    #: name of a group of site types
    group: str = ""
    #: code of a district, town, community or grid
    area: str = ""
    unit_id: int | None = None
    #: code of a project or an action of the campaign
    action: str = ""
    model: bool = False
    #: 到期未查: not visited within its cycle
    overdue: bool = False
    standing: Standing | None = None
    text: str = ""
    sort: Sort = Sort.CODE

    ARGUMENTS: ClassVar[Mapping[str, tuple[str, kinds.Kind]]] = {
        "type": ("site_type", kinds.code), "group": ("group", kinds.words), "area": ("area", kinds.code),
        "unit": ("unit_id", kinds.identity), "action": ("action", part_of), "model": ("model", kinds.flag),
        "overdue": ("overdue", kinds.flag), "standing": ("standing", Standing), "q": ("text", kinds.words),
        "sort": ("sort", Sort),
    }  # fmt: skip

    @property
    def is_empty(self) -> bool:
        """Whether nothing is filtered; the order is no filter."""
        return replace(self, sort=Sort.CODE) == PointFilter()


from_args = PointFilter.read


def clauses(session: Session, wanted: PointFilter, now: datetime) -> list[ColumnElement[bool]]:
    """The conditions on InspectionPoint; what may be seen is asked elsewhere."""
    found: list[ColumnElement[bool]] = []
    if wanted.standing is not Standing.ALL:
        found.append(InspectionPoint.is_active.is_(wanted.standing is not Standing.RETIRED))
    if wanted.site_type:
        found.append(InspectionPoint.site_type_code == wanted.site_type)
    if wanted.group:
        types = select(SiteType.code).where(SiteType.group_name == wanted.group)
        found.append(InspectionPoint.site_type_code.in_(types))
    if wanted.area:
        found.append(lies_in(InspectionPoint, wanted.area))
    if wanted.unit_id is not None:
        found.append(InspectionPoint.unit_id == wanted.unit_id)
    if wanted.action:
        found.append(of_action(wanted.action))
    if wanted.model:
        found.append(InspectionPoint.is_model_point.is_(True))
    if wanted.overdue:
        found.append(overdue(session, now))
    return found + _of_text(wanted.text)


def of_action(code: str) -> ColumnElement[bool]:
    """Points that carry an action of the campaign, or any of a project's."""
    held = cast(InspectionPoint.actions, String)
    return or_(*(held.contains(f'"{one}"', autoescape=True) for one in actions_of(code)))


def overdue(session: Session, now: datetime) -> ColumnElement[bool]:
    """到期未查: never visited, or longer ago than its cycle; each cycle has its own limit.

    Written without date arithmetic in SQL: the few cycles in use are read first.
    """
    cycles = session.scalars(select(InspectionPoint.cycle_days).distinct()).all()
    late = [
        and_(
            InspectionPoint.cycle_days == days,
            InspectionPoint.last_visit_at < now - timedelta(days=days),
        )
        for days in sorted(cycles)
    ]
    return or_(InspectionPoint.last_visit_at.is_(None), *late, false())


def is_overdue(last_visit_at: datetime | None, cycle_days: int, now: datetime) -> bool:
    """The same of one point."""
    return last_visit_at is None or last_visit_at < now - timedelta(days=cycle_days)


def _of_text(text: str) -> list[ColumnElement[bool]]:
    """Every word in the code, the name, the address or the person."""
    columns = (
        InspectionPoint.code, InspectionPoint.name, InspectionPoint.address, InspectionPoint.person,
    )  # fmt: skip
    return [
        or_(*(column.icontains(word, autoescape=True) for column in columns))
        for word in text.split()[:MAX_WORDS]
    ]

"""Knows what a list of points can be narrowed by, and how it stands in the address bar."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, false, or_, select
from sqlalchemy.orm import Session

from tracker.points.campaign import ACTIONS
from tracker.points.models import InspectionPoint, SiteType
from tracker.texts import N_

#: Longest search text, and how many of its words count.
MAX_TEXT, MAX_WORDS = 80, 5


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
class PointFilter:
    """What is wanted; an empty one wants every visible point in use."""

    site_type: str = ""
    #: name of a group of site types
    group: str = ""
    #: code of a district, town, community or grid
    area: str = ""
    unit_id: int | None = None
    #: code of a campaign action
    action: str = ""
    model: bool = False
    #: 到期未查: not visited within its cycle
    overdue: bool = False
    standing: Standing | None = None
    text: str = ""
    sort: Sort = Sort.CODE

    def to_args(self) -> dict[str, str]:
        """Query-string arguments from which `from_args` makes an equal filter."""
        args = {}
        for name, attribute in _NAMES.items():
            value = getattr(self, attribute)
            if value and not (name == "sort" and value is Sort.CODE):
                args[name] = "1" if value is True else str(value)
        return args

    def without(self, name: str) -> "PointFilter":
        """The filter with one argument taken away."""
        return replace(self, **{_NAMES[name]: getattr(PointFilter(), _NAMES[name])})

    @property
    def is_empty(self) -> bool:
        """Whether nothing is filtered; the order is no filter."""
        return replace(self, sort=Sort.CODE) == PointFilter()


#: argument of the address bar → attribute
_NAMES = {
    "type": "site_type", "group": "group", "area": "area", "unit": "unit_id", "action": "action",
    "model": "model", "overdue": "overdue", "standing": "standing", "q": "text", "sort": "sort",
}  # fmt: skip


def from_args(args: Mapping[str, Any]) -> tuple[PointFilter, list[tuple[str, str]]]:
    """The filter in a query string, and (name, value) of what in it was not understood."""
    found: dict[str, Any] = {}
    refused: list[tuple[str, str]] = []
    for name, attribute in _NAMES.items():
        text = (args.get(name) or "").strip()
        if not text:
            continue
        try:
            found[attribute] = _READERS[name](text)
        except ValueError:
            refused.append((name, text[:40]))
    return PointFilter(**found), refused


def _code(text: str) -> str:
    if len(text) > 40 or not all(char.isalnum() or char in "-_." for char in text):
        raise ValueError(text)
    return text


def _identity(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise ValueError(text)
    return int(text)


def _flag(text: str) -> bool:
    if text != "1":
        raise ValueError(text)
    return True


def _words(text: str) -> str:
    if len(text) > MAX_TEXT or not text.isprintable():
        raise ValueError(text)
    return text


def _action(text: str) -> str:
    if text not in ACTIONS:
        raise ValueError(text)
    return text


_READERS: dict[str, Callable[[str], Any]] = {
    "type": _code, "group": _words, "area": _code, "unit": _identity, "action": _action,
    "model": _flag, "overdue": _flag, "standing": Standing, "q": _words, "sort": Sort,
}  # fmt: skip


def clauses(session: Session, wanted: PointFilter, now: datetime) -> list[ColumnElement[bool]]:
    """The conditions on InspectionPoint; what may be seen is asked elsewhere."""
    found: list[ColumnElement[bool]] = []
    if wanted.standing is not Standing.ALL:
        found.append(InspectionPoint.is_active.is_(wanted.standing is not Standing.RETIRED))
    if wanted.site_type:
        found.append(InspectionPoint.site_type_code == wanted.site_type)
    if wanted.group:
        kinds = select(SiteType.code).where(SiteType.group_name == wanted.group)
        found.append(InspectionPoint.site_type_code.in_(kinds))
    if wanted.area:
        found.append(in_area(wanted.area))
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
    """Points that carry a campaign action."""
    return cast(InspectionPoint.actions, String).contains(f'"{code}"', autoescape=True)


def in_area(code: str) -> ColumnElement[bool]:
    """Points in an area of whatever level has this code."""
    columns = (
        InspectionPoint.community_code, InspectionPoint.grid_code, InspectionPoint.town_code,
        InspectionPoint.district_code,
    )  # fmt: skip
    return or_(*(column == code for column in columns))


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

"""Knows whose office decides on a held item: where it happened, else where its person works."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.inspections.intake_reading import Item, Kind
from tracker.people.models import User
from tracker.places.locating import NOWHERE, Located, locate, of_area
from tracker.points.models import InspectionPoint
from tracker.tasks.models import Task


def whose_office(session: Session, item: Item, user: User) -> Located:
    """The areas of the point, of the reported place or of the task; the person's as the last resort.

    What was sent may be nonsense here: it is looked at only by the office.
    """
    content = item.content
    if item.kind is Kind.VISIT:
        key = content.get("point_id")
        usable = type(key) is int and 0 <= key < 2**31
        found = _areas(session.get(InspectionPoint, key) if usable else None)
    elif item.kind is Kind.SUBMIT:
        number = str(content.get("number", ""))[:40].upper()
        found = _areas(session.scalar(select(Task).where(Task.number == number)))
    else:
        found = _reported(session, content)
    return found if found.district_code else _of_person(session, user)


def _areas(row: InspectionPoint | Task | None) -> Located:
    if row is None:
        return NOWHERE
    return Located(row.district_code, row.town_code, row.community_code, row.grid_code)


def _reported(session: Session, content: Any) -> Located:
    position = content.get("position")
    lon: Any = position.get("lon") if isinstance(position, dict) else None
    lat: Any = position.get("lat") if isinstance(position, dict) else None
    if _is_degree(lon, 180) and _is_degree(lat, 90):
        found = locate(session, float(lon), float(lat))
        if found.district_code:
            return found
    return of_area(session, str(content.get("community_code") or "")[:20])


def _is_degree(value: Any, limit: int) -> bool:
    return type(value) in (int, float) and -limit <= value <= limit


def _of_person(session: Session, user: User) -> Located:
    codes = [grant.area_code for grant in reversed(user.grants) if grant.area_code]
    if user.organization is not None and user.organization.area_code:
        codes.append(user.organization.area_code)
    for code in codes:
        found = of_area(session, code)
        if found.district_code:
            return found
    return NOWHERE

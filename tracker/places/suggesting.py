"""Knows which unit probably answers for a category at a place, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tracker.places.locating import Located
from tracker.places.models import Organization, OrganizationKind
from tracker.texts import N_


@dataclass(frozen=True)
class Suggestion:
    """A unit, and the reason: a message id, filled with `facts`."""

    unit_id: int
    name: str
    reason: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    #: the community stands in because nobody else answers
    is_last_resort: bool = False


def suggest_unit(
    session: Session,
    category_code: str | None,
    place: Located,
    *,
    of_point: Organization | None = None,
) -> Suggestion | None:
    """The unit of the inspection point, else of the category, else of the community.

    `of_point` answers for the point at which it was found (点位责任单位). Of the units named for a
    category the longest match within the smallest area counts; last the community's own
    organization (属地兜底).
    """
    if of_point is not None and of_point.is_active:
        return Suggestion(of_point.id, of_point.name, N_("点位责任单位"))
    areas = [place.community_code, place.town_code, place.district_code]
    rank = {code: number for number, code in enumerate(areas) if code}
    units = session.scalars(
        select(Organization).where(
            Organization.is_active,
            or_(Organization.area_code.in_(list(rank)), Organization.area_code.is_(None)),
        )
    ).all()
    best: tuple[int, int, int] | None = None
    chosen: Organization | None = None
    for unit in units:
        lengths = [
            len(prefix)
            for prefix in unit.category_prefixes
            if category_code and category_code.startswith(prefix)
        ]
        if not lengths:
            continue
        key = (-max(lengths), rank.get(unit.area_code or "", len(areas)), unit.id)
        if best is None or key < best:
            best, chosen = key, unit
    if chosen is not None:
        return Suggestion(chosen.id, chosen.name, N_("按问题类别的主管单位"))
    for unit in units:
        if unit.kind == OrganizationKind.COMMUNITY and unit.area_code == place.community_code:
            return Suggestion(unit.id, unit.name, N_("属地社区兜底"), is_last_resort=True)
    return None

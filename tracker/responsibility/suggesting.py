"""Knows which unit is proposed for a task: of its point, of the map, of its category, of its community."""

from collections.abc import Mapping
from typing import Any, Protocol

from sqlalchemy.orm import Session

from tracker.catalogue.models import Category
from tracker.places.locating import Located
from tracker.places.models import Organization
from tracker.places.suggesting import Suggestion, suggest_unit
from tracker.responsibility.answering import Match, matches
from tracker.responsibility.models import Kind, Responsibility
from tracker.responsibility.scopes import ScopeKind


def suggest(
    session: Session,
    *,
    place: Located,
    lon: float | None = None,
    lat: float | None = None,
    category: str | None = None,
    of_point: Organization | None = None,
    site_type: str | None = None,
) -> Suggestion | None:
    """The unit that probably answers, and why.

    First the unit of the inspection point. Then the responsibility map: segment, polygon, fallback
    of the community; but a fallback for everything (兜底) comes after the unit that is competent for
    the category, because it stands in only where nobody else does. Last the community itself.
    """
    if of_point is not None and of_point.is_active:
        return suggest_unit(session, category, place, of_point=of_point)
    found = matches(
        session, lon=lon, lat=lat, place=place, category=category, site_type=site_type
    )  # fmt: skip
    for match in found:
        if not _is_last_resort(match) and (chosen := _of_map(session, match)):
            return chosen
    competent = suggest_unit(session, category, place)
    if competent is not None and not competent.is_last_resort:
        return competent
    for match in found:
        if _is_last_resort(match) and (chosen := _of_map(session, match)):
            return chosen
    return competent


def _is_last_resort(match: Match) -> bool:
    """Answers for everything in a community that nobody else answers for."""
    term = match.term
    return term.kind is Kind.COMMUNITY and any(one.kind is ScopeKind.ALL for one in term.scopes)


def _of_map(session: Session, match: Match) -> Suggestion | None:
    row = session.get(Responsibility, match.term.id)
    unit = session.get(Organization, row.unit_id) if row is not None else None
    if unit is None or not unit.is_active:
        return None
    return Suggestion(unit.id, unit.name, match.reason, match.facts)


class DispatchedTask(Protocol):
    """What of a task decides the proposal."""

    lon: float | None
    lat: float | None
    district_code: str | None
    town_code: str | None
    community_code: str | None
    grid_code: str | None
    category: Any
    point: Any


class DispatchStep(Protocol):
    """What of a step the note reads: a dispatch in the middle of being carried out."""

    @property
    def session(self) -> Session: ...

    @property
    def task(self) -> Any: ...


def suggest_for(session: Session, task: DispatchedTask, category: str | None) -> Suggestion | None:
    """The proposal for a task where it lies; the one way to ask for a task."""
    place = Located(task.district_code, task.town_code, task.community_code, task.grid_code)
    point = task.point
    return suggest(
        session,
        place=place,
        lon=task.lon,
        lat=task.lat,
        category=category,
        of_point=point.unit if point else None,
        site_type=point.site_type_code if point else None,
    )


def note_suggestion(step: DispatchStep, unit: Organization) -> Mapping[str, Any]:
    """What a dispatch to `unit` remembers of the proposal, to be put into its event's payload.

    Asked before the task is changed, of the task's category as it is now. `suggestion_taken` is
    None where nothing was proposed; the reason is kept in Chinese, as it was shown.
    """
    # by its id: an action before this one may have changed it, and the relation is not read again
    task = step.task
    category = step.session.get(Category, task.category_id) if task.category_id else None
    found = suggest_for(step.session, task, category.code if category else None)
    if found is None:
        return {"suggested_unit": None, "suggestion_reason": "", "suggestion_taken": None}
    return {
        "suggested_unit": found.unit_id,
        "suggestion_reason": found.reason % found.facts if found.facts else found.reason,
        "suggestion_taken": found.unit_id == unit.id,
    }

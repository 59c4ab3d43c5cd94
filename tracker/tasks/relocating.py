"""Knows how a task is put where it belongs: by a corrected point or a community chosen by hand."""

from sqlalchemy.orm import Session

from tracker.errors import Invalid
from tracker.places.models import Area
from tracker.tasks.intake import position_columns, whereabouts
from tracker.tasks.steps import Payload, Step
from tracker.texts import N_


def relocate(step: Step) -> Payload:
    """Put a task where it belongs: a corrected point, or a community chosen by hand (人工落格)."""
    task, place = step.task, step.given.place
    assert place is not None
    areas = whereabouts(step.session, place, step.actor)
    if place.community_code and areas.community_code is None:
        raise Invalid(N_("所选社区不存在，请重新选择。"), field="community_code")
    before = _area_name(step.session, task.community_code)
    if place.lon is not None or place.address:
        for column, value in position_columns(place).items():
            if column != "address" or value:
                setattr(task, column, value)
    task.district_code = areas.district_code or task.district_code
    task.town_code, task.community_code = areas.town_code, areas.community_code
    task.grid_code = areas.grid_code
    return {"area_before": before, "area": _area_name(step.session, task.community_code)}


def _area_name(session: Session, code: str | None) -> str:
    area = session.get(Area, code) if code else None
    return f"{area.name} {area.code}" if area else ""

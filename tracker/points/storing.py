"""Knows how a checked row becomes the columns of a point, and what each change leaves behind."""

from datetime import datetime

from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.audit import operations as audit
from tracker.points.checking import Checked
from tracker.points.given import PointGiven
from tracker.points.history import differences, said
from tracker.points.models import InspectionPoint, PointChange


def created(
    work: Session,
    given: PointGiven,
    checked: Checked,
    *,
    actor: Actor,
    at: datetime,
    kind: str | None,
) -> InspectionPoint:
    point = InspectionPoint(code=given.code, created_at=at, updated_at=at)
    fill(point, given, checked)
    work.add(point)
    work.flush()
    changes = differences(None, said(work, point))
    note(work, point, changes, kind or "create", actor=actor, at=at, is_new=True)
    return point


def fill(point: InspectionPoint, given: PointGiven, checked: Checked) -> None:
    """Make the columns of a point what was checked; whoever calls it notes the history."""
    from gis.cells import encode

    moved = (point.lon, point.lat) != (given.lon, given.lat)
    for name in (
        "name", "site_type_code", "address", "unit_id", "person", "is_model_point", "cycle_days",
        "is_active",
    ):  # fmt: skip
        setattr(point, name, getattr(given, name))
    if point.actions != list(given.actions):
        point.actions = list(given.actions)
    if point.geometry != given.geometry:
        point.geometry = given.geometry
    if moved:
        point.raw_x, point.raw_y = given.raw_x, given.raw_y
        point.coord_sys = given.coord_sys
    point.lon, point.lat = given.lon, given.lat
    has_place = given.lon is not None and given.lat is not None
    point.cell = int(encode(given.lon, given.lat)) if has_place else None  # type: ignore[arg-type]
    for level in ("district_code", "town_code", "community_code", "grid_code"):
        setattr(point, level, getattr(checked.located, level))


def note(
    work: Session,
    point: InspectionPoint,
    changes: dict[str, list[str]],
    kind: str,
    *,
    actor: Actor,
    at: datetime,
    is_new: bool = False,
) -> None:
    """History and audit, in the transaction of the change."""
    if not is_new:
        point.updated_at = at
    work.add(
        PointChange(
            point_id=point.id, kind=kind, at=at, actor_id=actor.user_id, actor_name=actor.name,
            changes=changes,
        )
    )  # fmt: skip
    audit.record(f"point.{kind}", actor=actor, object=point.code, fields=sorted(changes))

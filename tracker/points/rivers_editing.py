"""Writes river plans and their measures; every change stands in the history of the point."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import Actor
from tracker.access.permissions import Permission
from tracker.access.policy import WHO, allows
from tracker.errors import Conflict, Invalid, NotFound, NotPermitted
from tracker.places.models import Organization
from tracker.points.models import InspectionPoint, PointChange, RiverMeasure, RiverPlan
from tracker.points.queries import find
from tracker.points.rivers import RIVER
from tracker.storage import receipts
from tracker.storage.unit_of_work import unit_of_work
from tracker.texts import N_

#: Field → how long its words may be.
_LENGTHS = {"river_name": 60, "segment": 120, "chief": 50, "chief_post": 60}
TEXT_LENGTH = 300


@dataclass(frozen=True)
class PlanGiven:
    """Everything of a plan but its measures; without `file_sha256` the file stays."""

    river_name: str
    segment: str = ""
    chief: str = ""
    chief_post: str = ""
    file_name: str = ""
    file_sha256: str = ""


@dataclass(frozen=True)
class MeasureGiven:
    """One measure: what is to be done, by whom, until which day of the city's calendar."""

    text: str
    due_on: date
    unit_id: int | None = None


def save_plan(
    code: str, given: PlanGiven, *, version: int, actor: Actor, request_uuid: str
) -> None:
    """Write the plan of a river point; `version` is what the page showed, 0 for a new plan.

    Idempotent by `request_uuid`. Raises NotFound, NotPermitted, Invalid, Conflict.
    """
    if not given.river_name:
        raise Invalid(N_("请填写河流名称"), field="river_name")
    for name, most in _LENGTHS.items():
        if len(getattr(given, name)) > most:
            raise Invalid(N_("内容超过 %(most)d 个字"), field=name, most=most)

    def write(work: Session, point: InspectionPoint) -> None:
        plan = work.get(RiverPlan, point.id)
        if (plan.version if plan else 0) != version:
            raise Conflict(N_("其他人刚修改了河流方案，请核对最新内容后再保存。"), code="stale")
        if plan is None:
            plan = RiverPlan(
                point_id=point.id, river_name="", segment="", chief="", chief_post="",
                file_name="", file_sha256="",
            )  # fmt: skip
            work.add(plan)
        said = {
            name: value
            for name, value in asdict(given).items()
            if not name.startswith("file_") or given.file_sha256
        }
        changes = {
            name: [getattr(plan, name), value]
            for name, value in said.items()
            if getattr(plan, name) != value
        }
        for name, (_before, value) in changes.items():
            setattr(plan, name, value)
        if changes:
            changes.pop("file_sha256", None)
            _note(work, point, changes, actor)

    _once(code, {"river_plan": asdict(given), "version": version}, write, actor, request_uuid)


def add_measure(code: str, given: MeasureGiven, *, actor: Actor, request_uuid: str) -> None:
    """Add a measure to a plan. Idempotent by `request_uuid`; raises as `save_plan`."""

    def write(work: Session, point: InspectionPoint) -> None:
        if work.get(RiverPlan, point.id) is None:
            raise Conflict(N_("请先填写河流和河长，再加措施。"))
        unit = _checked(work, given)
        work.add(RiverMeasure(point_id=point.id, **asdict(given)))
        _note(work, point, {"measure": ["", _words(given, unit)]}, actor)

    _once(code, {"new_measure": asdict(given)}, write, actor, request_uuid)


def edit_measure(
    code: str, measure_id: int, given: MeasureGiven, *, actor: Actor, request_uuid: str
) -> None:
    """Change an open measure. Idempotent by `request_uuid`; raises as `save_plan`."""

    def write(work: Session, point: InspectionPoint) -> None:
        measure = _open(work, point, measure_id)
        before = _said(measure)
        unit = _checked(work, given)
        for name, value in asdict(given).items():
            setattr(measure, name, value)
        if before != _words(given, unit):
            _note(work, point, {"measure": [before, _words(given, unit)]}, actor)

    asked = {"measure": measure_id, **asdict(given)}
    _once(code, asked, write, actor, request_uuid)


def finish_measure(
    code: str, measure_id: int, *, done_on: date, note: str = "", actor: Actor, request_uuid: str
) -> None:
    """Mark a measure done on a day, not after today. Idempotent; raises as `save_plan`."""

    def write(work: Session, point: InspectionPoint) -> None:
        measure = _open(work, point, measure_id)
        if done_on > clock.today():
            raise Invalid(N_("完成日期不能晚于今天"), field="done_on")
        if len(note) > TEXT_LENGTH:
            raise Invalid(N_("内容超过 %(most)d 个字"), field="done_note", most=TEXT_LENGTH)
        before = _said(measure)
        measure.done_on, measure.done_note = done_on, note
        after = f"{before}；✓ {done_on.isoformat()}" + (f"（{note}）" if note else "")
        _note(work, point, {"measure": [before, after]}, actor)

    asked = {"done": measure_id, "on": done_on.isoformat(), "note": note}
    _once(code, asked, write, actor, request_uuid)


def drop_measure(code: str, measure_id: int, *, actor: Actor, request_uuid: str) -> None:
    """Take an open measure out of the plan; the history keeps its words. Raises as `save_plan`."""

    def write(work: Session, point: InspectionPoint) -> None:
        measure = _open(work, point, measure_id)
        _note(work, point, {"measure": [_said(measure), ""]}, actor)
        work.delete(measure)

    _once(code, {"drop_measure": measure_id}, write, actor, request_uuid)


def find_river(session: Session, code: str, actor: Actor) -> InspectionPoint:
    """A visible river point. Raises NotFound, also for points that are no river."""
    point = find(session, code, actor)
    if point.site_type_code != RIVER:
        raise NotFound(N_("这个点位不是河段，没有一河一策。"))
    return point


def _once(
    code: str,
    asked: Mapping[str, Any],
    write: Callable[[Session, InspectionPoint], None],
    actor: Actor,
    request_uuid: str,
) -> None:
    digest = receipts.digest_of({"point": code, **asked})
    with unit_of_work() as work:
        if receipts.earlier(work, request_uuid, actor_id=actor.user_id, digest=digest) is not None:
            return
        point = find_river(work, code, actor)
        if not allows(actor, Permission.POINT_MANAGE, point):
            raise NotPermitted(WHO[Permission.POINT_MANAGE])
        write(work, point)
        receipts.keep(work, request_uuid, actor_id=actor.user_id, digest=digest, outcome={})


def _checked(work: Session, given: MeasureGiven) -> Organization | None:
    if not given.text:
        raise Invalid(N_("请填写措施"), field="text")
    if len(given.text) > TEXT_LENGTH:
        raise Invalid(N_("内容超过 %(most)d 个字"), field="text", most=TEXT_LENGTH)
    if given.unit_id is None:
        return None
    unit = work.get(Organization, given.unit_id)
    if unit is None:
        raise Invalid(N_("没有这个单位"), field="unit_id")
    return unit


def _open(work: Session, point: InspectionPoint, measure_id: int) -> RiverMeasure:
    measure = work.get(RiverMeasure, measure_id)
    if measure is None or measure.point_id != point.id:
        raise NotFound(N_("没有这项措施。"))
    if measure.done_on is not None:
        raise Conflict(N_("这项措施已完成，不能再改。"))
    return measure


def _said(measure: RiverMeasure) -> str:
    given = MeasureGiven(measure.text, measure.due_on, measure.unit_id)
    return _words(given, measure.unit)


def _words(given: MeasureGiven, unit: Organization | None) -> str:
    parts = [given.text, *([unit.name] if unit else []), given.due_on.isoformat()]
    return " · ".join(parts)


def _note(
    work: Session, point: InspectionPoint, changes: dict[str, list[str]], actor: Actor
) -> None:
    work.add(
        PointChange(
            point_id=point.id,
            kind="plan",
            at=clock.now(),
            actor_id=actor.user_id,
            actor_name=actor.name,
            changes=changes,
        )
    )

"""Imports inspection points from a file: read, judge every row, store what is sound at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import Actor
from tracker.audit.operations import record as audit
from tracker.errors import Conflict
from tracker.points.importing_files import PointFile, read_points
from tracker.points.importing_plan import Plan, PlannedPoint, Progress, plan_points
from tracker.points.importing_report import PointReport
from tracker.points.models import InspectionPoint, PointChange
from tracker.points.storing import fill
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.texts import N_

#: Points written in one round trip.
_AT_ONCE = 500


@dataclass(frozen=True)
class PointImport:
    """What the person said about a file of points."""

    #: overrides what the file says of itself, see gis.coordinates.parse_crs
    crs: str | None = None
    encoding: str | None = None
    #: name of the file as the person knows it
    source: str = ""


def import_points(
    path: Path,
    options: PointImport,
    *,
    actor: Actor,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> PointReport:
    """Import a file; with `dry_run` only tell what would happen.

    Sound rows are stored in one transaction with its audit record, all or none; the others are in
    the report with their reasons. Raises Invalid when the file cannot be used at all, Conflict
    when somebody stored the same codes meanwhile.
    """
    file = read_points(path, crs=options.crs, encoding=options.encoding)
    if dry_run:
        return preview(file, actor=actor, progress=progress)
    try:
        with unit_of_work() as work:
            plan = store_points(work, file, options, actor=actor, progress=progress)
    except IntegrityError as error:
        raise taken_meanwhile() from error
    return plan.report(file)


def preview(file: PointFile, *, actor: Actor, progress: Progress | None = None) -> PointReport:
    """The report of an import that is not carried out."""
    report = plan_points(db.session(), file, actor=actor, progress=progress).report(
        file, dry_run=True
    )
    db.session.rollback()
    return report


def store_points(
    work: Session,
    file: PointFile,
    options: PointImport,
    *,
    actor: Actor,
    progress: Progress | None = None,
) -> Plan:
    """Plan anew and store, inside the unit of work of the import; returns what was done."""
    plan = plan_points(work, file, actor=actor, progress=progress, for_update=True)
    now = clock.now()
    for start in range(0, len(plan.points), _AT_ONCE):
        _store(work, plan.points[start : start + _AT_ONCE], actor, now)
    audit(
        "point.import",
        actor=actor,
        object=options.source,
        read=plan.read,
        stored=len(plan.points),
        unchanged=plan.unchanged,
        rejected=len(plan.rejections),
    )
    return plan


def _store(work: Session, some: Sequence[PlannedPoint], actor: Actor, now: datetime) -> None:
    """The points and then their history, in few statements: one by one takes minutes."""
    points = []
    for planned in some:
        given = planned.checked.given
        point = planned.stored or InspectionPoint(code=given.code, created_at=now)
        fill(point, given, planned.checked)
        point.updated_at = now
        points.append(point)
    work.add_all(points)
    work.flush()
    work.add_all(
        PointChange(
            point_id=point.id, kind="import", at=now, actor_id=actor.user_id,
            actor_name=actor.name, changes=planned.change.changes,
        )
        for point, planned in zip(points, some, strict=True)
    )  # fmt: skip
    work.flush()


def taken_meanwhile() -> Conflict:
    """The refusal of an import during which somebody made a point of the same code."""
    return Conflict(N_("导入期间有人新建了相同代码的点位，本次没有写入。请重新检查后再导入。"))

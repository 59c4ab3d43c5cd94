"""Imports areas from a file: read, judge every row, store what is sound in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from shapely.geometry import mapping
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import Actor
from tracker.audit.operations import record as audit
from tracker.places.columns import GivenColumns
from tracker.places.importing_files import AreaFile, read_areas
from tracker.places.importing_misfits import misfits
from tracker.places.importing_plan import Plan, PlannedArea, Planner
from tracker.places.importing_report import AreaRecord, ImportReport, Misfit
from tracker.places.locating import bump_epoch
from tracker.places.models import Area, AreaBoundary, Level
from tracker.places.queries import find_area
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work


@dataclass(frozen=True)
class AreaImport:
    """What the person said about a file of areas."""

    #: level of every row; None takes the file's column, else the length of the code
    level: Level | None = None
    #: overrides what the file says of itself, see gis.coordinates.parse_crs
    crs: str | None = None
    encoding: str | None = None
    #: columns of a foreign file
    columns: GivenColumns = GivenColumns()
    #: parent of rows that name none
    parent: str | None = None
    #: the one stored area whose boundary the file brings; other rows are left aside
    only: str | None = None
    #: borders are schematic (示意), not for deciding a boundary
    is_schematic: bool = False
    #: where the borders come from, kept with each version
    source: str = ""


def import_areas(
    path: Path, options: AreaImport, *, actor: Actor, dry_run: bool = False
) -> ImportReport:
    """Import a file; with `dry_run` only tell what would happen.

    Sound rows are stored in one transaction with its audit record, all or none; the others are
    in the report with their reasons. Raises Invalid when the file cannot be used at all.
    """
    file = read_file(path, options)
    report = preview(file, options)
    if dry_run:
        return report
    with unit_of_work() as work:
        plan = store_areas(work, file, options, actor=actor)
    return report_of(file, plan, report.misfits)


def read_file(path: Path, options: AreaImport) -> AreaFile:
    """The records of a file; slow, so done before a transaction is opened.

    Raises Invalid, also NotFound for an area to replace that is not stored.
    """
    template = None
    if options.only:
        area = find_area(db.session(), options.only)
        template = AreaRecord(1, area.code, area.name, area.level, area.parent_code or "")
        db.session.rollback()
    return read_areas(
        path,
        level=options.level,
        crs=options.crs,
        encoding=options.encoding,
        given=options.columns,
        only=template,
    )


def plan_areas(session: Session, file: AreaFile, options: AreaImport) -> Plan:
    """What storing the file would do now."""
    return Planner(session, level=options.level, parent=options.parent).plan(file.records)


def preview(file: AreaFile, options: AreaImport) -> ImportReport:
    """The report of an import that is not carried out, with how the areas would fit together."""
    plan = plan_areas(db.session(), file, options)
    report = report_of(file, plan, misfits(db.session(), plan), dry_run=True)
    db.session.rollback()
    return report


def report_of(
    file: AreaFile, plan: Plan, found: Sequence[Misfit], *, dry_run: bool = False
) -> ImportReport:
    """Count a plan; every row that was read is counted once."""
    rejections = sorted([*file.rejections, *plan.rejections], key=lambda one: one.row)
    created = sum(planned.is_new for planned in plan.areas)
    unchanged = sum(planned.is_unchanged for planned in plan.areas)
    return ImportReport(
        read=len(file.records) + len(file.rejections),
        created=created,
        changed=len(plan.areas) - created - unchanged,
        unchanged=unchanged,
        boundaries=sum(planned.has_new_boundary for planned in plan.areas),
        rejections=rejections,
        remarks=file.remarks,
        misfits=found,
        crs=file.crs,
        crs_source=file.crs_source,
        encoding=file.encoding,
        dry_run=dry_run,
    )


def store_areas(work: Session, file: AreaFile, options: AreaImport, *, actor: Actor) -> Plan:
    """Plan anew and store, inside the unit of work of the import; returns what was done."""
    plan = plan_areas(work, file, options)
    now = clock.now()
    for planned in plan.areas:
        if not planned.is_unchanged:
            _store(work, planned, options, now)
    if any(not planned.is_unchanged for planned in plan.areas):
        bump_epoch(work)
    report = report_of(file, plan, ())
    audit(
        "area.import",
        actor=actor,
        object=options.source,
        read=report.read,
        stored=report.stored,
        unchanged=report.unchanged,
        rejected=report.rejected,
    )
    return plan


def _store(work: Session, planned: PlannedArea, options: AreaImport, now: datetime) -> None:
    known = planned.area
    area = work.get(Area, known.code)
    if area is None:
        area = Area(
            code=known.code, level=known.level.value, boundary_version=0, is_schematic=False, valid_from=now
        )  # fmt: skip
        work.add(area)
    elif area.path != planned.path:
        _move_descendants(work, area.path, planned.path)
    area.name, area.parent_code, area.path = known.name, known.parent_code, planned.path
    area.is_pilot = known.is_pilot
    work.flush()
    if planned.has_new_boundary:
        add_boundary(work, area, planned.record.polygon, source=options.source, now=now)
        area.is_schematic = options.is_schematic


def add_boundary(work: Session, area: Area, polygon: Any, *, source: str, now: datetime) -> None:
    """A new version in force from now on; the one before ends now and is kept."""
    work.execute(
        update(AreaBoundary)
        .where(AreaBoundary.area_code == area.code, AreaBoundary.valid_to.is_(None))
        .values(valid_to=now)
    )
    last = work.scalar(
        select(func.max(AreaBoundary.version)).where(AreaBoundary.area_code == area.code)
    )
    area.boundary_version = (last or 0) + 1
    work.add(
        AreaBoundary(
            area_code=area.code,
            version=area.boundary_version,
            geometry=mapping(polygon),
            source=source[:200],
            valid_from=now,
        )
    )


def _move_descendants(work: Session, old: str, new: str) -> None:
    below = func.substr(Area.path, 1, len(old)) == old
    for area in work.scalars(select(Area).where(below, Area.path != old)):
        area.path = new + area.path[len(old) :]

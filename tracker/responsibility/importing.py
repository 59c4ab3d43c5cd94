"""Imports posts from a file: read, judge every row, store what is sound at once."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import Actor
from tracker.audit.operations import record as audit
from tracker.errors import Conflict
from tracker.points.importing import PointImport
from tracker.points.importing_browser import Importer
from tracker.points.importing_files import PointFile, read_points
from tracker.points.importing_report import PointReport
from tracker.responsibility.importing_columns import COLUMNS, choose_post_columns
from tracker.responsibility.importing_plan import Plan, PlannedPost, plan_posts
from tracker.responsibility.models import Responsibility
from tracker.responsibility.storing import bump_epoch, change_of, fill, new_term
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.texts import N_


def import_posts(
    path: Path, options: PointImport, *, actor: Actor, dry_run: bool = False
) -> PointReport:
    """Import a file; with `dry_run` only tell what would happen.

    Sound rows are stored in one transaction with its audit record, all or none; the others are in
    the report with their reasons. Raises Invalid when the file cannot be used at all, Conflict
    when somebody changed the same posts meanwhile.
    """
    file = read_points(path, crs=options.crs, encoding=options.encoding, choose=choose_post_columns)
    if dry_run:
        report = plan_posts(db.session(), file, actor).report(file, dry_run=True)
        db.session.rollback()
        return report
    try:
        with unit_of_work() as work:
            return store_posts(work, file, options, actor).report(file)
    except IntegrityError as error:
        raise taken_meanwhile() from error


def store_posts(work: Session, file: PointFile, options: PointImport, actor: Actor) -> Plan:
    """Plan anew and store, inside the unit of work of the import; returns what was done."""
    plan = plan_posts(work, file, actor, for_update=True)
    now = clock.now()
    rows = [_stored_row(work, planned, now) for planned in plan.posts]
    work.flush()
    work.add_all(
        change_of(row, dict(planned.change.changes), "import", actor=actor, at=now)
        for row, planned in zip(rows, plan.posts, strict=True)
    )
    if rows:
        bump_epoch(work)
    audit(
        "responsibility.import", actor=actor, object=options.source, read=plan.read,
        stored=len(plan.posts), unchanged=plan.unchanged, rejected=len(plan.rejections),
    )  # fmt: skip
    return plan


def _stored_row(work: Session, planned: PlannedPost, now: datetime) -> Responsibility:
    row = planned.stored
    if row is None or planned.hands_over:
        return new_term(work, planned.checked.given.code, planned.checked, before=row, at=now)
    fill(row, planned.checked)
    row.version += 1
    row.updated_at = now
    return row


def _drawn(plan: Plan) -> Iterator[tuple[str, str, str, Any]]:
    for planned in plan.posts:
        given = planned.checked.given
        if given.geometry is not None:
            role = "new" if planned.change.is_new else "changed"
            yield (role, given.code, given.name, given.geometry)


def taken_meanwhile() -> Conflict:
    """The refusal of an import during which somebody changed a post of the same code."""
    return Conflict(N_("导入期间有人修改了相同编号的责任岗位，本次没有写入。请重新检查后再导入。"))


POSTS = Importer(
    room="responsibility",
    choose=choose_post_columns,
    columns=COLUMNS,
    plan=plan_posts,
    store=store_posts,
    drawn=_drawn,
    taken_meanwhile=taken_meanwhile,
)

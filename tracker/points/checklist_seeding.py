"""Puts the shipped site types and editions into the database, leaving alone what is there."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker import clock
from tracker.points.checklist_data import ShippedEdition, load_editions
from tracker.points.checklist_models import ChecklistEdition
from tracker.points.checklist_storing import store_lines
from tracker.points.models import SiteType
from tracker.points.site_types import load_site_types
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work


def seed_site_types() -> int:
    """Add the shipped site types that are not there yet; returns how many were added."""
    known = set(db.session.scalars(select(SiteType.code)))
    db.session.rollback()
    missing = [row for row in enumerate(load_site_types(), start=1) if row[1].code not in known]
    if missing:
        with unit_of_work() as work:
            work.add_all(
                SiteType(
                    code=row.code,
                    name=row.name,
                    name_en=row.name_en,
                    group_name=row.group_name,
                    group_name_en=row.group_name_en,
                    is_channel=row.is_channel,
                    is_local=row.is_local,
                    sort=sort,
                )
                for sort, row in missing
            )
    return len(missing)


def seed_editions() -> int:
    """Add the shipped editions that are not there yet; returns how many were added.

    They are in force from their day only in a database that has no edition of their kind yet:
    a newer version of the product never takes the place of what a district put in force.
    """
    codes = set(db.session.scalars(select(ChecklistEdition.code)))
    kinds = set(db.session.scalars(select(ChecklistEdition.kind)))
    db.session.rollback()
    missing = [edition for edition in load_editions() if edition.code not in codes]
    if missing:
        with unit_of_work() as work:
            for edition in missing:
                _store(work, edition, is_first=edition.kind.value not in kinds)
    return len(missing)


def seed_checklists() -> None:
    """Add the shipped site types and editions that are not there yet; safe to call again."""
    seed_site_types()
    seed_editions()


def _store(work: Session, shipped: ShippedEdition, *, is_first: bool) -> None:
    edition = ChecklistEdition(
        code=shipped.code,
        name=shipped.name,
        kind=shipped.kind.value,
        labels=shipped.labels.value,
        valid_from=shipped.valid_from if is_first else None,
        is_sample=shipped.is_sample,
        source=shipped.source,
        created_at=clock.now(),
    )
    work.add(edition)
    store_lines(work, edition, shipped.lines)

"""Puts the shipped catalogue into the database, leaving alone what a district changed."""

from sqlalchemy import select

from tracker.catalogue.data import CategoryRow, load_categories
from tracker.catalogue.models import Category
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work


def seed_catalogue() -> int:
    """Add the shipped categories that are not there yet; returns how many were added."""
    columns = (Category.standard_ref, Category.kind, Category.code)
    known = {tuple(row) for row in db.session.execute(select(*columns))}
    db.session.rollback()
    missing = [
        row
        for row in load_categories()
        if (row.standard_ref, row.kind.value, row.code) not in known
    ]
    if missing:
        with unit_of_work() as work:
            work.add_all(_as_model(row) for row in missing)
    return len(missing)


def _as_model(row: CategoryRow) -> Category:
    return Category(
        standard_ref=row.standard_ref,
        kind=row.kind.value,
        code=row.code,
        name=row.name,
        name_en=row.name_en,
        major_code=row.major_code,
        major_name=row.major_name,
        major_name_en=row.major_name_en,
        alias_2013=row.alias_2013 or "",
        tags=list(row.tags),
        limit_value=row.limit.value,
        limit_unit=row.limit.unit.value,
        limit_reading=row.limit.reading.value,
        limit_source=row.limit_source,
        limit_condition=row.limit_condition,
        after_photo_required=row.after_photo_required,
        is_local=row.is_local_extension,
    )

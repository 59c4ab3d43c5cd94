"""Knows how the lines of an edition are stored as items, and read back as lines."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.catalogue.models import Category
from tracker.points.checklist_lines import ItemLine, line_code
from tracker.points.checklist_models import CheckItem, ChecklistEdition, Dimension, Method


def store_lines(work: Session, edition: ChecklistEdition, lines: Sequence[ItemLine]) -> None:
    """Add the items of a new edition, inside its unit of work; KeyError for unknown categories."""
    categories = category_ids(work)
    edition.items = [
        CheckItem(
            code=code,
            site_type_code=site_type,
            dimension=line.dimension.value,
            text=line.text,
            standard=line.standard,
            method=line.method.value,
            category_id=categories[line.category_code] if line.category_code else None,
            weight=line.weight,
            is_critical=line.is_critical,
            sort=sort,
        )
        for sort, line in enumerate(lines, start=1)
        for code, site_type in line.items()
    ]


def lines_of(session: Session, edition_id: int) -> tuple[ItemLine, ...]:
    """The lines of a stored edition, as they were written."""
    rows = session.execute(
        select(CheckItem, Category.code)
        .outerjoin(Category, Category.id == CheckItem.category_id)
        .where(CheckItem.edition_id == edition_id)
        .order_by(CheckItem.sort, CheckItem.id)
    )
    together: dict[str, list[tuple[CheckItem, str]]] = {}
    for item, category in rows:
        together.setdefault(line_code(item.code), []).append((item, category or ""))
    return tuple(_line(code, found) for code, found in together.items())


def category_ids(session: Session) -> dict[str, int]:
    """Code → id of every category; the oldest where a code is there twice."""
    rows = session.execute(select(Category.code, Category.id).order_by(Category.id.desc()))
    return {row.code: row.id for row in rows}


def _line(code: str, found: Sequence[tuple[CheckItem, str]]) -> ItemLine:
    items = [item for item, _category in found]
    first, category = found[0]
    return ItemLine(
        code=code,
        site_types=tuple(item.site_type_code for item in items if item.site_type_code),
        dimension=Dimension(first.dimension),
        text=first.text,
        standard=first.standard,
        method=Method(first.method),
        category_code=category,
        weight=first.weight,
        is_critical=first.is_critical,
    )

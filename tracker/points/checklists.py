"""Knows which checklists are in force on a day, and which of their items apply at a point."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tracker import clock
from tracker.catalogue.models import Category
from tracker.points.checklist_lines import line_code
from tracker.points.checklist_models import CheckItem, ChecklistEdition, EditionKind, LabelSet
from tracker.points.models import SiteType


@dataclass(frozen=True)
class AppliedItem:
    """One item of an edition; the words of `check_item`, in memory."""

    id: int
    code: str
    #: None: the common block
    site_type_code: str | None
    dimension: str
    text: str
    standard: str
    method: str
    category_id: int | None
    category_code: str
    weight: int
    is_critical: bool

    @property
    def line_code(self) -> str:
        """The code to show: without the site type that makes it unique in its edition."""
        return line_code(self.code)


@dataclass(frozen=True)
class AppliedEdition:
    """An edition with those of its items that are asked."""

    id: int
    code: str
    name: str
    kind: EditionKind
    labels: LabelSet
    is_sample: bool
    items: tuple[AppliedItem, ...]


def editions_in_force(session: Session, *, on: date | None = None) -> tuple[AppliedEdition, ...]:
    """Of each kind the edition in force on a day of the city (today if None), with all its items.

    That is the newest `valid_from` not after the day, not past `valid_to`; both days inclusive.
    """
    day = on or clock.today()
    rows = session.scalars(
        select(ChecklistEdition)
        .where(
            ChecklistEdition.valid_from <= day,
            or_(ChecklistEdition.valid_to.is_(None), ChecklistEdition.valid_to >= day),
        )
        .order_by(ChecklistEdition.valid_from, ChecklistEdition.id)
    )
    newest = {row.kind: row for row in rows}
    ordered = [newest[kind.value] for kind in EditionKind if kind.value in newest]
    return tuple(_loaded(session, row) for row in ordered)


def applied(
    session: Session, site_type_code: str, *, on: date | None = None
) -> list[AppliedEdition]:
    """The editions in force with what they ask at a site of this type; without items none.

    The common block is asked everywhere but in the channels (渠道类).
    """
    return narrowed(session, editions_in_force(session, on=on), site_type_code)


def narrowed(
    session: Session, editions: Iterable[AppliedEdition], site_type_code: str
) -> list[AppliedEdition]:
    """`editions` with only the items asked at a site of this type; those with none are left out."""
    site_type = session.get(SiteType, site_type_code)
    wanted: set[str | None] = {site_type_code}
    if site_type is not None and not site_type.is_channel:
        wanted.add(None)
    found = (
        replace(one, items=tuple(item for item in one.items if item.site_type_code in wanted))
        for one in editions
    )
    return [one for one in found if one.items]


def by_codes(session: Session, codes: Sequence[str]) -> list[AppliedEdition]:
    """The editions of these codes with all their items, in force or not; unknown ones are left out."""
    rows = session.scalars(select(ChecklistEdition).where(ChecklistEdition.code.in_(set(codes))))
    found = {row.code: row for row in rows}
    return [_loaded(session, found[code]) for code in dict.fromkeys(codes) if code in found]


#: The items of an edition never change: read once for each database.
_KEPT: WeakKeyDictionary[Any, dict[tuple[Any, ...], AppliedEdition]] = WeakKeyDictionary()


def _loaded(session: Session, row: ChecklistEdition) -> AppliedEdition:
    kept = _KEPT.setdefault(session.get_bind(), {})
    # the moment is part of the key: an id of a rolled-back edition is given again
    key = (row.id, row.code, row.created_at)
    if key not in kept:
        kept[key] = AppliedEdition(
            id=row.id,
            code=row.code,
            name=row.name,
            kind=EditionKind(row.kind),
            labels=LabelSet(row.labels),
            is_sample=row.is_sample,
            items=_items(session, row.id),
        )
    return kept[key]


def _items(session: Session, edition_id: int) -> tuple[AppliedItem, ...]:
    rows = session.execute(
        select(CheckItem, Category.code)
        .outerjoin(Category, Category.id == CheckItem.category_id)
        .where(CheckItem.edition_id == edition_id)
        .order_by(CheckItem.sort, CheckItem.id)
    )
    return tuple(
        AppliedItem(
            id=item.id,
            code=item.code,
            site_type_code=item.site_type_code,
            dimension=item.dimension,
            text=item.text,
            standard=item.standard,
            method=item.method,
            category_id=item.category_id,
            category_code=category or "",
            weight=item.weight,
            is_critical=item.is_critical,
        )
        for item, category in rows
    )

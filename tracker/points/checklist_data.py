"""Knows the shipped editions: the sample checklist, the six-100 % cards, the river card.

The items are those of published creation standards of several cities, put together; dimensions,
weights, critical marks and categories are this product's proposal, to be replaced by the edition
of the year. An item that a type's list merely repeats from the common block is not asked twice.
"""

from dataclasses import dataclass
from datetime import date

from tracker.catalogue.data import CatalogueError, load_categories
from tracker.points.checklist_lines import ItemLine
from tracker.points.checklist_models import Dimension, EditionKind, LabelSet, Method
from tracker.points.site_types import load_site_types, shipped_rows


@dataclass(frozen=True)
class ShippedEdition:
    """One edition as it comes with the product; `valid_from` None is kept aside."""

    code: str
    name: str
    kind: EditionKind
    labels: LabelSet
    valid_from: date | None
    is_sample: bool
    source: str
    lines: tuple[ItemLine, ...]


def load_editions() -> tuple[ShippedEdition, ...]:
    """Every shipped edition with its lines. Raises CatalogueError."""
    return tuple(
        ShippedEdition(
            code=row["code"],
            name=row["name"],
            kind=EditionKind(row["kind"]),
            labels=LabelSet(row["labels"]),
            valid_from=date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
            is_sample=row["is_sample"] == "1",
            source=row["source"],
            lines=load_lines(row["code"]),
        )
        for _where, row in shipped_rows("editions/editions.tsv", unique=("code",))
    )


def load_lines(edition_code: str) -> tuple[ItemLine, ...]:
    """The lines of one shipped edition. Raises CatalogueError."""
    types = {row.code for row in load_site_types()}
    categories = {row.code for row in load_categories()}
    return tuple(
        _line(row, where, types, categories)
        for where, row in shipped_rows(f"editions/{edition_code}.tsv", unique=("code",))
    )


def _line(row: dict[str, str], where: str, types: set[str], categories: set[str]) -> ItemLine:
    named = tuple(code for code in row["site_types"].split(",") if code)
    # the first category is the default, the others are there for who reads the table
    fitting = row["category_codes"].split(",")
    if unknown := [code for code in named if code not in types]:
        raise CatalogueError(f"{where}: no site type {unknown[0]!r}")
    if unknown := [code for code in fitting if code not in categories]:
        raise CatalogueError(f"{where}: {unknown[0]!r} is not in the catalogue")
    try:
        return ItemLine(
            code=row["code"],
            site_types=named,
            dimension=Dimension(row["dimension"]),
            text=row["text"],
            standard=row["standard"],
            method=Method(row["method"]),
            category_code=fitting[0],
            weight=int(row["weight"]),
            is_critical=row["critical"] == "1",
        )
    except ValueError as wrong:
        raise CatalogueError(f"{where}: {wrong}") from wrong

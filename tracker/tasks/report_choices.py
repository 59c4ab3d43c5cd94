"""Knows what a reporter chooses from: categories in groups, tags, phrases, background maps."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gis.webmap.basemaps import Basemap
from tracker.catalogue.data import COMPONENT_MAJORS, load_phrases, load_tags
from tracker.catalogue.models import Category
from tracker.places.versions import version
from tracker.tasks.words import is_english
from tracker.web.keeping import Kept


@dataclass(frozen=True)
class CategoryChoice:
    """One category as the form lists it; `search` holds every word it is found by."""

    id: int
    code: str
    label: str
    tags: tuple[str, ...]
    search: str


_GROUPS: Kept[list[tuple[str, list[CategoryChoice]]]] = Kept(8)


def category_groups(session: Session) -> list[tuple[str, list[CategoryChoice]]]:
    """Active categories by 大类, matters (大类 06 and on, local ones) before components (01-05)."""
    english = is_english()
    return _GROUPS.made((version(session), english), lambda: _groups(session, english))


def _groups(session: Session, english: bool) -> list[tuple[str, list[CategoryChoice]]]:
    rows = session.scalars(select(Category).where(Category.is_active)).all()
    groups: dict[str, list[CategoryChoice]] = {}
    for row in sorted(rows, key=lambda row: (row.major_code in COMPONENT_MAJORS, row.code)):
        name = row.major_name_en if english and row.major_name_en else row.major_name
        groups.setdefault(f"{row.major_code} {name}", []).append(_choice(row, english))
    return list(groups.items())


def tag_chips() -> list[tuple[str, str]]:
    """Code and name of the 七乱一占 tags."""
    english = is_english()
    return [(tag.code, tag.name_en if english else tag.name) for tag in load_tags()]


@cache
def phrases() -> list[tuple[str, str]]:
    """Category code and finding phrase, the commonest first."""
    return [(phrase.category_code, phrase.text) for phrase in load_phrases()]


def basemaps_for(basemaps: tuple[Basemap, ...]) -> list[dict[str, Any]]:
    """The background maps that have pictures, as the pin map's script reads them."""
    return [
        {
            "name": basemap.name,
            "urls": list(basemap.tile_urls()),
            "credit": basemap.attribution or basemap.name,
            "coord_sys": str(basemap.coord_sys),
            "subdomains": "01234567" if basemap.kind == "tianditu" else "abc",
        }
        for basemap in basemaps
        if basemap.tile_urls()
    ]


def _choice(row: Category, english: bool) -> CategoryChoice:
    label = row.name_en if english and row.name_en else row.name
    tags = tuple(tag for tag in row.tags if tag in _tag_names())
    named = " ".join(_tag_names()[tag] for tag in tags)
    search = f"{row.code} {row.alias_2013} {row.name} {row.name_en} {row.major_name} {named}"
    return CategoryChoice(row.id, row.code, label, tags, search.casefold())


@cache
def _tag_names() -> dict[str, str]:
    return {tag.code: f"{tag.name} {tag.name_en}" for tag in load_tags()}

"""Knows the shipped site types (点位类型) and by which words an office calls them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

from tracker.catalogue.data import read_table


@dataclass(frozen=True)
class SiteTypeRow:
    """One kind of inspection point; 54 of the handbook as districts group them, some of Zhuhai."""

    code: str
    name: str
    name_en: str
    group_name: str
    group_name_en: str
    #: 渠道类: judged through a channel, has no point on the ground
    is_channel: bool
    #: added for Zhuhai, not among the 54
    is_local: bool
    #: other words for it in the lists of offices
    aliases: tuple[str, ...]


@cache
def load_site_types() -> tuple[SiteTypeRow, ...]:
    """Every shipped type in the order of the groups. Raises CatalogueError."""
    return tuple(
        SiteTypeRow(
            code=row["code"],
            name=row["name"],
            name_en=row["name_en"],
            group_name=row["group_name"],
            group_name_en=row["group_name_en"],
            is_channel=row["is_channel"] == "1",
            is_local=row["is_local"] == "1",
            aliases=tuple(word for word in row["aliases"].split(",") if word),
        )
        for _where, row in shipped_rows("site_types.tsv", unique=("code",))
    )


def site_type_of(words: str) -> str | None:
    """The code that a cell of a list means: a code, a name, or another word for it; None if none.

    Brackets, spaces and the case of letters do not matter: 集贸(农贸)市场 is 集贸（农贸）市场.
    """
    return _by_word().get(_plain(words))


def shipped_rows(name: str, *, unique: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of a tab-separated table of this package with where each stands."""
    text = resources.files("tracker.points").joinpath(name).read_text(encoding="utf-8")
    yield from read_table(text, name=name, unique=unique)


@cache
def _by_word() -> dict[str, str]:
    found: dict[str, str] = {}
    for row in load_site_types():
        for word in (row.code, row.name, row.name_en, *row.aliases):
            found.setdefault(_plain(word), row.code)
    return found


def _plain(words: str) -> str:
    return "".join(words.split()).translate(_BRACKETS).casefold()


_BRACKETS = str.maketrans({"(": "（", ")": "）"})

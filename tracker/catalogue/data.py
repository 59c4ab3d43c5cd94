"""Knows the shipped catalogue: categories with default limits, 七乱一占 tags and finding phrases.

Codes and names follow GB/T 47678.5-2026 as typed in by a third party (claim no more than
“参考 GB/T 47678.5-2026 分类代码”); gaps are filled by local codes of the same shape, two characters
of 大类 (X1-X4) and three digits. Rows of 大类 01-05 are components: a task about one is the matter
“<component>异常” with the same code, see `CategoryRow.matter_name`. The 2013 aliases of 大类 06-09 are
mechanical (06010 was 01-10) and were compared for 14 codes only. Limits are sample defaults of one
city (YC) or another (DY), else the general three working days (default); its plain “小时” is read as
紧急工作时 and its plain “天” as 自然日, both running on without a break.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources

from tracker.calendar import Limit, LimitReading, LimitUnit
from tracker.texts import N_

#: The 大类 whose rows are components (部件).
COMPONENT_MAJORS = frozenset({"01", "02", "03", "04", "05"})

#: `limit_source` of a limit that no city's table gave.
DEFAULT_LIMIT = "default"


class CatalogueError(ValueError):
    """A shipped table is wrong; the message names file and line."""


class CategoryKind(StrEnum):
    """What a catalogue row counts."""

    COMPONENT = "component"  #: 部件: a thing that stands in the street
    MATTER = "matter"  #: 事项: a behaviour or a state of the environment

    @property
    def label(self) -> str:
        """The Chinese word (a message id)."""
        return N_("部件") if self is CategoryKind.COMPONENT else N_("事项")


@dataclass(frozen=True)
class CategoryRow:
    """One minor category (小类) with its default handling limit."""

    standard_ref: str
    kind: CategoryKind
    code: str
    name: str
    name_en: str
    major_code: str
    major_name: str
    major_name_en: str
    alias_2013: str | None
    tags: tuple[str, ...]
    limit: Limit
    limit_source: str
    limit_condition: str
    after_photo_required: bool
    is_local_extension: bool

    @property
    def matter_name(self) -> str:
        """What a task of this category is called in Chinese."""
        return f"{self.name}异常" if self.kind is CategoryKind.COMPONENT else self.name

    @property
    def matter_name_en(self) -> str:
        """What a task of this category is called in English."""
        if self.kind is CategoryKind.COMPONENT:
            return f"{self.name_en}: fault"
        return self.name_en


@dataclass(frozen=True)
class ConditionLimit:
    """A limit that replaces the category's default when `condition` holds."""

    category_code: str
    condition: str
    condition_en: str
    limit: Limit
    limit_source: str


@dataclass(frozen=True)
class TagRow:
    """One tag of the 七乱一占 bundle; `is_sample` marks a working list, to be edited (示例)."""

    code: str
    name: str
    name_en: str
    is_sample: bool


@dataclass(frozen=True)
class PhraseRow:
    """A short finding as inspectors write it, and the category it belongs to."""

    category_code: str
    text: str


def load_tags() -> tuple[TagRow, ...]:
    """The 七乱一占 tags in their usual order; raises CatalogueError."""
    return tuple(
        TagRow(row["code"], row["name"], row["name_en"], _flag(row["is_sample"], where))
        for where, row in _rows("tags.tsv", unique=("code",))
    )


def load_categories() -> tuple[CategoryRow, ...]:
    """Every category in code order; raises CatalogueError."""
    tags = {tag.code for tag in load_tags()}
    key = ("standard_ref", "kind", "code")
    return tuple(_category(row, tags, where) for where, row in _rows("categories.tsv", unique=key))


def load_condition_limits() -> tuple[ConditionLimit, ...]:
    """Limits for particular conditions, one per category and condition; raises CatalogueError."""
    known = {row.code for row in load_categories()}
    found = []
    for where, row in _rows("limits.tsv", unique=("codes", "condition")):
        limit = _limit(row, where)
        for code in row["codes"].split(","):
            _must_know(code, known, where)
            found.append(
                ConditionLimit(
                    code, row["condition"], row["condition_en"], limit, row["limit_source"]
                )
            )
    return tuple(found)


def load_phrases() -> tuple[PhraseRow, ...]:
    """Finding phrases, the commonest first; raises CatalogueError."""
    known = {row.code for row in load_categories()}
    phrases = []
    for where, row in _rows("phrases.tsv", unique=("text",)):
        _must_know(row["category_code"], known, where)
        phrases.append(PhraseRow(row["category_code"], row["text"]))
    return tuple(phrases)


def _category(row: dict[str, str], tags: set[str], where: str) -> CategoryRow:
    code, major = row["code"], row["major_code"]
    if len(code) != 5 or not code.startswith(major) or len(major) != 2:
        raise CatalogueError(
            f"{where}: code {code!r} is not 2 characters of {major!r} and 3 digits"
        )
    kind = CategoryKind.COMPONENT if major in COMPONENT_MAJORS else CategoryKind.MATTER
    if row["kind"] != kind:
        raise CatalogueError(f"{where}: {code} belongs to the {kind}s, not {row['kind']!r}")
    carried = tuple(tag for tag in row["tags"].split(",") if tag)
    for tag in carried:
        _must_know(tag, tags, where)
    return CategoryRow(
        standard_ref=row["standard_ref"],
        kind=kind,
        code=code,
        name=row["name"],
        name_en=row["name_en"],
        major_code=major,
        major_name=row["major_name"],
        major_name_en=row["major_name_en"],
        alias_2013=row["alias_2013"] or None,
        tags=carried,
        limit=_limit(row, where),
        limit_source=row["limit_source"],
        limit_condition=row["limit_condition"],
        after_photo_required=_flag(row["after_photo_required"], where),
        is_local_extension=_flag(row["is_local_extension"], where),
    )


def _rows(name: str, *, unique: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of a tab-separated table with where each stands."""
    text = resources.files("tracker.catalogue").joinpath(name).read_text(encoding="utf-8")
    yield from read_table(text, name=name, unique=unique)


def read_table(
    text: str, *, name: str, unique: tuple[str, ...]
) -> Iterator[tuple[str, dict[str, str]]]:
    """Read tab-separated `text` with a header line; yields (place, row).

    Raises CatalogueError when a line has another number of cells than the header, or when the
    cells named by `unique` repeat.
    """
    lines = text.split("\n")
    header, seen = lines[0].split("\t"), set()
    for number, line in enumerate(lines[1:], start=2):
        if not line:
            continue
        where, cells = f"{name} line {number}", line.split("\t")
        if len(cells) != len(header):
            raise CatalogueError(f"{where}: {len(cells)} cells under {len(header)} headings")
        row = dict(zip(header, cells, strict=True))
        key = tuple(row[column] for column in unique)
        if key in seen:
            raise CatalogueError(f"{where}: {'/'.join(key)} is there twice")
        seen.add(key)
        yield where, row


def _limit(row: dict[str, str], where: str) -> Limit:
    try:
        unit, reading = LimitUnit(row["limit_unit"]), LimitReading(row["limit_reading"])
        return Limit(int(row["limit_value"]), unit, reading)
    except ValueError as wrong:
        raise CatalogueError(f"{where}: {wrong}") from wrong


def _flag(text: str, where: str) -> bool:
    if text not in ("0", "1"):
        raise CatalogueError(f"{where}: a flag is 0 or 1, not {text!r}")
    return text == "1"


def _must_know(code: str, known: set[str], where: str) -> None:
    if code not in known:
        raise CatalogueError(f"{where}: {code!r} is not in the catalogue")

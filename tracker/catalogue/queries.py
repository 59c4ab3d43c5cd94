"""Knows how categories are found: by words, code, tag, former code, major; one by its id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, cast, func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.types import String

from tracker.catalogue.data import CategoryKind, load_tags
from tracker.catalogue.models import Category
from tracker.errors import NotFound
from tracker.texts import N_
from tracker.web.forms import without_controls
from tracker.web.paging import Page, pack, unpack

ROWS_A_PAGE = 50
STANDINGS = {"": N_("在用"), "off": N_("已停用"), "all": N_("全部")}


@dataclass(frozen=True)
class CategoryFilter:
    """What the list of categories is narrowed to; empty text means all."""

    text: str = ""
    major: str = ""
    kind: str = ""
    tag: str = ""
    standing: str = ""

    @classmethod
    def of(cls, args: Mapping[str, str]) -> "CategoryFilter":
        """Read the address bar; an unknown value narrows nothing."""
        text = without_controls(args.get("q", ""))[:50]
        kind, tag, standing = args.get("kind", ""), args.get("tag", ""), args.get("standing", "")
        return cls(
            text,
            args.get("major", "")[:4] if args.get("major", "").isalnum() else "",
            kind if kind in set(CategoryKind) else "",
            tag if tag in {row.code for row in load_tags()} else "",
            standing if standing in STANDINGS else "",
        )

    def as_args(self) -> dict[str, str]:
        named = {
            "q": self.text, "major": self.major, "kind": self.kind, "tag": self.tag, "standing": self.standing,
        }  # fmt: skip
        return {key: value for key, value in named.items() if value}

    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.text:
            found.append(_says(self.text))
        if self.major:
            found.append(Category.major_code == self.major)
        if self.kind:
            found.append(Category.kind == self.kind)
        if self.tag:
            found.append(_carries(self.tag))
        if self.standing != "all":
            found.append(Category.is_active.is_(self.standing != "off"))
        return found


@dataclass(frozen=True)
class Major:
    """One 大类 with how many 小类 it has, those out of use too."""

    code: str
    name: str
    name_en: str
    count: int


def page_of_categories(
    session: Session, wanted: CategoryFilter, after: str | None = None
) -> Page[Category]:
    """Categories in code order. Raises Invalid for a broken page key."""
    conditions = wanted.conditions()
    total = session.scalar(select(func.count()).select_from(Category).where(*conditions))
    query = select(Category).where(*conditions).order_by(Category.code, Category.id)
    if after:
        code, row_id = unpack(after, size=2)
        query = query.where(
            or_(
                Category.code > str(code),
                (Category.code == str(code)) & (Category.id > _whole(row_id)),
            )
        )
    rows = session.scalars(query.limit(ROWS_A_PAGE + 1)).all()
    more = len(rows) > ROWS_A_PAGE
    rows = rows[:ROWS_A_PAGE]
    return Page(rows, pack([rows[-1].code, rows[-1].id]) if more else None, total)


def majors(session: Session) -> Sequence[Major]:
    """Every 大类 in code order."""
    rows = session.execute(
        select(
            Category.major_code,
            func.max(Category.major_name),
            func.max(Category.major_name_en),
            func.count(),
        )
        .group_by(Category.major_code)
        .order_by(Category.major_code)
    )
    return [Major(*row) for row in rows]


def find_category(session: Session, category_id: int) -> Category:
    """One category, those out of use too. Raises NotFound."""
    category = session.get(Category, category_id)
    if category is None:
        raise NotFound(N_("没有这个问题类别。"))
    return category


def _says(text: str) -> ColumnElement[bool]:
    """The words, the code, the 2013 code or the name of a 七乱一占 tag."""
    tags = [
        row.code
        for row in load_tags()
        if text in row.name or text.casefold() in row.name_en.casefold() or text == row.code
    ]
    return or_(
        Category.name.icontains(text, autoescape=True),
        Category.name_en.icontains(text, autoescape=True),
        Category.major_name.icontains(text, autoescape=True),
        Category.code.istartswith(text, autoescape=True),
        Category.alias_2013.istartswith(text, autoescape=True),
        *(_carries(tag) for tag in tags),
    )


def _carries(tag: str) -> ColumnElement[bool]:
    """Tags are a short list of plain words in JSON: the quoted word is enough on both databases."""
    return cast(Category.tags, String).contains(f'"{tag}"', autoescape=True)


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0

"""Reads a new edition from a table: every row becomes a line or is rejected with its reason."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.catalogue.models import Category
from tracker.errors import Invalid
from tracker.places.columns import parse_flag
from tracker.places.importing_tables import Table, read_table
from tracker.points.checklist_columns import COMMON_WORDS, DIMENSIONS, METHODS, choose_columns
from tracker.points.checklist_lines import (
    CODE_LENGTH,
    SHARED_CODE_LENGTH,
    ItemLine,
)
from tracker.points.checklist_models import Dimension, Method
from tracker.points.models import SiteType
from tracker.points.site_types import site_type_of
from tracker.texts import N_
from tracker.web.forms import without_controls

#: More lines are no checklist that anybody walks through.
MAX_LINES = 5000
TEXT_LENGTH, STANDARD_LENGTH, MAX_WEIGHT = 120, 2000, 100
_CODE = re.compile(r"[\w.\-]+")
_BETWEEN = re.compile(r"[,，、;；/\n]+")


@dataclass(frozen=True)
class LineRefused:
    """One row that cannot be used; `reason` is a message id, filled with `facts`."""

    row: int
    code: str
    text: str
    reason: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {**vars(self), "facts": dict(self.facts)}


@dataclass(frozen=True)
class Draft:
    """What a file says: the lines that can be published, and the rows that cannot."""

    lines: tuple[ItemLine, ...]
    rejections: tuple[LineRefused, ...] = ()

    @property
    def read(self) -> int:
        """Rows that were read: each is a line or a rejection."""
        return len(self.lines) + len(self.rejections)


def read_draft(session: Session, path: Path, *, encoding: str | None = None) -> Draft:
    """Read .csv or .xlsx (its first sheet). Raises Invalid for a file that cannot be used at all."""
    table = read_table(path, encoding=encoding)
    if len(table.rows) > MAX_LINES:
        raise Invalid(N_("行数超过 %(limit)d，请分开导入。"), field="file", limit=MAX_LINES)
    if not table.rows:
        raise Invalid(N_("文件里只有表头，没有检查项。"), field="file")
    return _Judge(session, table).judge()


class _Judge:
    """Judges the rows of one table against the site types and categories that are stored."""

    def __init__(self, session: Session, table: Table) -> None:
        self.table, self.columns = table, choose_columns(table.fields)
        rows = session.execute(select(SiteType.code, SiteType.name, SiteType.name_en))
        self.types = {word: row.code for row in rows for word in row if word}
        self.categories: dict[str, str] = {}
        active = select(Category.code, Category.name).where(Category.is_active)
        for code, name in session.execute(active.order_by(Category.code)):
            self.categories[code] = code
            self.categories.setdefault(name, code)
        self.rows_of: dict[str, list[int]] = defaultdict(list)

    def judge(self) -> Draft:
        for number, cells in self.table.rows:
            self.rows_of[self._cell(cells, "code")].append(number)
        lines, refused = [], []
        for number, cells in self.table.rows:
            try:
                lines.append(self._line(cells))
            except Invalid as fault:
                code, text = self._cell(cells, "code"), self._cell(cells, "text")
                refused.append(
                    LineRefused(number, code[:40], text[:60], fault.message, dict(fault.facts))
                )
        return Draft(tuple(lines), tuple(refused))

    def _cell(self, cells: Mapping[str, str], column: str) -> str:
        return without_controls(cells.get(self.columns.get(column, ""), ""))

    def _line(self, cells: Mapping[str, str]) -> ItemLine:
        types = self._types(self._cell(cells, "site_types"))
        return ItemLine(
            code=self._code(self._cell(cells, "code"), shared=len(types) > 1),
            site_types=types,
            dimension=_dimension(self._cell(cells, "dimension")),
            text=self._text(self._cell(cells, "text")),
            standard=_standard(cells.get(self.columns.get("standard", ""), "")),
            method=_method(self._cell(cells, "method")),
            category_code=self._category(self._cell(cells, "category_code")),
            weight=_weight(self._cell(cells, "weight")),
            is_critical=_critical(self._cell(cells, "is_critical")),
        )

    def _code(self, code: str, *, shared: bool) -> str:
        if not code:
            raise Invalid(N_("缺少编号"))
        if not _CODE.fullmatch(code):
            raise Invalid(N_("编号只能由文字、数字和 . - _ 组成"))
        if len(code) > CODE_LENGTH:
            raise Invalid(N_("编号超过 %(most)d 个字符"), most=CODE_LENGTH)
        if shared and len(code) > SHARED_CODE_LENGTH:
            raise Invalid(
                N_("一行用于多个点位类型时，编号不能超过 %(most)d 个字符"), most=SHARED_CODE_LENGTH
            )
        rows = self.rows_of[code]
        if len(rows) > 1:
            raise Invalid(
                N_("编号在文件中重复（第 %(rows)s 行）"), rows="、".join(map(str, rows[:10]))
            )
        return code

    def _types(self, words: str) -> tuple[str, ...]:
        if not words:
            raise Invalid(N_("缺少点位类型；所有类型都查的，请填“通用”"))
        if words.casefold() in COMMON_WORDS:
            return ()
        found = []
        # a name may hold a separator of its own, so the whole cell is tried first
        for word in [words] if self._type(words) else _parts(words):
            code = self._type(word)
            if code is None:
                raise Invalid(N_("不认识的点位类型“%(text)s”"), text=word[:20])
            found.append(code)
        return tuple(dict.fromkeys(found))

    def _type(self, word: str) -> str | None:
        code = self.types.get(word) or site_type_of(word)
        return code if code in self.types else None

    def _text(self, text: str) -> str:
        if not text:
            raise Invalid(N_("缺少检查内容"))
        if len(text) > TEXT_LENGTH:
            raise Invalid(
                N_("检查内容超过 %(most)d 个字，细则请写在“达标标准”列"), most=TEXT_LENGTH
            )
        return text

    def _category(self, words: str) -> str:
        """The first of several is the default; all must be known."""
        if not words:
            raise Invalid(N_("缺少问题类别代码：不符合时要按它生成整改任务"))
        whole = self.categories.get(words)
        found = []
        for word in [words] if whole else _parts(words):
            code = self.categories.get(word) or self.categories.get(word.split()[0])
            if code is None:
                raise Invalid(N_("没有在用的问题类别“%(text)s”"), text=word[:20])
            found.append(code)
        return found[0]


def _parts(words: str) -> list[str]:
    """What stands between separators; a cell of separators alone is one unknown word."""
    return [part for word in _BETWEEN.split(words) if (part := word.strip())] or [words]


def _dimension(text: str) -> Dimension:
    found = DIMENSIONS.get(text)
    if found is None:
        raise Invalid(N_("不认识的维度“%(text)s”"), text=text[:20])
    return found


def _method(text: str) -> Method:
    found = METHODS.get(text) if text else Method.LOOK
    if found is None:
        raise Invalid(N_("不认识的检查方法“%(text)s”"), text=text[:20])
    return found


def _standard(text: str) -> str:
    lines = (without_controls(line) for line in text.replace("\r\n", "\n").split("\n"))
    cleaned = "\n".join(lines).strip()
    if len(cleaned) > STANDARD_LENGTH:
        raise Invalid(N_("达标标准超过 %(most)d 个字"), most=STANDARD_LENGTH)
    return cleaned


def _weight(text: str) -> int:
    if not text:
        return 1
    is_number = text.isascii() and text.isdecimal() and len(text) < 10
    if not (is_number and 1 <= int(text) <= MAX_WEIGHT):
        raise Invalid(N_("权重应为 1 到 100 的整数，不能是“%(text)s”"), text=text[:20])
    return int(text)


def _critical(text: str) -> bool:
    try:
        return bool(parse_flag(text))
    except ValueError:
        raise Invalid(N_("“关键项”应为 是 或 否，不能是“%(text)s”"), text=text[:20]) from None

"""Writes an edition as a table that can be imported again without loss, and the empty template."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.points.checklist_columns import COMMON, HEADINGS
from tracker.points.checklist_lines import ItemLine
from tracker.points.checklist_models import DIMENSION_LABELS, METHOD_LABELS
from tracker.points.models import SiteType

_WIDTHS = (14, 24, 10, 18, 60, 10, 14, 8, 8)


def as_rows(session: Session, lines: Iterable[ItemLine]) -> list[list[str]]:
    """One row a line under `HEADINGS`, in Chinese, as an office writes it."""
    named = session.execute(select(SiteType.code, SiteType.name))
    names = {row.code: row.name for row in named}
    return [
        [
            line.code,
            "、".join(names.get(code, code) for code in line.site_types) or COMMON,
            DIMENSION_LABELS[line.dimension],
            line.text,
            line.standard,
            METHOD_LABELS[line.method],
            line.category_code,
            str(line.weight),
            "是" if line.is_critical else "否",
        ]
        for line in lines
    ]


def template(session: Session) -> bytes:
    """A workbook with two example rows, and every word that may be filled in beside it."""
    from openpyxl import Workbook

    types = session.scalars(select(SiteType).order_by(SiteType.sort)).all()
    example = [
        list(HEADINGS.values()),
        ["G1", COMMON, "宣传创建", "公益广告", "显著位置有公益广告，无破损、褪色。", "目测", "07008", "2", "否"],
        ["STATION-01", "长途汽车站、公交站台", "公共秩序", "候车秩序", "排队候车、依次上下。", "目测", "X2004", "1", "否"],
    ]  # fmt: skip
    said = [
        ["列", "怎样填"],
        ["编号", "每行一个，不能重复；文字、数字和 . - _，一行用于多个类型时不超过 11 个字符。"],
        ["点位类型", "一个或多个，用顿号分开；所有类型都查的填“通用”。"],
        ["维度", "、".join(DIMENSION_LABELS.values())],
        ["检查内容", "简短，不超过 120 字。"],
        ["达标标准", "怎样算符合，可以不填。"],
        ["检查方法", "、".join(METHOD_LABELS.values()) + "；不填为目测。"],
        ["问题类别代码", "不符合时生成的任务属于哪一类，见“问题类别”页；填多个时第一个为默认。"],
        ["权重", "1 到 100 的整数，不填为 1。"],
        ["关键项", "是：这一项不符合，整个点位不合格。不填为否。"],
        *([f"点位类型·{one.group_name}", one.name] for one in types if not one.is_channel),
    ]
    book = Workbook()
    sheet = book.active
    sheet.title, sheet.freeze_panes = "检查清单", "A2"
    _fill(sheet, example, _WIDTHS)
    _fill(book.create_sheet("填写说明"), said, (16, 90))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(sheet: Any, rows: Sequence[Sequence[str]], widths: Sequence[int]) -> None:
    from openpyxl.styles import Alignment, Font

    for row in rows:
        sheet.append(row)
    for cells in sheet.iter_rows():
        for cell in cells:
            cell.number_format = "@"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for column, width in zip("ABCDEFGHI", widths, strict=False):
        sheet.column_dimensions[column].width = width

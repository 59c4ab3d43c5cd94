"""Knows how filtered tasks leave as CSV or a workbook."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.clock import in_city
from tracker.errors import Invalid
from tracker.sheets import XLSX, csv_pieces, workbook_pieces
from tracker.tasks import filters, queries, text_index
from tracker.tasks.filters import TaskFilter
from tracker.tasks.ledger import COLUMNS, lines
from tracker.tasks.models import Task
from tracker.texts import N_

__all__ = [
    "MAX_WORKBOOK_ROWS",
    "XLSX",
    "check_size",
    "csv_lines",
    "file_name",
    "headers",
    "workbook",
]

#: A workbook of more rows is no use to anybody's spreadsheet; CSV has no bound.
MAX_WORKBOOK_ROWS = 100_000


def file_name(now: datetime, ending: str) -> str:
    """E.g. tasks-20261122-1430.csv, by the city's clock."""
    return f"tasks-{in_city(now):%Y%m%d-%H%M}.{ending}"


def headers(english: bool) -> list[str]:
    """The first row of an export."""
    return [column.english if english else column.chinese for column in COLUMNS]


def csv_lines(
    session: Session, actor: Actor, wanted: TaskFilter, *, now: datetime, english: bool
) -> Iterator[str]:
    """CSV text with a byte-order mark, some hundred rows at a time; times carry their offset."""
    return csv_pieces(headers(english), _rows(session, actor, wanted, now, english))


def check_size(session: Session, actor: Actor, wanted: TaskFilter, *, now: datetime) -> None:
    """Raise Invalid when there are more rows than a workbook takes."""
    words = text_index.narrow(session, wanted.text)
    ids = queries.visible_to(actor).with_only_columns(Task.id).where(*words.rows)
    bounded = filters.apply(ids, wanted, now, user_id=actor.user_id).limit(MAX_WORKBOOK_ROWS + 1)
    found = session.scalar(select(func.count()).select_from(bounded.subquery())) or 0
    if found > MAX_WORKBOOK_ROWS:
        raise Invalid(
            N_("超过 %(n)d 条，Excel 放不下。请导出 CSV，或缩小筛选范围后再导出 Excel。"),
            field="xlsx", n=MAX_WORKBOOK_ROWS,
        )  # fmt: skip


def workbook(
    session: Session, actor: Actor, wanted: TaskFilter, *, now: datetime, english: bool
) -> Iterator[bytes]:
    """An XLSX file in pieces: header frozen, text as text, moments on the city's clock."""
    title = "tasks" if english else "任务"
    return workbook_pieces(title, headers(english), _rows(session, actor, wanted, now, english))


def _rows(
    session: Session, actor: Actor, wanted: TaskFilter, now: datetime, english: bool
) -> Iterator[list[Any]]:
    for line in lines(session, actor, wanted, now, english):
        yield [column.value(line) for column in COLUMNS]

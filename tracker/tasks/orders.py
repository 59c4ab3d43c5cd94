"""Knows the orders of a list of tasks, and the key that says where in one a page begins or ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

from tracker.errors import Invalid
from tracker.tasks.filters import Sort
from tracker.tasks.models import Task
from tracker.texts import N_
from tracker.web.paging import pack, unpack


@dataclass(frozen=True)
class Order:
    """How a sort reads: its column, direction, and whether it holds moments."""

    column: InstrumentedAttribute[Any]
    descending: bool
    is_moment: bool
    #: rows without a value come last
    nullable: bool = False

    @property
    def clauses(self) -> tuple[ColumnElement[Any], ...]:
        if self.descending:
            return self.column.desc(), Task.id.desc()
        first = self.column.asc().nulls_last() if self.nullable else self.column.asc()
        return first, Task.id.asc()

    @property
    def parts(self) -> list[tuple[Sequence[Any], list[ColumnElement[bool]]]]:
        """How to sort and what to ask for: rows with a value, then those without; no index has these last."""
        if not self.nullable:
            return [(self.clauses, [])]
        return [
            ((self.column.asc(), Task.id.asc()), [self.column.is_not(None)]),
            ((Task.id.asc(),), [self.column.is_(None)]),
        ]

    def until(self, value: Any, row_id: int) -> ColumnElement[bool]:
        """Rows up to the one with this value and id."""
        if value is None:
            return or_(self.column.is_not(None), Task.id <= row_id)
        if self.descending:
            tie = and_(self.column == value, Task.id >= row_id)
            return and_(self.column >= value, or_(self.column > value, tie))
        tie = and_(self.column == value, Task.id <= row_id)
        return and_(self.column <= value, or_(self.column < value, tie))

    def after(self, value: Any, row_id: int) -> ColumnElement[bool]:
        """Rows behind the one with this value and id."""
        if self.descending:
            tie = and_(self.column == value, Task.id < row_id)
            return or_(self.column < value, tie)
        if value is None:
            return and_(self.column.is_(None), Task.id > row_id)
        behind = or_(self.column > value, and_(self.column == value, Task.id > row_id))
        return or_(behind, self.column.is_(None)) if self.nullable else behind


ORDERS = {
    Sort.REPORTED_AT: Order(Task.reported_at, True, True),
    Sort.OLDEST: Order(Task.reported_at, False, True),
    Sort.DUE_AT: Order(Task.due_at, False, True, nullable=True),
    Sort.UPDATED_AT: Order(Task.updated_at, True, True),
    Sort.NUMBER: Order(Task.number, False, False),
}


def key_of(record: Row[Any], sort: Sort) -> str:
    """Where the next page starts when this is the last row of a page."""
    return pack([getattr(record, ORDERS[sort].column.key), record.id])


def behind(after: str, sort: Sort) -> ColumnElement[bool]:
    """The rows after a key. Raises Invalid when it is not one of this order."""
    order = ORDERS[sort]
    value, row_id = unpack(after, size=2)
    if not isinstance(row_id, int) or not 0 < row_id < 2**31:
        raise _bad_key()
    return order.after(_sort_value(order, value), row_id)


def _sort_value(order: Order, value: Any) -> Any:
    if value is None and order.nullable:
        return None
    if not isinstance(value, str) or "\x00" in value:
        raise _bad_key()
    if not order.is_moment:
        return value
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise _bad_key() from None
    if moment.tzinfo is None or not 1900 < moment.year < 9000:
        raise _bad_key()
    return moment


def _bad_key() -> Invalid:
    return Invalid(N_("翻页位置无效，请从第一页重新打开列表。"), field="after")

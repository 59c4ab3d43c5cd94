"""Knows a list of tasks page by page: keyed by the last row, so inserts never shift it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from tracker.access.actor import Actor
from tracker.errors import Invalid
from tracker.places.versions import Version, version
from tracker.storage.plain import NOW
from tracker.tasks import filters, first_rows, presenting, text_index
from tracker.tasks.filters import Sort, TaskFilter
from tracker.tasks.models import Task
from tracker.tasks.presenting import TaskRow
from tracker.tasks.text_index import Narrow
from tracker.texts import N_
from tracker.web.paging import PAGE_SIZE, Page, pack, unpack

#: Counting stops here; a list says "1,000+" where nobody knows better.
COUNT_CEILING = 1_000
#: Rows fetched at a time when everything is walked.
BATCH = 1000

#: Says how many tasks a filter finds, where that is known without counting; else None.
Teller = Callable[[Session, Actor, TaskFilter, datetime], int | None]
_tellers: list[Teller] = []


def tell_totals(teller: Teller) -> None:
    """Let a feature above this one say totals that it knows; said twice, it is asked once."""
    if teller not in _tellers:
        _tellers.append(teller)


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


def page(
    session: Session,
    actor: Actor,
    wanted: TaskFilter,
    *,
    now: datetime,
    after: str | None = None,
    size: int = PAGE_SIZE,
    english: bool = False,
) -> Page[TaskRow]:
    """One page of what the actor may see and wants, with a total: exact where it is known, else bounded.

    Raises Invalid when `after` is not a key of this order.
    """
    narrow = text_index.narrow(session, wanted.text)
    found: list[Row[Any]] = []
    if after or wanted.text:
        parts = page_queries(actor, wanted, now, after, *narrow.rows)
    else:
        parts = _first_page(actor, wanted, version(session))
    for part in parts:
        if len(found) <= size:
            found += session.execute(part(size + 1 - len(found)), {"now": now})
    rows = [presenting.row_of(record, now=now, english=english) for record in found[:size]]
    total, is_floor = len(found), False
    if after or len(found) > size:
        total, is_floor = count(session, actor, wanted, now=now, narrow=narrow)
        total = max(total, len(found))
    next_key = key_of(found[size - 1], wanted.sort) if len(found) > size else None
    return Page(rows, next_key, total, is_floor)


def page_queries(
    actor: Actor,
    wanted: TaskFilter,
    now: datetime,
    after: str | None = None,
    *narrow: ColumnElement[bool],
) -> list[Callable[[int], Select[Any]]]:
    """What fills a page behind a key, each with its limit: rows with a value of the sort, then those without.

    Apart, because no index of SQLite has the ones without a value last. Raises Invalid for a wrong key.
    """
    order = ORDERS[wanted.sort]
    rest = [*narrow, *([behind(after, wanted.sort)] if after else [])]

    def part(clauses: Sequence[Any], *more: ColumnElement[bool]) -> Callable[[int], Select[Any]]:
        return lambda limit: first_rows.first_of(
            presenting.ROWS, actor, wanted, now, clauses, limit, *rest, *more
        )

    if not order.nullable:
        return [part(order.clauses)]
    return [
        part((order.column.asc(), Task.id.asc()), order.column.is_not(None)),
        part((Task.id.asc(),), order.column.is_(None)),
    ]


@lru_cache(256)
def _first_page(
    actor: Actor, wanted: TaskFilter, _known: Version
) -> list[Callable[[int], Select[Any]]]:
    """`page_queries` of a first page, written once a person and filter: areas are found by their levels."""
    return [lru_cache(8)(part) for part in page_queries(actor, wanted, NOW)]


def sought(
    actor: Actor, wanted: TaskFilter, now: datetime, base: Select[Any] | None = None
) -> Select[Any]:
    """`base` (else the columns of a row) of the visible tasks wanted, in their order."""
    start = presenting.rows_visible_to(actor) if base is None else base
    return filters.apply(start, wanted, now, user_id=actor.user_id).order_by(
        *ORDERS[wanted.sort].clauses
    )


def count(
    session: Session,
    actor: Actor,
    wanted: TaskFilter,
    *,
    now: datetime,
    narrow: Narrow | None = None,
) -> tuple[int, bool]:
    """How many there are, and whether there may be more: counting stopped, or looked at some only.

    Whoever knows is asked first; what nobody knows is counted up to the ceiling.
    """
    known = (teller(session, actor, wanted, now) for teller in _tellers)
    exact = next((total for total in known if total is not None), None)
    if exact is not None:
        return exact, False
    words = narrow or text_index.narrow(session, wanted.text)
    bounded = first_rows.some_of(actor, wanted, now, COUNT_CEILING + 1, *words.counted)
    found = session.scalar(select(func.count()).select_from(bounded.subquery())) or 0
    if found > COUNT_CEILING:
        return COUNT_CEILING, True
    return found, words.is_part


def walk(
    session: Session, query: Select[Any], sort: Sort, *, batch: int = BATCH
) -> Iterator[Row[Any]]:
    """Every row of a sorted query, fetched by key in batches; it must select id and the sort."""
    order = ORDERS[sort]
    part = query.limit(batch)
    while found := session.execute(part).all():
        yield from found
        if len(found) < batch:
            return
        last = found[-1]
        part = query.where(order.after(getattr(last, order.column.key), last.id)).limit(batch)


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

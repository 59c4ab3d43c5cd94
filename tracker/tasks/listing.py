"""Knows a list of tasks page by page: keyed by the last row, so inserts never shift it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.places.versions import Version, version
from tracker.storage.plain import NOW
from tracker.tasks import filters, first_rows, presenting, text_index
from tracker.tasks.filters import Sort, TaskFilter
from tracker.tasks.models import Task
from tracker.tasks.orders import ORDERS as ORDERS
from tracker.tasks.orders import behind as behind
from tracker.tasks.orders import key_of as key_of
from tracker.tasks.presenting import TaskRow
from tracker.tasks.text_index import Narrow
from tracker.web.paging import PAGE_SIZE, Page, pack

#: Counting stops here; a list says "1,000+" where nobody knows better.
COUNT_CEILING = 1_000
#: A page looks through so many rows for words that many tasks hold, and no further.
WALKED = 50_000
#: As many that are asked for beside the words are few.
FEW = 20_000
#: Rows fetched at a time when everything is walked.
BATCH = 1000

#: Says how many tasks a filter finds, where that is known without counting; else None.
Teller = Callable[[Session, Actor, TaskFilter, datetime], int | None]
_tellers: list[Teller] = []


def tell_totals(teller: Teller) -> None:
    """Let a feature above this one say totals that it knows; said twice, it is asked once."""
    if teller not in _tellers:
        _tellers.append(teller)


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
    narrow = _narrow(session, actor, wanted)
    end = _end_of_a_walk(session, wanted, after) if narrow.is_walked else None
    if end is not None:
        walked = ORDERS[wanted.sort].until(*end)
        found = _rows(session, page_queries(actor, wanted, now, after, walked), size, now)
        if len(found) <= size and (few := _few_without_words(session, actor, wanted, now)):
            # few are asked for beside the words: all of them are looked through
            parts, end = page_queries(actor, wanted, now, after, *few), None
            found = _rows(session, parts, size, now)
    elif after or wanted.text:
        found = _rows(session, page_queries(actor, wanted, now, after, *narrow.rows), size, now)
    else:
        found = _rows(session, _first_page(actor, wanted, version(session)), size, now)
    rows = [presenting.row_of(record, now=now, english=english) for record in found[:size]]
    total, is_floor = len(found), False
    if after or len(found) > size:
        total, is_floor = count(session, actor, wanted, now=now, narrow=narrow)
        total = max(total, len(found))
    next_key = key_of(found[size - 1], wanted.sort) if len(found) > size else None
    if next_key is None and end is not None:
        return Page(rows, pack(end), total, total_is_floor=True, is_cut=True)
    return Page(rows, next_key, total, is_floor)


def _rows(
    session: Session, parts: Sequence[Callable[[int], Select[Any]]], size: int, now: datetime
) -> list[Row[Any]]:
    """The rows of a page, and one more where there are more."""
    found: list[Row[Any]] = []
    for part in parts:
        if len(found) <= size:
            found += session.execute(part(size + 1 - len(found)), {"now": now})
    return found


def _end_of_a_walk(session: Session, wanted: TaskFilter, after: str | None) -> list[Any] | None:
    """Where a page stops to look, as value and id; None where so many rows do not follow. Reads an index alone."""
    order = ORDERS[wanted.sort]
    rest = [behind(after, wanted.sort)] if after else []
    for clauses, more in order.parts:
        query = select(order.column, Task.id).where(*rest, *more).order_by(*clauses)
        row = session.execute(query.offset(WALKED - 1).limit(1)).first()
        if row is not None:
            return list(row)
    return None


def _few_without_words(
    session: Session, actor: Actor, wanted: TaskFilter, now: datetime
) -> list[ColumnElement[bool]]:
    """Those that are asked for beside the words, if they are few; nothing where no index can tell."""
    if wanted.supervised:
        return []
    some = first_rows.some_of(actor, replace(wanted, text=""), now, FEW + 1)
    n = session.scalar(select(func.count()).select_from(some.subquery())) or 0
    return [Task.id.in_(some)] if n <= FEW else []


def _narrow(session: Session, actor: Actor, wanted: TaskFilter) -> Narrow:
    """What the index of words brings: more of it where words are asked beside something else."""
    rest = replace(wanted, text="", sort=Sort.REPORTED_AT)
    is_alone = rest.is_empty and first_rows.sees_a_district(actor)
    return text_index.narrow(session, wanted.text, is_alone=is_alone)


def page_queries(
    actor: Actor,
    wanted: TaskFilter,
    now: datetime,
    after: str | None = None,
    *narrow: ColumnElement[bool],
) -> list[Callable[[int], Select[Any]]]:
    """What fills a page behind a key, each with its limit, see Order.parts. Raises Invalid for a wrong key."""
    rest = [*narrow, *([behind(after, wanted.sort)] if after else [])]

    def part(clauses: Sequence[Any], *more: ColumnElement[bool]) -> Callable[[int], Select[Any]]:
        return lambda limit: first_rows.first_of(
            presenting.ROWS, actor, wanted, now, clauses, limit, *rest, *more
        )

    return [part(clauses, *more) for clauses, more in ORDERS[wanted.sort].parts]


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
    words = narrow or _narrow(session, actor, wanted)
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

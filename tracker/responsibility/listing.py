"""Knows the posts page by page: keyed by the last row, so that inserts never shift it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.places.models import Area, Organization
from tracker.responsibility import filters
from tracker.responsibility.filters import PostFilter
from tracker.responsibility.models import Responsibility, ResponsibilityScope
from tracker.responsibility.phones import masked
from tracker.responsibility.queries import visible_clause
from tracker.responsibility.scopes import Scope, ScopeKind
from tracker.web.paging import PAGE_SIZE, Page, pack, unpack

#: Counting stops here; a list says "10,000+".
COUNT_CEILING = 10_000
#: Posts on the printed map of a community.
PRINT_CEILING = 300


@dataclass(frozen=True)
class PostRow:
    """One line of a list; the phone is masked."""

    id: int
    code: str
    term: int
    kind: str
    name: str
    community: str | None
    unit: str
    unit_id: int
    post: str
    person: str
    phone: str
    hours: str
    grade: str
    valid_from: date
    valid_to: date | None
    scopes: tuple[Scope, ...]
    geometry: dict[str, Any] | None = None


def page(
    session: Session,
    actor: Actor,
    wanted: PostFilter,
    *,
    today: date,
    after: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[PostRow]:
    """One page of what the actor may see and wants, in the order of the codes, with a bounded count.

    Raises Invalid when `after` is no key.
    """
    narrowed = [visible_clause(actor), *filters.clauses(wanted, today)]
    query = _rows().where(*narrowed).order_by(Responsibility.code)
    if after:
        (last,) = unpack(after, size=1)
        query = query.where(Responsibility.code > str(last))
    found = session.execute(query.limit(size + 1)).all()
    counted = select(Responsibility.id).where(*narrowed).limit(COUNT_CEILING + 1)
    total = session.scalar(select(func.count()).select_from(counted.subquery())) or 0
    next_key = pack([found[size - 1].code]) if len(found) > size else None
    rows = _made(session, found[:size])
    return Page(rows, next_key, min(total, COUNT_CEILING), total > COUNT_CEILING)


def of_ids(session: Session, ids: list[int]) -> list[PostRow]:
    """Terms by id, with their shapes, in the order of the codes; who may see them is asked before."""
    query = _rows(Responsibility.geometry).where(Responsibility.id.in_(ids))
    return _made(session, session.execute(query.order_by(Responsibility.code)).all())


def _made(session: Session, found: Any) -> list[PostRow]:
    """Records with their scopes: one more query for all of them."""
    scopes: dict[int, list[Scope]] = defaultdict(list)
    wanted = [record.id for record in found]
    for row_id, kind, value in session.execute(
        select(
            ResponsibilityScope.responsibility_id,
            ResponsibilityScope.kind,
            ResponsibilityScope.value,
        ).where(ResponsibilityScope.responsibility_id.in_(wanted))
    ):
        scopes[row_id].append(Scope(ScopeKind(kind), value))
    return [_row(record, tuple(sorted(scopes[record.id]))) for record in found]


def _row(record: Row[Any], scopes: tuple[Scope, ...]) -> PostRow:
    values = dict(record._mapping)
    return PostRow(**{**values, "phone": masked(values["phone"])}, scopes=scopes)


def _rows(*more: ColumnElement[Any] | Any) -> Select[Any]:
    columns = (
        select(
            Responsibility.id, Responsibility.code, Responsibility.term, Responsibility.kind,
            Responsibility.name, Area.name.label("community"), Organization.name.label("unit"),
            Responsibility.unit_id, Responsibility.post, Responsibility.person,
            Responsibility.phone, Responsibility.hours, Responsibility.grade,
            Responsibility.valid_from, Responsibility.valid_to, *more,
        )
        .join(Organization, Organization.id == Responsibility.unit_id)
        .outerjoin(Area, Area.code == Responsibility.community_code)
    )  # fmt: skip
    return cast("Select[Any]", columns)

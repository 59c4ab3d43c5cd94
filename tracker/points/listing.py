"""Knows the register page by page: keyed by the last row, so that inserts never shift it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from tracker.access.actor import Actor
from tracker.errors import Invalid
from tracker.places.models import Area, Organization
from tracker.points import filters
from tracker.points.filters import PointFilter, Sort
from tracker.points.models import InspectionPoint, SiteType
from tracker.points.queries import visible_clause
from tracker.texts import N_
from tracker.web.paging import PAGE_SIZE, Page, pack, unpack

#: Counting stops here; a list says "10,000+".
COUNT_CEILING = 10_000
#: Points of one map: more are a grey mass, and a megabyte.
MAP_CEILING = 5000
#: Labels of one print: twenty sheets.
SHEET_CEILING = 240


@dataclass(frozen=True)
class PointRow:
    """One line of the list."""

    id: int
    code: str
    name: str
    site_type: str
    site_type_en: str
    group: str
    address: str
    community: str | None
    unit: str | None
    person: str
    is_model_point: bool
    is_active: bool
    last_visit_at: datetime | None
    last_score: float | None
    is_overdue: bool
    lon: float | None
    lat: float | None


@dataclass(frozen=True)
class _Order:
    """How a sort reads, rows without a value first; `read` turns a key's text into a value."""

    column: InstrumentedAttribute[Any]
    read: Callable[[Any], Any]
    nullable: bool = False

    @property
    def clauses(self) -> tuple[ColumnElement[Any], ...]:
        first = self.column.asc().nulls_first() if self.nullable else self.column.asc()
        return first, InspectionPoint.id.asc()

    def after(self, value: Any, row_id: int) -> ColumnElement[bool]:
        if value is None:
            none = and_(self.column.is_(None), InspectionPoint.id > row_id)
            return or_(none, self.column.is_not(None))
        return or_(self.column > value, and_(self.column == value, InspectionPoint.id > row_id))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _bad_key()
    return value


def _moment(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if value is not None else None
    except (ValueError, TypeError):
        raise _bad_key() from None
    if found is not None and (found.tzinfo is None or not 1900 < found.year < 9000):
        raise _bad_key()
    return found


def _score(value: Any) -> float | None:
    try:
        found = float(_text(value)) if value is not None else None
    except (ValueError, TypeError):
        raise _bad_key() from None
    if found is not None and not 0 <= found <= 100:
        raise _bad_key()
    return found


_ORDERS = {
    Sort.CODE: _Order(InspectionPoint.code, _text),
    Sort.LAST_VISIT: _Order(InspectionPoint.last_visit_at, _moment, nullable=True),
    Sort.SCORE: _Order(InspectionPoint.last_score, _score, nullable=True),
}


def page(
    session: Session,
    actor: Actor,
    wanted: PointFilter,
    *,
    now: datetime,
    after: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[PointRow]:
    """One page of what the actor may see and wants, with a bounded count.

    Raises Invalid when `after` is not a key of this order.
    """
    order = _ORDERS[wanted.sort]
    narrowed = _wanted(session, actor, wanted, now)
    query = _rows().where(*narrowed).order_by(*order.clauses)
    if after:
        value, row_id = unpack(after, size=2)
        if type(row_id) is not int or row_id < 0:
            raise _bad_key()
        query = query.where(order.after(order.read(value), row_id))
    found = session.execute(query.limit(size + 1)).all()
    counted = select(InspectionPoint.id).where(*narrowed).limit(COUNT_CEILING + 1)
    total = session.scalar(select(func.count()).select_from(counted.subquery())) or 0
    next_key = _key(found[size - 1], order) if len(found) > size else None
    rows = [_row(record, now) for record in found[:size]]
    return Page(rows, next_key, min(total, COUNT_CEILING), total > COUNT_CEILING)


def first(
    session: Session, actor: Actor, wanted: PointFilter, *, now: datetime, limit: int
) -> tuple[Sequence[PointRow], bool]:
    """At most `limit` rows in the order wanted, and whether there are more: labels, a map."""
    query = _rows().where(*_wanted(session, actor, wanted, now))
    found = session.execute(query.order_by(*_ORDERS[wanted.sort].clauses).limit(limit + 1)).all()
    return [_row(record, now) for record in found[:limit]], len(found) > limit


def shapes(
    session: Session, actor: Actor, wanted: PointFilter, *, now: datetime, limit: int = MAP_CEILING
) -> list[tuple[str, dict[str, Any]]]:
    """(code, geometry) of the lines and polygons among them, GeoJSON (lon, lat) WGS-84."""
    rows = session.execute(
        select(InspectionPoint.code, InspectionPoint.geometry)
        .where(
            *_wanted(session, actor, wanted, now),
            # JSON null is not SQL NULL: both databases are asked for what is not a plain point
            InspectionPoint.geometry.is_not(None),
        )
        .order_by(InspectionPoint.code)
        .limit(limit)
    )
    return [(code, geometry) for code, geometry in rows if geometry]


def _wanted(
    session: Session, actor: Actor, wanted: PointFilter, now: datetime
) -> list[ColumnElement[bool]]:
    return [visible_clause(actor), *filters.clauses(session, wanted, now)]


def _rows() -> Select[Any]:
    columns = (
        select(
            InspectionPoint.id, InspectionPoint.code, InspectionPoint.name,
            SiteType.name.label("site_type"), SiteType.name_en.label("site_type_en"),
            SiteType.group_name.label("group"), InspectionPoint.address,
            Area.name.label("community"), Organization.name.label("unit"), InspectionPoint.person,
            InspectionPoint.is_model_point, InspectionPoint.is_active,
            InspectionPoint.last_visit_at, InspectionPoint.last_score, InspectionPoint.cycle_days,
            InspectionPoint.lon, InspectionPoint.lat,
        )
        .join(SiteType, SiteType.code == InspectionPoint.site_type_code)
        .outerjoin(Area, Area.code == InspectionPoint.community_code)
        .outerjoin(Organization, Organization.id == InspectionPoint.unit_id)
    )  # fmt: skip
    return cast("Select[Any]", columns)


def _row(record: Row[Any], now: datetime) -> PointRow:
    values = dict(record._mapping)
    late = filters.is_overdue(values["last_visit_at"], values.pop("cycle_days"), now)
    return PointRow(**values, is_overdue=late)


def _key(record: Row[Any], order: _Order) -> str:
    value = getattr(record, order.column.key)
    return pack([str(value) if isinstance(value, float) else value, record.id])


def _bad_key() -> Invalid:
    return Invalid(N_("翻页位置无效，请从第一页重新打开列表。"), field="after")

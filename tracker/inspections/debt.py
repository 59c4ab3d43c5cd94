"""Knows coverage debt (覆盖欠账): how many of its cycles each point has gone without a visit.

Debt is days since the last visit divided by the point's own cycle (检查周期). One of 1 is due, of 2
is a whole cycle late; a point that was never visited owes more than any that was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, extract, func, or_, select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.errors import Invalid
from tracker.inspections.coverage import NOWHERE, Scope, counted
from tracker.points.models import InspectionPoint
from tracker.texts import N_
from tracker.web.arguments import one_of
from tracker.web.paging import PAGE_SIZE, Page, pack, unpack

#: Points of one map: the worst first.
MAP_CEILING = 5000
_DAY = 86_400


class Owing(StrEnum):
    """Which points are looked at."""

    DUE = "due"  #: a cycle or more without a visit, or never visited
    TWICE = "twice"  #: two cycles or more, or never visited
    NEVER = "never"  #: never visited
    ALL = "all"  #: every point in use


OWING_LABELS = {
    Owing.DUE: N_("到期未查"),
    Owing.TWICE: N_("拖欠两个周期以上"),
    Owing.NEVER: N_("从未检查"),
    Owing.ALL: N_("全部"),
}


class Order(StrEnum):
    """The order of the list; points that were never visited come first in both."""

    RATIO = "ratio"  #: most cycles first
    DAYS = "days"  #: most days first


ORDER_LABELS = {Order.RATIO: N_("欠账倍数"), Order.DAYS: N_("未查天数")}


@dataclass(frozen=True)
class Wanted:
    """Which points, in which order."""

    owing: Owing = Owing.DUE
    order: Order = Order.RATIO
    community: str = ""
    site_type: str = ""

    def as_args(self, **changed: str) -> dict[str, str]:
        """As the address bar holds it; what is usual is left out."""
        args = {
            "owing": "" if self.owing is Owing.DUE else self.owing.value,
            "sort": "" if self.order is Order.RATIO else self.order.value,
            "community": self.community, "type": self.site_type, **changed,
        }  # fmt: skip
        return {name: value for name, value in args.items() if value}


def read(args: Mapping[str, str]) -> Wanted:
    """What an address asks for. Raises Invalid with the argument's name."""
    return Wanted(
        one_of(args, "owing", Owing, Owing.DUE), one_of(args, "sort", Order, Order.RATIO),
        _code(args.get("community", "")), _code(args.get("type", "")),
    )  # fmt: skip


def _code(text: str) -> str:
    return text[:40] if text.isprintable() else ""


def days_without(point: Any, at: datetime) -> int | None:
    """Whole days since the last visit; None when there was none."""
    return None if point.last_visit_at is None else (at - point.last_visit_at).days


def ratio(point: Any, at: datetime) -> float | None:
    """Cycles since the last visit; None when there was none."""
    if point.last_visit_at is None:
        return None
    return (at - point.last_visit_at).total_seconds() / (_DAY * point.cycle_days)


def _seconds(at: datetime) -> ColumnElement[Any]:
    visited = cast(extract("epoch", InspectionPoint.last_visit_at), BigInteger)
    return cast(int(at.timestamp()), BigInteger) - visited


def _permille(at: datetime) -> ColumnElement[Any]:
    """Thousandths of a cycle, whole, so that a page can begin after an exact value."""
    return _seconds(at) * 1000 // (InspectionPoint.cycle_days * _DAY)


def clauses(wanted: Wanted, actor: Actor, at: datetime) -> list[ColumnElement[bool]]:
    """What is asked of a point: in use, visible, narrowed, owing as much as wanted."""
    found = [counted(Scope(), actor)]
    if wanted.community:
        place = None if wanted.community == NOWHERE else wanted.community
        found.append(InspectionPoint.community_code == place)
    if wanted.site_type:
        found.append(InspectionPoint.site_type_code == wanted.site_type)
    never = InspectionPoint.last_visit_at.is_(None)
    if wanted.owing is Owing.NEVER:
        found.append(never)
    elif wanted.owing is not Owing.ALL:
        found.append(or_(never, _permille(at) >= (1000 if wanted.owing is Owing.DUE else 2000)))
    return found


def totals(session: Session, wanted: Wanted, actor: Actor, at: datetime) -> dict[Owing, int]:
    """How many points there are of each kind, under the same narrowing, in one query."""
    never, owed = InspectionPoint.last_visit_at.is_(None), _permille(at)
    every = Wanted(Owing.ALL, wanted.order, wanted.community, wanted.site_type)
    row = session.execute(
        select(
            func.sum(case((or_(never, owed >= 1000), 1), else_=0)),
            func.sum(case((or_(never, owed >= 2000), 1), else_=0)),
            func.sum(case((never, 1), else_=0)), func.count(),
        ).where(*clauses(every, actor, at))
    ).one()  # fmt: skip
    return {kind: int(n or 0) for kind, n in zip(Owing, row, strict=True)}


def page(
    session: Session, wanted: Wanted, actor: Actor, now: datetime, *, after: str | None
) -> tuple[Page[Any], datetime]:
    """One page, and the moment its debts were measured at: that of the first page.

    Debts grow while somebody reads; the key of a page holds the moment, so that no row is shown
    twice or left out. Raises Invalid for a broken key.
    """
    at, behind = _begin(after, now)
    value = _value(wanted, at)
    asked = clauses(wanted, actor, at)
    total = session.scalar(select(func.count()).select_from(InspectionPoint).where(*asked))
    query = _rows(value).where(*asked)
    if behind is not None:
        query = query.where(_after(value, *behind))
    found = session.execute(query.limit(PAGE_SIZE + 1)).all()
    more, found = len(found) > PAGE_SIZE, found[:PAGE_SIZE]
    key = pack([int(at.timestamp()), found[-1].owed, found[-1].id]) if more else None
    return Page(found, key, total), at


def on_map(
    session: Session, wanted: Wanted, actor: Actor, at: datetime
) -> tuple[Sequence[Any], bool]:
    """At most MAP_CEILING points with a position, those that owe most first; whether there are more."""
    query = _rows(_value(wanted, at)).where(
        *clauses(wanted, actor, at), InspectionPoint.lon.is_not(None)
    )
    found = session.execute(query.limit(MAP_CEILING + 1)).all()
    return found[:MAP_CEILING], len(found) > MAP_CEILING


def _value(wanted: Wanted, at: datetime) -> ColumnElement[Any]:
    """What is sorted by; nothing for a point that was never visited."""
    return _permille(at) if wanted.order is Order.RATIO else _seconds(at)


def _rows(value: ColumnElement[Any]) -> Any:
    return select(
        InspectionPoint.id, InspectionPoint.code, InspectionPoint.name, InspectionPoint.address,
        InspectionPoint.site_type_code, InspectionPoint.community_code, InspectionPoint.cycle_days,
        InspectionPoint.last_visit_at, InspectionPoint.lon, InspectionPoint.lat, value.label("owed"),
    ).order_by(value.desc().nulls_first(), InspectionPoint.id)  # fmt: skip


def _after(value: ColumnElement[Any], owed: int | None, row_id: int) -> ColumnElement[bool]:
    if owed is None:
        return or_(value.is_not(None), and_(value.is_(None), InspectionPoint.id > row_id))
    return or_(value < owed, and_(value == owed, InspectionPoint.id > row_id))


def _begin(after: str | None, now: datetime) -> tuple[datetime, tuple[int | None, int] | None]:
    if not after:
        return datetime.fromtimestamp(int(now.timestamp()), UTC), None
    at, owed, row_id = unpack(after, size=3)
    if not (isinstance(at, int) and isinstance(row_id, int) and isinstance(owed, int | None)):
        raise Invalid(N_("翻页位置无效，请从第一页重新打开列表。"), field="after")
    return datetime.fromtimestamp(max(at, 0), UTC), (owed, row_id)

"""Knows how visits are found for a list: by month, community, point and round; newest first."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, joinedload

from tracker.access.actor import Actor
from tracker.clock import CITY_ZONE
from tracker.errors import Invalid
from tracker.inspections.models import Visit
from tracker.inspections.queries import visible_visits
from tracker.inspections.round_models import Round
from tracker.places.models import Area
from tracker.points.models import InspectionPoint
from tracker.texts import N_
from tracker.web.forms import without_controls
from tracker.web.paging import PAGE_SIZE, Page, pack, unpack

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class VisitFilter:
    """What the list is narrowed to; empty means all."""

    #: YYYY-MM of the city's calendar
    month: str = ""
    community: str = ""
    #: a point's code
    point: str = ""
    round_id: int | None = None

    @classmethod
    def of(cls, args: Mapping[str, str]) -> "VisitFilter":
        """Read the address bar; an unknown value narrows nothing."""
        month, number = args.get("month", ""), args.get("round", "")
        is_number = number.isascii() and number.isdigit() and len(number) < 10
        return cls(
            month if _MONTH.fullmatch(month) else "",
            without_controls(args.get("community", ""))[:32],
            without_controls(args.get("point", ""))[:32],
            int(number) if is_number else None,
        )

    def as_args(self) -> dict[str, Any]:
        named = {
            "month": self.month,
            "community": self.community,
            "point": self.point,
            "round": self.round_id,
        }
        return {name: value for name, value in named.items() if value}

    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.month:
            since, until = _bounds(self.month)
            found += [Visit.at >= since, Visit.at < until]
        if self.community:
            found.append(Visit.community_code == self.community)
        if self.point:
            found.append(
                Visit.point_id.in_(
                    select(InspectionPoint.id).where(InspectionPoint.code == self.point)
                )
            )
        if self.round_id is not None:
            found.append(Visit.round_id == self.round_id)
        return found


def _bounds(month: str) -> tuple[datetime, datetime]:
    """First moment of a month in the city, and of the next."""
    year, number = int(month[:4]), int(month[5:])
    following = date(year + number // 12, number % 12 + 1, 1)
    first, last = date(year, number, 1), following
    return (
        datetime.combine(first, time.min, CITY_ZONE),
        datetime.combine(last, time.min, CITY_ZONE),
    )


def page(
    session: Session, actor: Actor, wanted: VisitFilter, after: str | None = None
) -> Page[Visit]:
    """One page of the visits this person may see. Raises Invalid for a broken page key."""
    query = (
        select(Visit)
        .where(visible_visits(actor), *wanted.conditions())
        .order_by(Visit.at.desc(), Visit.id.desc())
        .options(
            joinedload(Visit.point).joinedload(InspectionPoint.site_type), joinedload(Visit.round)
        )
    )
    if after:
        query = query.where(_behind(after))
    rows = session.scalars(query.limit(PAGE_SIZE + 1)).all()
    more = len(rows) > PAGE_SIZE
    last = rows[PAGE_SIZE - 1] if more else None
    return Page(rows[:PAGE_SIZE], pack([last.at, last.id]) if last is not None else None)


def _behind(after: str) -> ColumnElement[bool]:
    text, last_id = unpack(after, size=2)
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        at = None
    if at is None or at.tzinfo is None or not isinstance(last_id, int):
        raise Invalid(N_("翻页位置无效，请从第一页重新打开列表。"), field="after")
    at = at.astimezone(UTC)
    return or_(Visit.at < at, and_(Visit.at == at, Visit.id < last_id))


@dataclass(frozen=True)
class Choices:
    """What the filters offer: code and name of communities, id and name of rounds."""

    communities: list[tuple[str, str]]
    rounds: list[tuple[int, str]]


def choices(session: Session, actor: Actor) -> Choices:
    """Communities and rounds that visible visits belong to, the newest rounds first."""
    communities = session.execute(
        select(Area.code, Area.name)
        .where(Area.code.in_(select(Visit.community_code).where(visible_visits(actor))))
        .order_by(Area.code)
    ).all()
    rounds = session.execute(
        select(Round.id, Round.name)
        .where(Round.id.in_(select(Visit.round_id).where(visible_visits(actor))))
        .order_by(Round.id.desc())
        .limit(50)
    ).all()
    return Choices(
        [(code, name) for code, name in communities], [(key, name) for key, name in rounds]
    )

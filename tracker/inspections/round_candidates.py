"""Names the SELECT of the points that a round may hold: in its area, in use, within its kind's bounds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.errors import Invalid, NotFound
from tracker.inspections import liaisons
from tracker.inspections.drawing import Candidate
from tracker.inspections.round_models import Round, RoundKind
from tracker.inspections.route_order import Place
from tracker.places.models import Level
from tracker.points.models import InspectionPoint
from tracker.points.queries import visible_clause
from tracker.texts import N_

#: More points than this are not drawn from at once; a district has some hundreds to thousands.
MOST_CANDIDATES = 50_000

_COLUMNS = {
    Level.DISTRICT: InspectionPoint.district_code,
    Level.TOWN: InspectionPoint.town_code,
    Level.COMMUNITY: InspectionPoint.community_code,
    Level.GRID: InspectionPoint.grid_code,
}
_READ = (
    InspectionPoint.id, InspectionPoint.code, InspectionPoint.name, InspectionPoint.site_type_code,
    InspectionPoint.community_code, InspectionPoint.cycle_days, InspectionPoint.last_visit_at,
    InspectionPoint.lon, InspectionPoint.lat,
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """A point that may be drawn, with its name and place (lon, lat) WGS-84."""

    candidate: Candidate
    name: str
    place: Place


def in_area(level: str, code: str) -> ColumnElement[bool]:
    """Points of an area, by its level."""
    return _COLUMNS[Level(level)] == code


def of_round(session: Session, round_: Round, actor: Actor) -> Select[Any]:
    """The points the round may hold, as plain columns."""
    area = round_.area
    query: Any = select(*_READ).where(
        visible_clause(actor), InspectionPoint.is_active, in_area(area.level, area.code)
    )
    if round_.kind == RoundKind.SELF:
        query = query.where(InspectionPoint.unit_id == round_.unit_id)
    if round_.kind == RoundKind.LIAISON and round_.unit_id is not None:
        own = liaisons.communities_of(session, round_.unit_id)
        query = query.where(InspectionPoint.community_code.in_(own))
    return query


def all_of(session: Session, round_: Round, actor: Actor) -> dict[str, Found]:
    """Every point the round may hold, by code. Raises Invalid when the area holds too many."""
    rows = session.execute(of_round(session, round_, actor).limit(MOST_CANDIDATES + 1)).all()
    if len(rows) > MOST_CANDIDATES:
        raise Invalid(N_("这个区域的点位太多，请选择较小的区域。"), field="area_code")
    return {row.code: _found(row) for row in rows}


def by_codes(
    session: Session, round_: Round, actor: Actor, codes: Iterable[str]
) -> Sequence[Found]:
    """The points of these codes. Raises NotFound for one the actor may not see, Invalid for one
    that lies outside the round's bounds, naming it."""
    wanted = sorted(set(codes))
    rows = session.execute(
        of_round(session, round_, actor).where(InspectionPoint.code.in_(wanted))
    ).all()
    found = {row.code: _found(row) for row in rows}
    for code in wanted:
        if code not in found:
            _refuse(session, actor, code)
    return [found[code] for code in wanted]


def search(
    session: Session, round_: Round, actor: Actor, text: str, *, limit: int = 20
) -> Sequence[Any]:
    """Points the round may hold whose name or code contains `text`."""
    like = or_(
        InspectionPoint.name.icontains(text, autoescape=True),
        InspectionPoint.code.icontains(text, autoescape=True),
    )
    query = of_round(session, round_, actor).where(like).order_by(InspectionPoint.code)
    return session.execute(query.limit(limit)).all()


def _refuse(session: Session, actor: Actor, code: str) -> None:
    known = session.scalar(
        select(InspectionPoint.name).where(visible_clause(actor), InspectionPoint.code == code)
    )
    if known is None:
        raise NotFound(N_("没有点位 %(point)s，或不在您的范围内。"), point=code[:32])
    raise Invalid(
        N_("点位 %(point)s 不在本批次的区域或单位范围内，或已停用，不能加入。"),
        field="codes", point=f"{code} {known}",
    )  # fmt: skip


def _found(row: Any) -> Found:
    candidate = Candidate(
        row.id, row.code, row.site_type_code, row.community_code or "", row.cycle_days,
        row.last_visit_at,
    )  # fmt: skip
    place = None if row.lon is None or row.lat is None else (row.lon, row.lat)
    return Found(candidate, row.name, place)

"""Names the SELECTs of the maps: plain columns, one grouped query a figure, all within what the actor may see."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from os.path import commonprefix
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.catalogue.models import Category
from tracker.clock import in_city
from tracker.counters import kinds as counters
from tracker.counters.kinds import Kinds, kinds_of
from tracker.counters.measures import OPEN_STOCKS, Measure
from tracker.counters.queries import due_later_today
from tracker.counters.watching import is_watched
from tracker.places.models import Area, Level, Organization
from tracker.places.queries import areas_visible_to
from tracker.places.queries import visible_area as visible_area
from tracker.tasks import filters
from tracker.tasks.filters import TaskFilter
from tracker.tasks.models import Task
from tracker.tasks.queries import COLUMN_OF, due_soon, outside_every_area, overdue, visible
from tracker.tasks.states import OPEN

#: More tasks than this are not sent to one map; the page says so.
MAX_ROWS = 20_000


@dataclass(frozen=True)
class CommunityCount:
    """Open tasks of one community, and how many of them are overdue or due soon."""

    open: int = 0
    overdue: int = 0
    due_soon: int = 0


def visible_codes(session: Session, codes: Iterable[str], actor: Actor) -> set[str]:
    """Those of the codes that the actor may open."""
    wanted = areas_visible_to(actor).where(Area.code.in_(sorted(codes)))
    return set(session.scalars(wanted.with_only_columns(Area.code)))


def area_around(session: Session, paths: Sequence[str], actor: Actor) -> str:
    """The smallest area that holds all of these paths and that the actor may open; "" for none."""
    if not paths:
        return ""
    common = commonprefix([[code for code in path.split("/") if code] for path in paths])
    allowed = visible_codes(session, common, actor)
    return next((code for code in reversed(common) if code in allowed), "")


def community_rows(session: Session, actor: Actor) -> Sequence[Any]:
    """The communities the actor may see: code, name, town, mark of schematic borders, of a pilot."""
    columns = (
        Area.code, Area.name, Area.parent_code, Area.is_schematic, Area.is_pilot, Area.path,
    )  # fmt: skip
    query = areas_visible_to(actor).where(Area.level == Level.COMMUNITY)
    return session.execute(query.with_only_columns(*columns)).all()


def recorded(session: Session, codes: Sequence[str]) -> set[str]:
    """Those of the communities in which there is, or was, any task."""
    if not codes:
        return set()
    any_task = select(Task.id).where(Task.community_code == Area.code).correlate(Area).exists()
    return set(session.scalars(select(Area.code).where(Area.code.in_(codes), any_task)))


def area_names(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """Names by code."""
    rows = session.execute(select(Area.code, Area.name).where(Area.code.in_(sorted(codes))))
    return {row[0]: row[1] for row in rows}


def counts_query(actor: Actor, wanted: TaskFilter, now: datetime) -> Select[Any]:
    """Open tasks by community, overdue and due soon beside; those outside every community under None."""
    query: Any = select(
        Task.community_code,
        func.count(),
        func.sum(case((overdue(now), 1), else_=0)),
        func.sum(case((due_soon(now), 1), else_=0)),
    ).where(visible(actor), Task.state.in_(sorted(OPEN)))
    narrowed = filters.apply(query, wanted, now, user_id=actor.user_id)
    return narrowed.group_by(Task.community_code)


def counts_by_community(
    session: Session, actor: Actor, wanted: TaskFilter, codes: Sequence[str], now: datetime
) -> dict[str | None, CommunityCount]:
    """What `counts_query` finds; by the counters where they know the filter and the actor sees all.

    `codes` are those of `community_rows`.
    """
    kinds = None if wanted.area else kinds_of(session, wanted)
    if kinds is not None and codes and is_watched(session, actor, codes):
        narrow = [visible(actor), *filters.clauses(wanted, now, actor.user_id)]
        return _counted(session, codes, kinds, narrow, now)
    rows = session.execute(counts_query(actor, wanted, now))
    return {code: CommunityCount(count, int(late), int(soon)) for code, count, late, soon in rows}


def _counted(
    session: Session,
    codes: Sequence[str],
    kinds: Kinds,
    narrow: Sequence[ColumnElement[bool]],
    now: datetime,
) -> dict[str | None, CommunityCount]:
    """Open and overdue by the counters; of the tasks only those are read that the next hours decide."""
    stocks = counters.stocks(session, codes, kinds, on=in_city(now).date())
    later = due_later_today(session, Task.community_code, now, narrow)
    late_soon = select(Task.community_code).where(*narrow, due_soon(now))
    soon = Counter(code for (code,) in session.connection().execute(late_soon).all())
    found: dict[str | None, CommunityCount] = {
        code: CommunityCount(
            sum(stocks[code][state] for state in OPEN_STOCKS),
            stocks[code][Measure.OVERDUE] - later.get(code, 0), soon.get(code, 0),
        )
        for code in codes
        if code in stocks
    }  # fmt: skip
    outside = select(func.count()).select_from(Task).where(*narrow, outside_every_area())
    found[None] = CommunityCount(session.scalar(outside) or 0)
    return found


def in_map(area: Area, actor: Actor) -> ColumnElement[bool]:
    """Tasks of an area that the actor may see."""
    return visible(actor) & (COLUMN_OF[Level(area.level)] == area.code)


def unit_names(session: Session, ids: set[int]) -> dict[int, str]:
    """Names of units."""
    columns = (Organization.id, Organization.name)
    rows = session.execute(select(*columns).where(Organization.id.in_(sorted(ids))))
    return {row[0]: row[1] for row in rows}


def major_categories(session: Session) -> Sequence[Any]:
    """The major categories (大类) with their English names, in code order."""
    columns = (Category.major_code, Category.major_name, Category.major_name_en)
    active = Category.is_active.is_(True)
    return session.execute(
        select(*columns).where(active).distinct().order_by(Category.major_code)
    ).all()

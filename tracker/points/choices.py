"""Knows what the selects of the register offer: kinds by group, areas, units."""

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.places.models import Area, Level, Organization
from tracker.places.queries import in_force, visible_areas
from tracker.points import queries
from tracker.web.locale import is_english as is_english

_DEPTHS = {Level.DISTRICT.value: 0, Level.TOWN.value: 1, Level.COMMUNITY.value: 2}
Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class AreaChoice:
    """An area of a select; `depth` 0 is a district."""

    code: str
    name: str
    depth: int
    is_community: bool


def kinds(session: Session) -> dict[tuple[str, str], Pairs]:
    """(name of a group, its words) → (code, words) of its site types, in the handbook's order."""
    english = is_english()
    found: dict[tuple[str, str], Pairs] = {}
    for row in queries.site_types(session):
        words = (english and row.group_name_en) or row.group_name
        name = (english and row.name_en) or row.name
        found.setdefault((row.group_name, words), []).append((row.code, name))
    return found


def areas(session: Session, actor: Actor, *, besides: str = "") -> list[AreaChoice]:
    """Districts, towns and communities of the actor in the order of the tree, and `besides`."""
    wanted = Area.level.in_(sorted(_DEPTHS)) & visible_areas(actor)
    rows = session.execute(
        select(Area.code, Area.name, Area.level)
        .where(in_force(), or_(wanted, Area.code == besides) if _is_code(besides) else wanted)
        .order_by(Area.path)
    )
    return [
        AreaChoice(code, name, _DEPTHS.get(level, 3), level == Level.COMMUNITY)
        for code, name, level in rows
    ]


def _is_code(text: str) -> bool:
    """No database is asked for a text with control characters: PostgreSQL refuses NUL."""
    return bool(text) and text.isprintable()


def units(session: Session, *, besides: int | None = None) -> list[tuple[int, str]]:
    """Active organizations, (id, name), departments before communities, and `besides`."""
    known = Organization.is_active
    rows = session.execute(
        select(Organization.id, Organization.name)
        .where(or_(known, Organization.id == besides) if besides else known)
        .order_by(Organization.kind.desc(), Organization.id)
    )
    return [(unit_id, name) for unit_id, name in rows]

"""Knows the columns of an exported post and walks the posts that are filtered."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from tracker.access.actor import Actor
from tracker.places.models import Area
from tracker.points.exporting import OutColumn, Sheet
from tracker.responsibility import filters, queries
from tracker.responsibility.filters import PostFilter
from tracker.responsibility.given import scopes_of
from tracker.responsibility.importing_columns import COLUMNS, TOLD
from tracker.responsibility.models import KIND_LABELS, Kind, Responsibility
from tracker.responsibility.phones import masked
from tracker.responsibility.scopes import ScopeKind, Words

#: Posts fetched at a time.
BATCH = 500
_Town = aliased(Area)


@dataclass(frozen=True)
class PostLine:
    """One post with the names of what it refers to."""

    row: Responsibility
    town: str
    english: bool
    words: Words

    @property
    def code(self) -> str:
        return self.row.code

    @property
    def geometry(self) -> dict[str, Any] | None:
        return self.row.geometry


def _plain(name: str) -> Callable[[PostLine], Any]:
    return lambda line: getattr(line.row, name)


def _day(name: str) -> Callable[[PostLine], str]:
    return lambda line: str(getattr(line.row, name) or "")


def _scope(line: PostLine) -> str:
    """Codes with names; the names are for the reader, the importer goes by the codes."""
    found = scopes_of(line.row)
    if line.english:
        return ";".join(one.value or str(one.kind) for one in found)
    return "；".join("全部" if one.kind is ScopeKind.ALL else line.words.name(one) for one in found)


def _wkt(line: PostLine) -> str:
    import shapely

    if line.row.geometry is None:
        return ""
    return str(shapely.to_wkt(SHEET.shape(line), rounding_precision=-1))


def _kind(line: PostLine) -> str:
    return line.row.kind if line.english else KIND_LABELS[Kind(line.row.kind)]


_VALUES: dict[str, Callable[[PostLine], Any]] = {
    "code": _plain("code"),
    "name": _plain("name"),
    "community_code": _plain("community_code"),
    "reach_m": lambda line: line.row.reach_m or None,
    "scope": _scope,
    "unit": lambda line: line.row.unit.name,
    "post": _plain("post"),
    "person": _plain("person"),
    "phone": lambda line: masked(line.row.phone),
    "hours": _plain("hours"),
    "grade": _plain("grade"),
    "valid_from": _day("valid_from"),
    "valid_to": _day("valid_to"),
    "wkt": _wkt,
    "kind": _kind,
    "town": lambda line: line.town,
    "community": lambda line: line.row.community.name if line.row.community else "",
}
_TABLE = (
    *(OutColumn(one.name, one.chinese, one.short, _VALUES[one.name]) for one in COLUMNS),
    *(OutColumn(*names, _VALUES[names[0]]) for names in TOLD),
)


def _shape(line: PostLine) -> Any:
    """The shapely geometry, WGS-84 (lon, lat); None for a fallback."""
    from shapely.geometry import shape

    return shape(line.geometry) if line.geometry else None


SHEET = Sheet(
    name="responsibility",
    title="责任岗位",
    table=_TABLE,
    layer=tuple(one for one in _TABLE if one.english != "wkt"),
    shape=_shape,
    code=lambda line: line.code,
    geometry=lambda line: line.geometry,
)


def lines(
    session: Session, actor: Actor, wanted: PostFilter, *, today: date, english: bool
) -> Iterator[PostLine]:
    """The newest term of every visible post wanted, by code, fetched by key in batches."""
    words = Words(session)
    base = (
        select(Responsibility, _Town.name)
        .outerjoin(_Town, _Town.code == Responsibility.town_code)
        .where(queries.visible_clause(actor), *filters.clauses(wanted, today))
        .options(
            joinedload(Responsibility.unit),
            joinedload(Responsibility.community),
            selectinload(Responsibility.scopes),
        )
        .order_by(Responsibility.code)
    )
    after: str | None = None
    while True:
        query = base if after is None else base.where(Responsibility.code > after)
        rows = session.execute(query.limit(BATCH)).all()
        for row, town in rows:
            yield PostLine(row, town or "", english, words)
        if len(rows) < BATCH:
            return
        after = rows[-1][0].code

"""Knows the version of the names that every page offers: what is made from them is kept until it grows.

Units and categories change a few times a year and are read by every list. Their version is a row of
its own beside the epoch of the areas, which grows with every one of their rows that is written.
"""

from typing import Any

from sqlalchemy import Connection, event, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.places.models import AreaEpoch, Level
from tracker.places.queries import visible_area
from tracker.storage.db import Base, db
from tracker.storage.plain import fetched
from tracker.web.keeping import Kept

#: Rows of AreaEpoch: the areas (see locating.epoch), and the names of units and categories.
_AREAS, _NAMES = 1, 2
_BOTH = select(AreaEpoch.id, AreaEpoch.value).where(AreaEpoch.id.in_((_AREAS, _NAMES)))

#: Levels of the areas that people looked at.
_LEVELS: Kept[Level] = Kept(10_000)

#: The database, the epoch of its areas, the version of its names.
Version = tuple[str, int, int]


def version(session: Session) -> Version:
    """What names everything that is made from areas, units and categories; read anew each time."""
    found: dict[int, int] = dict(fetched(session, _BOTH))
    return str(db.engine.url), found.get(_AREAS, 0), found.get(_NAMES, 0)


def install(*models: type[Base]) -> None:
    """Let every row of these models that is written be a new version, in the transaction of the change."""
    for model in models:
        for change in ("after_insert", "after_update", "after_delete"):
            if not event.contains(model, change, _grow):
                event.listen(model, change, _grow)


def _grow(_mapper: Any, connection: Connection, _row: Base) -> None:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    first = dialect.insert(AreaEpoch).values(id=_NAMES, value=1)
    connection.execute(
        first.on_conflict_do_update(
            index_elements=[AreaEpoch.id], set_={"value": AreaEpoch.value + 1}
        )
    )


def visible_level(session: Session, code: str, actor: Actor, known: Version) -> Level:
    """The level of an area in force inside the actor's jurisdiction. Raises NotFound for any other.

    Units and areas say what a grant opens: asked once per person and version.
    """
    return _LEVELS.made(
        (known, actor, code), lambda: Level(visible_area(session, code, actor).level)
    )

"""Knows the version of the names that every page offers: what is made from them is kept until it grows.

Units and categories change a few times a year and are read by every list. Their version is a row of
its own beside the epoch of the areas, which grows with every one of their rows that is written.
"""

from typing import Any

from sqlalchemy import Connection, event, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, object_session, scoped_session

from tracker.access.actor import Actor
from tracker.places.models import AreaEpoch, Level
from tracker.places.queries import visible_area
from tracker.storage.db import Base, db
from tracker.storage.plain import fetched
from tracker.web.keeping import Kept

#: Rows of AreaEpoch: the areas (see locating.epoch), and the names of units and categories.
_AREAS, _NAMES = 1, 2
_BOTH = select(AreaEpoch.id, AreaEpoch.value).where(AreaEpoch.id.in_((_AREAS, _NAMES)))

#: Key in the session's notes: the transaction and the version that was read in it.
_READ = "tracker_version"
#: Levels of the areas that people looked at.
_LEVELS: Kept[Level] = Kept(10_000)

#: The database, the epoch of its areas, the version of its names.
Version = tuple[str, int, int]


def version(given: Session | scoped_session[Any]) -> Version:
    """What names everything that is made from areas, units and categories; read once a transaction."""
    session: Session = given() if isinstance(given, scoped_session) else given
    if session.autoflush:
        session.flush()
    now, kept = session.get_transaction(), session.info.get(_READ)
    if kept is None or now is None or kept[0] is not now:
        found: dict[int, int] = dict(fetched(session, _BOTH))
        known = str(db.engine.url), found.get(_AREAS, 0), found.get(_NAMES, 0)
        kept = session.info[_READ] = session.get_transaction(), known
    named: Version = kept[1]
    return named


def _forget(_mapper: Any, _connection: Connection, row: Base) -> None:
    """This transaction itself makes a new version."""
    session = object_session(row)
    if session is not None:
        session.info.pop(_READ, None)


for _change in ("after_insert", "after_update"):
    event.listen(AreaEpoch, _change, _forget)


def install(*models: type[Base]) -> None:
    """Let every row of these models that is written be a new version, in the transaction of the change."""
    for model in models:
        for change in ("after_insert", "after_update", "after_delete"):
            if not event.contains(model, change, _grow):
                event.listen(model, change, _grow)


def _grow(mapper: Any, connection: Connection, row: Base) -> None:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    first = dialect.insert(AreaEpoch).values(id=_NAMES, value=1)
    connection.execute(
        first.on_conflict_do_update(
            index_elements=[AreaEpoch.id], set_={"value": AreaEpoch.value + 1}
        )
    )
    _forget(mapper, connection, row)


def visible_level(session: Session, code: str, actor: Actor, known: Version) -> Level:
    """The level of an area in force inside the actor's jurisdiction. Raises NotFound for any other.

    Units and areas say what a grant opens: asked once per person and version.
    """
    return _LEVELS.made(
        (known, actor, code), lambda: Level(visible_area(session, code, actor).level)
    )

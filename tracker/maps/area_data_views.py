"""The data of one area's map: its tasks as compact rows, its borders, and one task for a popup."""

from typing import Any

from flask import Blueprint, Response, url_for
from sqlalchemy import select

from tracker import clock
from tracker.access.gate import current_actor, demand, requires
from tracker.access.permissions import Permission
from tracker.evidence.models import Phase, Photo
from tracker.maps import area_statements, borders, queries
from tracker.maps.area_views import wanted_here
from tracker.maps.tile_statements import Question
from tracker.places import locating
from tracker.places.versions import version, visible_level
from tracker.storage.db import db
from tracker.tasks import choices, presenting
from tracker.tasks import queries as task_queries
from tracker.tasks.states import VOID
from tracker.tasks.words import is_english
from tracker.web import map_answers as answers

#: The order of a row's values, for the script that reads them.
COLUMNS = ("number", "lon", "lat", "state", "due", "band", "category", "unit", "title")
#: Digits of a degree that are sent: a decimetre.
_DIGITS = 6
#: Places in a row.
_CATEGORY, _UNIT = COLUMNS.index("category"), COLUMNS.index("unit")


@requires(Permission.MAP_VIEW)
def tasks(code: str) -> Response:
    """At most queries.MAX_ROWS tasks as arrays; times in seconds since 1970, positions WGS-84."""
    session, actor, now = db.session(), current_actor(), clock.now()
    known, english = version(session), is_english()
    level, wanted = visible_level(session, code, actor, known), wanted_here()
    database, epoch, _ = known
    asked = Question(actor, wanted, database, epoch)
    rows = area_statements.task_rows(session, asked, level, code, now, queries.MAX_ROWS)
    by_state = area_statements.state_counts(session, asked, level, code, now)
    total = sum(
        count
        for state, count in by_state.items()
        if (state in wanted.states if wanted.states else state not in VOID)
    )
    categories = choices.category_names(session, known, english=english)
    units = choices.unit_names(session, known)
    return answers.json_answer(
        {
            "at": int(now.timestamp()),
            "total": total,
            "cut": total > len(rows),
            "states": by_state,
            "columns": COLUMNS,
            "rows": [_plain(*row) for row in rows],
            "categories": {
                row[_CATEGORY]: categories[row[_CATEGORY]] for row in rows if row[_CATEGORY]
            },
            "units": {row[_UNIT]: units[row[_UNIT]] for row in rows if row[_UNIT]},
        }
    )


def _plain(
    number: str, lon: Any, lat: Any, state: str, due: Any, band: int, *rest: Any
) -> tuple[Any, ...]:
    """A row as JSON values; the band is `presenting.band`, null when no clock runs."""
    if lon is not None:
        lon, lat = round(lon, _DIGITS), round(lat, _DIGITS)
    return number, lon, lat, state, due, area_statements.BANDS[band], *rest


@requires(Permission.MAP_VIEW)
def area_borders(code: str) -> Response:
    """GeoJSON of the area and what lies in it; kept by the browser until an area changes."""
    session = db.session()
    area = queries.visible_area(session, code, current_actor())
    known = (locating.epoch(session), code)
    answer = answers.unchanged(*known)
    if answer is not None:
        return answer
    features = borders.features_of(session, area)
    return answers.kept_answer({"type": "FeatureCollection", "features": features}, *known)


@requires(Permission.TASK_VIEW)
def task(number: str) -> Response:
    """What a popup adds to a row or a tile: words, address, first photo before and last one after."""
    found = task_queries.find(db.session(), number, current_actor())
    demand(Permission.TASK_VIEW, found)
    photos: dict[str | None, list[str]] = {Phase.BEFORE: [], Phase.AFTER: []}
    for uuid, phase in db.session.execute(
        select(Photo.uuid, Photo.phase)
        .where(Photo.task_id == found.id, Photo.phase.in_(photos))
        .order_by(Photo.received_at, Photo.uuid)
    ):
        photos[phase].append(url_for("photos.show", uuid=uuid, size="thumb"))
    return answers.json_answer(
        {
            "number": found.number,
            "title": found.title,
            "category": presenting.matter(
                category.kind, category.name, category.name_en, english=is_english()
            )
            if (category := found.category)
            else "",
            "unit": found.unit.name if found.unit else "",
            "address": found.address,
            "description": found.description,
            "before": next(iter(photos[Phase.BEFORE]), None),
            # after a return for rework the last one shows what was accepted
            "after": next(reversed(photos[Phase.AFTER]), None),
        }
    )


def register(blueprint: Blueprint) -> None:
    """Put the addresses on the blueprint."""
    blueprint.add_url_rule("/<code>/tasks.json", "tasks", tasks)
    blueprint.add_url_rule("/<code>/borders.json", "area_borders", area_borders)
    blueprint.add_url_rule("/tasks/<number>.json", "task", task)

"""The data of one area's map: its tasks as compact rows, its borders, and one task for a popup."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, url_for
from sqlalchemy import select

from tracker import clock
from tracker.access.gate import current_actor, demand, requires
from tracker.access.permissions import Permission
from tracker.evidence.models import Phase, Photo
from tracker.maps import borders, queries
from tracker.maps.area_views import wanted_here
from tracker.places import locating
from tracker.storage.db import db
from tracker.tasks import presenting
from tracker.tasks import queries as task_queries
from tracker.tasks.states import VOID
from tracker.tasks.words import is_english
from tracker.web import map_answers as answers

#: The order of a row's values, for the script that reads them.
COLUMNS = ("number", "lon", "lat", "state", "due", "band", "category", "unit", "title")
#: Digits of a degree that are sent: a decimetre.
_DIGITS = 6


@requires(Permission.MAP_VIEW)
def tasks(code: str) -> Response:
    """At most queries.MAX_ROWS tasks as arrays; times in seconds since 1970, positions WGS-84."""
    session, actor, now = db.session(), current_actor(), clock.now()
    area, wanted = queries.visible_area(session, code, actor), wanted_here()
    rows = queries.task_rows(session, area, actor, wanted, now)
    by_state = queries.state_counts(session, area, actor, wanted, now)
    total = sum(
        count
        for state, count in by_state.items()
        if (state in wanted.states if wanted.states else state not in VOID)
    )
    categories = {row.category_id for row in rows if row.category_id is not None}
    units = {row.unit_id for row in rows if row.unit_id is not None}
    english = is_english()
    return answers.json_answer(
        {
            "at": int(now.timestamp()),
            "total": total,
            "cut": total > len(rows),
            "states": by_state,
            "columns": COLUMNS,
            "rows": _plain(rows, now),
            "categories": queries.category_names(session, categories, english=english),
            "units": queries.unit_names(session, units),
        }
    )


def _plain(rows: Sequence[Any], now: datetime) -> list[list[Any]]:
    """The rows as JSON values; the band is `presenting.band`, null when no clock runs."""
    return [
        [
            row.number,
            None if row.lon is None else round(row.lon, _DIGITS),
            None if row.lat is None else round(row.lat, _DIGITS),
            row.state,
            None if row.due_at is None else int(row.due_at.timestamp()),
            presenting.band(row, now),
            row.category_id,
            row.unit_id,
            row.title,
        ]
        for row in rows
    ]


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

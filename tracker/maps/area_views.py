"""Pages of one area's map: a community, or likewise a town or a grid."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.maps import borders, queries, urls, words
from tracker.maps.panel import Panel, query_string
from tracker.places.models import LEVEL_LABELS, Area, Level
from tracker.places.queries import ancestors
from tracker.storage.db import db
from tracker.tasks.filters import TaskFilter, from_args
from tracker.web import map_answers as answers


@requires(Permission.MAP_VIEW)
def area(code: str) -> str | Response:
    """The page: filters, legend, frame and list. A district's code leads to the district's map."""
    found = queries.visible_area(db.session(), code, current_actor())
    if found.level == Level.DISTRICT:
        return redirect(url_for("maps.district"))  # type: ignore[return-value]
    wanted = wanted_here()
    return render_template(
        "maps/area.html",
        area=found,
        level=_(LEVEL_LABELS[Level(found.level)]),
        trail=_trail(found),
        panel=Panel.of(db.session(), wanted),
        states=words.states(),
        flags=words.flags(),
        shown={state.value for state in wanted.states}
        or {s["key"] for s in words.states() if s["shown"]},
        frame_url=url_for("maps.area_frame", code=code) + query_string(wanted),
        list_url=url_for("tasks.listing") + query_string(replace(wanted, area=code)),
        note=answers.map_note(),
        printed_at=clock.now(),
        page_settings=answers.settings_block(_page_settings(code)),
    )


def wanted_here() -> TaskFilter:
    """The filter of the address bar; the area is the one of the page."""
    return replace(from_args(request.args), area="", outside=False)


def _trail(found: Area) -> list[dict[str, Any]]:
    """The areas above, those outside the jurisdiction without a link."""
    above = ancestors(db.session(), found)
    allowed = queries.visible_codes(db.session(), [row.code for row in above], current_actor())
    return [
        {
            "name": row.name,
            "url": url_for("maps.area", code=row.code) if row.code in allowed else None,
        }
        for row in above
    ]


def _page_settings(code: str) -> dict[str, Any]:
    return {
        "states": words.states(),
        "texts": words.area_texts(),
        "list": url_for("tasks.listing"),
        "area": code,
        "task": url_for("tasks.detail", number="NUMBER"),
    }


@requires(Permission.MAP_VIEW)
def frame(code: str) -> Response:
    """The Folium page inside the frame."""
    found = queries.visible_area(db.session(), code, current_actor())
    return answers.framed_map(
        "area",
        bounds=borders.bounds_of(db.session(), found),
        title=found.name,
        data_urls={
            "tasks": url_for("maps.tasks", code=code),
            "borders": url_for("maps.area_borders", code=code),
            **urls.of_tasks(),
        },
        options={
            "search": query_string(wanted_here()),
            "area": code,
            "states": words.states(),
            "texts": words.area_texts(),
        },
        script="js/maps/area_frame.js",
        style="css/map_frame.css",
    )


def register(blueprint: Blueprint) -> None:
    """Put the pages on the blueprint."""
    blueprint.add_url_rule("/<code>", "area", area)
    blueprint.add_url_rule("/<code>/frame", "area_frame", frame)

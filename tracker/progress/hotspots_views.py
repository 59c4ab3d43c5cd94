"""Pages of hot spots: where reports lie close, stand out, or come back; each place opens its list."""

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.maps import borders
from tracker.maps.panel import Panel
from tracker.places.levels import below
from tracker.places.models import Area, Level
from tracker.progress import hotspots_data as data
from tracker.progress import hotspots_words as words
from tracker.progress.hotspots import analysed
from tracker.progress.hotspots_asked import METHOD_LABELS, METHOD_NAMES, SIZES, Wanted, read
from tracker.storage.db import db
from tracker.tasks.words import is_english
from tracker.web import map_answers as answers
from tracker.web.forgiving import forgiving


def _wanted() -> Wanted:
    return read(db.session(), request.args, current_actor(), clock.now())


@requires(Permission.PROGRESS_VIEW)
@forgiving
def page() -> str:
    """The form, the map and the findings in words."""
    session, actor, wanted = db.session(), current_actor(), _wanted()
    areas = data.area_choices(session, actor)
    shown: dict[str, Any] = {}
    if wanted.area is not None:
        result = analysed(session, wanted, actor)
        shown = {
            "result": result,
            "lines": words.lines(session, wanted, result),
            "refusal": words.refusal(result.refusal),
            "frame_url": url_for("progress.hotspots_frame", **wanted.to_args()),
        }
    return render_template(
        "progress/hotspots.html",
        wanted=wanted,
        areas=areas,
        area_code=wanted.area and wanted.area.code,
        methods=[
            (
                method,
                _(label),
                METHOD_NAMES[method] and _(METHOD_NAMES[method]),
                url_for("progress.hotspots", **wanted.to_args(method=method)),
            )
            for method, label in METHOD_LABELS.items()
        ],
        sizes=SIZES[wanted.method],
        panel=Panel.of(session, wanted.chosen.wanted),
        means=words.meaning(wanted),
        limits=words.limits(wanted.method),
        advice=words.advice(wanted.method),
        technique=words.technique(wanted),
        most=data.MAX_REPORTS,
        note=answers.map_note(),
        page_settings=answers.settings_block({}),
        **shown,
    )


@requires(Permission.PROGRESS_VIEW)
def frame() -> Response:
    """The Folium page inside the frame."""
    wanted = _wanted()
    urls = {"spots": url_for("progress.hotspots_json", **wanted.to_args())}
    if wanted.area is not None:
        urls["borders"] = _borders(wanted.area)
    return answers.framed_map(
        "district",
        bounds=borders.bounds_of(db.session(), wanted.area) if wanted.area else None,
        title=_("热点分析地图"),
        data_urls=urls,
        options={"texts": words.texts()},
        script="js/progress/hotspots_frame.js",
        style="css/hotspots_frame.css",
    )


def _borders(area: Area) -> str:
    """The communities, by whose names a place is known; of a community its grids."""
    by = Level.COMMUNITY if Level.COMMUNITY in below(area.level) else None
    return url_for("progress.review_borders", code=area.code, by=by and by.value)


@requires(Permission.PROGRESS_VIEW)
def spots_json() -> Response:
    """Hexagons and findings for the map; the browser keeps them until anything changes."""
    session, actor, wanted = db.session(), current_actor(), _wanted()
    if wanted.area is None:
        return answers.json_answer({"method": wanted.method, "cells": None, "spots": []})
    parts = (
        data.version(session, wanted, actor),
        wanted.to_args(),
        wanted.chosen.days,
        is_english(),
    )
    kept = answers.unchanged("hotspots", *parts)
    if kept is not None:
        return kept
    result = analysed(session, wanted, actor)
    cells = result.cells and {
        "rows": result.cells.rows, "corners": result.cells.corners, "breaks": result.cells.breaks,
    }  # fmt: skip
    found = words.lines(session, wanted, result)
    answer = {
        "method": wanted.method, "per_visit": wanted.per_visit, "cells": cells,
        "spots": words.spots(found, result),
    }  # fmt: skip
    return answers.kept_answer(answer, "hotspots", *parts)


def register(blueprint: Blueprint) -> None:
    """Put the pages on the blueprint."""
    blueprint.add_url_rule("/hotspots", "hotspots", page)
    blueprint.add_url_rule("/hotspots/frame", "hotspots_frame", frame)
    blueprint.add_url_rule("/hotspots/spots.json", "hotspots_json", spots_json)

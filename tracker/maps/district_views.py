"""Pages of the district's map: communities shaded by what is open, beside the same figures as a table."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.maps import borders, figures, queries, urls, words
from tracker.maps.panel import Panel, query_string
from tracker.places import locating
from tracker.points.choices import kinds
from tracker.storage.db import db
from tracker.tasks.filters import TaskFilter, from_args
from tracker.tasks.states import OPEN_STATES
from tracker.web import map_answers as answers

#: Of so many communities all are shown at once; of more those of a town that is opened.
OPEN_UP_TO = 60


@requires(Permission.MAP_VIEW)
def district() -> str:
    """The page: frame and table; the table's rows are drawn by its script, the towns stand in the page."""
    session, actor, wanted = db.session(), current_actor(), _wanted()
    communities = queries.community_rows(session, actor)
    told = figures.told(session, actor, wanted, communities)
    names = queries.area_names(session, {row.parent_code for row in communities} - {None})
    towns = figures.by_town(communities, names, told["communities"])
    return render_template(
        "maps/district.html",
        towns=towns,
        is_folded=len(communities) > OPEN_UP_TO,
        outside=told["outside"],
        is_schematic=any(row.is_schematic for row in communities),
        sheet_area=queries.area_around(session, [row.path for row in communities], actor),
        panel=Panel.of(session, wanted),
        places=urls.places_for(actor),
        list_args=wanted.to_args(),
        frame_url=url_for("maps.district_frame") + query_string(wanted),
        note=answers.map_note(),
        page_settings=answers.settings_block(
            _page_settings() | {"figures": told, "towns": [town["communities"] for town in towns]}
        ),
    )


def _wanted() -> TaskFilter:
    """The filter of the address bar; which states, whose deadline and where is the map's own matter.

    Words find single tasks: a list and a community's map take them, here every open task would be read.
    """
    return replace(from_args(request.args), states=(), due=None, area="", outside=False, text="")


def _page_settings() -> dict[str, Any]:
    return {
        "counts": url_for("maps.counts"),
        "list": url_for("tasks.listing"),
        "area": url_for("maps.area", code="CODE"),
        "open_states": OPEN_STATES,
        "texts": figures.texts(),
    }


@requires(Permission.MAP_VIEW)
def frame() -> Response:
    """The Folium page inside the frame."""
    session, actor = db.session(), current_actor()
    communities = queries.community_rows(session, actor)
    groups = list(kinds(session)) if "points" in urls.places_for(actor) else []
    bounds = borders.community_outlines(session).around([row.code for row in communities])
    areas_url = url_for("maps.areas", v=answers.version_of(*_drawn_from(session, communities)))
    return answers.framed_map(
        "district",
        bounds=bounds,
        title=_("全区社区地图"),
        data_urls={
            "areas": areas_url,
            "area": url_for("maps.area", code="CODE"),
            "counts": url_for("maps.counts") + query_string(_wanted()),
            **urls.of_tasks(),
            **urls.of_places(actor),
        },
        options={
            "texts": {**words.area_texts(), **words.district_texts()},
            "bounds": bounds,
            "states": words.states(),
            "open_states": OPEN_STATES,
            "search": query_string(_wanted()),
            "groups": [name for name, _words in groups],
            "group_labels": [words for _name, words in groups],
        },
        script="js/maps/district_frame.js",
        style="css/map_frame.css",
        early=[areas_url],
    )


@requires(Permission.MAP_VIEW)
def areas() -> Response:
    """GeoJSON of the communities in the viewer's jurisdiction, simplified, and of their towns."""
    session = db.session()
    communities = queries.community_rows(session, current_actor())
    drawn_from = _drawn_from(session, communities)
    return answers.lasting_answer(lambda: _features(session, communities), *drawn_from)


def _drawn_from(session: Session, communities: Sequence[Any]) -> tuple[object, ...]:
    """What the borders and names on the map depend on."""
    rows = [(row.code, row.name, row.parent_code) for row in communities]
    return str(db.engine.url), locating.epoch(session), rows


def _features(session: Session, communities: Sequence[Any]) -> dict[str, Any]:
    outlines = borders.community_outlines(session)
    features = [
        _feature(row.code, row.name, "community", geometry)
        for row in communities
        if (geometry := outlines.geometries.get(row.code))
    ]
    towns: dict[str, list[str]] = {}
    for row in communities:
        towns.setdefault(row.parent_code or "", []).append(row.code)
    names = queries.area_names(session, towns)
    for code, members in towns.items():
        geometry = outlines.joined(members)
        if code and geometry:
            features.append(_feature(code, names.get(code, ""), "town", geometry))
    return {"type": "FeatureCollection", "features": features}


def _feature(code: str, name: str, level: str, geometry: dict[str, Any]) -> dict[str, Any]:
    properties = {"code": code, "name": name, "level": level}
    return {"type": "Feature", "id": code, "properties": properties, "geometry": geometry}


@requires(Permission.MAP_VIEW)
def counts() -> Response:
    """What the page holds already, under another filter."""
    session, actor = db.session(), current_actor()
    communities = queries.community_rows(session, actor)
    return answers.json_answer(figures.told(session, actor, _wanted(), communities))


def register(blueprint: Blueprint) -> None:
    """Put the pages on the blueprint."""
    blueprint.add_url_rule("/", "district", district)
    blueprint.add_url_rule("/frame", "district_frame", frame)
    blueprint.add_url_rule("/areas.json", "areas", areas)
    blueprint.add_url_rule("/counts.json", "counts", counts)

"""Pages of the district's map: communities shaded by what is open, beside the same figures as a table."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.maps import borders, queries, shading, urls, words
from tracker.maps.panel import Panel, query_string
from tracker.maps.queries import CommunityCount
from tracker.places import locating
from tracker.points.choices import kinds
from tracker.storage.db import db
from tracker.tasks.filters import TaskFilter, from_args
from tracker.tasks.states import OPEN_STATES
from tracker.web import map_answers as answers
from tracker.web.filters import number


@requires(Permission.MAP_VIEW)
def district() -> str:
    """The page: frame and table."""
    actor, wanted = current_actor(), _wanted()
    communities = queries.community_rows(db.session(), actor)
    counts = queries.counts_by_community(db.session(), actor, wanted, clock.now())
    towns = queries.area_names(db.session(), {row.parent_code for row in communities} - {None})
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in communities:
        count = counts.get(row.code, CommunityCount())
        shown = {"code": row.code, "name": row.name, "is_pilot": row.is_pilot, "count": count}
        groups.setdefault(towns.get(row.parent_code, ""), []).append(shown)
    return render_template(
        "maps/district.html",
        groups=groups,
        outside=counts.get(None, CommunityCount()).open,
        is_schematic=any(row.is_schematic for row in communities),
        sheet_area=queries.area_around(db.session(), [row.path for row in communities], actor),
        panel=Panel.of(db.session(), wanted),
        places=urls.places_for(actor),
        list_args=wanted.to_args(),
        open_states=OPEN_STATES,
        frame_url=url_for("maps.district_frame") + query_string(wanted),
        note=answers.map_note(),
        page_settings=answers.settings_block(_page_settings()),
    )


def _wanted() -> TaskFilter:
    """The filter of the address bar; which states, whose deadline and where is the map's own matter."""
    return replace(from_args(request.args), states=(), due=None, area="", outside=False)


def _page_settings() -> dict[str, Any]:
    return {
        "counts": url_for("maps.counts"),
        "list": url_for("tasks.listing"),
        "open_states": OPEN_STATES,
        "texts": words.district_texts(),
    }


@requires(Permission.MAP_VIEW)
def frame() -> Response:
    """The Folium page inside the frame."""
    session, actor = db.session(), current_actor()
    communities = queries.community_rows(session, actor)
    outlines = borders.community_outlines(session)
    groups = list(kinds(session)) if "points" in urls.places_for(actor) else []
    return answers.framed_map(
        "district",
        bounds=outlines.around([row.code for row in communities]),
        title=_("全区社区地图"),
        data_urls={
            "areas": url_for("maps.areas"),
            "counts": url_for("maps.counts") + query_string(_wanted()),
            **urls.of_tasks(),
            **urls.of_places(actor),
        },
        options={
            "texts": {**words.area_texts(), **words.district_texts()},
            "counts": url_for("maps.counts"),
            "states": words.states(),
            "open_states": OPEN_STATES,
            "search": query_string(_wanted()),
            "groups": [name for name, _words in groups],
            "group_labels": [words for _name, words in groups],
        },
        script="js/maps/district_frame.js",
        style="css/map_frame.css",
    )


@requires(Permission.MAP_VIEW)
def areas() -> Response:
    """GeoJSON of the communities in the viewer's jurisdiction, simplified, and of their towns."""
    communities = queries.community_rows(db.session(), current_actor())
    known = (
        locating.epoch(db.session()),
        [(row.code, row.name, row.is_pilot) for row in communities],
    )
    answer = answers.unchanged(*known)
    if answer is not None:
        return answer
    outlines = borders.community_outlines(db.session())
    features = [
        _feature(row.code, row.name, "community", geometry, town=row.parent_code)
        for row in communities
        if (geometry := outlines.geometries.get(row.code))
    ]
    towns: dict[str, list[str]] = {}
    for row in communities:
        towns.setdefault(row.parent_code or "", []).append(row.code)
    names = queries.area_names(db.session(), towns)
    for code, members in towns.items():
        geometry = outlines.joined(members)
        if code and geometry:
            features.append(_feature(code, names.get(code, ""), "town", geometry))
    return answers.kept_answer({"type": "FeatureCollection", "features": features}, *known)


def _feature(
    code: str, name: str, level: str, geometry: dict[str, Any], town: str | None = None
) -> dict[str, Any]:
    properties = {"code": code, "name": name, "level": level}
    if level == "community":
        properties |= {"town": town or "", "url": url_for("maps.area", code=code)}
    return {"type": "Feature", "id": code, "properties": properties, "geometry": geometry}


@requires(Permission.MAP_VIEW)
def counts() -> Response:
    """Open, overdue and due soon by community, and the classes of the first two.

    A community that never had a task has no data.
    """
    actor = current_actor()
    found = queries.counts_by_community(db.session(), actor, _wanted(), clock.now())
    communities = queries.community_rows(db.session(), actor)
    figures = {}
    for row in communities:
        count = found.get(row.code, CommunityCount())
        figures[row.code] = (
            [count.open, count.overdue, count.due_soon] if row.recorded or count.open else None
        )
    outside = found.get(None, CommunityCount()).open
    known = [figure for figure in figures.values() if figure is not None]
    shades = {
        name: [
            shade.for_script(number) for shade in shading.rising([one[n] for one in known], ramp)
        ]
        for n, (name, ramp) in enumerate((("open", shading.BLUES), ("overdue", shading.REDS)))
    }
    return answers.json_answer({"communities": figures, "outside": outside, "shades": shades})


def register(blueprint: Blueprint) -> None:
    """Put the pages on the blueprint."""
    blueprint.add_url_rule("/", "district", district)
    blueprint.add_url_rule("/frame", "district_frame", frame)
    blueprint.add_url_rule("/areas.json", "areas", areas)
    blueprint.add_url_rule("/counts.json", "counts", counts)

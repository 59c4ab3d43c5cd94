"""The map of a round's points, visited or not, and the route as a file for a navigation device."""

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _

from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.inspections import round_queries, route_gpx
from tracker.inspections.route_gpx import GpxStop
from tracker.points import borders
from tracker.storage.db import db
from tracker.web import map_answers
from tracker.web.filters import moment


@requires(Permission.ROUND_VIEW)
def frame(round_id: int) -> Response:
    """The Folium page inside the frame."""
    actor, session = current_actor(), db.session()
    round_ = round_queries.find(session, round_id, actor)
    return map_answers.framed_map(
        "area",
        bounds=borders.bounds(session, actor, round_.area_code),  # type: ignore[arg-type]
        title=_("批次点位地图"),
        data_urls={
            "points": url_for("rounds.map_json", round_id=round_.id),
            "borders": url_for("points.borders_json"),
        },
        options={"texts": texts()},
        script="js/rounds/frame.js",
        style="css/map_frame.css",
    )


@requires(Permission.ROUND_VIEW)
def map_json(round_id: int) -> Response:
    """The points in the order of the route, and when each was visited."""
    actor, session = current_actor(), db.session()
    round_ = round_queries.find(session, round_id, actor)
    rows = round_queries.point_rows(session, round_, actor)
    return map_answers.json_answer(
        {
            "points": [
                {
                    "position": row.position,
                    "name": row.name,
                    "address": row.address,
                    "lon": row.lon,
                    "lat": row.lat,
                    "visited": moment(row.visited_at) if row.visited_at else "",
                    "url": url_for("point_pages.detail", code=row.code) if row.openable else "",
                }
                for row in rows
                if row.lon is not None
            ],
            "unplaced": sum(row.lon is None for row in rows),
        }
    )


def texts() -> dict[str, str]:
    """The words that the map's script shows; {…} is filled in there."""
    return {
        "visited": _("已检查 {when}"),
        "not_visited": _("未检查"),
        "open_point": _("查看点位"),
        "cluster": _("{n} 个点位，未检查 {left} 个；按回车放大"),
        "unplaced": _("{n} 个点位没有位置，不在图上"),
        "nothing": _("批次里还没有点位。"),
        "failed": _("地图数据没有载入，请刷新页面。"),
    }


@requires(Permission.ROUND_VIEW)
def gpx(round_id: int) -> Response:
    """The route as GPX 1.1: points in their order, WGS-84."""
    actor, session = current_actor(), db.session()
    round_ = round_queries.find(session, round_id, actor)
    stops = [
        GpxStop(f"{row.position} {row.name}", row.code, row.lon, row.lat)
        for row in round_queries.point_rows(session, round_, actor)
        if row.lon is not None
    ]
    return route_gpx.answer(round_.name, stops, filename=f"round-{round_.id}")


def register(blueprint: Blueprint) -> None:
    """Put the map and the file on the blueprint."""
    blueprint.add_url_rule("/<int:round_id>/frame", "frame", frame)
    blueprint.add_url_rule("/<int:round_id>/points.json", "map_json", map_json)
    blueprint.add_url_rule("/<int:round_id>/route.gpx", "gpx", gpx)

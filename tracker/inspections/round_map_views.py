"""The map of a round's points, visited or not, and the route as a file for a navigation device."""

from xml.sax.saxutils import escape

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _

from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.inspections import round_queries
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
    stops = "".join(
        f'<rtept lat="{row.lat:.6f}" lon="{row.lon:.6f}"><name>{row.position} {_plain(row.name)}'
        f"</name><desc>{_plain(row.code)}</desc></rtept>"
        for row in round_queries.point_rows(session, round_, actor)
        if row.lon is not None
    )
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<gpx version="1.1" creator="tracker" xmlns="http://www.topografix.com/GPX/1/1">'
        f"<rte><name>{_plain(round_.name)}</name>{stops}</rte></gpx>\n"
    )
    answer = Response(body, content_type="application/gpx+xml")
    answer.headers["Content-Disposition"] = f'attachment; filename="round-{round_.id}.gpx"'
    return answer


def _plain(text: str) -> str:
    """Text for an element of XML: markup and characters that XML cannot hold taken away."""
    return escape("".join(char for char in text if char.isprintable()))


def register(blueprint: Blueprint) -> None:
    """Put the map and the file on the blueprint."""
    blueprint.add_url_rule("/<int:round_id>/frame", "frame", frame)
    blueprint.add_url_rule("/<int:round_id>/points.json", "map_json", map_json)
    blueprint.add_url_rule("/<int:round_id>/route.gpx", "gpx", gpx)

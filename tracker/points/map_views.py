"""The map beside the list of points: the framed page, its points, its borders."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.points import borders, choices, filters, listing
from tracker.points.filters import PointFilter
from tracker.storage.db import db
from tracker.web import map_answers
from tracker.web.filters import moment


def wanted_here() -> PointFilter:
    """The filter of the address bar, without what cannot be understood."""
    return filters.from_args(request.args)[0]


@requires(Permission.POINT_LIST)
def map_json() -> Response:
    """The points of the filter: place, kind, look; at most `listing.MAP_CEILING`."""
    actor, session, now = current_actor(), db.session(), clock.now()
    wanted = wanted_here()
    rows, is_cut = listing.first(session, actor, wanted, now=now, limit=listing.MAP_CEILING)
    shapes = dict(listing.shapes(session, actor, wanted, now=now))
    english = choices.is_english()
    points: list[dict[str, Any]] = [
        {
            "code": row.code,
            "name": row.name,
            "kind": (english and row.site_type_en) or row.site_type,
            "group": row.group,
            "place": row.community or row.address,
            "lon": row.lon,
            "lat": row.lat,
            "overdue": row.is_overdue and row.is_active,
            "active": row.is_active,
            "model": row.is_model_point,
            "visited": moment(row.last_visit_at),
            "score": row.last_score,
            "geometry": shapes.get(row.code),
        }
        for row in rows
        if row.lon is not None
    ]
    return map_answers.json_answer(
        {"points": points, "unplaced": len(rows) - len(points), "cut": is_cut}
    )


@requires(Permission.POINT_LIST)
def borders_json() -> Response:
    """Community borders under the points; the browser keeps them."""
    session, actor = db.session(), current_actor()
    version = borders.version(session, actor)
    kept = map_answers.unchanged("points", version)
    if kept is not None:
        return kept
    return map_answers.kept_answer(borders.communities(session, actor), "points", version)


@requires(Permission.POINT_LIST)
def frame() -> Response:
    """The Folium page inside the frame."""
    session, actor, wanted = db.session(), current_actor(), wanted_here()
    bounds = borders.bounds(session, actor, wanted.area)
    return map_answers.framed_map(
        "area",
        bounds=bounds,  # type: ignore[arg-type]
        title=_("测评点位地图"),
        data_urls={
            "points": url_for("points.map_json"),
            "borders": url_for("points.borders_json"),
            "detail": url_for("point_pages.detail", code="CODE"),
        },
        options={"search": wanted.to_args(), "groups": groups(), "texts": texts()},
        script="js/points/frame.js",
        style="css/points_frame.css",
    )


def groups() -> list[dict[str, str]]:
    """The groups of site types in the handbook's order: name as stored, words to read."""
    return [{"name": name, "label": words} for name, words in choices.kinds(db.session())]


def texts() -> dict[str, str]:
    """The words that the map's scripts show."""
    return {
        "failed": _("地图数据没有载入，请刷新页面。"),
        "loading": _("正在载入…"),
        "nothing": _("没有符合条件的点位"),
        "unplaced": _("{n} 个点位没有位置，不在地图上"),
        "cut": _("只显示前 {n} 个点位，请缩小筛选范围"),
        "open": _("查看点位"),
        "visited": _("上次检查"),
        "never": _("未检查过"),
        "overdue": _("到期未查"),
        "retired": _("已停用"),
        "model": _("示范点位"),
        "score": _("{n} 分"),
        "cluster": _("{n} 个点位"),
    }


def register(blueprint: Blueprint) -> None:
    """Put the map and its data on the blueprint."""
    blueprint.add_url_rule("/map.json", "map_json", map_json)
    blueprint.add_url_rule("/borders.json", "borders_json", borders_json)
    blueprint.add_url_rule("/frame", "frame", frame)

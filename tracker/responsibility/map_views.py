"""The drawn map of posts: the framed page, its shapes, its borders, what a community lacks."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.places.locating import epoch
from tracker.places.models import Organization
from tracker.points import borders
from tracker.responsibility import filters, gaps, queries
from tracker.responsibility.models import Kind, Responsibility
from tracker.storage.db import db
from tracker.web import map_answers

#: Posts of one map: more are a grey mass, and megabytes.
MAP_CEILING = 5000


def day_args(on: date | None) -> dict[str, str]:
    """The day of a question in an address; today is left out."""
    return {"on": on.isoformat()} if on else {}


@requires(Permission.RESPONSIBILITY_LIST)
def frame() -> Response:
    """The Folium page inside the frame; with `gaps`, what a community lacks is drawn too."""
    session, actor = db.session(), current_actor()
    area = filters.from_args(request.args)[0].area
    bounds = borders.bounds(session, actor, area)
    urls = {
        "shapes": url_for("responsibility.shapes_json"),
        "borders": url_for("responsibility.borders_json"),
        "detail": url_for("responsibility.detail", code="CODE"),
    }
    if request.args.get("gaps") == "1" and area:
        urls["gaps"] = url_for("responsibility.gaps_json", area_code=area)
    return map_answers.framed_map(
        "responsibility",
        bounds=bounds,  # type: ignore[arg-type]
        title=_("责任地图"),
        data_urls=urls,
        options={"search": _search(), "texts": texts()},
        script="js/responsibility/frame.js",
        style="css/responsibility_frame.css",
    )


def _search() -> dict[str, str]:
    """What of the address bar narrows the drawn posts."""
    asked, _refused = filters.question(request.args)
    wanted, _refused = filters.from_args(request.args)
    scope = {"for": asked.scope.token} if asked.scope else {}
    return {**wanted.to_args(), **day_args(asked.on), **scope}


def texts() -> dict[str, str]:
    """The words that the map's script shows."""
    return {
        "failed": _("地图数据没有载入，请刷新页面。"),
        "nothing": _("这一天没有登记的路段或片区"),
        "cut": _("只显示前 {n} 个岗位，请缩小范围"),
        "segment": _("路段"),
        "polygon": _("片区"),
        "gap": _("无主区域"),
        "overlap": _("重叠"),
        "hectares": _("{n} 公顷"),
        "middle": _("查询地图中心"),
        "locate": _("定位到我的位置"),
        "no_position_allowed": _(
            "浏览器没有给出位置：请允许定位；非 https 访问时浏览器不提供定位。"
        ),
        "position_outside": _("您的位置不在本图范围内。"),
        "you_are_here": _("您的位置（误差约 {n} 米）"),
    }


@requires(Permission.RESPONSIBILITY_LIST)
def borders_json() -> Response:
    """Community borders under the posts; the browser keeps them."""
    session, actor = db.session(), current_actor()
    version = borders.version(session, actor)
    kept = map_answers.unchanged("responsibility-borders", version)
    if kept is not None:
        return kept
    found = borders.communities(session, actor)
    return map_answers.kept_answer(found, "responsibility-borders", version)


@requires(Permission.RESPONSIBILITY_LIST)
def shapes_json() -> Response:
    """The visible segments and polygons that answer on a day; the browser keeps them by version."""
    session, actor = db.session(), current_actor()
    asked, _refused = filters.question(request.args)
    wanted, _refused = filters.from_args(request.args)
    on = asked.on or clock.today()
    grants = sorted(f"{one.role}/{one.area_code}/{one.organization_id}" for one in actor.grants)
    parts = ("responsibility", queries.epoch(session), grants, on, _search())
    kept = map_answers.unchanged(*parts)
    if kept is not None:
        return kept
    rows = session.execute(
        select(
            Responsibility.code, Responsibility.name, Responsibility.kind, Responsibility.post,
            Responsibility.person, Responsibility.reach_m, Responsibility.geometry,
            Organization.name.label("unit"),
        )
        .join(Organization, Organization.id == Responsibility.unit_id)
        .where(
            queries.visible_clause(actor),
            queries.in_force(on),
            Responsibility.kind != Kind.COMMUNITY,
            *filters.narrowing(wanted),
        )
        .order_by(Responsibility.code)
        .limit(MAP_CEILING + 1)
    ).all()  # fmt: skip
    features = [
        {
            "type": "Feature",
            "properties": {
                "code": row.code, "name": row.name, "kind": row.kind, "post": row.post,
                "person": row.person, "unit": row.unit, "reach": row.reach_m,
            },
            "geometry": row.geometry,
        }
        for row in rows[:MAP_CEILING]
    ]  # fmt: skip
    answer = {"features": features, "cut": len(rows) > MAP_CEILING}
    return map_answers.kept_answer(answer, *parts)


@requires(Permission.RESPONSIBILITY_LIST)
def gaps_json(area_code: str) -> Response:
    """Ground of a community that nobody answers for, and overlaps, as GeoJSON features with a role."""
    from gis.outlines import as_geometry

    session = db.session()
    area = queries.find_community(session, area_code, current_actor())
    asked, _refused = filters.question(request.args)
    cover = gaps.covers(session, [area.code], category=asked.category, on=asked.on).get(area.code)
    features: list[dict[str, Any]] = []
    if cover is not None:
        pieces = [("gap", "", piece) for piece in cover.left.pieces]
        pieces += [
            ("overlap", f"{one.one.name} / {one.other.name}", one.piece) for one in cover.overlaps
        ]
        features = [
            {
                "type": "Feature",
                "properties": {"role": role, "name": name, "area_m2": round(piece.area_m2)},
                "geometry": as_geometry(piece.geometry),
            }
            for role, name, piece in pieces
        ]
    return map_answers.json_answer({"features": features, "version": epoch(session)})


def register(blueprint: Blueprint) -> None:
    """Put the map and its data on the blueprint."""
    blueprint.add_url_rule("/frame", "frame", frame)
    blueprint.add_url_rule("/shapes.json", "shapes_json", shapes_json)
    blueprint.add_url_rule("/borders.json", "borders_json", borders_json)
    blueprint.add_url_rule("/communities/<area_code>/gaps.json", "gaps_json", gaps_json)

"""Today's route of an inspector: an ordered walk to see, to change by hand, to print and to take along."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gis.route import DETOUR, MOST_STOPS, WALKING_KMH
from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.access.policy import allows
from tracker.errors import Invalid
from tracker.inspections import day_asked, day_points, day_route, queries, round_queries, route_gpx
from tracker.inspections.day_asked import DEBT, MOST_KM, Asked
from tracker.inspections.day_route import DayRoute
from tracker.inspections.round_models import Round
from tracker.inspections.route_gpx import GpxStop
from tracker.points.label_views import qr_svg
from tracker.storage.db import db
from tracker.web import map_answers
from tracker.web.errors import words

blueprint = Blueprint("day_route", __name__, url_prefix="/inspect/route")

#: Points beside the route that the page offers to take in.
LEFT_SHOWN = 20
#: What estimates rest on, for the pages' own words.
ASSUMED = {"detour": f"{DETOUR:g}", "speed": f"{WALKING_KMH:g}"}


@blueprint.get("")
@requires(Permission.INSPECT)
def index() -> ResponseReturnValue:
    """The route with its map; an address that names a move is answered by the address after it."""
    session, actor, now = db.session(), current_actor(), clock.now()
    try:
        asked = day_asked.read(request.args)
        if moved := asked.moved(request.args):
            if request.args.get("sort") == "1":
                moved = day_route.sorted_anew(session, actor, moved, now)
            return redirect(address("index", moved.to_args()))
    except Invalid as fault:
        return _page(None, Asked(), problem=words(fault)), 422
    return _page(day_route.of(session, actor, asked, now), asked)


def address(endpoint: str, args: Mapping[str, str]) -> str:
    """The address of a page of the route."""
    return url_for(f"day_route.{endpoint}", **args)  # type: ignore[arg-type]


def _page(found: DayRoute | None, asked: Asked, problem: str = "") -> str:
    session, actor = db.session(), current_actor()
    by_debt = found is not None and not found.of_rounds
    args = found.asked.to_args() if found else {}
    return render_template(
        "route/index.html",
        found=found,
        asked=asked,
        problem=problem,
        # what was typed stays, also where it could not be read
        typed={"n": request.args.get("n", str(asked.stops)), "km": request.args.get("km", "")},
        args=args,
        chosen=asked.of or (DEBT if by_debt else ""),
        rounds=_rounds(asked),
        areas=day_points.due_in_area(session, actor) if by_debt or asked.of == DEBT else [],
        left_shown=LEFT_SHOWN,
        most={"n": MOST_STOPS, "km": MOST_KM},
        assumed=ASSUMED,
        address=address,
        page_settings=map_answers.settings_block({"texts": texts()}),
    )


def _rounds(asked: Asked) -> list[tuple[int, str]]:
    """The person's open rounds, and the one that is looked at."""
    session, actor = db.session(), current_actor()
    own = queries.own_rounds(actor).with_only_columns(Round.id, Round.name)
    found = [(row.id, row.name) for row in session.execute(own)]
    if asked.round_id is not None and asked.round_id not in dict(found):
        seen = round_queries.visible_rounds(actor).where(Round.id == asked.round_id)
        found += [(row.id, row.name) for row in session.scalars(seen)]
    return found


def _found() -> DayRoute:
    asked = day_asked.read(request.args)
    return day_route.of(db.session(), current_actor(), asked, clock.now())


@blueprint.get("/sheet")
@requires(Permission.INSPECT)
def sheet() -> str:
    """The route on paper: each stop with the way to it, its QR code and room for notes."""
    found = _found()
    day_route.demand_stops(found)
    return render_template(
        "route/sheet.html",
        found=found,
        args=found.asked.to_args(),
        person=current_actor().name,
        assumed=ASSUMED,
        address=address,
        qr_svg=qr_svg,
    )


@blueprint.get("/route.gpx")
@requires(Permission.INSPECT)
def gpx() -> Response:
    """The route as a file for a navigation device."""
    found = _found()
    day_route.demand_stops(found)
    stops = [
        GpxStop(f"{number} {stop.name}", stop.code, stop.place.lon, stop.place.lat)
        for number, stop in enumerate(found.stops, start=1)
        if stop.place
    ]
    today = clock.today()
    title = f"{_('今日检查路线')} {today}"
    return route_gpx.answer(title, stops, filename=f"route-{today}")


@blueprint.get("/frame")
@requires(Permission.INSPECT)
def frame() -> Response:
    """The Folium page inside the frame; the page around it says which route."""
    urls = {"stops": address("stops_json", day_asked.read(request.args).to_args())}
    if allows(current_actor(), Permission.POINT_LIST):
        urls["borders"] = url_for("points.borders_json")
    return map_answers.framed_map(
        "area",
        bounds=None,
        title=_("检查路线地图"),
        data_urls=urls,
        options={"texts": texts()},
        script="js/route/frame.js",
        style="css/map_frame.css",
    )


@blueprint.get("/stops.json")
@requires(Permission.INSPECT)
def stops_json() -> Response:
    """The stops in their order and where the walk begins, WGS-84."""
    found = _found()
    start = found.asked.start
    stops: list[dict[str, Any]] = [
        {
            "name": stop.name, "address": stop.address, "lon": stop.lon, "lat": stop.lat,
            "url": url_for("point_pages.detail", code=stop.code),
        }
        for stop in found.stops
    ]  # fmt: skip
    return map_answers.json_answer(
        {
            "stops": stops,
            "start": [start.lon, start.lat] if start else None,
            "closed": found.asked.closed,
        }
    )


def texts() -> dict[str, str]:
    """The words that the scripts of page and map show; {…} is filled in there."""
    return {
        "open_point": _("查看点位"),
        "start": _("出发位置（约 100 米）"),
        "failed": _("地图数据没有载入，请刷新页面。"),
        "stop": _("第 {n} 站 {name}"),
        "moved": _("已调整：{name} 现为第 {n} 站"),
        "gone": _("已从路线中去掉：{name}"),
        "locating": _("正在定位…"),
        "insecure": _("浏览器只在 https 页面提供定位，请改用 https 地址。"),
        "unsupported": _("这台设备不能定位。"),
        "denied": _("没有获得定位许可。可在浏览器设置中允许后重试。"),
        "unavailable": _("暂时定位不到，请到开阔处重试。"),
        "offline": _("没有网络，路线没有改变。"),
    }

"""Pages of coverage debt: the points that have gone longest without a visit for their cycle, list and map."""

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.inspections import debt, site_type_words
from tracker.inspections.coverage import NOWHERE
from tracker.inspections.debt import ORDER_LABELS, OWING_LABELS, Wanted
from tracker.inspections.round_models import Draw
from tracker.inspections.round_rules import may_plan
from tracker.places.models import Area, Level
from tracker.places.queries import areas_visible_to, visible_area
from tracker.points import borders, choices
from tracker.points.models import SiteType
from tracker.storage.db import db
from tracker.web import map_answers
from tracker.web.forgiving import forgiving


def _wanted() -> Wanted:
    """What the address asks for. Raises NotFound for a community that is not the person's."""
    wanted = debt.read(request.args)
    if wanted.community and wanted.community != NOWHERE:
        visible_area(db.session(), wanted.community, current_actor())
    return wanted


@requires(Permission.ROUND_LIST)
@forgiving
def listing() -> str:
    """The list, one page of it, beside the map of the same points."""
    actor, session, now = current_actor(), db.session(), clock.now()
    wanted = _wanted()
    page, at = debt.page(session, wanted, actor, now, after=request.args.get("after"))
    totals = debt.totals(session, wanted, actor, at)
    own = areas_visible_to(actor).where(Area.level == Level.COMMUNITY)
    communities = session.execute(own.with_only_columns(Area.code, Area.name)).all()
    codes = {row.site_type_code for row in page.rows} | {wanted.site_type}
    named = select(SiteType.code, site_type_words.column(SiteType)).where(SiteType.code.in_(codes))
    beyond = {row.community_code for row in page.rows} | {wanted.community}
    areas = select(Area.code, Area.name).where(Area.code.in_(sorted(beyond - {None, ""})))
    return render_template(
        "coverage/debt.html",
        page=page, at=at, wanted=wanted, totals=totals, owing=OWING_LABELS, orders=ORDER_LABELS,
        communities=communities, kinds=choices.kinds(session),
        type_names={row[0]: row[1] for row in session.execute(named)},
        area_names={row[0]: row[1] for row in session.execute(areas)},
        days=debt.days_without, ratio=debt.ratio,
        frame_url=url_for("coverage.debt_frame", **wanted.as_args()),  # type: ignore[arg-type]
        plan_url=_plan_url(wanted) if may_plan(actor) else "",
        page_settings=map_answers.settings_block({}),
    )  # fmt: skip


def _plan_url(wanted: Wanted) -> str:
    """The form of a new round that draws these points: 久未检查优先, in the same community and type."""
    args: dict[str, Any] = {"draw": Draw.OVERDUE_FIRST.value}
    if wanted.community:
        args["communities"] = wanted.community
    if wanted.site_type:
        args["site_types"] = wanted.site_type
    return url_for("rounds.new", **args)


@requires(Permission.ROUND_LIST)
def frame() -> Response:
    """The Folium page inside the frame."""
    actor, session = current_actor(), db.session()
    wanted = _wanted()
    return map_answers.framed_map(
        "district",
        bounds=borders.bounds(session, actor),  # type: ignore[arg-type]
        title=_("覆盖欠账地图"),
        data_urls={
            "points": url_for("coverage.debt_json", **wanted.as_args()),  # type: ignore[arg-type]
            "borders": url_for("points.borders_json"),
        },
        options={"texts": texts(), "point": url_for("point_pages.detail", code="CODE")},
        script="js/coverage/debt_frame.js",
        style="css/map_frame.css",
    )


@requires(Permission.ROUND_LIST)
def points_json() -> Response:
    """The points of the list with a position, those that owe most first, WGS-84."""
    actor, session, now = current_actor(), db.session(), clock.now()
    rows, is_cut = debt.on_map(session, _wanted(), actor, now)
    return map_answers.json_answer(
        {
            "cut": is_cut,
            "points": [
                [row.code, row.lon, row.lat, row.name, debt.days_without(row, now), row.cycle_days]
                for row in rows
            ],
        }
    )


def texts() -> dict[str, str]:
    """The words that the map's script shows; {…} is filled in there."""
    return {
        "legend": _("覆盖欠账"), "never": _("从未检查"), "twice": _("两个周期以上"),
        "due": _("一至两个周期"), "paid": _("未到期"), "points": _("{n} 个"),
        "owed": _("{days} 天未查，周期 {cycle} 天（{ratio} 倍）"),
        "owed_never": _("从未检查，周期 {cycle} 天"), "open_point": _("查看点位"),
        "cut": _("只画出欠账最多的 {n} 个点位"), "nothing": _("没有符合条件的点位"),
        "failed": _("地图数据没有载入，请刷新页面。"),
    }  # fmt: skip


def register(blueprint: Blueprint) -> None:
    """Put the pages on the blueprint."""
    blueprint.add_url_rule("/debt", "debt", listing)
    blueprint.add_url_rule("/debt/frame", "debt_frame", frame)
    blueprint.add_url_rule("/debt/points.json", "debt_json", points_json)

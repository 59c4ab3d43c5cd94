"""Coverage: inspected points of all, by community and site type, on a table and a map."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import Actor
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.audit import operations as audit
from tracker.inspections import coverage, debt_views, round_queries, site_type_words
from tracker.inspections.coverage import NOWHERE, SPANS, Counts, Wanted
from tracker.inspections.round_models import Round
from tracker.inspections.round_queries import Progress
from tracker.places.models import Area, Level
from tracker.places.queries import areas_visible_to
from tracker.points import borders, choices
from tracker.points.models import SiteType
from tracker.sheets import csv_pieces
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.web import map_answers

blueprint = Blueprint("coverage", __name__, url_prefix="/coverage")
debt_views.register(blueprint)

#: Rounds offered in the select, the newest first.
ROUNDS_OFFERED = 60


@dataclass(frozen=True)
class Line:
    """One row of a table of coverage; `code` as addresses name it."""

    code: str
    name: str
    group: str
    progress: Progress
    is_chosen: bool


@blueprint.get("/")
@requires(Permission.ROUND_LIST)
def overview() -> str:
    """Both tables with their totals beside the map."""
    actor, session, now = current_actor(), db.session(), clock.now()
    wanted = coverage.read(session, request.args, actor, now)
    counts = coverage.of(session, wanted.scope, actor, now)
    communities = _community_lines(session, actor, counts, wanted)
    types = _type_lines(session, counts, wanted)
    args = wanted.as_args()
    return render_template(
        "coverage/overview.html",
        wanted=wanted,
        asked_scope=_asked_scope(wanted),
        args=args,
        communities=communities,
        types=types,
        total=coverage.total(coverage.by_community(counts, wanted.site_type)),
        type_total=coverage.total(coverage.by_site_type(counts, wanted.community)),
        spans=SPANS,
        rounds=_rounds(session, actor, wanted),
        month=wanted.scope.month or f"{clock.today():%Y-%m}",
        page_settings=map_answers.settings_block({"overview": url_for("coverage.overview")}),
        frame_url=_address("coverage.frame", wanted),
        note=map_answers.map_note(),
        without=_without,
    )


def _address(endpoint: str, wanted: Wanted) -> str:
    return url_for(endpoint, **wanted.as_args())  # type: ignore[arg-type]


def _asked_scope(wanted: Wanted) -> str:
    """Which scope the form stands at: 按批次 also while no round is chosen yet."""
    return "round" if request.args.get("scope") == "round" else wanted.scope.kind


def _without(args: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in args.items() if key != name}


def _rounds(session: Session, actor: Actor, wanted: Wanted) -> list[Any]:
    query = round_queries.visible_rounds(actor).with_only_columns(Round.id, Round.name)
    found = [(row.id, row.name) for row in session.execute(query.order_by(Round.id.desc()).limit(ROUNDS_OFFERED))]  # fmt: skip
    chosen = wanted.scope.round
    if chosen is not None and chosen.id not in dict(found):
        found.append((chosen.id, chosen.name))
    return found


def _community_lines(session: Session, actor: Actor, counts: Counts, wanted: Wanted) -> list[Line]:
    """The actor's communities and those of the points, by town; points in none come last."""
    found = coverage.by_community(counts, wanted.site_type)
    columns = (Area.code, Area.name, Area.parent_code)
    own = areas_visible_to(actor).where(Area.level == Level.COMMUNITY)
    rows = {row.code: row for row in session.execute(own.with_only_columns(*columns))}
    beyond = sorted(set(found) - set(rows) - {""})
    for row in session.execute(select(*columns).where(Area.code.in_(beyond))):
        rows[row.code] = row
    towns = _names(session, Area, {row.parent_code for row in rows.values()})
    lines = [
        Line(code, rows[code].name, towns.get(rows[code].parent_code, ""),
             found.get(code, Progress()), code == wanted.community)
        for code in sorted(rows)
    ]  # fmt: skip
    if "" in found:
        lines.append(Line(NOWHERE, _("未落入社区"), "", found[""], wanted.community == NOWHERE))
    return lines


def _type_lines(session: Session, counts: Counts, wanted: Wanted) -> list[Line]:
    found = coverage.by_site_type(counts, wanted.community)
    english = choices.is_english()
    rows = session.scalars(
        select(SiteType).where(SiteType.code.in_(sorted(found))).order_by(SiteType.sort, SiteType.code)
    )  # fmt: skip
    return [
        Line(
            row.code, (english and row.name_en) or row.name,
            (english and row.group_name_en) or row.group_name, found[row.code],
            row.code == wanted.site_type,
        )
        for row in rows
    ]  # fmt: skip


def _names(session: Session, table: Any, codes: set[Any]) -> dict[str, str]:
    rows = session.execute(
        select(table.code, site_type_words.column(table)).where(
            table.code.in_(sorted(codes - {None, ""}))
        )
    )
    return {row[0]: row[1] for row in rows}


@blueprint.get("/points")
@requires(Permission.ROUND_LIST)
def points() -> str:
    """The points behind a figure."""
    actor, session, now = current_actor(), db.session(), clock.now()
    wanted = coverage.read(session, request.args, actor, now)
    state = request.args.get("inspected", "")
    state = state if state in ("yes", "no") else ""
    page = coverage.points(
        session, wanted, actor, now, state=state, after=request.args.get("after")
    )
    names = {
        "area": _names(session, Area, {row.community_code for row in page.rows} | {wanted.community}),
        "type": _names(session, SiteType, {row.site_type_code for row in page.rows} | {wanted.site_type}),
    }  # fmt: skip
    return render_template(
        "coverage/points.html", page=page, wanted=wanted, args=wanted.as_args(), state=state,
        names=names,
    )  # fmt: skip


@blueprint.get("/export.csv")
@requires(Permission.ROUND_LIST)
def export() -> Response:
    """The figures by community and site type, as CSV for spreadsheets."""
    actor, session, now = current_actor(), db.session(), clock.now()
    wanted = coverage.read(session, request.args, actor, now)
    counts = coverage.of(session, wanted.scope, actor, now)
    areas = _names(session, Area, {key[0] for key in counts})
    types = _names(session, SiteType, {key[1] for key in counts})
    header = [_("社区代码"), _("社区"), _("点位类型"), _("在用点位"), _("已检查"), _("覆盖率%")]
    chosen = "" if wanted.community == NOWHERE else wanted.community
    lines = [
        (
            community, areas.get(community, _("未落入社区")), types.get(kind, kind), part.all,
            part.visited, None if part.percent is None else round(part.percent, 1),
        )
        for (community, kind), part in sorted(counts.items())
        if (not wanted.community or community == chosen)
        and (not wanted.site_type or kind == wanted.site_type)
    ]  # fmt: skip
    with unit_of_work():
        audit.record("export", actor=actor, object="coverage.csv", filter=wanted.as_args())
    answer = Response("".join(csv_pieces(header, lines)), content_type="text/csv; charset=utf-8")
    name = f"coverage-{clock.in_city(now):%Y%m%d-%H%M}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@blueprint.get("/counts.json")
@requires(Permission.ROUND_LIST)
def counts_json() -> Response:
    """[inspected, all] by community: the same figures as the table's."""
    actor, session, now = current_actor(), db.session(), clock.now()
    wanted = coverage.read(session, request.args, actor, now)
    counts = coverage.of(session, wanted.scope, actor, now)
    found = coverage.by_community(counts, wanted.site_type)
    return map_answers.json_answer(
        {"communities": {code: [part.visited, part.all] for code, part in found.items() if code}}
    )


@blueprint.get("/frame")
@requires(Permission.ROUND_LIST)
def frame() -> Response:
    """The Folium page inside the frame."""
    actor, session = current_actor(), db.session()
    wanted = coverage.read(session, request.args, actor, clock.now())
    return map_answers.framed_map(
        "district",
        bounds=borders.bounds(session, actor),  # type: ignore[arg-type]
        title=_("检查覆盖地图"),
        data_urls={
            "areas": url_for("points.borders_json"),
            "counts": _address("coverage.counts_json", wanted),
        },
        options={"texts": texts(), "chosen": wanted.community, "counts": url_for("coverage.counts_json")},
        script="js/coverage/frame.js",
        style="css/map_frame.css",
    )  # fmt: skip


def texts() -> dict[str, str]:
    """The words that the map's script shows; {…} is filled in there."""
    return {
        "legend": _("检查覆盖率"),
        "communities": _("{n} 个社区"),
        "no_points": _("没有点位"),
        "hover": _("已检查 {visited} / {all} 个点位（{percent}）"),
        "failed": _("地图数据没有载入，请刷新页面。"),
    }

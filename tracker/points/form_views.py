"""Pages that make and change a point; whatever is refused comes back with the typed words kept."""

from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, flash, jsonify, redirect, request, url_for
from flask import render_template as render
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse
from wtforms.validators import ValidationError

from tracker.access.gate import current_actor, demand, requires
from tracker.access.permissions import Permission
from tracker.access.policy import WHO
from tracker.errors import Fault, Invalid, NotPermitted
from tracker.points import campaign, choices, operations, queries
from tracker.points.checking import MAX_CYCLE
from tracker.points.forms import PointForm, as_typed, typed_position
from tracker.points.history import FIELD_LABELS, KIND_LABELS
from tracker.points.list_views import may_manage
from tracker.points.models import InspectionPoint, PointChange
from tracker.points.operations import StalePoint
from tracker.storage.db import db
from tracker.storage.receipts import parse_uuid
from tracker.texts import N_
from tracker.web import map_answers
from tracker.web.forms import show_fault


@requires(Permission.POINT_MANAGE)
def new_page() -> Response:
    """An empty form, in the community the list was filtered by."""
    _demand_manager()
    start = {"community_code": request.args.get("area", ""), "site_type_code": request.args.get("type", "")}  # fmt: skip
    return _page(PointForm(formdata=None, data=start), None)


@requires(Permission.POINT_MANAGE)
def create() -> AnyResponse:
    """Store a new point."""
    _demand_manager()
    form = PointForm()
    uuid = parse_uuid(request.form.get("request_uuid"))
    if not form.validate_on_submit():
        return _page(form, None, status=422)
    try:
        code = operations.create(form.given(None), actor=current_actor(), request_uuid=uuid)
    except (Invalid, NotPermitted) as fault:
        show_fault(form, fault)
        return _page(form, None, status=fault.status)
    flash(_("已新建点位 %(code)s。", code=code), "success")
    return redirect(url_for("point_pages.detail", code=code))


@requires(Permission.POINT_MANAGE)
def edit_page(code: str) -> Response:
    """A point in its form."""
    point = _managed(code)
    return _page(PointForm(formdata=None, data=as_typed(point)), point)


@requires(Permission.POINT_MANAGE)
def edit(code: str) -> AnyResponse:
    """Change a point: 404 foreign, 403 says who can, 409 stale with the typed words, 422 to mend."""
    point = _managed(code)
    form = PointForm()
    uuid, version = parse_uuid(request.form.get("request_uuid")), _version()
    if not form.validate_on_submit():
        return _page(form, point, status=422, version=version)
    given = form.given(point)
    try:
        operations.edit(
            code, given, actor=current_actor(), version=version, request_uuid=uuid
        )  # fmt: skip
    except StalePoint as stale:
        show_fault(form, stale)
        point = _managed(code)
        return _page(form, point, status=409, news=_since(point, version))
    except Fault as fault:
        if fault.status not in (403, 422):
            raise
        show_fault(form, fault)
        return _page(form, _managed(code), status=fault.status, version=version)
    flash(_("已保存点位 %(code)s。", code=code), "success")
    return redirect(url_for("point_pages.detail", code=code))


@requires(Permission.POINT_MANAGE)
def standing(code: str) -> AnyResponse:
    """Retire a point or bring it back."""
    wanted = request.form.get("active")
    if wanted not in ("0", "1"):
        raise Invalid(N_("页面信息不完整，操作没有保存。请刷新页面后重试。"))
    operations.set_active(
        code, wanted == "1", actor=current_actor(), version=_version(),
        request_uuid=parse_uuid(request.form.get("request_uuid")),
    )  # fmt: skip
    words = _("已恢复使用点位 %(code)s。") if wanted == "1" else _("已停用点位 %(code)s。")
    flash(words % {"code": code}, "success")
    return redirect(url_for("point_pages.detail", code=code))


@requires(Permission.POINT_LIST)
def coords_json() -> Response:
    """Where typed coordinates are, WGS-84, for the form's map; else why they are not understood."""
    text = request.args.get("coords", "")[:120]
    try:
        found = typed_position(text, request.args.get("coord_sys", ""))
    except ValidationError as refused:
        return jsonify(lon=None, lat=None, message=str(refused))
    return jsonify(lon=found["lon"], lat=found["lat"], message=None)


def _demand_manager() -> None:
    """Nobody who manages no area is shown a form whose every answer would be refused."""
    if not may_manage():
        raise NotPermitted(WHO[Permission.POINT_MANAGE])


def _managed(code: str) -> InspectionPoint:
    point = queries.find(db.session(), code, current_actor())
    demand(Permission.POINT_MANAGE, point)
    return point


def _version() -> int:
    text = request.form.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid(N_("页面信息不完整，操作没有保存。请刷新页面后重试。"), field="version")
    return int(text)


def _since(point: InspectionPoint, version: int) -> list[PointChange]:
    """What others changed after the page was opened: one version a change, newest first."""
    return list(
        db.session.scalars(
            select(PointChange)
            .where(PointChange.point_id == point.id)
            .order_by(PointChange.id.desc())
            .limit(max(point.version - version, 1))
        )
    )


def _page(
    form: PointForm,
    point: InspectionPoint | None,
    *,
    status: int = 200,
    version: int | None = None,
    news: list[PointChange] | None = None,
) -> Response:
    session, actor = db.session(), current_actor()
    areas = choices.areas(session, actor, besides=form.community_code.data or "")
    page: dict[str, Any] = {
        "form": form,
        "point": point,
        "version": version or (point.version if point else 0),
        "news": news or [],
        "fields": FIELD_LABELS,
        "kinds_of_change": KIND_LABELS,
        "kinds": choices.kinds(session),
        "areas": areas,
        "units": choices.units(session, besides=point.unit_id if point else None),
        "projects": campaign.choices(english=choices.is_english()),
        "max_cycle": MAX_CYCLE,
        "basemaps": map_answers.layers(),
        "request_uuid": str(uuid4()),
    }
    return map_answers.with_layers(render("points/form.html", **page), status)


def register(blueprint: Blueprint) -> None:
    """Put the form's pages on the blueprint."""
    blueprint.add_url_rule("/new", "new", new_page)
    blueprint.add_url_rule("/new", "create", create, methods=["POST"])
    blueprint.add_url_rule("/coords.json", "coords_json", coords_json)
    blueprint.add_url_rule("/<code>/edit", "edit_page", edit_page)
    blueprint.add_url_rule("/<code>/edit", "edit", edit, methods=["POST"])
    blueprint.add_url_rule("/<code>/standing", "standing", standing, methods=["POST"])

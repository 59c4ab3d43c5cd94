"""Pages of areas: the tree as a list, and one area with its borders."""

from typing import Any
from uuid import uuid4

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.errors import Invalid, NotFound
from tracker.places import operations, queries
from tracker.places.blueprint import blueprint
from tracker.places.forms import AreaForm
from tracker.places.listing import STANDINGS, AreaFilter, page_of_areas
from tracker.places.models import LEVEL_LABELS, Area, AreaBoundary
from tracker.storage.db import db
from tracker.storage.receipts import parse_uuid
from tracker.texts import N_
from tracker.web.forms import show_fault

Answer = str | Response | tuple[str, int]

#: Neighbours on an area's own map are drawn this coarse, metres.
_NEIGHBOURS_M = 5.0
#: A boundary file of one version never changes: browsers may keep it, on this machine alone.
_KEEP = "private, max-age=86400"


@blueprint.get("/admin/areas")
@requires(Permission.AREA_MANAGE)
def areas() -> str:
    """Every area, in the order of the tree."""
    wanted = AreaFilter.of(request.args)
    page = page_of_areas(db.session(), wanted, request.args.get("after"))
    parent = db.session.get(Area, wanted.parent) if wanted.parent else None
    return render_template(
        "admin/areas.html",
        page=page,
        wanted=wanted,
        kept=wanted.as_args(),
        counts=queries.level_counts(db.session()),
        below=queries.child_counts(db.session(), [area.code for area in page.rows]),
        parent=parent,
        trail=[*queries.ancestors(db.session(), parent), parent] if parent else [],
        levels=LEVEL_LABELS,
        standings=STANDINGS,
    )


@blueprint.get("/admin/areas/<code>")
@requires(Permission.AREA_MANAGE)
def area(code: str) -> str:
    """One area: facts, borders, what lies below it."""
    found = queries.find_area(db.session(), code)
    day = clock.in_city(found.valid_to).date() if found.valid_to else None
    form = AreaForm(
        formdata=None,
        data={
            "name": found.name, "is_pilot": found.is_pilot, "is_schematic": found.is_schematic, "valid_to": day,
        },
    )  # fmt: skip
    return _area_page(found, form)


@blueprint.post("/admin/areas/<code>")
@requires(Permission.AREA_MANAGE)
def save_area(code: str) -> Answer:
    """Change name, pilot mark, schematic mark or end."""
    found = queries.find_area(db.session(), code)
    form = AreaForm()
    if not form.validate_on_submit():
        return _area_page(found, form), 422
    uuid = parse_uuid(request.form.get("request_uuid"))
    try:
        operations.save_area(code, form.given(), actor=current_actor(), request_uuid=uuid)
    except Invalid as fault:
        show_fault(form, fault)
        return _area_page(queries.find_area(db.session(), code), form), 422
    flash(_("已保存。"), "success")
    return redirect(url_for("admin_places.area", code=code))  # type: ignore[return-value]


@blueprint.get("/admin/areas/<code>/boundary.json")
@requires(Permission.AREA_MANAGE)
def boundary(code: str) -> Response:
    """The boundary in force, or of `?version=`, as a GeoJSON feature."""
    text = request.args.get("version", "")
    version = int(text) if text.isdecimal() and len(text) < 9 else None
    if text and version is None:
        raise NotFound(N_("没有这个版本的边界。"))
    border = queries.boundary_of(db.session(), code, version=version)
    if border is None:
        raise NotFound(N_("没有这个版本的边界。"))
    answer = jsonify(border.as_feature())
    if version is not None:
        answer.headers["Cache-Control"] = _KEEP
    return answer


@blueprint.get("/admin/areas/<code>/neighbours.json")
@requires(Permission.AREA_MANAGE)
def neighbours(code: str) -> Response:
    """Borders around an area: its parent, the areas beside it and those below it."""
    found = queries.find_area(db.session(), code)
    features: list[dict[str, Any]] = []
    if found.parent_code:
        parent = queries.boundary_of(db.session(), found.parent_code)
        features += [_with_role("parent", parent)] if parent else []
        beside = queries.children_with_boundaries(
            db.session(), found.parent_code, simplify_m=_NEIGHBOURS_M
        )
        features += [_with_role("beside", border) for border in beside if border.code != code]
    below = queries.children_with_boundaries(db.session(), code, simplify_m=_NEIGHBOURS_M)
    features += [_with_role("below", border) for border in below]
    return jsonify(type="FeatureCollection", features=features)


def _with_role(role: str, border: queries.Border) -> dict[str, Any]:
    feature = border.as_feature()
    return {**feature, "properties": {**feature["properties"], "role": role}}


def _area_page(found: Area, form: AreaForm) -> str:
    session = db.session()
    versions = session.execute(
        select(
            AreaBoundary.version,
            AreaBoundary.source,
            AreaBoundary.valid_from,
            AreaBoundary.valid_to,
        )
        .where(AreaBoundary.area_code == found.code)
        .order_by(AreaBoundary.version.desc())
    ).all()
    below = queries.children(session, found.code)
    return render_template(
        "admin/areas_detail.html",
        area=found,
        form=form,
        versions=versions,
        trail=queries.ancestors(session, found),
        children=below,
        below=queries.child_counts(session, [child.code for child in below]),
        levels=LEVEL_LABELS,
        request_uuid=str(uuid4()),
    )

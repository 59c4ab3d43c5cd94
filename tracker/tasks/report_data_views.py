"""Data beside the report form: hints for a place and category, the borders under its pin."""

from typing import Any

from flask import Blueprint, Response, jsonify, make_response, render_template, request, url_for
from flask_babel import gettext as _
from wtforms.validators import ValidationError

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.errors import Invalid
from tracker.storage.db import db
from tracker.tasks import report_borders, report_points
from tracker.tasks.report_forms import typed_position
from tracker.tasks.states import STATE_LABELS
from tracker.tasks.suggestions import Hints, hints
from tracker.texts import N_
from tracker.web.arguments import identity
from tracker.web.filters import moment


@requires(Permission.TASK_REPORT)
def hints_json() -> Response:
    """What the form shows for `lon`, `lat` (WGS-84) or typed `coords`, `community`, `category`."""
    args = request.args
    lon, lat = args.get("lon", type=float), args.get("lat", type=float)
    if args.get("coords", "").strip():
        try:
            position = typed_position(args["coords"], args.get("coord_sys", "wgs84"))
        except ValidationError as refusal:
            raise Invalid(str(refusal), field="coords") from None
        lon, lat = position.lon, position.lat
    if lon is not None and lat is not None and not (abs(lon) <= 180 and abs(lat) <= 90):
        raise Invalid(N_("地图上的位置无效，请重新选点。"), field="lon")
    point = report_points.chosen(db.session(), args.get("point"), current_actor(), missing_ok=True)
    found = hints(
        db.session(),
        actor=current_actor(),
        at=clock.now(),
        lon=lon if lat is not None else None,
        lat=lat if lon is not None else None,
        community_code=args.get("community") or None,
        category_id=args.get("category", type=identity),
        point=point,
    )
    html = render_template(
        "tasks/report_hints.html", hints=found, state_labels=STATE_LABELS, hint_point=point
    )
    return jsonify({**_as_json(found), "lon": lon, "lat": lat, "html": html})


def _as_json(found: Hints) -> dict[str, Any]:
    return {
        "areas": list(found.area_names),
        "is_outside": found.is_outside,
        "is_far": found.is_far,
        "unit": {"name": found.unit.name, "reason": _(found.unit.reason, **found.unit.facts)}
        if found.unit
        else None,
        "due_at": found.due_at.isoformat() if found.due_at else None,
        "due_text": moment(found.due_at) if found.due_at else None,
        "near": [
            {
                "number": task.number,
                "title": task.title,
                "state": task.state,
                "distance_m": task.distance_m,
                "url": url_for("tasks.detail", number=task.number),
            }
            for task in found.near
        ],
    }


@requires(Permission.TASK_REPORT)
def borders_json() -> Response:
    """The communities' borders under the pin, revalidated by version."""
    answer = make_response()
    answer.set_etag(report_borders.version(db.session(), current_actor()))
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.make_conditional(request)
    if answer.status_code == 304:
        return answer
    body = jsonify(report_borders.borders(db.session(), current_actor()))
    answer.set_data(body.get_data())
    answer.headers["Content-Type"] = "application/geo+json"
    return answer


def register(blueprint: Blueprint) -> None:
    """Put the two addresses on the tasks blueprint."""
    blueprint.add_url_rule("/new/hints.json", view_func=hints_json)
    blueprint.add_url_rule("/new/borders.json", view_func=borders_json)

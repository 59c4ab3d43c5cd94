"""OGC API – Features under `/ogc/`: its documents, and the pages of each collection under its own permission."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import orjson
from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import Actor
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.access.policy import allows
from tracker.errors import NotFound
from tracker.ogc import asked, documents, kinds, pages
from tracker.ogc.documents import GEOJSON, OPENAPI, home, link
from tracker.ogc.kinds import COLLECTIONS, Collection
from tracker.points.borders import bounds
from tracker.storage.db import db
from tracker.texts import N_
from tracker.web.map_answers import json_answer

blueprint = Blueprint("ogc", __name__, url_prefix="/ogc")


@blueprint.before_request
def read_strictly() -> None:
    """The documents take no parameter but the form; the pages of a collection read their own."""
    if not (request.endpoint or "").endswith(_ITEMS):
        asked.check_names(request.args, {})


@blueprint.get("/")
@requires(Permission.SIGNED_IN)
def landing() -> Response:
    """Where everything is."""
    return json_answer(documents.landing())


@blueprint.get("/api")
@requires(Permission.SIGNED_IN)
def api() -> Response:
    """The API in OpenAPI's words."""
    return Response(orjson.dumps(documents.openapi()), content_type=OPENAPI)


@blueprint.get("/conformance")
@requires(Permission.SIGNED_IN)
def conformance() -> Response:
    """What of the standard is kept."""
    return json_answer({"conformsTo": documents.CONFORMS_TO})


@blueprint.get("/collections")
@requires(Permission.SIGNED_IN)
def collections() -> Response:
    """The collections that the person may open."""
    actor = current_actor()
    visible = [one for one in COLLECTIONS.values() if allows(actor, one.permission)]
    return json_answer(documents.every(visible, _bounds(actor) if visible else None))


@blueprint.get("/collections/<name>")
@requires(Permission.SIGNED_IN)
def collection(name: str) -> Response:
    """One of them; one that the person may not open is not there."""
    found, actor = COLLECTIONS.get(name), current_actor()
    if found is None or not allows(actor, found.permission):
        raise _unknown()
    return json_answer(documents.one(found, _bounds(actor)))


def _bounds(actor: Actor) -> Sequence[float] | None:
    return bounds(db.session(), actor)


def _unknown() -> NotFound:
    return NotFound(
        N_("没有这个数据集，或您无权查看；数据集见 /ogc/collections：%(known)s。"),
        known=", ".join(COLLECTIONS),
    )


#: Ends the names of the pages that read parameters.
_ITEMS = "_items"


def _items(of: Collection) -> Response:
    wanted = asked.read(request.args)
    found = pages.page(db.session(), of, current_actor(), wanted)
    features = of.features(found.rows)
    here = f"{home()}/collections/{of.name}"
    asking = request.query_string.decode("ascii", "replace")
    links = [link(f"{here}/items?{asking}", "self", GEOJSON), link(here, "collection")]
    body: dict[str, Any] = {
        "type": "FeatureCollection",
        "timeStamp": clock.now(),
        "numberReturned": len(features),
        "links": links,
        "features": features,
    }
    if found.next_key is not None:
        rest = {**request.args, "after": str(found.next_key)}
        links.append(link(f"{here}/items?{urlencode(rest)}", "next", GEOJSON))
    elif wanted.after is None:
        # all there is stands on this page; otherwise nobody counts
        body["numberMatched"] = len(features)
    return _geojson(body)


def _item(of: Collection, feature_id: str) -> Response:
    [found] = of.features([_row(db.session(), of, feature_id)])
    here = f"{home()}/collections/{of.name}"
    endpoint, argument = of.page
    page: str = url_for(endpoint, **{argument: found["id"]}, _external=True)
    found["links"] = [
        link(request.url, "self", GEOJSON),
        link(here, "collection"),
        link(page, "alternate", "text/html", _(of.title)),
    ]
    return _geojson(found)


def _row(session: Session, of: Collection, feature_id: str) -> Sequence[Any]:
    query = of.rows.where(of.key == feature_id, of.visible(current_actor()))
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound(N_("没有这个要素，或您无权查看。"))
    found: Sequence[Any] = row
    return found


def _geojson(value: dict[str, Any]) -> Response:
    options = orjson.OPT_OMIT_MICROSECONDS | orjson.OPT_UTC_Z
    return Response(orjson.dumps(value, option=options), mimetype=GEOJSON)


@requires(Permission.MAP_VIEW)
def tasks_items() -> Response:
    """Tasks with a position: of a box, of some days, page by page."""
    return _items(kinds.TASKS)


@requires(Permission.MAP_VIEW)
def tasks_item(feature_id: str) -> Response:
    """One task by its number."""
    return _item(kinds.TASKS, feature_id)


@requires(Permission.POINT_LIST)
def points_items() -> Response:
    """Points with a position: of a box, last visited on some days, page by page."""
    return _items(kinds.POINTS)


@requires(Permission.POINT_LIST)
def points_item(feature_id: str) -> Response:
    """One point by its code."""
    return _item(kinds.POINTS, feature_id)


for _view in (tasks_items, tasks_item, points_items, points_item):
    _name, _one = _view.__name__.split("_")
    _rest = "/<feature_id>" if _one == "item" else ""
    blueprint.add_url_rule(f"/collections/{_name}/items{_rest}", _view.__name__, _view)

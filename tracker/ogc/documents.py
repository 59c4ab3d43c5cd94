"""Writes what a program reads first: the landing page, what is conformed to, the collections, and the API itself."""

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_babel import gettext as _

from tracker.ogc.asked import MOST, USUAL
from tracker.ogc.kinds import COLLECTIONS, Collection

#: OGC API – Features Part 1: Core (OGC 17-069r4), with GeoJSON as its only form.
CONFORMS_TO = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
)
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
JSON, GEOJSON = "application/json", "application/geo+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"


def home() -> str:
    """The address of the landing page without its last slash, as the asker reaches it."""
    # put together here: what Werkzeug says of a whole address costs a tenth of a page
    return f"{request.scheme}://{request.host}{request.root_path}/ogc"


def link(href: str, rel: str, media: str = JSON, title: str = "") -> dict[str, str]:
    """One link; the title is for people."""
    found = {"href": href, "rel": rel, "type": media}
    return found | {"title": title} if title else found


def landing() -> dict[str, Any]:
    """Where everything is."""
    base = home()
    return {
        "title": _("网格督办"),
        "description": _("整改任务与测评点位（OGC API – Features）；只含您有权查看的。"),
        "links": [
            link(f"{base}/", "self", title=_("本页")),
            link(f"{base}/api", "service-desc", OPENAPI, _("接口说明（OpenAPI）")),
            link(f"{base}/conformance", "conformance", title=_("符合的标准")),
            link(f"{base}/collections", "data", title=_("数据集")),
        ],
    }


def one(collection: Collection, bounds: Sequence[float] | None) -> dict[str, Any]:
    """One collection; `bounds` are west, south, east, north of the reader's areas."""
    here = f"{home()}/collections/{collection.name}"
    extent = {"extent": {"spatial": {"bbox": [list(bounds)], "crs": CRS84}}} if bounds else {}
    return {
        "id": collection.name,
        "title": _(collection.title),
        "description": _(collection.description),
        **extent,
        "itemType": "feature",
        "crs": [CRS84],
        "links": [
            link(here, "self", title=_(collection.title)),
            link(f"{here}/items", "items", GEOJSON, _(collection.title)),
        ],
    }


def every(visible: Sequence[Collection], bounds: Sequence[float] | None) -> dict[str, Any]:
    """The collections that the reader may open."""
    return {
        "links": [link(f"{home()}/collections", "self", title=_("数据集"))],
        "collections": [one(collection, bounds) for collection in visible],
    }


def openapi() -> dict[str, Any]:
    """The API as OpenAPI 3.0 describes one; programs read the limits of `limit` from it."""
    paths = {"/": _get(_("首页")), "/conformance": _get(_("符合的标准")), "/collections": _get(_("数据集"))}  # fmt: skip
    named = [{"$ref": f"#/components/parameters/{name}"} for name in _parameters()]
    feature_id = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}
    for name, collection in COLLECTIONS.items():
        title = _(collection.title)
        paths[f"/collections/{name}"] = _get(title)
        paths[f"/collections/{name}/items"] = _get(title, GEOJSON, named)
        paths[f"/collections/{name}/items/{{featureId}}"] = _get(title, GEOJSON, [feature_id])
    return {
        "openapi": "3.0.3",
        "info": {"title": _("网格督办"), "version": "1.0.0"},
        "servers": [{"url": home()}],
        "paths": paths,
        "components": {"parameters": _parameters()},
    }


def _get(title: str, media: str = JSON, parameters: Sequence[Any] = ()) -> dict[str, Any]:
    content = {media: {"schema": {"type": "object"}}}
    answers = {"200": {"description": title, "content": content}}
    return {"get": {"summary": title, "parameters": list(parameters), "responses": answers}}


def _parameters() -> dict[str, Any]:
    numbers = {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}
    kinds: dict[str, dict[str, Any]] = {
        "bbox": numbers,
        "datetime": {"type": "string"},
        "limit": {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
        "after": {"type": "string"},
    }
    found: dict[str, Any] = {
        name: {"name": name, "in": "query", "required": False, "schema": schema}
        for name, schema in kinds.items()
    }
    found["bbox"] |= {"style": "form", "explode": False}
    return found

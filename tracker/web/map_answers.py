"""Knows the answers a map is made of: JSON from plain values, vector tiles, and the framed Folium page."""

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
from flask import Response, current_app, make_response, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from gis.coordinates import LonLat
from gis.tiles import MIMETYPE
from gis.webmap.basemaps import image_sources
from gis.webmap.escape import as_json
from tracker.web.basemaps import configured_basemaps
from tracker.web.headers import csp_nonce, policy
from tracker.web.keeping import Kept
from tracker.web.locale import is_english
from tracker.web.modules import JOINED

#: West, south, east, north in decimal degrees, WGS-84.
Bounds = tuple[float, float, float, float]
#: The middle of China (lon, lat): the map opens there until the data say where to look.
NOWHERE = LonLat(104.0, 35.0)
#: Stands in a kept frame where the nonce of the answer goes; nobody outside this process knows it.
_NONCE = secrets.token_urlsafe(16)
#: Frames: each person has one for each map and filter that they open.
_FRAMES: Kept[str] = Kept(200)
#: Borders of a jurisdiction, a quarter of a megabyte for 600 communities.
_LASTING: Kept[bytes] = Kept(20)


def json_answer(value: Any) -> Response:
    """JSON that is not kept by the browser; keys may be numbers."""
    body = orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
    return Response(body, mimetype="application/json")


def kept_answer(value: Any, *parts: object) -> Response:
    """JSON that the browser may keep as long as `parts` (what it was made from) stay the same."""
    body = orjson.dumps(value)
    response = Response(body, mimetype="application/json")
    response.set_etag(_tag(parts))
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)  # type: ignore[return-value]


def lasting_answer(make: Callable[[], Any], *parts: object) -> Response:
    """As `kept_answer`, but made once a process; not asked for again where the address says `version_of(*parts)`."""
    response = unchanged(*parts)
    if response is None:
        tag = _tag(parts)
        response = Response(
            _LASTING.made(tag, lambda: orjson.dumps(make())), mimetype="application/json"
        )
        response.set_etag(tag)
    if request.args.get("v") == version_of(*parts):
        response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    else:
        response.headers["Cache-Control"] = "private, no-cache"
    return response


def version_of(*parts: object) -> str:
    """What names an answer made from `parts` in its address."""
    return _tag(parts)


def unchanged(*parts: object) -> Response | None:
    """The short answer when the browser already has what `parts` would make, else None."""
    tag = _tag(parts)
    if tag not in request.if_none_match:
        return None
    response = Response(status=304)
    response.set_etag(tag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def kept_tile(make: Callable[[], bytes], *parts: object) -> Response:
    """A vector tile, made only when the browser does not have what `parts` would make.

    It asks every time: a tile may not outlive the grant it was drawn for. The cookie says whose
    tile it is, where two share a browser.
    """
    tag = _tag(parts)
    if tag in request.if_none_match:
        response = Response(status=304)
    else:
        response = Response(make(), mimetype=MIMETYPE)
    response.set_etag(tag)
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.add("Cookie")
    return response


def _tag(parts: tuple[object, ...]) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]


def settings_block(value: Mapping[str, Any]) -> Markup:
    """The settings of a page's modules, for a `<script type="application/json">`."""
    return Markup(as_json(value))  # noqa: S704 - as_json escapes everything that could end the script


def framed_map(
    kind: str,
    *,
    bounds: Bounds | None,
    title: str,
    data_urls: Mapping[str, str],
    options: Mapping[str, Any],
    script: str,
    style: str,
    early: Sequence[str] = (),
) -> Response:
    """The page inside the frame: made by Folium, without data, under a policy of its own.

    `early` are addresses that the script asks for first: the browser does so at once. Made once a
    process from the same things; only the nonce is new each time.
    """
    basemaps = configured_basemaps()
    middle = LonLat((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2) if bounds else NOWHERE
    page = {
        "centre": middle,
        "bounds": bounds,
        "title": title,
        "data_urls": data_urls,
        "options": options,
        "script_urls": [static_url(JOINED + script)],
        "early_urls": early,
        "style_urls": [static_url(style)],
        "basemaps": basemaps,
        "lang": "en" if is_english() else "zh-CN",
        "zoom_in": _("放大"),
        "zoom_out": _("缩小"),
        "full_screen": _("全屏"),
        "leave_full_screen": _("退出全屏"),
        "note": map_note(),
    }
    html = _FRAMES.made(_tag((kind, page)), lambda: _framed(kind, page))
    html = html.replace(_NONCE, csp_nonce())
    response = make_response(html)
    response.headers["Content-Security-Policy"] = policy(
        framed=True, images=image_sources(basemaps)
    )
    return response


def _framed(kind: str, page: dict[str, Any]) -> str:
    from gis.webmap.page import MapTexts, community_map, district_map
    from gis.webmap.responsibility import responsibility_map

    make = {
        "area": community_map, "district": district_map, "responsibility": responsibility_map,
    }[kind]  # fmt: skip
    words = ("zoom_in", "zoom_out", "full_screen", "leave_full_screen", "note")
    texts = MapTexts(**{name: page[name] for name in words})
    rest = {name: value for name, value in page.items() if name not in words}
    return make(asset_url=static_url, nonce=_NONCE, texts=texts, **rest)


def static_url(name: str) -> str:
    """The address of a file under static/."""
    return url_for("static", filename=name)


def map_note() -> str:
    """What stands in the corner of every map, with the approval number where the office has one."""
    approval = current_app.config["SETTINGS"].map_approval
    note = _("工作示意图，不作划界依据")
    return f"{note} {approval}" if approval else note


def layers() -> list[dict[str, Any]]:
    """The backgrounds as a page's own Leaflet map draws them; first one first, the blank left out."""
    return [
        {
            "name": basemap.name,
            "urls": list(basemap.tile_urls()),
            "credit": basemap.attribution or basemap.name,
            "coord_sys": str(basemap.coord_sys),
            "subdomains": "01234567" if basemap.kind == "tianditu" else "abc",
        }
        for basemap in configured_basemaps()
        if basemap.tile_urls()
    ]


def with_layers(html: str, status: int = 200) -> Response:
    """A page that holds a map of its own: its policy lets in the pictures of the backgrounds."""
    response = make_response(html, status)
    images = image_sources(configured_basemaps())
    response.headers["Content-Security-Policy"] = policy(images=images)
    return response

"""The phone's application: its shell, its service worker, its manifest and icons; nothing personal in any of them."""

import io
import json
from functools import lru_cache

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from flask_babel import gettext as _

from tracker.access.gate import requires
from tracker.access.permissions import Permission
from tracker.inspections import phone_shell
from tracker.paths import STATIC

blueprint = Blueprint("phone", __name__, url_prefix="/inspect")

_BLUE = "#1d4ed8"
_SIZES = (180, 192, 512)


def _address(name: str) -> str:
    """Without the version of all static files: the worker keeps its own under a version of its own."""
    return url_for("static", filename=name, version=None)


def _kept(response: Response) -> Response:
    """The browser keeps it and asks each time whether it is still the same."""
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.get("/")
@requires(Permission.PUBLIC)
def index() -> Response:
    """The frame into which the scripts put the screens; the same for everybody, so that the worker may keep it."""
    page = render_template("inspect/shell.html", modules=phone_shell.first_modules())
    return _kept(make_response(page))


@blueprint.get("/sw.js")
@requires(Permission.PUBLIC)
def worker() -> Response:
    """The service worker, with the list of what it keeps; another version is another text."""
    addresses = [_address(name) for name in phone_shell.files()]
    head = (
        f"const VERSION = {json.dumps(phone_shell.version())};\n"
        f"const FILES = {json.dumps([phone_shell.SHELL, *addresses])};\n"
    )
    text = head + (STATIC / phone_shell.WORKER).read_text(encoding="utf-8")
    return _kept(Response(text, mimetype="text/javascript"))


@blueprint.get("/manifest.webmanifest")
@requires(Permission.PUBLIC)
def manifest() -> Response:
    """What a phone needs to put the application on its home screen."""
    icons = [
        {
            "src": _address("icons/logo.svg"),
            "sizes": "any",
            "type": "image/svg+xml",
        }
    ]
    icons += [
        {"src": url_for("phone.icon", size=size), "sizes": f"{size}x{size}", "type": "image/png"}
        for size in _SIZES
    ]
    described = {
        "id": phone_shell.SHELL,
        "name": _("网格督办 · 现场检查"),
        "short_name": _("现场检查"),
        "start_url": phone_shell.SHELL,
        "scope": phone_shell.SHELL,
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#ffffff",
        "icons": icons,
    }
    return _kept(
        Response(json.dumps(described, ensure_ascii=False), mimetype="application/manifest+json")
    )


@blueprint.get("/icon-<int:size>.png")
@requires(Permission.PUBLIC)
def icon(size: int) -> Response:
    """The product's sign as PNG, for phones that take no SVG."""
    if size not in _SIZES:
        abort(404)
    return _kept(Response(_drawn(size), mimetype="image/png"))


@lru_cache(maxsize=len(_SIZES))
def _drawn(size: int) -> bytes:
    """icons/logo.svg in its 32 units, on a full square: phones cut their own corners."""
    from PIL import Image, ImageDraw

    unit = size * 4 / 32
    picture = Image.new("RGB", (size * 4, size * 4), _BLUE)
    pen = ImageDraw.Draw(picture)
    for line in ((7, 12, 25, 12), (7, 20, 25, 20), (12, 7, 12, 25), (20, 7, 20, 25)):
        pen.line([unit * at for at in line], fill="#8ba3ea", width=round(1.6 * unit))
    tick = [unit * at for at in (10.5, 16.5, 14.5, 20.5, 22, 11.5)]
    pen.line(tick, fill="#ffffff", width=round(3 * unit), joint="curve")
    out = io.BytesIO()
    picture.resize((size, size), Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()

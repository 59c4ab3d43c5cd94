"""Knows the addresses of static files: they name the version of all of them, so a browser never asks again for one it has."""

import hashlib
import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter

from tracker.paths import STATIC
from tracker.web import modules
from tracker.web.modules import JOINED, NotJoined, joined

_LASTING = "public, max-age=31536000, immutable"


class StaticVersion(BaseConverter):
    """A version in an address; no folder under static/ has such a name."""

    regex = "[0-9a-f]{16}"


def install(app: Flask) -> None:
    """Let `url_for("static", filename=…)` name the version; `version=None` leaves it out.

    It stands before the name, not behind a `?`: what a module imports and a style sheet links is
    found beside it, under the same version.
    """
    app.view_functions["static"] = _lasting(app)
    app.url_map.converters["static_version"] = StaticVersion
    app.add_url_rule("/static/<static_version:version>/<path:filename>", endpoint="static")

    @app.url_defaults
    def name_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values.setdefault("version", version_now())


def _lasting(app: Flask) -> Any:
    def send(filename: str, version: str | None = None) -> Response:
        if filename.startswith(JOINED):
            response = _joined(filename.removeprefix(JOINED))
        else:
            response = app.send_static_file(filename)
        # A page from before an upgrade still gets the file, but not for keeping under that name.
        if version == version_now():
            response.headers["Cache-Control"] = _LASTING
        return response

    return send


def _joined(script: str) -> Response:
    """A script with its modules, for those that a page asks for so: no other file is read."""
    if not re.fullmatch(r"js/[a-z_/]+\.js", script):
        raise NotFound
    try:
        response = Response(joined(script), mimetype="text/javascript")
    # a name may also be longer than a file's can be
    except (OSError, NotJoined) as problem:
        raise NotFound from problem
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    made: Response = response.make_conditional(request)  # type: ignore[assignment]
    return made


@lru_cache(maxsize=1)
def version_now() -> str:
    """Changes with any byte of any file; like the templates, files are read once a process."""
    # what joins scripts makes their bytes, too
    digest = hashlib.sha256(Path(modules.__file__).read_bytes())
    # a folder of a checkout may be a link to elsewhere
    folders = os.walk(STATIC, followlinks=True)
    for path in sorted(Path(folder, name) for folder, _, names in folders for name in names):
        if not path.name.startswith("."):
            digest.update(f"{path.relative_to(STATIC).as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]

"""Knows which answers travel compressed: files, tiles, the phone's shell and package; never a page with a secret.

A page that shows back what was sent beside a CSRF token would betray the token by its length (BREACH), so
nothing is compressed by default: the addresses below are the whole list.
"""

from collections.abc import Callable
from functools import wraps
from posixpath import normpath
from typing import Any

from flask import Flask, Request, after_this_request, g, request
from flask.wrappers import Response
from flask_compress import Compress

from gis.tiles import MIMETYPE
from tracker.web.keeping import Kept

#: Without a secret, or (the package) without anything of the request in it.
ADDRESSES = frozenset(
    {"/inspect/", "/inspect/sw.js", "/inspect/manifest.webmanifest", "/inspect/package"}
)
#: Vector tiles and pages of features lie below: the first hold nothing of the request, the others no secret.
BELOW = ("/tiles/", "/ogc/")
#: Chromium asks for br on https only; gzip everywhere.
_ALGORITHMS = ["br", "gzip"]
_SUFFIXES = tuple(f':{name}"' for name in _ALGORITHMS)
#: Hold nothing of the request, and stay the same as long as their tag does: compressed once, as files are.
LASTING = frozenset({"/maps/areas.json"})
#: So many compressed files are kept in memory; the product has fewer.
_KEPT = 320


#: Every application of a process serves the same files.
_FILES: Kept[bytes] = Kept(_KEPT)


def _key(_request: Request) -> str:
    return str(g.compression_key)


def install(app: Flask) -> None:
    """Call after the last route: wraps the views of static files, of tiles and of `ADDRESSES`."""
    app.config.update(
        COMPRESS_REGISTER=False, COMPRESS_ALGORITHM=_ALGORITHMS, COMPRESS_STREAMS=False
    )
    answers = Compress(app)
    answers.compress_mimetypes_set.update({MIMETYPE, "application/geo+json"})
    app.config.update(COMPRESS_CACHE_BACKEND=lambda: _FILES, COMPRESS_CACHE_KEY=_key)
    files = Compress(app)
    for rule in app.url_map.iter_rules():
        if rule.rule in ADDRESSES or rule.rule.startswith(BELOW):
            app.view_functions[rule.endpoint] = _compressed(
                app.view_functions[rule.endpoint], answers
            )
        elif rule.rule in LASTING:
            app.view_functions[rule.endpoint] = _compressed(
                app.view_functions[rule.endpoint], files
            )
    app.view_functions["static"] = _compressed(app.view_functions["static"], files)


def _compressed(view: Callable[..., Any], compress: Compress) -> Callable[..., Any]:
    @wraps(view)
    def answer(*args: Any, **kwargs: Any) -> Any:
        if "Range" not in request.headers:
            _ask_for_the_file_itself()
            after_this_request(shrink)
        return view(*args, **kwargs)

    def shrink(response: Response) -> Response:
        if response.status_code != 200 or response.mimetype not in compress.compress_mimetypes_set:
            return response
        # whatever version an address names, and by whatever detour, it is the same file
        name = normpath((request.view_args or {}).get("filename", request.path))
        g.compression_key = f"{name} {response.get_etag()[0]}"
        # a file is sent as a stream, which would be compressed anew each time
        response.direct_passthrough = False
        response.get_data()
        return compress.after_request(response)

    return answer


def _ask_for_the_file_itself() -> None:
    """A browser names the compressed form it has; the view compares with the form it makes."""
    named = request.environ.get("HTTP_IF_NONE_MATCH", "")
    for suffix in _SUFFIXES:
        named = named.replace(suffix, '"')
    if named:
        request.environ["HTTP_IF_NONE_MATCH"] = named

"""Knows which files the phone's application consists of, which its first screen needs, and their common version."""

import hashlib
import posixpath
import re
from functools import lru_cache
from pathlib import Path

from tracker.paths import STATIC, TEMPLATES

#: The page, and what it loads first; the rest comes when it is asked for.
SHELL = "/inspect/"
FIRST = ("inspect/app.js", "inspect/screens/today.js")
_OWN = "inspect"
#: The worker's own text is not among the files it keeps.
WORKER = "inspect/sw.js"
_LIBRARIES = (
    "vendor/idb/idb.js",
    "vendor/sha256/sha256.js",
    "vendor/piexif/piexif.js",
    "vendor/leaflet/leaflet.js",
    "vendor/leaflet/leaflet.css",
    "icons/logo.svg",
    "js/maps/shapes.js",
)
_KINDS = {".js", ".css", ".svg"}
#: `import x from "./y.js"`, `import "./y.js"`, `export … from "./y.js"`; not import("…"), which comes later.
_IMPORT = re.compile(r'^(?:import|export)\b[^;("]*"(\.[^"]+)"', re.MULTILINE)


def files() -> list[str]:
    """Every file of the application, from static/, in order."""
    own = [
        path.relative_to(STATIC).as_posix()
        for path in (STATIC / _OWN).rglob("*")
        if path.suffix in _KINDS and path.is_file()
    ]
    return sorted({*own, *(name for name in _LIBRARIES if (STATIC / name).is_file())} - {WORKER})


def first_modules() -> list[str]:
    """The modules that the first screen needs, so that a slow network is asked for all at once."""
    return list(_first_modules(_signature(files())))


@lru_cache(maxsize=4)
def _first_modules(_known: tuple[tuple[str, int, int], ...]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    waiting = list(FIRST)
    while waiting:
        name = waiting.pop(0)
        path = STATIC / name
        if name in found or not path.is_file():
            continue
        found[name] = None
        # by the address, not by the file: a folder of it may be a link to elsewhere
        for target in _IMPORT.findall(path.read_text(encoding="utf-8")):
            waiting.append(posixpath.normpath(posixpath.join(posixpath.dirname(name), target)))
    return tuple(found)


def version() -> str:
    """Changes with any byte of any file of the application, its shell and its worker."""
    names = [*files(), WORKER]
    return _version(_signature(names))


def _signature(names: list[str]) -> tuple[tuple[str, int, int], ...]:
    """What tells that nothing was changed since, without reading the files."""
    found = []
    for name in names:
        stat = (STATIC / name).stat()
        found.append((name, stat.st_mtime_ns, stat.st_size))
    return tuple(found)


@lru_cache(maxsize=4)
def _version(signature: tuple[tuple[str, int, int], ...]) -> str:
    digest = hashlib.sha256()
    paths: list[tuple[str, Path]] = [(name, STATIC / name) for name, _, _ in signature]
    for name, path in [*paths, (SHELL, TEMPLATES / "inspect" / "shell.html")]:
        digest.update(f"{name}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]

"""Copies the front-end files the pages use from node_modules to static/vendor, with licences and checksums.

Run by `./run` after `npm ci`. The folder is not committed, but it travels inside the wheel, so that a site without
the internet installs the wheel and nothing else. MANIFEST.json there says what came from where.
"""

import hashlib
import json
import re
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "node_modules"
TARGET = ROOT / "static" / "vendor"

_SOURCE_MAP = re.compile(r"/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=\S*")
_REMOTE_IMPORT = re.compile(r"@import\s+(?:url\()?['\"]?(?:https?:)?//[^;]*;")
_REMOTE_URL = re.compile(r"url\(\s*['\"]?(?:https?:)?//[^)]*\)")
_FONT_SOURCES = re.compile(r"src:url\((['\"]?)([^)'\"?]+\.woff2)[^}]*?(?=[;}])")
#: Text types the pages load; everything else is copied byte for byte.
_TEXT = {".css", ".js", ".mjs"}


@dataclass(frozen=True, kw_only=True)
class Library:
    """One folder of static/vendor: which npm package it comes from and which of its files are copied."""

    folder: str
    package: str
    files: dict[str, str]
    #: Where the licence text lies, from the package's folder.
    licence: str = "LICENSE"
    #: SPDX name of that text; wins over what package.json says or leaves out.
    spdx: str | None = None
    #: package named in an `import` → the file here: a browser finds no package by its name.
    imports: dict[str, str] = field(default_factory=dict)


LIBRARIES = (
    Library(
        folder="tabler",
        package="@tabler/core",
        files={
            "dist/css/tabler.min.css": "tabler.min.css",
            "dist/js/tabler.min.js": "tabler.min.js",
        },
        # The package forgets its licence text; the same authors' icon package carries it.
        licence="../icons-webfont/LICENSE",
    ),
    Library(
        folder="tabler-icons",
        package="@tabler/icons-webfont",
        files={
            "dist/tabler-icons.min.css": "tabler-icons.min.css",
            "dist/fonts/tabler-icons.woff2": "fonts/tabler-icons.woff2",
        },
        spdx="MIT",
    ),
    Library(
        folder="leaflet",
        package="leaflet",
        files={
            "dist/leaflet.js": "leaflet.js",
            "dist/leaflet.css": "leaflet.css",
            "dist/images/layers.png": "images/layers.png",
            "dist/images/layers-2x.png": "images/layers-2x.png",
            "dist/images/marker-icon.png": "images/marker-icon.png",
            "dist/images/marker-icon-2x.png": "images/marker-icon-2x.png",
            "dist/images/marker-shadow.png": "images/marker-shadow.png",
        },
    ),
    Library(
        folder="markercluster",
        package="leaflet.markercluster",
        files={
            "dist/leaflet.markercluster.js": "leaflet.markercluster.js",
            "dist/MarkerCluster.css": "MarkerCluster.css",
            "dist/MarkerCluster.Default.css": "MarkerCluster.Default.css",
        },
        licence="MIT-LICENCE.txt",
    ),
    Library(
        folder="fullscreen",
        package="leaflet.fullscreen",
        files={
            "Control.FullScreen.js": "Control.FullScreen.js",
            "Control.FullScreen.css": "Control.FullScreen.css",
            "icon-fullscreen.svg": "icon-fullscreen.svg",
        },
    ),
    Library(folder="htmx", package="htmx.org", files={"dist/htmx.min.js": "htmx.min.js"}),
    # the charts of the boards: its build with bars, lines, legend and tooltip
    Library(
        folder="echarts",
        package="echarts",
        files={"dist/echarts.common.min.js": "echarts.js", "NOTICE": "NOTICE"},
    ),
    # the phone's application: IndexedDB with promises, SHA-256 where the page is no secure context, EXIF
    Library(folder="idb", package="idb", files={"build/index.js": "idb.js"}),
    Library(
        folder="sha256",
        package="js-sha256",
        files={"build/sha256.min.mjs": "sha256.js"},
        licence="LICENSE.txt",
    ),
    Library(
        folder="piexif",
        package="piexifjs",
        files={"piexif.js": "piexif.js"},
        licence="LICENSE.txt",
    ),
    # vector tiles: the decoder of the maps
    Library(folder="pbf", package="pbf", files={"index.js": "pbf.js"}),
    Library(
        folder="point-geometry",
        package="@mapbox/point-geometry",
        files={"index.js": "point-geometry.js"},
    ),
    Library(
        folder="vector-tile",
        package="@mapbox/vector-tile",
        files={"index.js": "vector-tile.js"},
        licence="LICENSE.txt",
        imports={"@mapbox/point-geometry": "../point-geometry/point-geometry.js"},
    ),
)


def without_outside_links(text: str, suffix: str) -> str:
    """Drop what would make a browser ask for a file that is not served: source maps, remote CSS, older fonts."""
    text = _SOURCE_MAP.sub("", text)
    if suffix == ".css":
        text = _REMOTE_IMPORT.sub("", text)
        text = _REMOTE_URL.sub("none", text)
        text = _FONT_SOURCES.sub(r'src:url("\2") format("woff2")', text)
    return text


def with_files_for_packages(text: str, imports: dict[str, str]) -> str:
    """Let a module import the files that lie here; one that names another package is left as it is."""
    for package, file in imports.items():
        text = text.replace(f"from '{package}'", f"from '{file}'")
    return text


def copy_library(library: Library, source: Path, target: Path) -> dict:
    """Copy one library's files into `target`; returns its entry of the manifest."""
    package_dir = source / library.package
    described = json.loads((package_dir / "package.json").read_text(encoding="utf-8"))
    sums = {}
    for given, wanted in [*library.files.items(), (library.licence, "LICENSE")]:
        content = (package_dir / given).read_bytes()
        suffix = Path(wanted).suffix
        if suffix in _TEXT:
            text = without_outside_links(content.decode("utf-8"), suffix)
            content = with_files_for_packages(text, library.imports).encode("utf-8")
        out = target / library.folder / wanted
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(content)
        sums[f"{library.folder}/{wanted}"] = hashlib.sha256(content).hexdigest()
    return {
        "name": library.package,
        "version": described["version"],
        "licence": library.spdx or described["license"],
        "sha256": sums,
    }


def vendor(*, source: Path = SOURCE, target: Path = TARGET) -> list[dict]:
    """Build `target` anew from `source`; the old folder stays whole until the new one is complete.

    Raises FileNotFoundError when a package or one of its listed files is missing.
    """
    fresh = target.with_name(target.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    manifest = [copy_library(library, source, fresh) for library in LIBRARIES]
    text = json.dumps(manifest, indent=2, ensure_ascii=False)
    (fresh / "MANIFEST.json").write_text(text + "\n", encoding="utf-8")
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    return manifest


def main() -> int:
    """Entry of `python tools/vendor.py`."""
    try:
        manifest = vendor()
    except FileNotFoundError as missing:
        print(f"missing: {missing.filename}; run `npm ci --ignore-scripts` first", file=sys.stderr)
        return 1
    for entry in manifest:
        print(f"  {entry['name']} {entry['version']} ({entry['licence']})")
    return 0


if __name__ == "__main__":
    sys.exit(main())

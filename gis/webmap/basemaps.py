"""Knows which background maps an office may set up, how they are written in the settings, and their coordinates."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from gis.coordinates import CoordSys
from gis.errors import GisError
from gis.webmap.escape import as_html

if TYPE_CHECKING:
    from folium import FeatureGroup

    from gis.webmap.shell import LocalMap

#: Deepest level the usual services draw; Leaflet enlarges that picture beyond it.
NATIVE_ZOOM = 18

#: The national service; an office inside a government network gives the address of its mirror instead.
TIANDITU_HOST = "https://t{s}.tianditu.gov.cn"
TIANDITU_CREDIT = "天地图"

_SUBDOMAINS = {"tianditu": "01234567"}
# (name shown, picture layer, label layer)
_TIANDITU_LAYERS = (("天地图 矢量", "vec", "cva"), ("天地图 影像", "img", "cia"))
_PLACEHOLDERS = ("{z}", "{x}", "{y}")


class BasemapKind(StrEnum):
    """Where the background comes from."""

    #: No background: areas, names and scale carry the map.
    NONE = "none"
    #: Pictures on this server, `/tiles/…/{z}/{x}/{y}.png`.
    TILES = "tiles"
    #: 天地图 with a browser key, coordinates CGCS2000 (taken as WGS-84).
    TIANDITU = "tianditu"
    #: Any service addressed by zoom, column and row.
    XYZ = "xyz"


class BadBasemap(GisError):
    """Exception for an entry of the basemap setting that cannot be used; the sentence names the entry and why."""

    code = "bad_basemap"


@dataclass(frozen=True, kw_only=True)
class Basemap:
    """One background the person at the map can choose.

    `url` is a Leaflet template (for 天地图 the host with `{s}`); `coord_sys` is wgs84 or gcj02: on a gcj02
    background everything drawn over it must be shifted.
    """

    kind: BasemapKind
    name: str
    url: str = ""
    attribution: str = ""
    coord_sys: CoordSys = CoordSys.WGS84
    key: str = ""
    #: Picture and label layer of 天地图.
    layers: tuple[str, ...] = ()

    def tile_urls(self) -> tuple[str, ...]:
        """Return the templates to draw, bottom first; none for a blank background."""
        if self.kind is BasemapKind.NONE:
            return ()
        if self.kind is BasemapKind.TIANDITU:
            return tuple(_tianditu_url(self.url, layer, self.key) for layer in self.layers)
        return (self.url,)


BLANK = Basemap(kind=BasemapKind.NONE, name="无底图")


def parse_basemaps(text: str) -> tuple[Basemap, ...]:
    """Read TRACKER_BASEMAPS: entries separated by `|`, the first is shown at the start; empty means none.

    - `none`: no background.
    - `tiles:/tiles/base/{z}/{x}/{y}.png` or `tiles:名称;/tiles/…;credit`: pictures on this server.
    - `tianditu:KEY` or `tianditu:KEY;https://mirror{s}.example`: 天地图, map and photo with their labels.
    - `xyz:名称;gcj02;https://…{z}/{x}/{y}…;credit`: any service; wgs84 or gcj02; `{s}` stands for a to c.

    Raises BadBasemap, which names the entry and the reason.
    """
    found: list[Basemap] = []
    for entry in filter(None, (part.strip() for part in text.split("|"))):
        kind, _, rest = entry.partition(":")
        reader = _READERS.get(kind.strip().lower())
        if reader is None:
            raise BadBasemap(
                f"{entry!r}: unknown kind; use none, tiles, tianditu or xyz.", entry=entry
            )
        found += reader(entry, [part.strip() for part in rest.split(";", 3)])
    names = [basemap.name for basemap in found]
    for name in names:
        if names.count(name) > 1:
            raise BadBasemap(f"The basemap {name!r} is named twice.", entry=name)
    return tuple(found) or (BLANK,)


def _none(entry: str, parts: list[str]) -> list[Basemap]:
    if parts != [""]:
        raise BadBasemap(f"{entry!r}: none takes nothing after it.", entry=entry)
    return [BLANK]


def _tiles(entry: str, parts: list[str]) -> list[Basemap]:
    if len(parts) == 1:
        parts = ["本地底图", *parts]
    name, url, credit = [*parts, ""][:3]
    if not url.startswith("/") or url.startswith("//"):
        raise BadBasemap(
            f"{entry!r}: a path of this server is needed, such as /tiles/…", entry=entry
        )
    _check_placeholders(entry, url)
    return [Basemap(kind=BasemapKind.TILES, name=name, url=url, attribution=credit)]


def _tianditu(entry: str, parts: list[str]) -> list[Basemap]:
    key, host = parts[0], (parts[1] if len(parts) > 1 else TIANDITU_HOST).rstrip("/")
    if not re.fullmatch(r"[0-9A-Za-z_-]{8,64}", key):
        raise BadBasemap("tianditu: the key must be 8 to 64 letters and digits.", entry="tianditu")
    _check_address(entry, host)
    return [
        Basemap(
            kind=BasemapKind.TIANDITU,
            name=name,
            url=host,
            attribution=TIANDITU_CREDIT,
            key=key,
            layers=(picture, labels),
        )
        for name, picture, labels in _TIANDITU_LAYERS
    ]


def _xyz(entry: str, parts: list[str]) -> list[Basemap]:
    if len(parts) < 3 or not parts[0]:
        raise BadBasemap(f"{entry!r}: needs xyz:name;wgs84 or gcj02;address;credit.", entry=entry)
    name, system, url = parts[:3]
    if system.lower() not in (CoordSys.WGS84, CoordSys.GCJ02):
        raise BadBasemap(f"{entry!r}: {system!r} is neither wgs84 nor gcj02.", entry=entry)
    _check_address(entry, url)
    _check_placeholders(entry, url)
    credit = parts[3] if len(parts) > 3 else ""
    return [
        Basemap(
            kind=BasemapKind.XYZ,
            name=name,
            url=url,
            attribution=credit,
            coord_sys=CoordSys(system.lower()),
        )
    ]


_READERS = {"none": _none, "tiles": _tiles, "tianditu": _tianditu, "xyz": _xyz}


def _check_placeholders(entry: str, url: str) -> None:
    missing = [mark for mark in _PLACEHOLDERS if mark not in url]
    if missing:
        raise BadBasemap(f"{entry!r}: the address lacks {' '.join(missing)}.", entry=entry)


def _check_address(entry: str, url: str) -> None:
    parts = urlsplit(url.replace("{s}", "s"))
    if parts.scheme not in ("http", "https") or not re.fullmatch(r"[\w.-]+(:\d+)?", parts.netloc):
        raise BadBasemap(
            f"{entry!r}: the address must begin with https:// or http:// and a host.", entry=entry
        )


def _tianditu_url(host: str, layer: str, key: str) -> str:
    return (
        f"{host}/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}&STYLE=default"
        f"&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={quote(key)}"
    )


def image_sources(basemaps: tuple[Basemap, ...]) -> tuple[str, ...]:
    """Return what the map frame's Content-Security-Policy must add to img-src, such as `https://*.example.cn`."""
    found = []
    for basemap in basemaps:
        if basemap.kind in (BasemapKind.TIANDITU, BasemapKind.XYZ):
            scheme, _, rest = basemap.url.partition("://")
            host = rest.split("/")[0]
            first, _, others = host.partition(".")
            found.append(f"{scheme}://{'*.' + others if '{s}' in first else host}")
    return tuple(dict.fromkeys(found))


def add_basemaps(
    target: "LocalMap", basemaps: tuple[Basemap, ...]
) -> "list[tuple[FeatureGroup, Basemap]]":
    """Put the backgrounds on `target`, the first one shown; a chooser only when there is a choice."""
    from folium import FeatureGroup, LayerControl, TileLayer

    added = []
    for rank, basemap in enumerate(basemaps):
        group = FeatureGroup(name=as_html(basemap.name), overlay=False, show=rank == 0)
        for url in basemap.tile_urls():
            TileLayer(
                tiles=url,
                attr=as_html(basemap.attribution or basemap.name),
                name=as_html(basemap.name),
                control=False,
                max_zoom=20,
                max_native_zoom=NATIVE_ZOOM,
                subdomains=_SUBDOMAINS.get(basemap.kind, "abc"),
            ).add_to(group)
        group.add_to(target)
        added.append((group, basemap))
    if len(added) > 1:
        LayerControl(position="topright").add_to(target)
    return added

"""Knows how a Folium map becomes a page without outside files and without unsafe-inline."""

import re
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from branca.element import CssLink, Element, Figure, JavascriptLink
from folium import Map
from jinja2 import Template

AssetUrl = Callable[[str], str]

#: Last part of an address that Folium links → the file under static/ that replaces it; None leaves it out.
#: Folium's jQuery, Bootstrap and awesome-markers serve popups and pin icons, which these pages never use.
ASSETS: dict[str, str | None] = {
    "leaflet.js": "vendor/leaflet/leaflet.js",
    "leaflet.css": "vendor/leaflet/leaflet.css",
    "leaflet.markercluster.js": "vendor/markercluster/leaflet.markercluster.js",
    "MarkerCluster.css": "vendor/markercluster/MarkerCluster.css",
    "MarkerCluster.Default.css": "vendor/markercluster/MarkerCluster.Default.css",
    "Control.FullScreen.min.js": "vendor/fullscreen/Control.FullScreen.js",
    "Control.FullScreen.css": "vendor/fullscreen/Control.FullScreen.css",
    "jquery-3.7.1.min.js": None,
    "bootstrap.bundle.min.js": None,
    "bootstrap.min.css": None,
    "bootstrap-glyphicons.css": None,
    "all.min.css": None,
    "leaflet.awesome-markers.js": None,
    "leaflet.awesome-markers.css": None,
    "leaflet.awesome.rotate.min.css": None,
}

#: Deepest zoom of the maps; Leaflet needs one when there is no tile layer, or clusters stay empty.
MAX_ZOOM = 20

_BLOCK = re.compile(r"<(script|style)(?=[\s>])(?![^>]*\bnonce=)", re.IGNORECASE)
_VIEWPORT = re.compile(r'<meta name="viewport"[^>]*/>')
_OUTSIDE = re.compile(r"(?:https?:)?//", re.IGNORECASE)


class ExternalAsset(LookupError):
    """Exception for an address outside the server that a Folium element wants and no local file replaces."""


class Verbatim(Element):
    """A piece of the page that is already HTML; Folium must not read it as a template again."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._name = "Verbatim"
        self._text = text

    def render(self, **kwargs: Any) -> str:
        """Return the text as it was given."""
        return self._text


class LocalFigure(Figure):
    """The page around a map: every link local, the nonce on Folium's own blocks only, no link unknown.

    `asset_url` turns a path under static/ into an address on this server. The nonce is put on what Folium's templates
    write before the blocks are joined, never by searching the finished page: text that looked like a script tag
    would be given a nonce too. Rendering raises ExternalAsset.
    """

    _template = Template(
        '<!DOCTYPE html>\n<html lang="{{ this.lang|e }}">\n<head>\n'
        "<title>{{ this.title|e }}</title>\n"
        '<link rel="icon" href="data:,">\n'
        "{{ this.early }}\n"
        "{{ this.header.render(**kwargs) }}\n</head>\n"
        '<body>\n<main class="map-page" aria-label="{{ this.title|e }}">'
        "{{ this.html.render(**kwargs) }}</main>\n"
        '<script nonce="{{ this.nonce|e }}">{{ this.script.render(**kwargs) }}</script>\n'
        "{{ this.tail }}\n</body>\n</html>\n"
    )

    def __init__(self, *, asset_url: AssetUrl, nonce: str, title: str, lang: str) -> None:
        super().__init__(title=title)
        self._asset_url = asset_url
        self.nonce = nonce
        self.lang = lang
        self.styles: Sequence[str] = ()
        #: HTML before everything that Folium links: what the browser is to ask for at once.
        self.early = ""
        #: HTML after Folium's script: settings and module scripts.
        self.tail = ""

    def render(self, **kwargs: Any) -> str:
        """Return the whole page. Raises ExternalAsset."""
        for child in list(self._children.values()):
            child.render(**kwargs)
        for name, element in list(self.header._children.items()):
            self._localize(name, element, kwargs)
        page_style = "html,body,.map-page{height:100%;margin:0}"
        self.header.add_child(Verbatim(f'<style nonce="{escape(self.nonce)}">{page_style}</style>'))
        for url in self.styles:
            self.header.add_child(Verbatim(f'<link rel="stylesheet" href="{escape(url)}">'))
        return self._template.render(this=self, kwargs=kwargs)

    def _localize(self, name: str, element: Element, kwargs: dict[str, Any]) -> None:
        if not isinstance(element, JavascriptLink | CssLink):
            self.header._children[name] = Verbatim(self._own_block(element.render(**kwargs)))
            return
        url = local_address(element.url, self._asset_url)
        if url is None:
            del self.header._children[name]
        elif isinstance(element, JavascriptLink):
            self.header._children[name] = Verbatim(f'<script src="{escape(url)}"></script>')
        else:
            self.header._children[name] = Verbatim(f'<link rel="stylesheet" href="{escape(url)}">')

    def _own_block(self, text: str) -> str:
        text = _BLOCK.sub(rf'<\1 nonce="{escape(self.nonce)}"', text)
        # Folium forbids zooming the page, which people with weak sight need.
        return _VIEWPORT.sub(
            '<meta name="viewport" content="width=device-width, initial-scale=1">', text
        )


def local_address(url: str, asset_url: AssetUrl) -> str | None:
    """Return the address on this server for a link of Folium, or None when the page does without it.

    Raises ExternalAsset for an address that ASSETS does not know.
    """
    if not _OUTSIDE.match(url):
        return url
    base = url.split("?")[0].rsplit("/", 1)[1]
    if base not in ASSETS:
        raise ExternalAsset(url)
    asset = ASSETS[base]
    return None if asset is None else asset_url(asset)


class LocalMap(Map):
    """A Folium map without basemap, zoom buttons, scale or credit of its own: the page adds those in its language.

    `location` is (lat, lon), as Folium wants it.
    """

    def __init__(self, *, location: tuple[float, float], zoom: int = 14) -> None:
        super().__init__(
            location=location,
            zoom_start=zoom,
            tiles=None,
            control_scale=False,
            prefer_canvas=True,
            zoom_control=False,
            attribution_control=False,
        )
        self._name = "Map"
        self.options["max_zoom"] = MAX_ZOOM
        # a tile that fades in is seen a fifth of a second late
        self.options["fade_animation"] = False

"""Knows how a map page is put together: Folium draws the frame, the page's scripts fetch and draw the data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from branca.element import Element, MacroElement
from folium.map import FitBounds
from folium.plugins import Fullscreen, MarkerCluster
from folium.template import Template

from gis.coordinates import CoordSys, LonLat, from_wgs84
from gis.webmap.basemaps import BLANK, Basemap, add_basemaps
from gis.webmap.escape import as_html, as_json
from gis.webmap.shell import AssetUrl, LocalFigure, LocalMap

#: West, south, east, north in decimal degrees, WGS-84.
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class MapTexts:
    """The words of the page's own controls, in the language of the page."""

    zoom_in: str = "放大"
    zoom_out: str = "缩小"
    full_screen: str = "全屏"
    leave_full_screen: str = "退出全屏"
    #: Stands in the corner of every map; an office adds its 审图号.
    note: str = "工作示意图，不作划界依据"


@dataclass(frozen=True, kw_only=True)
class MapPage:
    """Everything one map page is made of.

    `centre` and `bounds` are WGS-84. `data_urls` and `options` reach the scripts through the settings block; `nonce`
    is that of the answer's Content-Security-Policy; `asset_url` turns a path under static/ into an address.
    """

    kind: str
    asset_url: AssetUrl
    nonce: str
    centre: LonLat
    title: str
    lang: str
    bounds: Bounds | None = None
    data_urls: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    script_urls: Sequence[str] = ()
    #: What the scripts ask for first: the browser is told at once.
    early_urls: Sequence[str] = ()
    style_urls: Sequence[str] = ()
    basemaps: tuple[Basemap, ...] = (BLANK,)
    texts: MapTexts = MapTexts()
    with_clusters: bool = False

    def render(self) -> str:
        """Return the HTML of the page. Raises gis.webmap.shell.ExternalAsset."""
        coord_sys = self.basemaps[0].coord_sys if self.basemaps else CoordSys.WGS84
        lon, lat = from_wgs84(self.centre.lon, self.centre.lat, coord_sys)
        figure = LocalFigure(
            asset_url=self.asset_url, nonce=self.nonce, title=self.title, lang=self.lang
        )
        figure.styles = self.style_urls
        figure.early = self._early()
        figure.tail = self._tail()
        shown = LocalMap(location=(lat, lon))
        figure.add_child(shown)
        shown.add_child(_Controls(self.texts))
        shown.add_child(_full_screen(self.texts))
        basemaps = add_basemaps(shown, self.basemaps)
        clusters = _clusters().add_to(shown) if self.with_clusters else None
        if self.bounds:
            shown.add_child(_at_once(FitBounds(_corners(self.bounds, coord_sys))))
        shown.add_child(_Handover(basemaps, clusters))
        return figure.render()

    def _early(self) -> str:
        # As a script asks: of this server, with its cookies.
        return "\n".join(
            f'<link rel="preload" as="fetch" crossorigin href="{escape(url)}">'
            for url in self.early_urls
        )

    def _tail(self) -> str:
        settings = as_json(
            {
                "kind": self.kind,
                "lang": self.lang,
                "data": dict(self.data_urls),
                "options": dict(self.options),
            }
        )
        block = f'<script type="application/json" id="map-config">{settings}</script>'
        modules = (
            f'<script type="module" src="{escape(url)}"></script>' for url in self.script_urls
        )
        return "\n".join([block, *modules])


def community_map(**page: Any) -> str:
    """The page of a community's map: complete HTML of a few kB, tasks in clusters, no data inside.

    `page` are the fields of MapPage. Raises gis.webmap.shell.ExternalAsset.
    """
    return MapPage(kind="community", with_clusters=True, **page).render()


def district_map(**page: Any) -> str:
    """The page of the district's map: communities shaded by a figure; as `community_map`."""
    return MapPage(kind="district", **page).render()


class _Controls(MacroElement):
    """Zoom buttons, a metric scale and the corner note, in the page's language; Leaflet's own credit prefix is left out."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        L.control.zoom({{ this.zoom|tojavascript }}).addTo({{ this._parent.get_name() }});
        L.control.scale({imperial: false, maxWidth: 140}).addTo({{ this._parent.get_name() }});
        L.control.attribution({prefix: false}).addAttribution({{ this.note|tojavascript }})
            .addTo({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self, texts: MapTexts) -> None:
        super().__init__()
        self._name = "Controls"
        self.zoom = {"zoomInTitle": texts.zoom_in, "zoomOutTitle": texts.zoom_out}
        self.note = as_html(texts.note)


class _Handover(MacroElement):
    """Gives the page's modules what Folium made: window.gridMap, gridBasemaps and gridClusters.

    A module draws on gridMap; on `baselayerchange` it finds event.layer in gridBasemaps and, where coordSys is
    gcj02, shifts what it draws with static/js/gcj02.js. The first entry is the one shown.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        window.gridMap = {{ this._parent.get_name() }};
        window.gridBasemaps = [{% for layer, coord_sys in this.basemaps %}
            {layer: {{ layer }}, coordSys: {{ coord_sys|tojson }}},{% endfor %}];
        window.gridClusters = {{ this.clusters }};
        {% endmacro %}
        """
    )

    def __init__(self, basemaps: list[tuple[Any, Basemap]], clusters: Element | None) -> None:
        super().__init__()
        self._name = "Handover"
        self.basemaps = [(layer.get_name(), str(basemap.coord_sys)) for layer, basemap in basemaps]
        self.clusters = clusters.get_name() if clusters else "null"


def _at_once(fit: FitBounds) -> FitBounds:
    """Without the animation: its end would undo what a page's script chose to show meanwhile."""
    fit.options["animate"] = False
    return fit


def _full_screen(texts: MapTexts) -> Fullscreen:
    return Fullscreen(
        title=texts.full_screen, title_cancel=texts.leave_full_screen, force_separate_button=True
    )


def _clusters() -> MarkerCluster:
    # Not in slices: a slice still waiting when the filter changes would add tasks that are no longer wanted, and
    # ten thousand drawings on one canvas take a third of a second.
    return MarkerCluster(
        control=False,
        options={
            "chunkedLoading": False,
            "animate": False,
            "showCoverageOnHover": False,
            "maxClusterRadius": 60,
        },
    )


def _corners(bounds: Bounds, coord_sys: str) -> list[list[float]]:
    west, south = from_wgs84(bounds[0], bounds[1], coord_sys)
    east, north = from_wgs84(bounds[2], bounds[3], coord_sys)
    return [[south, west], [north, east]]

"""What a map page is allowed to hold, and how the basemap setting is read."""

import json
import re
import subprocess
import sys

import pytest
from folium.plugins import HeatMap

from gis.coordinates import CoordSys, LonLat, from_wgs84
from gis.webmap.basemaps import BadBasemap, BasemapKind, image_sources, parse_basemaps
from gis.webmap.escape import as_html, as_json
from gis.webmap.page import MapTexts, community_map, district_map
from gis.webmap.shell import ExternalAsset, LocalFigure, LocalMap

CENTRE = LonLat(113.376, 22.146)
HOSTILE = "</script><img src=x onerror=alert(1)>${alert(2)}`\u2028'\""


def a_map(kind=community_map, **changed):
    return kind(
        **{
            "asset_url": lambda name: f"/static/{name}?v=1",
            "nonce": "n0nce",
            "centre": CENTRE,
            "bounds": (113.3, 22.1, 113.4, 22.2),
            "title": "三灶镇 海澄社区",
            "data_urls": {"tasks": "/maps/440404100003/tasks.json"},
            "options": {"cluster": True},
            "script_urls": ["/static/js/maps/community.js"],
            "basemaps": parse_basemaps("none"),
            "lang": "zh-CN",
            **changed,
        }
    )


def settings_of(html):
    block = re.search(r'<script type="application/json" id="map-config">(.*?)</script>', html)
    assert block
    return json.loads(block[1])


@pytest.mark.parametrize("kind", [community_map, district_map])
def test_a_page_without_basemap_names_no_outside_address(kind):
    assert not re.search(r"//(?!\s)[\w.-]+\.\w", a_map(kind))


@pytest.mark.parametrize("kind", [community_map, district_map])
def test_a_page_is_at_most_ten_kilobytes(kind):
    assert (
        len(a_map(kind, basemaps=parse_basemaps("none|tianditu:0123456789ab")).encode()) <= 10_000
    )


def test_every_file_a_page_links_is_among_the_vendored_ones():
    from pathlib import Path

    static = Path(__file__).resolve().parents[2] / "static"
    linked = re.findall(r'(?:src|href)="/static/(vendor/[^"?]+)', a_map())
    assert linked
    assert [name for name in linked if not (static / name).is_file()] == []


def test_only_the_community_map_loads_clusters():
    assert "markercluster" in a_map(community_map)
    assert "markercluster" not in a_map(district_map)


def test_an_element_that_wants_an_unknown_file_from_outside_stops_the_page():
    figure = LocalFigure(asset_url=str, nonce="n", title="t", lang="zh-CN")
    shown = LocalMap(location=(22.1, 113.3))
    figure.add_child(shown)
    HeatMap([[22.1, 113.3]]).add_to(shown)
    with pytest.raises(ExternalAsset, match="heat"):
        figure.render()


def test_every_script_and_style_block_of_the_page_carries_the_nonce():
    html = a_map()
    blocks = re.findall(r"<(?:script|style)(?![^>]*(?:src=|application/json))[^>]*>", html)
    assert len(blocks) >= 5
    assert [block for block in blocks if 'nonce="n0nce"' not in block] == []


def test_hostile_words_never_become_a_tag_or_a_template():
    html = a_map(
        title=HOSTILE,
        data_urls={"tasks": HOSTILE},
        options={"words": HOSTILE},
        texts=MapTexts(zoom_in=HOSTILE, note=HOSTILE, full_screen=HOSTILE),
        basemaps=parse_basemaps(
            f"none|xyz:{HOSTILE.replace(';', '')};wgs84;https://a.example/{{z}}/{{x}}/{{y}};<b>"
        ),
    )
    assert "<img" not in html
    assert html.count("</script>") == len(re.findall(r"<script\b", html))
    assert settings_of(html)["options"] == {"words": HOSTILE}
    assert settings_of(html)["data"] == {"tasks": HOSTILE}


def test_the_page_says_its_language_and_title_and_may_be_zoomed_by_people():
    html = a_map(lang="en", title="Haicheng & Co")
    assert '<html lang="en">' in html
    assert "<title>Haicheng &amp; Co</title>" in html
    assert "user-scalable=no" not in html


def test_on_a_shifted_basemap_the_page_opens_at_the_shifted_centre():
    html = a_map(basemaps=parse_basemaps("xyz:高德;gcj02;https://a.example/{z}/{x}/{y};高德"))
    lon, lat = from_wgs84(CENTRE.lon, CENTRE.lat, CoordSys.GCJ02)
    centre = re.search(r"center: (\[[^\]]*\])", html)
    assert json.loads(centre[1]) == [lat, lon]


def test_reading_the_basemap_setting_does_not_load_folium():
    done = subprocess.run(
        [sys.executable, "-c", "import sys, gis.webmap.basemaps; print('folium' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"


def test_an_empty_setting_means_no_basemap():
    assert [basemap.kind for basemap in parse_basemaps("  ")] == [BasemapKind.NONE]


def test_a_setting_may_hold_several_basemaps_in_order():
    found = parse_basemaps(
        "none | tiles:/tiles/base/{z}/{x}/{y}.png | tiles:航片;/tiles/2026/{z}/{x}/{y}.jpg;区自然资源局"
        " | xyz:高德;GCJ02;https://w{s}.example/{z}?x={x}&y={y};© 高德; 审图号"
    )
    assert [basemap.name for basemap in found] == ["无底图", "本地底图", "航片", "高德"]
    assert found[2].attribution == "区自然资源局"
    assert found[3].coord_sys == CoordSys.GCJ02
    assert found[3].attribution == "© 高德; 审图号"


def test_tianditu_gives_a_map_and_a_photo_each_with_its_labels():
    plain, photo = parse_basemaps("tianditu:0123456789abcdef")
    for basemap, layers in ((plain, ("vec_w", "cva_w")), (photo, ("img_w", "cia_w"))):
        urls = basemap.tile_urls()
        assert [layer in url for layer, url in zip(layers, urls, strict=True)] == [True, True]
        assert all(url.endswith("tk=0123456789abcdef") and "{z}" in url for url in urls)


def test_tianditu_may_come_from_a_mirror_inside_the_network():
    basemap = parse_basemaps("tianditu:0123456789ab;http://map.example:8080/")[0]
    assert basemap.tile_urls()[0].startswith("http://map.example:8080/vec_w/wmts?")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("osm", "unknown kind"),
        ("none:x", "takes nothing"),
        ("tiles:https://a.example/{z}/{x}/{y}", "path of this server"),
        ("tiles://a.example/{z}/{x}/{y}", "path of this server"),
        ("tiles:/tiles/{z}/{x}", r"lacks \{y\}"),
        ("tianditu:", "key"),
        ("tianditu:abc&LAYER=x12345", "key"),
        ("tianditu:0123456789ab;ftp://a.example", "https://"),
        ("xyz:高德;gcj02", "needs xyz"),
        ("xyz:高德;bd09;https://a.example/{z}/{x}/{y};c", "neither wgs84 nor gcj02"),
        ("xyz:高德;gcj02;javascript:{z}{x}{y};c", "https://"),
        ("xyz:高德;gcj02;https://a.example; script-src *.evil.example/{z}/{x}/{y}", "lacks"),
        ("xyz:高德;gcj02;https://a.example'/{z}/{x}/{y};c", "https://"),
        ("none|none", "twice"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_reason(text, reason):
    with pytest.raises(BadBasemap, match=reason):
        parse_basemaps(text)


def test_the_key_of_tianditu_is_not_repeated_in_an_error():
    with pytest.raises(BadBasemap) as refused:
        parse_basemaps("tianditu:s3cret key!")
    assert "s3cret" not in str(refused.value)


def test_the_frame_may_load_pictures_from_the_configured_hosts_and_no_other():
    basemaps = parse_basemaps(
        "none|tianditu:0123456789ab|tiles:/t/{z}/{x}/{y}|xyz:a;wgs84;http://10.0.0.8:8000/{z}/{x}/{y};c"
    )
    assert image_sources(basemaps) == ("https://*.tianditu.gov.cn", "http://10.0.0.8:8000")


@pytest.mark.parametrize("value", [HOSTILE, {"键": [1, None, "<!--"]}, "a\\u003c"])
def test_settings_survive_the_way_into_a_script_block(value):
    text = as_json(value)
    assert not set("<>&'`\u2028") & set(text)
    assert json.loads(text) == value


def test_words_for_leaflet_hold_no_markup():
    assert not set("<>\"'`$") & set(as_html(HOSTILE))

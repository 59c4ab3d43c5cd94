"""The map page in a real browser under its Content-Security-Policy, and the JavaScript shift against gis.coordinates."""

import os
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from gis.coordinates import LonLat, gcj02_to_wgs84, wgs84_to_gcj02
from gis.webmap.basemaps import parse_basemaps
from gis.webmap.page import MapTexts, community_map, district_map

# pytest-playwright 0.10 declares its base_url in a way that pytest 9.2 warns of; nothing here can mend it.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Session-scoped fixtures defined as instance methods"
)

STATIC = Path(__file__).resolve().parents[2] / "static"
NONCE = "dGVzdC1ub25jZQ"
POLICY = (
    f"default-src 'none'; script-src 'self' 'nonce-{NONCE}'; style-src 'self' 'nonce-{NONCE}'; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "object-src 'none'; frame-ancestors 'self'"
)
TYPES = {".js": "text/javascript", ".css": "text/css", ".png": "image/png", ".svg": "image/svg+xml"}
HOSTILE = "</script><img src=x onerror=alert(1)>${alert(2)}`+alert(3)+`\"'"
PLACES = [
    (113.376, 22.146),
    (116.397, 39.909),
    (87.617, 43.793),
    (103.8, 1.35),
    (139.7, 35.7),
    (-0.1, 51.5),
]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    program = (
        os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    )
    assert program, "no Chromium: ./run test installs it, or set CHROMIUM"
    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
    return {**browser_type_launch_args, "executable_path": program, "args": flags}


class MapServer(ThreadingHTTPServer):
    """Serves one page at /map with the frame's policy, and the static folder."""

    daemon_threads = True
    page_html = ""

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: MapServer

    def do_GET(self):
        path = self.path.split("?")[0]
        if path == "/map":
            self._answer(self.server.page_html.encode(), "text/html; charset=utf-8")
        elif path.startswith("/static/") and (STATIC / path[8:]).is_file():
            file = STATIC / path[8:]
            self._answer(file.read_bytes(), TYPES.get(file.suffix, "application/octet-stream"))
        elif path.startswith("/tiles/"):
            self._answer((STATIC / "vendor/leaflet/images/layers.png").read_bytes(), "image/png")
        else:
            self.send_error(404)

    def _answer(self, body, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        return


@pytest.fixture(scope="module")
def server():
    with MapServer(("127.0.0.1", 0), _Handler) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def faults(page, server):
    """Collect what must not happen on any map page: refused by the policy, asked from outside, error or dialog."""
    bad = []

    def refuse_outside(route):
        bad.append(f"outside: {route.request.url}")
        route.abort()

    def dismiss(dialog):
        bad.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.route(lambda url: not url.startswith((server.address, "data:", "blob:")), refuse_outside)
    page.on(
        "console", lambda message: bad.append(message.text) if message.type == "error" else None
    )
    page.on("pageerror", lambda error: bad.append(str(error)))
    page.on("dialog", dismiss)
    page.on(
        "response",
        lambda answer: (
            bad.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None
        ),
    )
    return bad


@pytest.fixture
def open_map(page, server):
    def opened(kind=community_map, **changed):
        server.page_html = kind(
            **{
                "asset_url": lambda name: f"/static/{name}",
                "nonce": NONCE,
                "centre": LonLat(113.376, 22.146),
                "bounds": (113.36, 22.13, 113.39, 22.16),
                "title": "海澄社区",
                "data_urls": {"tasks": "/tasks.json"},
                "options": {},
                "script_urls": ["/static/js/gcj02.js"],
                "basemaps": parse_basemaps("none"),
                "lang": "zh-CN",
                **changed,
            }
        )
        page.goto(f"{server.address}/map", wait_until="networkidle")
        return page

    return opened


@pytest.mark.parametrize("kind", [community_map, district_map])
def test_the_map_stands_under_its_policy_without_a_request_outside(open_map, faults, kind):
    page = open_map(kind)
    west, south, east, north = page.evaluate(
        "gridMap.getBounds().toBBoxString().split(',').map(Number)"
    )
    assert west <= 113.36 < 113.39 <= east
    assert south <= 22.13 < 22.16 <= north
    assert page.evaluate("gridMap.getSize().y === window.innerHeight")
    assert faults == []


def test_the_controls_speak_the_language_of_the_page(open_map, faults):
    page = open_map(texts=MapTexts(note="工作示意图 审图号：粤S(2026)01号"))
    assert page.get_by_role("button", name="放大").count() == 1
    assert page.get_by_role("button", name="全屏").count() == 1
    assert (
        page.locator(".leaflet-control-attribution").inner_text()
        == "工作示意图 审图号：粤S(2026)01号"
    )
    assert page.locator(".leaflet-control-scale-line").count() > 0
    assert faults == []


def test_a_module_can_draw_points_in_clusters_without_any_basemap(open_map, faults):
    page = open_map()
    page.evaluate("""() => {
        for (let i = 0; i < 200; i += 1)
            gridClusters.addLayer(L.circleMarker([22.14 + (i % 20) * 1e-4, 113.37 + Math.floor(i / 20) * 1e-4]));
    }""")
    page.locator(".marker-cluster").first.wait_for()
    assert sum(int(text) for text in page.locator(".marker-cluster").all_inner_texts()) == 200
    assert faults == []


def test_hostile_words_do_not_run_and_stay_readable(open_map, faults):
    page = open_map(
        title=HOSTILE,
        data_urls={"tasks": HOSTILE},
        options={"words": HOSTILE},
        texts=MapTexts(zoom_in=HOSTILE, zoom_out=HOSTILE, full_screen=HOSTILE, note=HOSTILE),
        basemaps=parse_basemaps(f"tiles:{HOSTILE};/tiles/{{z}}/{{x}}/{{y}}.png;{HOSTILE}|none"),
    )
    page.locator(".leaflet-control-layers").hover()
    assert page.title() == HOSTILE
    assert page.locator(".leaflet-control-layers-base label").first.inner_text().strip() == HOSTILE
    assert HOSTILE in page.locator(".leaflet-control-attribution").inner_text()
    assert page.locator(".leaflet-control-zoom-in").get_attribute("title") == HOSTILE
    settings = "JSON.parse(document.getElementById('map-config').textContent).options.words"
    assert page.evaluate(settings) == HOSTILE
    assert page.locator("img[src=x]").count() == 0
    assert faults == []


def test_choosing_another_basemap_tells_the_module_its_coordinates(open_map, faults):
    page = open_map(basemaps=parse_basemaps("tiles:本地;/tiles/{z}/{x}/{y}.png|none"))
    page.evaluate("""() => gridMap.on('baselayerchange', (event) => {
        window.chosen = gridBasemaps.findIndex((entry) => entry.layer === event.layer);
    })""")
    assert page.evaluate("gridBasemaps.map((entry) => entry.coordSys)") == ["wgs84", "wgs84"]
    assert page.locator("img.leaflet-tile").count() > 0
    page.locator(".leaflet-control-layers").hover()
    page.get_by_text("无底图").click()
    assert page.evaluate("window.chosen") == 1
    assert page.locator("img.leaflet-tile").count() == 0
    assert faults == []


def test_the_shift_in_the_browser_equals_the_one_on_the_server(open_map, faults):
    page = open_map()
    call = """async ([name, places]) => {
        const shift = await import('/static/js/gcj02.js');
        return places.map((place) => shift[name](place));
    }"""
    for name, function in (("wgs84ToGcj02", wgs84_to_gcj02), ("gcj02ToWgs84", gcj02_to_wgs84)):
        lon, lat = function(*zip(*PLACES, strict=True))
        expected = [pytest.approx(pair, abs=1e-9) for pair in zip(lon, lat, strict=True)]
        assert page.evaluate(call, [name, PLACES]) == expected
    assert faults == []

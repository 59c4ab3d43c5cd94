"""Files and the phone's shell travel compressed; nothing else does, and conditions and ranges still hold."""

import gzip

import pytest
from flask import Flask

from tests.factories.client import open_session, visitor
from tests.factories.world import make_world
from tracker.paths import STATIC
from tracker.web import compression
from tracker.web.compression import ADDRESSES

FILE = "/static/vendor/tabler/tabler.min.css"
GZIP = {"Accept-Encoding": "gzip"}


def test_a_file_travels_compressed_and_arrives_whole(app: Flask):
    client = visitor(app)
    for _ in range(2):  # the second comes from what was kept
        answer = client.get(FILE, headers=GZIP)
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in answer.headers["Vary"]
        whole = (STATIC / "vendor/tabler/tabler.min.css").read_bytes()
        assert gzip.decompress(answer.data) == whole
        assert len(answer.data) < len(whole) / 4
        answer.close()


def test_a_version_or_a_detour_that_somebody_makes_up_makes_no_file_compressed_again(app: Flask):
    client, kept = visitor(app), compression._FILES._found
    client.get(FILE, headers=GZIP).close()
    before = len(kept)
    for detour in (f"{'0' * 16}/", f"{'1' * 16}/", "css/../", "./"):
        made_up = FILE.replace("/static/", f"/static/{detour}")
        with client.get(made_up, headers=GZIP) as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
    assert len(kept) == before


def test_a_browser_that_has_the_file_is_told_so(app: Flask):
    client = visitor(app)
    for headers in (GZIP, {}):
        with client.get(FILE, headers=headers) as first:
            etag = first.headers["ETag"]
        with client.get(FILE, headers={**headers, "If-None-Match": etag}) as again:
            assert (again.status_code, again.data) == (304, b"")


def test_a_part_of_a_file_is_a_part_of_the_file_itself(app: Flask):
    with visitor(app).get(FILE, headers={**GZIP, "Range": "bytes=10-19"}) as answer:
        assert answer.status_code == 206
        assert "Content-Encoding" not in answer.headers
        assert answer.data == (STATIC / "vendor/tabler/tabler.min.css").read_bytes()[10:20]


def test_a_picture_is_not_compressed_again(app: Flask):
    with visitor(app).get("/static/vendor/leaflet/images/layers.png", headers=GZIP) as answer:
        assert answer.status_code == 200
        assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("address", ["/login", "/account", "/tasks/?q=secret", "/inspect/session"])
def test_a_page_that_may_hold_a_secret_is_never_compressed(app: Flask, address: str):
    make_world()
    answer = open_session(app, "dispatcher").get(address, headers=GZIP)
    assert "Content-Encoding" not in answer.headers


def test_the_addresses_that_are_compressed_are_there(app: Flask):
    assert {rule.rule for rule in app.url_map.iter_rules()} & ADDRESSES == ADDRESSES


def test_the_shell_travels_compressed_and_the_condition_holds(app: Flask):
    client = visitor(app)
    first = client.get("/inspect/", headers=GZIP)
    assert first.headers["Content-Encoding"] == "gzip"
    again = client.get("/inspect/", headers={**GZIP, "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304

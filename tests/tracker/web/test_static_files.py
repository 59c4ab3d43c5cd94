"""A file is fetched once: its address names a version, and another version is another address."""

import re

from tests.factories.client import visitor
from tracker.web import static_files

KEPT = "public, max-age=31536000, immutable"
_ADDRESS = re.compile(r'(?:href|src)="(/static/[^"]+)"')


def test_no_file_of_a_page_is_asked_for_again(app):
    client = visitor(app)
    addresses = _ADDRESS.findall(client.get("/login").text)
    assert len(addresses) > 3
    for address in addresses:
        with client.get(address) as answer:
            assert (answer.status_code, answer.headers["Cache-Control"]) == (200, KEPT), address


def test_a_page_from_before_an_upgrade_gets_files_that_are_not_kept_under_its_name(app):
    for version in ("0123456789abcdef/", ""):
        with visitor(app).get(f"/static/{version}js/app.js") as answer:
            assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")
    with visitor(app).get("/static/0123456789abcdef/0123456789abcdef/js/app.js") as answer:
        assert answer.status_code == 404


def test_another_byte_or_another_name_is_another_version(tmp_path, monkeypatch):
    monkeypatch.setattr(static_files, "STATIC", tmp_path)

    def version() -> str:
        return static_files.version_now.__wrapped__()

    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "a.js").write_text("1")
    first = version()
    assert version() == first
    (tmp_path / "js" / "a.js").write_text("2")
    second = version()
    (tmp_path / "js" / "a.js").rename(tmp_path / "js" / "b.js")
    assert len({first, second, version()}) == 3


def test_the_phone_names_its_files_without_that_version(app):
    """Its worker keeps them under a version of its own: a change elsewhere sends them to no phone again."""
    client = visitor(app)
    for path in ("/inspect/", "/inspect/sw.js", "/inspect/manifest.webmanifest"):
        text = client.get(path).text
        assert "/static/" in text
        assert not re.search(r"/static/[0-9a-f]{16}/", text)

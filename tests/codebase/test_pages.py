"""What is served names no outside address, changes nothing by being opened, and is made as the house makes it."""

import hashlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.codebase.crawl import ROLES, crawl, furnished
from tests.codebase.sources import texts
from tests.conftest import settings_for, share_compiled
from tracker.app import create_app
from tracker.paths import STATIC
from tracker.storage.db import db

#: A session notes when it was last seen; a failed sign-in and an export leave their trace; a phone
#: that asks who is signed in gets its right for the day; who opens a task has read its notices.
MAY_CHANGE = {"user_session", "sign_in_attempt", "audit_entry", "deposit_right", "notice"}
#: Names of XML vocabularies: never fetched.
NAMES = ("http://www.w3.org/", "https://www.w3.org/")
_ADDRESS = re.compile(r"""(?:https?:)?//[A-Za-z0-9\[][^\s"'<>()`\\]*""")
_CLASS = re.compile(r' class="([^"]*)"')
_COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'\w])//[^\n]*", re.DOTALL)


def outside(text: str) -> list[str]:
    """Addresses of other hosts in a page, a style sheet or a script."""
    return [
        found
        for found in _ADDRESS.findall(text)
        if not found.startswith((*NAMES, "http://localhost", "//localhost"))
    ]


def digests() -> dict[str, str]:
    """What each table holds."""
    db.session.rollback()
    found = {}
    for table in db.metadata.sorted_tables:
        if table.name not in MAY_CHANGE:
            rows = sorted(str(tuple(row)) for row in db.session.execute(select(table)))
            found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    db.session.rollback()
    return found


@pytest.fixture(scope="module")
def pages(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Every page that a person of each role reaches; opening them changed no table."""
    folder = tmp_path_factory.mktemp("crawled")
    shutil.copy(sqlite_template, folder / "tracker.db")
    app = share_compiled(create_app(settings_for(folder)))
    with app.app_context():
        world, found = furnished(), {"visitor /login": app.test_client().get("/login").text}
        before = digests()
        for who in ROLES:
            crawled = crawl(app, (who,), world=world)
            assert crawled.failed == [], f"{who}: {crawled.failed}"
            assert digests() == before, f"a page changed a table for {who}"
            found |= crawled.pages
        db.session.remove()
        db.engine.dispose()
    return found


def test_no_page_changes_anything_by_being_opened(pages: dict[str, str]):
    assert len(pages) > 20 * len(ROLES)


def test_an_outside_address_would_be_seen():
    assert outside('<script src="//cdn.example.com/x.js">') == ["//cdn.example.com/x.js"]
    assert outside("@import url(https://fonts.example.com/a.css)") != []
    assert outside('<svg xmlns="http://www.w3.org/2000/svg">') == []


def test_no_served_page_names_an_outside_address(pages: dict[str, str]):
    found = {page: outside(html) for page, html in pages.items()}
    assert {page: addresses for page, addresses in found.items() if addresses} == {}


def own_files() -> Iterator[tuple[str, str]]:
    yield from texts("static", "*.css", "*.js", "*.svg", "*.webmanifest", "*.html")


def test_no_style_or_script_of_ours_names_an_outside_address():
    found = {name: outside(_COMMENT.sub("", text)) for name, text in own_files()}
    assert {name: addresses for name, addresses in found.items() if addresses} == {}
    assert found


def test_pages_have_no_inline_scripts_styles_or_handlers(pages: dict[str, str]):
    handlers = re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE)
    styles = re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE)
    for page, html in pages.items():
        if page.split("?")[0].endswith("/frame"):
            continue
        assert handlers.findall(html) == [], page
        assert styles.findall(html) == [], page


def test_every_page_has_a_language_a_title_and_one_main_heading(pages: dict[str, str]):
    for page, html in pages.items():
        if page.split("?")[0].endswith("/frame"):
            continue
        assert re.search(r"<html[^>]* lang=", html), page
        assert re.search(r"<title>\s*\S", html), page
        assert len(re.findall(r"<h1[ >]", html)) == 1, page


def test_every_form_that_posts_carries_the_token(pages: dict[str, str]):
    for page, html in pages.items():
        for form in re.findall(r"<form.*?</form>", html, re.DOTALL):
            if re.search(r'method="?post', form, re.IGNORECASE):
                assert 'name="csrf_token"' in form, (page, form[:200])


def test_every_class_of_a_page_has_the_rules_that_tabler_has_for_it(pages: dict[str, str]):
    used = {
        name for html in pages.values() for text in _CLASS.findall(html) for name in text.split()
    }
    sheets = ("vendor/tabler/tabler.min.css", "vendor/tabler-icons/tabler-icons.min.css", "made/tabler.css")  # fmt: skip
    tabler, icons, made = ((STATIC / name).read_text("utf-8") for name in sheets)
    missing = {
        name for name in used if re.search(rf"\.{re.escape(name)}(?![\w-])", tabler + icons)
    } - {name for name in used if re.search(rf"\.{re.escape(name)}(?![\w-])", made)}
    assert sorted(missing) == []

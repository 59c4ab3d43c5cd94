"""What the phone keeps is whole: no screen asks for a file that the worker does not have."""

import posixpath
import re

from tracker.inspections import phone_shell
from tracker.paths import STATIC

#: Imports at the top of a module and those made when a screen is asked for.
IMPORT = re.compile(r'(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"]+\.js)"')
LOADED = re.compile(r'"/static/([^"?]+\.(?:js|css|svg))')


def test_every_file_that_a_module_of_the_phone_asks_for_is_kept_for_offline():
    kept = set(phone_shell.files())
    missing = set()
    for name in kept:
        if not name.endswith(".js") or name.startswith("vendor/"):
            continue
        path = STATIC / name
        text = path.read_text(encoding="utf-8")
        asked = {
            posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
            for target in IMPORT.findall(text)
        }
        missing |= (asked | set(LOADED.findall(text))) - kept
    assert missing == set()


def test_the_first_screen_is_found_also_where_a_folder_of_files_is_a_link(tmp_path, monkeypatch):
    expected = phone_shell.first_modules()
    for folder in ("inspect", "js", "icons", "vendor"):
        (tmp_path / folder).symlink_to((STATIC / folder).resolve())
    monkeypatch.setattr(phone_shell, "STATIC", tmp_path)
    phone_shell._first_modules.cache_clear()
    assert "vendor/idb/idb.js" in expected
    assert phone_shell.first_modules() == expected

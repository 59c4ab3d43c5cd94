"""Every setting is explained where an administrator looks for it, and a bad one says so."""

import re
from dataclasses import fields

import pytest

from tests.codebase.sources import ROOT
from tracker.settings import _NAMES, BadSetting, Settings

SHOWN_AS = {"": "空 empty", "False": "否 no"}


def rows() -> dict[str, tuple[str, str, str]]:
    """field: (variable, default, meaning), as the page tells."""
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    pattern = re.compile(r"^\| `(TRACKER_\w+)` \| `(\w+)` \| ([^|]*) \| ([^|]*) \|$", re.MULTILINE)
    return {field: (name, default, words) for name, field, default, words in pattern.findall(text)}


def test_every_setting_is_on_the_page_with_its_variable_default_and_meaning():
    assert set(rows()) == {f.name for f in fields(Settings)} == set(_NAMES)
    for name, (variable, default, words) in rows().items():
        assert variable == "TRACKER_" + _NAMES[name]
        value = str(getattr(Settings(), name))
        assert default.strip("`") == SHOWN_AS.get(value, value), name
        assert len(words) > 10, name


def test_every_variable_is_read():
    given = {"TRACKER_" + name: "1" for name in _NAMES.values()} | {"TRACKER_LOCALE": "en"}
    found = Settings.from_environ(given)
    untouched = {name for name in _NAMES if getattr(found, name) == getattr(Settings(), name)}
    assert untouched == set()


@pytest.mark.parametrize(
    ("variable", "value"),
    [("TRACKER_PORT", "http"), ("TRACKER_PORT", "-1"), ("TRACKER_IDLE_MINUTES", "1.5"), ("TRACKER_LOCALE", "fr")],
)  # fmt: skip
def test_a_setting_that_cannot_be_used_is_named(variable: str, value: str):
    with pytest.raises(BadSetting, match=variable):
        Settings.from_environ({variable: value})


def test_a_short_secret_is_refused_and_one_is_made_when_none_is_given(tmp_path):
    with pytest.raises(BadSetting, match="TRACKER_SECRET_KEY"):
        Settings(secret_key="short").effective_secret()
    made = Settings(data_dir=tmp_path).effective_secret()
    assert len(made) >= 32
    assert Settings(data_dir=tmp_path).effective_secret() == made
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0

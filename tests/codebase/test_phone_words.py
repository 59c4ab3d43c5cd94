"""The phone's words have their English beside them: every Chinese sentence in its scripts, and no other."""

import re

import pytest

from tests.codebase.sources import ROOT

FOLDER = ROOT / "static" / "inspect"
TABLES = ("words_engine.js", "words_screens.js")
CHINESE = re.compile("[一-鿿]")
_TEXT = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_COMMENT = re.compile(r"/\*.*?\*/|^\s*//[^\n]*|(?<=[;{},)\s])//\s[^\n]*", re.DOTALL | re.MULTILINE)
_PAIR = re.compile(r'^\s*"((?:[^"\\]|\\.)*)":\s*"((?:[^"\\]|\\.)*)",?$', re.MULTILINE)
_PLACE = re.compile(r"\{\w+\}")


@pytest.fixture(scope="module")
def english() -> dict[str, str]:
    return {
        chinese: text
        for name in TABLES
        for chinese, text in _PAIR.findall((FOLDER / name).read_text(encoding="utf-8"))
    }


def sentences() -> dict[str, str]:
    """Chinese texts in the scripts, with the script that says them."""
    found = {}
    for path in sorted(FOLDER.rglob("*.js")):
        if path.name in TABLES:
            continue
        text = _COMMENT.sub("", path.read_text(encoding="utf-8"))
        # what stands outside quotes, in a template, has no English and is found as such
        for said in [*_TEXT.findall(text), *_TEXT.sub("", text).split("`")]:
            if CHINESE.search(said):
                found[said] = path.relative_to(FOLDER).as_posix()
    return found


def test_every_sentence_has_its_english(english: dict[str, str]):
    assert {text: name for text, name in sentences().items() if text not in english} == {}


def test_no_english_is_kept_for_a_sentence_that_is_gone(english: dict[str, str]):
    assert sorted(set(english) - set(sentences())) == []


def test_the_english_takes_the_same_values_and_holds_no_chinese(english: dict[str, str]):
    wrong = [
        chinese
        for chinese, text in english.items()
        if sorted(_PLACE.findall(chinese)) != sorted(_PLACE.findall(text))
        or re.search("[一-鿿、。，；：（）「」]", text)
    ]
    assert wrong == []

"""Templates parse, import nothing they do not use, and hold no inline script or style."""

import re

import pytest
from flask import Flask
from jinja2 import nodes

from tests.codebase.sources import texts

TEMPLATES = dict(texts("templates", "*.html", "*.svg", "*.txt", "*.xml"))
_INLINE = re.compile(r"""<[^>]*?\s(?:on[a-z]+|style)\s*=|javascript:""", re.IGNORECASE)
_SCRIPT = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*type=.(?:application|importmap))[^>]*>", re.IGNORECASE
)
LONGEST = 150


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_a_template_parses_and_uses_every_macro_it_imports(app: Flask, name: str):
    tree = app.jinja_env.parse(TEMPLATES[name])
    imported = {
        given if isinstance(given, str) else given[1]
        for node in tree.find_all(nodes.FromImport)
        for given in node.names
    } | {node.target for node in tree.find_all(nodes.Import)}
    used = {node.name for node in tree.find_all(nodes.Name)}
    assert sorted(imported - used) == []


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_a_template_has_no_inline_handler_style_or_script(name: str):
    text = re.sub(r"\{#.*?#\}", "", TEMPLATES[name], flags=re.DOTALL)
    assert _INLINE.findall(text) == []
    assert [tag for tag in _SCRIPT.findall(text) if "nonce" not in tag] == []


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_a_template_reads_in_one_sitting(name: str):
    assert len(TEMPLATES[name].splitlines()) <= LONGEST


def test_user_text_is_never_marked_safe():
    marked = [name for name, text in TEMPLATES.items() if re.search(r"\|\s*safe\b", text)]
    assert marked == []

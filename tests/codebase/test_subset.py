"""Of Tabler's rules and icons the pages load those in use: none that a page needs is missing."""

import importlib.util
import re

import pytest

from tests.codebase.sources import ROOT, texts
from tracker.paths import STATIC
from tracker.web.navigation import ENTRIES

MADE = STATIC / "made"
_ICON = re.compile(r"""\bicon\('([a-z0-9-]+)'\)|\bti ti-([a-z0-9-]+)(?=['" ])""")


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("subset", ROOT / "tools" / "subset.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def code_of_icons() -> dict[str, int]:
    css = (MADE / "tabler.css").read_text("utf-8")
    found = re.findall(r'\.ti-([a-z0-9-]+):before\{content:"\\([0-9a-f]+)"\}', css)
    return {name: int(code, 16) for name, code in found}


def test_every_icon_that_a_template_a_script_or_the_menu_names_is_in_the_font():
    from fontTools.ttLib import TTFont

    named = {entry.icon for entry in ENTRIES}
    for _, text in (*texts("templates", "*.html"), *texts("static/js", "*.js")):
        named |= {name for groups in _ICON.findall(text) for name in groups if name}
    named |= {"player-pause", "player-play"}  # timeline_page.js puts the name together
    codes, drawn = code_of_icons(), TTFont(MADE / "tabler-icons.woff2").getBestCmap()
    assert len(named) > 80
    assert sorted(name for name in named if codes.get(name) not in drawn) == [], "run ./run again"


def test_the_font_is_a_small_part_of_the_whole():
    whole = STATIC / "vendor" / "tabler-icons" / "fonts" / "tabler-icons.woff2"
    assert (MADE / "tabler-icons.woff2").stat().st_size < whole.stat().st_size / 20


def test_nothing_is_lost_of_a_sheet_whose_classes_are_all_used(script):
    whole = (STATIC / "vendor" / "tabler" / "tabler.min.css").read_text("utf-8")
    plain = script._COMMENT.sub("", whole)
    assert script.used_rules(plain, lambda name: True) == re.sub(r";\n|\n", lambda m: m[0].strip(), plain).strip()  # fmt: skip


@pytest.mark.parametrize(
    ("given", "left"),
    [
        (".a{x:1}.b{x:2}", ".a{x:1}"),
        (".a,.b,.a .b{x:1}", ".a{x:1}"),
        ("p,.a:not(.b)>[title=\"}.b{\"]{x:1}", "p,.a:not(.b)>[title=\"}.b{\"]{x:1}"),
        (":is(.a,.b) p{x:1}", ":is(.a,.b) p{x:1}"),
        ("@media (a:b){.b{x:1}}@media (a:b){.a{x:1}.b{x:1}}", "@media (a:b){.a{x:1}}"),
        ('@charset "x";@font-face{src:url(data:a;b)}', '@charset "x";@font-face{src:url(data:a;b)}'),
        (".b,p:not(:is(.a,[x=','],.b)):has(i,.b),.b{x:1}", "p:not(:is(.a,[x=','],.b)):has(i,.b){x:1}"),
        (r".w-1\/2{x:1}", r".w-1\/2{x:1}"),
    ],
)  # fmt: skip
def test_a_selector_goes_when_it_asks_for_a_class_that_nothing_has(script, given, left):
    assert script.used_rules(given, {"a", "w-1/2"}.__contains__) == left


def test_a_class_that_is_put_together_stays(script, tmp_path):
    for folder in ("templates", "static/js", "tracker"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "templates" / "a.html").write_text("<p class=\"alert-{{ kind }} {{ 'text-' ~ tone }}\">")  # fmt: skip
    (tmp_path / "static" / "js" / "a.js").write_text("x.className = `badge-${state}`;")
    (tmp_path / "tracker" / "a.py").write_text('render_kw={"class": "form-control"}; f"bg-{name}"')
    used = script.spoken(tmp_path)
    assert all(map(used, ("alert-danger", "text-red", "badge-open", "bg-blue", "form-control")))
    assert not used("carousel")

"""Makes what pages load of Tabler, of its rules and icons only those that they use: static/vendor to static/made.

Run by `./run` after `tools/vendor.py`, and again when a template or a script changed; it needs no network. A rule stays
when each class it asks for is written as a word somewhere in the product, an icon when its name is: rather too many
than too few. The whole files, of which these are a sixth and a thirtieth, stay in static/vendor.
"""

import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"
TARGET = ROOT / "static" / "made"

#: Where the classes of a page come from: WTForms gets its own in Python.
_SPEAKING = (("templates", "*.html"), ("static/js", "*.js"), ("tracker", "*.py"))
#: Python that names icons; the tests look at every page for one that is missing.
_NAMING_ICONS = ("tracker/web/navigation.py", "tracker/home/cards.py")

_WORD = re.compile(r"[A-Za-z][\w-]*")
#: `btn-{{ kind }}`, `is-${state}`, `'text-' ~ colour`, `f"tone-{name}"`, `"alert-%s"`: whatever begins so.
_BEGINNING = re.compile(r"""([A-Za-z][\w-]*-)(?=\{|\$\{|%|['"]\s*[+~])""")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_CLASS = re.compile(r"\.((?:\\.|[\w-])+)")
#: What a selector asks for only besides: the inside of `:not(…)` and `:is(…)`, and `[title=".a"]`.
_BESIDES = re.compile(r":[\w-]+\([^()]*\)|\[[^\]]*\]")
#: A string, or a character that opens, closes or ends something.
_TOKEN = re.compile(r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[{};]""")
#: The same within a selector, with what separates it from the next.
_PART = re.compile(r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\\.|[(),\[\]]""")

_GLYPH = re.compile(r'\.ti-([\w-]+):before\{content:"\\([0-9a-f]+)"\}')
_ICON_IN_PAGE = re.compile(r"""'([a-z0-9-]+)'|\bti-([a-z0-9-]+)""")
_ICON_IN_PYTHON = re.compile(r'"([a-z0-9-]+)"')
_ICON_IN_SCRIPT = re.compile(r"\bti-([a-z0-9-]+)(?:\$\{[^}]*\? '(\w+)' : '(\w+)'\})?")


def rules(css: str) -> Iterator[tuple[str, str | None]]:
    """The rules of a style sheet as head and body; a statement that ends with `;` has no body."""
    start, opened, depth = 0, 0, 0
    for token in _TOKEN.finditer(css):
        if token[0] == "{":
            depth += 1
            opened = token.end() if depth == 1 else opened
        elif token[0] == "}":
            depth -= 1
            if depth == 0:
                yield css[start : opened - 1].strip(), css[opened : token.start()]
                start = token.end()
        elif token[0] == ";" and depth == 0:
            yield css[start : token.end()].strip(), None
            start = token.end()


def used_rules(css: str, is_used: Callable[[str], bool]) -> str:
    """The style sheet without the selectors that ask for a class that nothing has."""
    made = []
    for head, body in rules(css):
        if body is None:
            made.append(head)
        elif head.startswith(("@media", "@supports")):
            inside = used_rules(body, is_used)
            made += [f"{head}{{{inside}}}"] if inside else []
        elif head.startswith("@"):
            made.append(f"{head}{{{body}}}")
        else:
            kept = [one for one in _selectors(head) if _asks_for_used(one, is_used)]
            made += [f"{','.join(kept)}{{{body}}}"] if kept else []
    return "".join(made)


def _selectors(head: str) -> Iterator[str]:
    start, depth = 0, 0
    for token in _PART.finditer(head):
        depth += (token[0] in "([") - (token[0] in ")]")
        if token[0] == "," and depth == 0:
            yield head[start : token.start()]
            start = token.end()
    yield head[start:]


def _asks_for_used(selector: str, is_used: Callable[[str], bool]) -> bool:
    plain, before = selector, ""
    while plain != before:
        plain, before = _BESIDES.sub("", plain), plain
    return all(is_used(name.replace("\\", "")) for name in _CLASS.findall(plain))


def spoken(root: Path = ROOT) -> Callable[[str], bool]:
    """Whether a class is written somewhere, or may be put together from what is."""
    words: set[str] = set()
    beginnings: set[str] = set()
    for folder, pattern in _SPEAKING:
        for path in (root / folder).rglob(pattern):
            text = path.read_text("utf-8")
            words.update(_WORD.findall(text))
            beginnings.update(_BEGINNING.findall(text))
    begun = tuple(beginnings)
    return lambda name: name in words or name.startswith(begun)


def named_icons(root: Path = ROOT) -> set[str]:
    """Every word that may be the name of an icon."""
    found = set()
    for path in (root / "templates").rglob("*.html"):
        found |= _parts(_ICON_IN_PAGE, path)
    for name in _NAMING_ICONS:
        found |= _parts(_ICON_IN_PYTHON, root / name)
    for path in (root / "static" / "js").rglob("*.js"):
        for beginning, *ends in _ICON_IN_SCRIPT.findall(path.read_text("utf-8")):
            found |= {beginning + end for end in ends}
    return found


def _parts(pattern: re.Pattern[str], path: Path) -> set[str]:
    groups = (match.groups() for match in pattern.finditer(path.read_text("utf-8")))
    return {part for group in groups for part in group if part}


def _icon_rules(css: str, codes: dict[str, str]) -> str:
    before = css[: css.index(".ti-")].replace("./fonts/", "")
    return before + "".join(f'.ti-{name}:before{{content:"\\{code}"}}' for name, code in sorted(codes.items()))  # fmt: skip


def _sheet(path: Path) -> tuple[str, str]:
    """A style sheet without its comments, and the first of them: who made it, under which licence."""
    text = path.read_text("utf-8")
    comments = _COMMENT.findall(text)
    return _COMMENT.sub("", text).replace('@charset "UTF-8";', ""), comments[0]


def _icon_font(font: Path, codes: dict[str, str], target: Path) -> None:
    from fontTools import subset

    options = subset.Options(flavor="woff2", hinting=False, layout_features=[], notdef_outline=False)  # fmt: skip
    shrunk = subset.load_font(str(font), options)
    chooser = subset.Subsetter(options)
    chooser.populate(unicodes=[int(code, 16) for code in codes.values()])
    chooser.subset(shrunk)
    subset.save_font(shrunk, str(target), options)


def make(*, root: Path = ROOT, vendor: Path = VENDOR, target: Path = TARGET) -> dict[str, int]:
    """Build `target` anew; the old folder stays whole until the new one is complete. Returns bytes by file."""
    fresh = target.with_name(target.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    tabler, licence = _sheet(vendor / "tabler" / "tabler.min.css")
    icons, icons_licence = _sheet(vendor / "tabler-icons" / "tabler-icons.min.css")
    names = named_icons(root)
    codes = {name: code for name, code in _GLYPH.findall(icons) if name in names}
    css = used_rules(tabler, spoken(root)) + _icon_rules(icons, codes)
    (fresh / "tabler.css").write_text(f"{licence}\n{icons_licence}\n{css}\n", encoding="utf-8")
    _icon_font(vendor / "tabler-icons" / "fonts" / "tabler-icons.woff2", codes, fresh / "tabler-icons.woff2")  # fmt: skip
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    return {path.name: path.stat().st_size for path in target.iterdir()}


def main() -> int:
    """Entry of `python tools/subset.py`."""
    try:
        made = make()
    except FileNotFoundError as missing:
        print(f"missing: {missing.filename}; run tools/vendor.py first", file=sys.stderr)
        return 1
    for name, size in made.items():
        print(f"  {name} {size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Joins a script and the modules that it imports into one file: on a slow network each file is a wait of its own.

Every module becomes a function that runs once, when it is first needed, and gives its exports; the words of the modules
stay as they are. Where two scripts of one page import the same module, it would run twice: only a page's single script
is joined. What the joining does not understand is refused, and a test joins every script that is asked for so.
"""

import re
from functools import lru_cache
from posixpath import dirname, normpath

from tracker.paths import STATIC

#: Below static/ in the address of a joined script, before its own name.
JOINED = "joined/"

#: `import { a, b as c } from './other.js';`, `import a from …`, `import * as a from …`, `import './other.js';`
_IMPORT = re.compile(
    r"""^import\s+(?:(\{[^}]*\}|\* as \w+|\w+)\s+from\s+)?['"](\.[^'"]+)['"];?""", re.MULTILINE
)
_LATER = re.compile(r"""\bimport\(\s*['"](\.[^'"]+)['"]\s*\)""")
_EXPORT = re.compile(
    r"^export (default )?((?:async )?(?:const|class|function\*?) )(\w+)", re.MULTILINE
)
_EXPORTS = re.compile(r"^export \{([^}]*)\};?", re.MULTILINE)
_DEFAULT = re.compile(r"^export default (\w+);", re.MULTILINE)
_LEFT = re.compile(r"^(?:import|export)\b.*|import\.meta", re.MULTILINE)

_HEAD = """// Joined from the modules named below; each runs once, when it is first needed.
const moduleOf = (name) => moduleOf.made[name] ??= moduleOf.files[name]();
moduleOf.made = {};
moduleOf.files = {
"""


class NotJoined(ValueError):
    """Exception for a module that imports or exports in a way that cannot be joined."""


@lru_cache(maxsize=64)
def joined(script: str) -> str:
    """The text of a script, named below static/, with everything that it imports, also later.

    Raises NotJoined, and FileNotFoundError for a module that is not there.
    """
    texts: dict[str, str] = {}
    waiting = [script]
    while waiting:
        name = waiting.pop()
        if name not in texts:
            text = (STATIC / name).read_text("utf-8")
            texts[name] = _as_function(name, text)
            imported = [target for _, target in _IMPORT.findall(text)] + _LATER.findall(text)
            waiting += [_beside(name, target) for target in imported]
    entry = texts.pop(script)
    files = "".join(f"'{name}': () => {{\n{text}\n}},\n" for name, text in texts.items())
    return f"{_HEAD}{files}}};\n// {script}\n(async () => {{\n{entry}\n}})();\n"


def _beside(name: str, target: str) -> str:
    return normpath(f"{dirname(name)}/{target}")


def _as_function(name: str, text: str) -> str:
    exports: list[str] = []

    def take(found: re.Match[str]) -> str:
        exports.append(f"default: {found[3]}" if found[1] else found[3])
        return found[2] + found[3]

    def take_list(found: re.Match[str]) -> str:
        pairs = (one.split(" as ") for one in found[1].split(",") if one.strip())
        exports.extend(f"{pair[-1].strip()}: {pair[0].strip()}" for pair in pairs)
        return ""

    def take_default(found: re.Match[str]) -> str:
        exports.append(f"default: {found[1]}")
        return ""

    def bring(found: re.Match[str]) -> str:
        given = f"moduleOf('{_beside(name, found[2])}')"
        what = found[1]
        if what is None:
            return f"{given};"
        if what.startswith("{"):
            return f"const {what.replace(' as ', ': ')} = {given};"
        return f"const {what.removeprefix('* as ')} = {given}{'' if '*' in what else '.default'};"

    text = _IMPORT.sub(bring, text)
    text = _LATER.sub(lambda found: f"(async () => moduleOf('{_beside(name, found[1])}'))()", text)
    text = _DEFAULT.sub(take_default, _EXPORTS.sub(take_list, _EXPORT.sub(take, text)))
    left = _LEFT.search(text)
    if left:
        raise NotJoined(f"{name}: {left[0]}")
    return f"{text}\nreturn {{ {', '.join(exports)} }};"

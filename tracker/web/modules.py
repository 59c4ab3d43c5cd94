"""Knows which modules a script needs: a browser told at once asks for all of them together, not one behind another."""

import re
from functools import lru_cache
from posixpath import dirname, normpath

from tracker.paths import STATIC

#: `import … from './other.js'` at the start of a line; what is imported later, by a call, is not needed at once.
_IMPORT = re.compile(r"""^import\b[^;'"(]*['"](\.[^'"]+)['"]""", re.MULTILINE)


@lru_cache(maxsize=128)
def needed_by(script: str) -> tuple[str, ...]:
    """The script itself and what it imports, directly or not, as names under static/."""
    found: dict[str, None] = {}
    waiting = [script]
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = None
            text = (STATIC / name).read_text("utf-8")
            waiting += [normpath(f"{dirname(name)}/{path}") for path in _IMPORT.findall(text)]
    return tuple(found)

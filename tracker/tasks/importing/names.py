"""Knows when two spellings name the same community."""

import re
import unicodedata
from collections.abc import Iterable

from tracker.tasks.importing.profile import Names

_WORD = re.compile(r"\w+")


def plain_name(name: str, rules: Names) -> str:
    """`name` without what varies: width, case, signs, the profile's words and suffixes.

    E.g. 碧玲社区居民委员会 → 碧岭 when the profile knows the typo.
    """
    text = unicodedata.normalize("NFKC", name).upper().strip()
    for wrong, right in rules.typos.items():
        text = text.replace(wrong.upper(), right.upper())
    dropped = {word.upper() for word in rules.drop_words}
    text = "".join(word for word in _WORD.findall(text) if word not in dropped).replace("_", "")
    for suffix in sorted(rules.suffixes, key=len, reverse=True):
        if text.endswith(suffix.upper()) and len(text) > len(suffix):
            return text[: -len(suffix)]
    return text


class NameIndex:
    """Finds the code of a community by its name; a name that two share finds none."""

    def __init__(self, areas: Iterable[tuple[str, str]], rules: Names) -> None:
        """`areas` are (code, name)."""
        self._rules = rules
        self._exact: dict[str, set[str]] = {}
        self._plain: dict[str, set[str]] = {}
        self._found: dict[str, str | None] = {}
        for code, name in areas:
            self._exact.setdefault(name, set()).add(code)
            self._plain.setdefault(plain_name(name, rules), set()).add(code)

    def code(self, name: str) -> str | None:
        """The code of the one community so named."""
        if name not in self._found:
            exact = self._exact.get(name) or set()
            found = exact or self._plain.get(plain_name(name, self._rules), set())
            self._found[name] = next(iter(found)) if len(found) == 1 else None
        return self._found[name]

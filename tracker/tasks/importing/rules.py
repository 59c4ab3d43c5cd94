"""Knows how a word of a file finds its meaning: exactly, by its beginning, or by a pattern."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True)
class Rules:
    """Exact words first, then beginnings (`市容*`, the longest first), then patterns (`re:井盖$`)."""

    exact: Mapping[str, str] = field(default_factory=dict)
    beginnings: tuple[tuple[str, str], ...] = ()
    patterns: tuple[tuple[re.Pattern[str], str], ...] = ()

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Self:
        """Make rules of a table. Raises re.error for a pattern that is none, TypeError for no text."""
        exact, beginnings, patterns = {}, [], []
        for key, value in values.items():
            if not isinstance(value, str):
                raise TypeError(f"{key} = {value!r} is not a text")
            if key.startswith("re:"):
                patterns.append((re.compile(key[3:]), value))
            elif key.endswith("*"):
                beginnings.append((key[:-1], value))
            else:
                exact[key] = value
        beginnings.sort(key=lambda rule: -len(rule[0]))
        return cls(exact, tuple(beginnings), tuple(patterns))

    def first(self, words: Iterable[str]) -> str | None:
        """The meaning of the first of `words` that has one."""
        return next((found for word in words if (found := self.meaning(word)) is not None), None)

    def meaning(self, word: str) -> str | None:
        """What `word` means, None when no rule knows it."""
        if word in self.exact:
            return self.exact[word]
        for beginning, value in self.beginnings:
            if word.startswith(beginning):
                return value
        for pattern, value in self.patterns:
            if pattern.search(word):
                return value
        return None

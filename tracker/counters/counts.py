"""Knows figures by measure: what is missing is 0."""

from collections.abc import Mapping


class Counts(dict[str, int]):
    """What stands or happened, by measure; a measure that is missing is 0."""

    def __missing__(self, measure: str) -> int:
        return 0

    def add(self, more: Mapping[str, int]) -> None:
        """Add the figures of another place."""
        for measure, n in more.items():
            self[measure] += n

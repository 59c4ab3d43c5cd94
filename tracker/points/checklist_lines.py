"""Knows a checklist as its readers write it: one line may serve several site types."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any

from tracker.points.checklist_models import TYPE_MARK, Dimension, Method

CODE_LENGTH = 24
#: A line for several types leaves room for the mark and the longest code of a site type.
SHARED_CODE_LENGTH = 11


@dataclass(frozen=True)
class ItemLine:
    """One line of an edition: what is checked, where, and what a failure becomes.

    `site_types` are codes; none means the common block, for every type that is no channel.
    """

    code: str
    site_types: tuple[str, ...]
    dimension: Dimension
    text: str
    standard: str
    method: Method
    #: category of the task that a failure becomes
    category_code: str
    weight: int = 1
    #: a failure fails the whole point
    is_critical: bool = False

    def items(self) -> Iterator[tuple[str, str | None]]:
        """(code, site type) of each item that the line becomes; codes are unique in an edition."""
        if len(self.site_types) < 2:
            yield self.code, next(iter(self.site_types), None)
            return
        for site_type in self.site_types:
            yield f"{self.code}{TYPE_MARK}{site_type}", site_type

    def as_dict(self) -> dict[str, Any]:
        """Plain data, to keep in a file."""
        return asdict(self)

    @classmethod
    def of(cls, said: dict[str, Any]) -> "ItemLine":
        """What `as_dict` gave."""
        return cls(
            **{
                **said,
                "site_types": tuple(said["site_types"]),
                "dimension": Dimension(said["dimension"]),
                "method": Method(said["method"]),
            }
        )


@dataclass(frozen=True)
class ChangedLine:
    """A line that both editions have: field → (before, after) of what is not the same."""

    line: ItemLine
    fields: dict[str, tuple[Any, Any]]


@dataclass(frozen=True)
class Difference:
    """What a new edition changes against the one before; lines are compared by their code."""

    added: tuple[ItemLine, ...] = ()
    removed: tuple[ItemLine, ...] = ()
    changed: tuple[ChangedLine, ...] = ()
    unchanged: int = 0


def line_code(item_code: str) -> str:
    """The code of the line that an item came from: STATION-01@bus_stop is STATION-01."""
    return item_code.partition(TYPE_MARK)[0]


def compare(before: Iterable[ItemLine], after: Iterable[ItemLine]) -> Difference:
    """What `after` changes, in the order of the lines."""
    old = {line.code: line for line in before}
    new = {line.code: line for line in after}
    changed = [
        ChangedLine(line, differing)
        for code, line in new.items()
        if code in old and (differing := _differing(old[code], line))
    ]
    return Difference(
        added=tuple(line for code, line in new.items() if code not in old),
        removed=tuple(line for code, line in old.items() if code not in new),
        changed=tuple(changed),
        unchanged=len(new.keys() & old.keys()) - len(changed),
    )


def _differing(old: ItemLine, new: ItemLine) -> dict[str, tuple[Any, Any]]:
    pairs = {one.name: (getattr(old, one.name), getattr(new, one.name)) for one in fields(ItemLine)}
    found = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    if "site_types" in found and set(old.site_types) == set(new.site_types):
        del found["site_types"]
    return found

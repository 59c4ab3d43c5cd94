"""Knows what a first page is made of: figures, short lists, the step to take, sections of a role."""

from dataclasses import dataclass
from typing import Any

from tracker.home.queries import TaskRow
from tracker.tasks.states import State


@dataclass(frozen=True)
class Figure:
    """A number and the list that it opens; `tone` is a state, 'overdue', 'due-soon' or ''."""

    label: str
    value: int
    args: dict[str, list[str]]
    tone: str = ""

    @property
    def endpoint(self) -> str:
        """Shelved tasks have a list of their own, by end date."""
        is_shelved = self.args.get("state") == [State.SUSPENDED.value]
        return "tasks.suspended" if is_shelved else "tasks.listing"


@dataclass(frozen=True)
class Worklist:
    """A short list; `shows` says which moment stands beside a task: due, reported or submitted."""

    title: str
    rows: tuple[TaskRow, ...]
    empty: str
    shows: str = "due"
    #: opens the whole list; None when the person may not open lists
    more: dict[str, list[str]] | None = None

    @property
    def is_mixed(self) -> bool:
        """Whether the tasks are of several states, so that each row has to say its own."""
        return len({row.state for row in self.rows}) > 1 or self.shows == "due"


@dataclass(frozen=True)
class Step:
    """What to do first: words, where to, icon."""

    label: str
    endpoint: str
    args: dict[str, list[str]]
    icon: str


@dataclass(frozen=True)
class Section:
    """What one role sees. `about` is a name shown beside the title, never translated."""

    key: str
    title: str
    about: str = ""
    step: Step | None = None
    figures: tuple[Figure, ...] = ()
    lists: tuple[Worklist, ...] = ()
    facts: Any = None

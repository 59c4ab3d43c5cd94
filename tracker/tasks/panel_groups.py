"""Knows under which heading each action stands on a task page, and which ones keep silent."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol, TypeVar

from tracker.tasks.offers import ON_PAGES
from tracker.tasks.states import Action
from tracker.texts import N_


class Group(StrEnum):
    """The headings of the actions, in their order."""

    WORK = "work"  #: what the task waits for
    ASK = "ask"  #: what a unit asks for
    PRESS = "press"  #: what leaders and the office press for
    MORE = "more"  #: what puts right, and the rest


GROUP_LABELS = {
    Group.WORK: N_("办理"),
    Group.ASK: N_("申请"),
    Group.PRESS: N_("督促"),
    Group.MORE: N_("更多"),
}

_OTHERS: dict[Group, tuple[Action, ...]] = {
    Group.ASK: (
        Action.ASK_EXTENSION, Action.ASK_SUSPENSION, Action.RETURN, Action.WITHDRAW, Action.APPEAL,
    ),
    Group.PRESS: (Action.SUPERVISE, Action.INSTRUCT, Action.URGE),
    Group.MORE: (
        Action.REDISPATCH, Action.ADD_ASSIST, Action.REMOVE_ASSIST, Action.LINK_RECURRENCE,
        Action.RELOCATE, Action.CANCEL, Action.COMMENT,
    ),
}  # fmt: skip

#: The last step is taken back on top of the page, under no heading.
APART = frozenset({Action.UNDO})

#: The heading of every action that a page has a form for.
GROUPS: dict[Action, Group] = {
    action: next((group for group, held in _OTHERS.items() if action in held), Group.WORK)
    for action in ON_PAGES
    if action not in APART
}

#: Only ever possible after a step of somebody else: that it is not possible now tells nobody anything.
ANSWERS = frozenset(
    {
        Action.UNDO, Action.ENDORSE, Action.DECLINE, Action.GRANT_EXTENSION, Action.DENY_EXTENSION,
        Action.SUSPEND, Action.DENY_SUSPENSION, Action.GRANT_APPEAL, Action.DENY_APPEAL,
        Action.CONVENE, Action.OPINE, Action.DECIDE_JOINT, Action.ACKNOWLEDGE_REWORK,
        Action.ASSIST_REPLY, Action.REMOVE_ASSIST, Action.LINK_RECURRENCE,
    }
)  # fmt: skip


class _Acts(Protocol):
    @property
    def action(self) -> Action: ...


T = TypeVar("T", bound=_Acts)


def grouped(found: Iterable[T]) -> dict[Group, list[T]]:
    """What stands under each heading, in the order given; empty headings are left out."""
    standing = [one for one in found if one.action in GROUPS]
    by_group = {group: [one for one in standing if GROUPS[one.action] is group] for group in Group}
    return {group: many for group, many in by_group.items() if many}

"""Lists the office's queues as one table: what lies in each, who works it, in which order, with which keys."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, select

from tracker.access.actor import Actor
from tracker.access.roles import Role
from tracker.tasks import queries
from tracker.tasks.filters import Sort
from tracker.tasks.hand_overs import JOINT_REASONS
from tracker.tasks.models import Task
from tracker.tasks.states import RUNNING, Action, State
from tracker.texts import N_

A = Action


class Column(StrEnum):
    """What a row of a queue says besides title and place."""

    AGE = "age"  #: how long ago it was reported
    DUE = "due"  #: how its deadline stands
    UNIT = "unit"  #: who holds it
    STATE = "state"  #: where it stands, in queues of several states
    RETURNS = "returns"  #: how often it was sent back


@dataclass(frozen=True)
class Queue:
    """One kind of work that waits for the office."""

    key: str
    label: str
    #: the clause at a moment; indexed by its state, its application or its community
    holds: Callable[[datetime], ColumnElement[bool]]
    #: the queue shows the areas in which a person holds one of these
    roles: frozenset[Role]
    columns: tuple[Column, ...]
    #: what is done with a case here; the first one is the usual
    actions: tuple[Action, ...]
    #: words when it is empty
    empty: str
    sort: Sort = Sort.DUE_AT
    #: what may be done with many at once
    bulk: tuple[str, ...] = ("urge",)
    #: the states in which a case lies here, when they are several: each has an index in the order
    states: tuple[State, ...] = ()

    @property
    def refusing(self) -> Action | None:
        """The action of the key `x`: to refuse what was reported or asked for."""
        return next((action for action in self.actions if action in _REFUSALS), None)


#: What the key x opens.
_REFUSALS = (A.REJECT, A.DENY_EXTENSION, A.DENY_SUSPENSION, A.REWORK, A.DENY_APPEAL)
_OFFICE = frozenset({Role.DISPATCHER})
_HELD = tuple(sorted(RUNNING))


def _in_state(state: State) -> ColumnElement[bool]:
    return Task.state == state.value


def _asked(kind: str) -> Callable[[datetime], ColumnElement[bool]]:
    """Applications that the unit's own head agrees with: only these wait for the office."""
    return lambda _at: _applied(Task.asked == kind, Task.is_endorsed.is_(True))


def _applied(*clauses: ColumnElement[bool]) -> ColumnElement[bool]:
    """Few tasks wait for a decision or a meeting: they are asked for first, by their own index."""
    return Task.id.in_(select(Task.id).where(*clauses).correlate(None))


QUEUES = (
    Queue(
        "reported", N_("待受理"), lambda _at: _in_state(State.REPORTED), _OFFICE,
        (Column.AGE,), (A.FILE, A.REJECT, A.MERGE),
        N_("没有待受理的上报。新的上报会出现在这里。"), Sort.OLDEST, ("dispatch", "merge"),
    ),
    Queue(
        "filed", N_("待派遣"), lambda _at: and_(_in_state(State.FILED), Task.joint.is_(None)), _OFFICE,
        (Column.RETURNS, Column.AGE), (A.DISPATCH, A.MERGE, A.CANCEL),
        N_("没有待派遣的任务。立案未派遣和被退单的任务会出现在这里。"), Sort.OLDEST, ("dispatch", "merge"),
    ),
    Queue(
        "joint", N_("待会商"), lambda _at: _applied(_in_state(State.FILED), Task.joint.in_(sorted(JOINT_REASONS))), _OFFICE,
        (Column.RETURNS, Column.AGE), (A.DECIDE_JOINT, A.CONVENE),
        N_("没有待会商的任务。二次退单和边界不清的任务会出现在这里。"), Sort.OLDEST, (),
    ),
    Queue(
        "extension", N_("待审批延期"), _asked("extension"), _OFFICE,
        (Column.UNIT, Column.DUE), (A.GRANT_EXTENSION, A.DENY_EXTENSION),
        N_("没有待审批的延期申请。承办单位负责人同意后的申请会出现在这里。"), bulk=("extend", "urge"),
    ),
    Queue(
        "suspension", N_("待审批挂账"), _asked("suspension"), _OFFICE,
        (Column.UNIT, Column.DUE), (A.SUSPEND, A.DENY_SUSPENSION),
        N_("没有待审批的挂账申请。承办单位负责人同意后的申请会出现在这里。"),
    ),
    Queue(
        "submitted", N_("待核查"), lambda _at: _in_state(State.SUBMITTED),
        frozenset({Role.DISPATCHER, Role.VERIFIER}),
        (Column.UNIT, Column.DUE), (A.PASS, A.REWORK, A.CLOSE_BY_NOTICE),
        N_("没有待核查的任务。单位提交整改后会出现在这里。"), bulk=(),
    ),
    Queue(
        "appeal", N_("申诉"), lambda _at: _applied(Task.asked == "appeal"),
        frozenset({Role.DISPATCHER, Role.ASSESSOR}),
        (Column.UNIT, Column.DUE), (A.GRANT_APPEAL, A.DENY_APPEAL),
        N_("没有待审核的申诉。"), bulk=(),
    ),
    Queue(
        "due_soon", N_("即将超期"), queries.due_soon, _OFFICE,
        (Column.STATE, Column.UNIT, Column.DUE), (A.URGE, A.SUPERVISE, A.REDISPATCH),
        N_("没有即将超期的任务。"), states=_HELD,
    ),
    Queue(
        "overdue", N_("超期"), queries.overdue, _OFFICE,
        (Column.STATE, Column.UNIT, Column.DUE), (A.URGE, A.SUPERVISE, A.REDISPATCH),
        N_("没有超期的任务。"), states=_HELD,
    ),
    Queue(
        "outside", N_("未落入网格"), lambda _at: queries.outside_every_area(), _OFFICE,
        (Column.STATE, Column.AGE), (A.RELOCATE, A.FILE, A.REJECT),
        N_("没有未落入网格的任务。"), Sort.OLDEST, (),
    ),
)  # fmt: skip

BY_KEY = {queue.key: queue for queue in QUEUES}


def queues_for(actor: Actor) -> list[Queue]:
    """The queues this person works, in the order of the table."""
    return [queue for queue in QUEUES if actor.has(*queue.roles)]


def in_charge(queue: Queue, actor: Actor) -> ColumnElement[bool]:
    """The areas of the queue's roles as SQL: what lies elsewhere is another office's work."""
    return queries.in_areas(actor.areas_as(queue.roles))

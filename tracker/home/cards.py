"""Knows what the first page of each role shows, in which order, and what it asks to be done first."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.access.permissions import Permission
from tracker.access.policy import allows
from tracker.access.roles import FOR_UNIT, Role
from tracker.home import queries
from tracker.home.board import board_of
from tracker.home.pieces import Figure, Section, Step, Worklist
from tracker.home.queries import Order
from tracker.notices import channels
from tracker.tasks.filters import Due, Mine, Sort, TaskFilter
from tracker.tasks.states import OPEN, RUNNING, State
from tracker.texts import N_

#: Rows of a short list.
ROWS = 10
#: Units of one person that get figures of their own; more are rare and open through the list.
UNITS = 3


def sections(session: Session, actor: Actor, *, at: datetime) -> list[Section]:
    """The sections of a person, most urgent kind of work first; bounded queries each."""
    found: list[Section] = []
    for roles, build in _BUILDERS:
        if actor.has(*roles):
            found += build(session, actor, at)
    if not actor.has(*FOR_UNIT):
        found += _assigned(session, actor, at)
    return found


def _in_own_area(actor: Actor, roles: Iterable[Role]) -> TaskFilter:
    """Narrowed to the role's area when the person sees more than that by other grants."""
    codes = [code for code in actor.areas_as(roles) if code]
    return TaskFilter(area=codes[0]) if len(codes) == 1 and len(actor.grants) > 1 else TaskFilter()


def _figures(
    session: Session, actor: Actor, at: datetime, *asked: tuple[str, TaskFilter, str]
) -> tuple[Figure, ...]:
    """Figures of (label, filter, tone), counted together."""
    counted = queries.counts(
        session, actor, {f"f{n}": wanted for n, (_, wanted, _) in enumerate(asked)}, at=at
    )
    return tuple(
        Figure(label, counted[f"f{n}"], wanted.to_args(), tone)
        for n, (label, wanted, tone) in enumerate(asked)
    )


def _field(session: Session, actor: Actor, at: datetime) -> list[Section]:
    mine = TaskFilter(mine=Mine.REPORTED)
    waiting = replace(
        _in_own_area(actor, (Role.INSPECTOR, Role.GRID_WORKER)), states=(State.SUBMITTED,)
    )
    figures = _figures(
        session, actor, at,
        (N_("我上报的未结案"), replace(mine, states=_ordered(OPEN)), "handling"),
        (N_("我上报的已结案"), replace(mine, states=(State.CLOSED,)), "closed"),
        (N_("辖区待复核"), waiting, "submitted"),
    )  # fmt: skip
    own = queries.rows(session, actor, mine, order=Order.NEWEST, limit=ROWS, at=at)
    check = queries.rows(session, actor, waiting, order=Order.WAITING, limit=5, at=at)
    return [
        Section(
            "field", N_("巡查上报"),
            step=Step(N_("上报问题"), "tasks.report", {}, "camera"),
            figures=figures,
            lists=(
                Worklist(N_("我最近的上报"), tuple(own), N_("还没有上报。发现问题时点“上报问题”，拍照、定位、选类别即可。"), "reported", mine.to_args()),
                Worklist(N_("辖区内整改完成、等待复核"), tuple(check), N_("辖区内没有等待复核的任务。"), "submitted", waiting.to_args()),
            ),
        )
    ]  # fmt: skip


def _office(session: Session, actor: Actor, at: datetime) -> list[Section]:
    own = _in_own_area(actor, (Role.DISPATCHER,))
    reported = replace(own, states=(State.REPORTED,), sort=Sort.NUMBER)
    filed = replace(own, states=(State.FILED,))
    late = replace(own, due=Due.OVERDUE, sort=Sort.DUE_AT)
    figures = _figures(
        session, actor, at,
        (N_("待受理"), reported, "reported"),
        (N_("待派遣"), filed, "filed"),
        (N_("超期"), late, "overdue"),
        (N_("待核查"), replace(own, states=(State.SUBMITTED,)), "submitted"),
        (N_("挂账"), replace(own, states=(State.SUSPENDED,)), ""),
        (N_("未落入网格"), replace(own, outside=True), ""),
    )  # fmt: skip
    first = queries.rows(session, actor, reported, order=Order.OLDEST, limit=ROWS, at=at)
    worst = queries.rows(session, actor, late, order=Order.DEADLINE, limit=ROWS, at=at)
    if figures[0].value or not figures[1].value:
        step = Step(N_("受理上报"), "desk.office", {"queue": ["reported"]}, "checks")
    else:
        step = Step(N_("派遣任务"), "desk.office", {"queue": ["filed"]}, "send")
    return [
        Section(
            "office", N_("受理与派遣"), step=step, figures=figures,
            lists=(
                Worklist(N_("最早的待受理"), tuple(first), N_("没有待受理的上报。新的上报会出现在这里。"), "reported", reported.to_args()),
                Worklist(N_("超期最久"), tuple(worst), N_("没有超期的任务。"), "due", late.to_args()),
            ),
        )
    ]  # fmt: skip


def _unit(session: Session, actor: Actor, at: datetime) -> list[Section]:
    units = sorted(actor.units_as(FOR_UNIT))[:UNITS]
    names = queries.unit_names(session, units)
    return [_one_unit(session, actor, at, unit, names.get(unit, "")) for unit in units]


def _one_unit(session: Session, actor: Actor, at: datetime, unit: int, name: str) -> Section:
    own = TaskFilter(unit_id=unit, sort=Sort.DUE_AT)
    to_do = replace(own, states=_ordered(RUNNING))
    waiting = replace(own, states=(State.SUBMITTED,))
    figures = _figures(
        session, actor, at,
        (N_("超期"), replace(own, due=Due.OVERDUE), "overdue"),
        (N_("临期"), replace(own, due=Due.DUE_SOON), "due-soon"),
        (N_("待签收"), replace(own, states=(State.DISPATCHED,)), "dispatched"),
        (N_("整改中"), replace(own, states=(State.HANDLING,)), "handling"),
        (N_("已提交，待核查"), waiting, "submitted"),
        (N_("挂账"), replace(own, states=(State.SUSPENDED,)), ""),
    )  # fmt: skip
    new = figures[2]
    if new.value:
        step = Step(N_("签收新任务"), "desk_unit.tasks", {"unit": [str(unit)]}, "inbox")
    else:
        step = Step(N_("办理任务"), "desk_unit.tasks", {"unit": [str(unit)]}, "tool")
    due = queries.rows(session, actor, to_do, order=Order.DEADLINE, limit=ROWS, at=at)
    sent = queries.rows(session, actor, waiting, order=Order.WAITING, limit=5, at=at)
    return Section(
        "unit", N_("整改待办"), name, step, figures,
        (
            Worklist(N_("按时限办理"), tuple(due), N_("没有待办的任务。派给本单位的任务会按时限排在这里。"), "due", to_do.to_args()),
            Worklist(N_("已提交，等待核查"), tuple(sent), N_("没有等待核查的任务。"), "submitted", waiting.to_args()),
        ),
    )  # fmt: skip


def _verify(session: Session, actor: Actor, at: datetime) -> list[Section]:
    waiting = replace(_in_own_area(actor, (Role.VERIFIER,)), states=(State.SUBMITTED,))
    figures = _figures(session, actor, at, (N_("待核查"), waiting, "submitted"))
    oldest = queries.rows(session, actor, waiting, order=Order.WAITING, limit=ROWS, at=at)
    return [
        Section(
            "verify", N_("现场核查"),
            step=Step(N_("核查整改"), "desk.office", {"queue": ["submitted"]}, "clipboard-check"),
            figures=figures,
            lists=(Worklist(N_("等待最久的待核查"), tuple(oldest), N_("没有待核查的任务。单位提交整改后会出现在这里。"), "submitted", waiting.to_args()),),
        )
    ]  # fmt: skip


def _board(session: Session, actor: Actor, at: datetime) -> list[Section]:
    late = TaskFilter(due=Due.OVERDUE, sort=Sort.DUE_AT)
    worst = queries.rows(session, actor, late, order=Order.DEADLINE, limit=5, at=at)
    return [
        Section(
            "board", N_("整改形势"),
            step=Step(N_("查看地图"), "maps.district", {}, "map"),
            lists=(Worklist(N_("超期最久"), tuple(worst), N_("没有超期的任务。"), "due", late.to_args()),),
            facts=board_of(session, actor, at=at, limit=ROWS),
        )
    ]  # fmt: skip


@dataclass(frozen=True)
class Chores:
    """What the administrators have to look after; None for what this one may not see."""

    accounts: queries.Accounts | None
    bare_areas: int | None
    bare_names: tuple[str, ...]
    imports: tuple[Any, ...]
    entries: tuple[Any, ...]
    #: messages that did not get out of the house
    unsent: int | None = None


def _admin(session: Session, actor: Actor, at: datetime) -> list[Section]:
    users, areas, log = (
        allows(actor, permission)
        for permission in (Permission.USER_VIEW, Permission.AREA_MANAGE, Permission.AUDIT_READ)
    )
    bare, names = queries.areas_without_boundary(session) if areas else (None, [])
    facts = Chores(
        queries.accounts(session, at=at) if users else None, bare, tuple(names),
        tuple(queries.last_audit(session, kind="import") if areas else ()),
        tuple(queries.last_audit(session, limit=ROWS) if log else ()),
        channels.dead_count(session) if areas else None,
    )  # fmt: skip
    if users:
        step = Step(N_("管理账号"), "admin_people.users", {}, "users")
    else:
        step = Step(N_("查看审计日志"), "audit.log", {}, "history")
    return [Section("admin", N_("系统管理"), step=step, facts=facts)]


def _assigned(session: Session, actor: Actor, at: datetime) -> list[Section]:
    """Tasks given to this very person, who need not hold any role."""
    wanted = TaskFilter(mine=Mine.ASSIGNED, states=_ordered(RUNNING), sort=Sort.DUE_AT)
    found = queries.rows(session, actor, wanted, order=Order.DEADLINE, limit=ROWS, at=at)
    if not found:
        return []
    more = wanted.to_args() if allows(actor, Permission.MAP_VIEW) else None
    due = Worklist(N_("按时限办理"), tuple(found), "", "due", more)
    return [Section("assigned", N_("指派给我的"), lists=(due,))]


def _ordered(states: frozenset[State]) -> tuple[State, ...]:
    return tuple(state for state in State if state in states)


_BUILDERS: tuple[tuple[tuple[Role, ...], Callable[[Session, Actor, datetime], list[Section]]], ...] = (
    ((Role.DISPATCHER,), _office),
    ((Role.GRID_LEAD, Role.UNIT_CLERK, Role.UNIT_HEAD), _unit),
    ((Role.INSPECTOR, Role.GRID_WORKER), _field),
    ((Role.VERIFIER,), _verify),
    ((Role.LEADER, Role.ASSESSOR), _board),
    ((Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN), _admin),
)  # fmt: skip

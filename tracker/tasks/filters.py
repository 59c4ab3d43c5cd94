"""Knows which tasks a person wants to see: one filter object for list, export and map.

Everything it holds is in the address bar. Values come from allow-lists or are bound as
parameters; no text of a request becomes SQL.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, false, select
from werkzeug.datastructures import MultiDict

from tracker.errors import Invalid
from tracker.points.campaign import part_of
from tracker.points.models import InspectionPoint
from tracker.tasks import filter_back, queries
from tracker.tasks.filter_action import of_action
from tracker.tasks.filter_area import in_area
from tracker.tasks.filter_category import known_tag, of_category
from tracker.tasks.filter_due import in_days, of_due, on_time
from tracker.tasks.filter_near import Near, near, of_near
from tracker.tasks.filter_text import of_text
from tracker.tasks.models import Task
from tracker.tasks.states import Closing, Source, State
from tracker.texts import N_
from tracker.web import arguments as kinds
from tracker.web.arguments import Refused


class Due(StrEnum):
    """How a task stands to its deadline."""

    OVERDUE = "overdue"  #: a unit holds it, the deadline has passed
    DUE_SOON = "due_soon"  #: a unit holds it, a fifth or less of its time is left
    ON_TIME = "on_time"  #: it was submitted by its deadline


class Mine(StrEnum):
    """What ties a task to the person who looks."""

    REPORTED = "reported"  #: this person reported it
    ASSIGNED = "assigned"  #: this person is to do it


class Sort(StrEnum):
    """The order of a list; each is made unique by the row's id."""

    REPORTED_AT = "reported_at"  #: newest report first
    OLDEST = "oldest"  #: oldest report first: what waits longest
    DUE_AT = "due_at"  #: nearest deadline first, those without one last
    UPDATED_AT = "updated_at"  #: latest change first
    NUMBER = "number"  #: by number, ascending


SORT_LABELS = {
    Sort.REPORTED_AT: N_("最新上报"),
    Sort.OLDEST: N_("最早上报"),
    Sort.DUE_AT: N_("最近到期"),
    Sort.UPDATED_AT: N_("最近更新"),
    Sort.NUMBER: N_("任务编号"),
}
DUE_LABELS = {Due.OVERDUE: N_("超期"), Due.DUE_SOON: N_("临期"), Due.ON_TIME: N_("按期处置")}
MINE_LABELS = {Mine.REPORTED: N_("我上报的"), Mine.ASSIGNED: N_("指派给我的")}


@dataclass(frozen=True)
class TaskFilter:
    """What is wanted; an empty one wants every visible task. Days are days of the city."""

    states: tuple[State, ...] = ()
    #: code of a district, town, community or grid
    area: str = ""
    unit_id: int | None = None
    #: a category's code or its beginning; two characters are a major category
    category: str = ""
    #: one of the 七乱一占
    tag: str = ""
    #: code of a project (工程) or an action (行动) of the campaign, see points.campaign
    action: str = ""
    sources: tuple[Source, ...] = ()
    due: Due | None = None
    #: how it ended
    closings: tuple[Closing, ...] = ()
    #: code of the inspection point it was found at
    point: str = ""
    near: Near | None = None
    #: 未落入网格
    outside: bool = False
    supervised: bool = False
    mine: Mine | None = None
    text: str = ""
    #: reported on or after this day, and on or before that one
    since: date | None = None
    until: date | None = None
    #: sent back, see filter_back
    back: str = ""
    #: with a deadline that counts on or after this day, and on or before that one
    due_since: date | None = None
    due_until: date | None = None
    #: ended on or after this day, and on or before that one
    ended_since: date | None = None
    ended_until: date | None = None
    sort: Sort = Sort.REPORTED_AT

    def to_args(self) -> dict[str, list[str]]:
        """Query-string arguments from which `from_args` makes an equal filter."""
        args: dict[str, list[str]] = {}
        for name, attribute in _NAMES.items():
            value = getattr(self, attribute)
            if isinstance(value, tuple):
                shown = [item.value for item in value]
            elif isinstance(value, bool):
                shown = ["1"] if value else []
            elif value is None or value == "":
                shown = []
            else:
                shown = [value.isoformat() if isinstance(value, date) else str(value)]
            if shown and not (name == "sort" and value is Sort.REPORTED_AT):
                args[name] = shown
        return args

    def without(self, name: str, value: str | None = None) -> "TaskFilter":
        """The filter with one argument, or one of its values, taken away."""
        args = self.to_args()
        kept = [item for item in args.get(name, []) if value is not None and item != value]
        return from_args(MultiDict({**args, name: kept}))

    @property
    def is_empty(self) -> bool:
        """Whether nothing is filtered; the order is no filter."""
        return replace(self, sort=Sort.REPORTED_AT) == TaskFilter()


#: argument of the address bar → attribute
_NAMES = {
    "state": "states", "area": "area", "unit": "unit_id", "category": "category", "tag": "tag",
    "action": "action", "back": "back", "near": "near", "due_from": "due_since", "due_to": "due_until",
    "source": "sources", "due": "due", "closing": "closings", "point": "point", "outside": "outside", "supervised": "supervised",
    "mine": "mine", "q": "text", "from": "since", "to": "until", "ended_from": "ended_since",
    "ended_to": "ended_until", "sort": "sort",
}  # fmt: skip


def read(args: Mapping[str, Any]) -> tuple[TaskFilter, list[Refused]]:
    """The filter in a query string, and what in it could not be understood."""
    if not args:
        return TaskFilter(), []
    reading = kinds.Reading(args)
    since, until = reading.days("from", "to")
    ended_since, ended_until = reading.days("ended_from", "ended_to")
    due_since, due_until = reading.days("due_from", "due_to")
    wanted = TaskFilter(
        states=tuple(sorted(reading.values("state", State), key=list(State).index)),
        area=reading.one("area", kinds.code, ""),
        unit_id=reading.one("unit", kinds.identity),
        category=reading.one("category", kinds.code, ""),
        tag=reading.one("tag", known_tag, ""),
        action=reading.one("action", part_of, ""),
        back=reading.one("back", filter_back.known, ""),
        due_since=due_since,
        due_until=due_until,
        sources=tuple(sorted(reading.values("source", Source), key=list(Source).index)),
        due=reading.one("due", Due),
        closings=tuple(sorted(reading.values("closing", Closing), key=list(Closing).index)),
        point=reading.one("point", kinds.code, ""),
        near=reading.one("near", near),
        outside=reading.one("outside", kinds.flag, False),
        supervised=reading.one("supervised", kinds.flag, False),
        mine=reading.one("mine", Mine),
        text=reading.one("q", kinds.words, ""),
        since=since,
        until=until,
        ended_since=ended_since,
        ended_until=ended_until,
        sort=reading.one("sort", Sort, Sort.REPORTED_AT),
    )
    return wanted, reading.refused


def from_args(args: Mapping[str, Any]) -> TaskFilter:
    """The filter in a query string. Raises Invalid for an argument it does not understand."""
    wanted, refused = read(args)
    if refused:
        first = refused[0]
        raise Invalid(
            N_("筛选条件“%(name)s=%(value)s”无法识别，请返回列表重新选择。"),
            field=first.name, name=first.name, value=first.value[:40],
        )  # fmt: skip
    return wanted


def apply(
    query: Select[Any], wanted: TaskFilter, now: datetime, *, user_id: int | None = None
) -> Select[Any]:
    """`query` (on Task) narrowed to what is wanted; `user_id` is who `mine` means.

    It does not sort and does not check what may be seen: start from `queries.visible_to`.
    """
    return query.where(*clauses(wanted, now, user_id))


def clauses(
    wanted: TaskFilter, now: datetime, user_id: int | None = None
) -> list[ColumnElement[bool]]:
    """What a filter asks of a task; `user_id` is who `mine` means."""
    found: list[ColumnElement[bool]] = []
    for column, chosen in (
        (Task.state, wanted.states),
        (Task.source, wanted.sources),
        (Task.closing, wanted.closings),
    ):
        if chosen:
            found.append(column.in_([one.value for one in chosen]))
    if wanted.area:
        found.append(in_area(wanted.area))
    if wanted.unit_id is not None:
        found.append(Task.unit_id == wanted.unit_id)
    if wanted.due is not None:
        found.append(_DUE[wanted.due](now))
    if wanted.point:
        here = select(InspectionPoint.id).where(InspectionPoint.code == wanted.point)
        found.append(Task.point_id.in_(here))
    if wanted.outside:
        found.append(queries.outside_every_area())
    if wanted.supervised:
        found.append(Task.is_supervised.is_(True))
    if wanted.mine is not None:
        person = Task.reporter_id if wanted.mine is Mine.REPORTED else Task.assignee_id
        found.append(person == user_id if user_id is not None else false())
    return [
        *found,
        *of_category(wanted.category, wanted.tag),
        *of_action(wanted.action),
        *filter_back.of_back(wanted.back),
        *of_near(wanted.near),
        *of_due(wanted.due_since, wanted.due_until),
        *in_days(Task.reported_at, wanted.since, wanted.until),
        *in_days(Task.closed_at, wanted.ended_since, wanted.ended_until),
        *of_text(wanted.text),
    ]


_DUE: dict[Due, Callable[[datetime], ColumnElement[bool]]] = {
    Due.OVERDUE: queries.overdue,
    Due.DUE_SOON: queries.due_soon,
    Due.ON_TIME: lambda _now: on_time(),
}

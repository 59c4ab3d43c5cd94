"""Knows the columns of the rectification ledger (整改台账) and walks the rows that fill them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, cast

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session, aliased

from tracker.access.actor import Actor
from tracker.catalogue.data import load_tags
from tracker.catalogue.models import Category
from tracker.people.models import User
from tracker.places.models import Area, Organization
from tracker.points.models import InspectionPoint
from tracker.tasks import listing, presenting, queries, text_index
from tracker.tasks.filters import TaskFilter
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.states import (
    CLOSING_LABELS,
    SOURCE_LABELS,
    STATE_LABELS,
    Action,
    Closing,
    Source,
    State,
)

_Town, _Community, _Grid = aliased(Area), aliased(Area), aliased(Area)

_SELECTED = (
    Task.id, Task.number, Task.external_id, Task.found_at, Task.lon, Task.lat, Task.description,
    Task.title, Task.address, Task.source, Task.state, Task.community_code, Task.due_at, Task.due_soon_at,
    Task.closed_at, Task.reported_at, Task.updated_at, Task.dispatched_at, Task.submitted_at,
    Task.was_overdue, Task.rework_count, Task.closing,
    Category.code.label("category_code"), Category.kind.label("category_kind"),
    Category.name.label("category_name"), Category.name_en.label("category_name_en"),
    Category.tags.label("category_tags"),
    InspectionPoint.code.label("point_code"), Organization.name.label("unit"), User.name.label("person"),
    _Town.name.label("town"), _Community.name.label("community"), _Grid.name.label("grid"),
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One task with what its events add: the measures taken, who checked it."""

    task: Row[Any]
    measures: str
    checker: str
    now: datetime
    english: bool


@dataclass(frozen=True)
class Column:
    """A column: its names, and its value (text, number, moment or None)."""

    english: str
    chinese: str
    value: Callable[[Line], Any]


def _plain(name: str) -> Callable[[Line], Any]:
    return lambda line: getattr(line.task, name)


def _matter(line: Line) -> str:
    task = line.task
    return presenting.matter(
        task.category_kind, task.category_name, task.category_name_en, english=line.english
    )


def _tags(line: Line) -> str:
    carried = set(line.task.category_tags or ())
    names = [
        row.name_en if line.english else row.name for row in load_tags() if row.code in carried
    ]
    return (", " if line.english else "、").join(names)


def _overdue(line: Line) -> str:
    is_late = line.task.was_overdue or presenting.band(line.task, line.now) == "overdue"
    return ("yes" if is_late else "no") if line.english else ("是" if is_late else "否")


def _state(line: Line) -> str:
    return line.task.state if line.english else STATE_LABELS[State(line.task.state)]


def _closing(line: Line) -> str:
    closing = line.task.closing
    if not closing:
        return ""
    return str(closing) if line.english else CLOSING_LABELS[Closing(closing)]


def _source(line: Line) -> str:
    return line.task.source if line.english else SOURCE_LABELS[Source(line.task.source)]


#: The native columns in the order of the contract (they reopen in the importer), then the ledger's.
COLUMNS = (
    Column("external_id", "外部编号", lambda line: line.task.external_id or line.task.number),
    Column("found_at", "发现时间", _plain("found_at")),
    Column("lon", "经度", _plain("lon")),
    Column("lat", "纬度", _plain("lat")),
    Column("category_code", "问题类别代码", _plain("category_code")),
    Column("description", "问题描述", _plain("description")),
    Column("title", "标题", _plain("title")),
    Column("address", "地址", _plain("address")),
    Column("source", "来源", _source),
    Column("state", "状态", _state),
    Column("community_code", "社区代码", _plain("community_code")),
    Column("unit", "责任单位", _plain("unit")),
    Column("due_at", "整改时限", _plain("due_at")),
    Column("closed_at", "结案时间", _plain("closed_at")),
    Column("point_code", "点位代码", _plain("point_code")),
    Column("number", "任务编号", _plain("number")),
    Column("reported_at", "上报时间", _plain("reported_at")),
    Column("town", "镇街", _plain("town")),
    Column("community", "村居", _plain("community")),
    Column("grid", "网格", _plain("grid")),
    Column("category", "问题类别", _matter),
    Column("tags", "七乱一占", _tags),
    Column("person", "责任人", _plain("person")),
    Column("dispatched_at", "派遣时间", _plain("dispatched_at")),
    Column("measures", "整改措施", lambda line: line.measures),
    Column("submitted_at", "完成时间", _plain("submitted_at")),
    Column("overdue", "是否超期", _overdue),
    Column("rework_count", "返工次数", _plain("rework_count")),
    Column("checked_by", "核查人", lambda line: line.checker),
    Column("closing", "结案方式", _closing),
)


def _query() -> Select[Any]:
    return (
        cast("Select[Any]", select(*_SELECTED))
        .outerjoin(Category, Category.id == Task.category_id)
        .outerjoin(InspectionPoint, InspectionPoint.id == Task.point_id)
        .outerjoin(Organization, Organization.id == Task.unit_id)
        .outerjoin(User, User.id == Task.assignee_id)
        .outerjoin(_Town, _Town.code == Task.town_code)
        .outerjoin(_Community, _Community.code == Task.community_code)
        .outerjoin(_Grid, _Grid.code == Task.grid_code)
    )


def lines(
    session: Session, actor: Actor, wanted: TaskFilter, now: datetime, english: bool
) -> Iterator[Line]:
    """Every visible task wanted, in the filter's order, fetched by key in batches."""
    # rare words are looked up; common ones are met on the way through all rows, which is gone once
    words = text_index.narrow(session, wanted.text)
    base = _query().where(queries.visible(actor), *words.rows)
    rows = listing.walk(session, listing.sought(actor, wanted, now, base), wanted.sort)
    while part := list(islice(rows, listing.BATCH)):
        done = _last_words(session, [row.id for row in part])
        for row in part:
            measures, checker = done.get(row.id, ("", ""))
            yield Line(row, measures, checker, now, english)


#: Steps that decide on what was submitted.
_DECIDED = {Action.PASS.value, Action.CLOSE_BY_NOTICE.value}
_TOLD = sorted(_DECIDED | {Action.SUBMIT.value, Action.SELF_HANDLE.value, Action.UNDO.value})


def _last_words(session: Session, ids: list[int]) -> dict[int, tuple[str, str]]:
    """Of each task the measures last submitted, and who closed it after a check."""
    events = session.execute(
        select(TaskEvent.task_id, TaskEvent.action, TaskEvent.actor_name, TaskEvent.payload)
        .where(TaskEvent.task_id.in_(ids), TaskEvent.action.in_(_TOLD))
        .order_by(TaskEvent.task_id, TaskEvent.sequence)
    )
    found: dict[int, tuple[str, str]] = {}
    for task_id, action, name, payload in events:
        measures, checker = found.get(task_id, ("", ""))
        if action in _DECIDED:
            checker = name
        elif action == Action.UNDO:
            checker = "" if payload.get("undone") in _DECIDED else checker
        else:
            measures = str(payload.get("measures", ""))
        found[task_id] = (measures, checker)
    return found

"""Knows which fields of a task leave the server, and in which plain shape; nothing else does."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import aliased

from tracker.access.actor import Actor
from tracker.catalogue.data import CategoryKind
from tracker.catalogue.models import Category
from tracker.places.models import Area, Organization
from tracker.tasks import queries
from tracker.tasks.deadlines import DueBand
from tracker.tasks.models import Task
from tracker.tasks.states import RUNNING

_Community, _Grid = aliased(Area), aliased(Area)

#: The columns of a row, selected plainly: no entity is loaded for a list.
_COLUMNS = (
    Task.id, Task.number, Task.title, Task.state, Task.address, Task.lon, Task.lat,
    Task.reported_at, Task.updated_at, Task.due_at, Task.due_soon_at,
    Task.is_urgent, Task.is_supervised, Task.order_number, Task.was_overdue, Task.is_exempt, Task.rework_count,
    Task.community_code, Task.grid_code,
    Category.code.label("category_code"), Category.kind.label("category_kind"),
    Category.name.label("category_name"), Category.name_en.label("category_name_en"),
    _Community.name.label("community"), _Grid.name.label("grid"),
    Organization.name.label("unit"),
)  # fmt: skip


@dataclass(frozen=True)
class TaskRow:
    """A task as lists, map popups and scripts show it. Times are aware; lon, lat WGS-84."""

    id: int
    number: str
    title: str
    state: str
    #: the category in the reader's language, "" when none was given
    category: str
    category_code: str
    #: None is 未落入网格
    community_code: str | None
    community: str
    grid: str
    unit: str
    address: str
    lon: float | None
    lat: float | None
    reported_at: datetime
    updated_at: datetime
    due_at: datetime | None
    #: None when no clock runs
    band: DueBand | None
    is_urgent: bool
    is_supervised: bool
    was_overdue: bool
    rework_count: int
    #: number of the newest supervision order (督办单)
    order_number: str | None = None
    #: the overdue fact stands, but does not count (申诉成立)
    is_exempt: bool = False


#: The columns of `TaskRow`; names come by outer joins.
_SELECT: Any = select(*_COLUMNS)
ROWS: Select[Any] = (
    _SELECT.outerjoin(Category, Category.id == Task.category_id)
    .outerjoin(_Community, _Community.code == Task.community_code)
    .outerjoin(_Grid, _Grid.code == Task.grid_code)
    .outerjoin(Organization, Organization.id == Task.unit_id)
)


def rows_visible_to(actor: Actor) -> Select[Any]:
    """The columns of `TaskRow` for every task the actor may see."""
    return ROWS.where(queries.visible(actor))


def row_of(record: Row[Any], *, now: datetime, english: bool = False) -> TaskRow:
    """One record of `rows_visible_to`, with what follows from the time."""
    return TaskRow(
        id=record.id,
        number=record.number,
        title=record.title,
        state=record.state,
        category=matter(
            record.category_kind, record.category_name, record.category_name_en, english=english
        ),
        category_code=record.category_code or "",
        community_code=record.community_code,
        community=record.community or "",
        grid=record.grid or "",
        unit=record.unit or "",
        address=record.address,
        lon=record.lon,
        lat=record.lat,
        reported_at=record.reported_at,
        updated_at=record.updated_at,
        due_at=record.due_at,
        band=band(record, now),
        is_urgent=record.is_urgent,
        is_supervised=record.is_supervised,
        was_overdue=record.was_overdue,
        rework_count=record.rework_count,
        order_number=record.order_number,
        is_exempt=record.is_exempt,
    )


def matter(kind: str | None, name: str | None, name_en: str | None, *, english: bool) -> str:
    """What a task of a category is called: of a component (部件) the matter is its fault."""
    if not name:
        return ""
    is_component = kind == CategoryKind.COMPONENT
    if english and name_en:
        return f"{name_en}: fault" if is_component else name_en
    return f"{name}异常" if is_component else name


def band(task: Any, now: datetime) -> DueBand | None:
    """How near a task is to its deadline; None when no unit's clock runs."""
    if task.state not in RUNNING or task.due_at is None:
        return None
    if task.due_at < now:
        return DueBand.OVERDUE
    if task.due_soon_at is not None and task.due_soon_at <= now:
        return DueBand.DUE_SOON
    return DueBand.ON_TIME


def share_used(task: Any, now: datetime) -> int | None:
    """Per cent of the time from dispatch to deadline that has gone, 0 to 100; None without a clock."""
    if band(task, now) is None or task.dispatched_at is None:
        return None
    whole = (task.due_at - task.dispatched_at).total_seconds()
    if whole <= 0:
        return 100
    return max(0, min(100, round(100 * (now - task.dispatched_at).total_seconds() / whole)))

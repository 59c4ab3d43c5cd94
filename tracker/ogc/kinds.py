"""Lists the collections: whose rows they hold, who may see them, and what of a row leaves the server."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import InstrumentedAttribute

from tracker.access.actor import Actor
from tracker.access.permissions import Permission
from tracker.catalogue.codes import codes_of
from tracker.points import queries as points
from tracker.points.models import InspectionPoint
from tracker.tasks import queries as tasks
from tracker.tasks.models import Task
from tracker.texts import N_

#: Digits of a degree that are sent: a centimetre.
_DIGITS = 7


@dataclass(frozen=True, eq=False)
class Collection:
    """One collection; `rows` selects id and cell, then what `features` are made from."""

    name: str
    title: str
    description: str
    permission: Permission
    table: type[Any]
    rows: Select[Any]
    visible: Callable[[Actor], ColumnElement[bool]]
    #: names a feature in its address
    key: InstrumentedAttribute[str]
    #: what the parameter datetime asks for
    moment: InstrumentedAttribute[Any]
    #: rows as GeoJSON; their moments may be texts as SQLite keeps them
    features: Callable[[Sequence[Any]], list[dict[str, Any]]]
    #: the page of a feature: its endpoint and the name of its value
    page: tuple[str, str]


def _moment(value: datetime | str | None) -> datetime | str | None:
    """In UTC, which orjson writes with Z: SQLite keeps a text, PostgreSQL gives its server's zone."""
    if isinstance(value, str):
        return f"{value[:10]}T{value[11:19]}Z"
    return value.astimezone(UTC) if value else None


def _place(lon: float | None, lat: float | None) -> dict[str, Any] | None:
    if lon is None or lat is None:
        return None
    return {"type": "Point", "coordinates": (round(lon, _DIGITS), round(lat, _DIGITS))}


def _tasks(rows: Sequence[Any]) -> list[dict[str, Any]]:
    code = codes_of({row[5] for row in rows} - {None}).get
    return [
        {
            "type": "Feature",
            "id": number,
            "geometry": _place(lon, lat),
            "properties": {
                "number": number,
                "state": state,
                "category_code": code(category),
                "reported_at": _moment(reported_at),
                "due_at": _moment(due_at),
                "community_code": community,
                "grid_code": grid,
            },
        }
        for _, _, number, lon, lat, category, state, reported_at, due_at, community, grid in rows
    ]


def _points(rows: Sequence[Any]) -> list[dict[str, Any]]:
    return [
        {
            "type": "Feature",
            "id": code,
            "geometry": _place(lon, lat),
            "properties": {
                "code": code,
                "name": name,
                "site_type": site_type,
                "community_code": community,
                "active": bool(active),
                "last_visit_at": _moment(visited_at),
            },
        }
        for _, _, code, lon, lat, name, site_type, community, active, visited_at in rows
    ]


# No title, no words, no name: a title may hold what a person typed. All columns lie in ix_task_cell.
_TASKS: Any = select(
    Task.id.label("row_id"), Task.cell.label("row_cell"), Task.number, Task.lon, Task.lat,
    Task.category_id, Task.state, Task.reported_at, Task.due_at, Task.community_code,
    Task.grid_code,
)  # fmt: skip
_POINTS: Any = select(
    InspectionPoint.id.label("row_id"), InspectionPoint.cell.label("row_cell"), InspectionPoint.code,
    InspectionPoint.lon,
    InspectionPoint.lat, InspectionPoint.name, InspectionPoint.site_type_code,
    InspectionPoint.community_code, InspectionPoint.is_active, InspectionPoint.last_visit_at,
)  # fmt: skip

TASKS = Collection(
    "tasks", N_("整改任务"),
    N_("有坐标的整改任务：编号、状态、问题类别代码、上报时间、整改时限、社区与网格代码。datetime 按上报时间。"),
    Permission.MAP_VIEW, Task, _TASKS, tasks.visible, Task.number, Task.reported_at, _tasks,
    ("tasks.detail", "number"),
)  # fmt: skip
POINTS = Collection(
    "points", N_("测评点位"),
    N_("有坐标的测评点位（线、面取其上一点）：代码、名称、类型、社区代码、是否在用、上次检查时间。datetime 按上次检查时间。"),
    Permission.POINT_LIST, InspectionPoint, _POINTS, points.visible_clause,
    InspectionPoint.code, InspectionPoint.last_visit_at, _points, ("point_pages.detail", "code"),
)  # fmt: skip

COLLECTIONS = {one.name: one for one in (TASKS, POINTS)}

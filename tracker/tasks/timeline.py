"""Knows how the events of a task read as a time line: who, in what role, what, how long it lay."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from tracker.evidence.models import Photo
from tracker.tasks.drawing_shown import ShownDrawing, shown
from tracker.tasks.models import TaskEvent
from tracker.tasks.states import Action
from tracker.texts import N_

#: What of a payload a person reads, in this order, and what it is called.
_SHOWN = (
    ("category", N_("问题类别")),
    ("unit", N_("责任单位")),
    ("person", N_("经办人")),
    ("decider", N_("决定人")),
    ("joint_units", N_("会商单位")),
    ("joint_unit", N_("会商单位")),
    ("assist_unit", N_("协办单位")),
    ("into", N_("并入")),
    ("recurrence_of", N_("复发前的任务")),
    ("undone_step", N_("撤销的步骤")),
    ("order_number", N_("督办单号")),
    ("area_before", N_("原社区")),
    ("area", N_("现社区")),
    ("due_before", N_("原时限")),
    ("due_at", N_("整改时限")),
    ("until", N_("截止日期")),
    ("reason_kind", N_("原因类别")),
    ("reason", N_("原因")),
    ("measures", N_("整改措施")),
    ("text", N_("说明")),
    ("no_photo_reason", N_("无照片原因")),
    ("stars", N_("评价等级")),
)
#: Of these the ones that are moments.
_MOMENTS = frozenset({"due_before", "due_at"})
#: Written down this much later than it happened: an import of history.
_LATE = timedelta(hours=1)


@dataclass(frozen=True)
class Fact:
    """One thing an event says; `value` is text, a number or a moment."""

    key: str
    label: str
    value: Any


@dataclass(frozen=True)
class Entry:
    """One event as it is shown. `lay` is how long the task was in the state it left."""

    sequence: int
    action: str
    who: str
    roles: str
    at: datetime
    #: when it was written down, if much later than it happened
    recorded_at: datetime | None
    source_state: str | None
    target_state: str
    lay: timedelta | None
    facts: tuple[Fact, ...]
    photos: tuple[Photo, ...]
    #: what was drawn on a photo or the map
    drawing: ShownDrawing | None = None

    @property
    def moved(self) -> bool:
        """Whether the event changed the state."""
        return self.source_state != self.target_state


def entries(events: Iterable[TaskEvent], photos: Sequence[Photo] = ()) -> list[Entry]:
    """The time line, oldest first. `events` in order of their sequence."""
    shown_with = defaultdict(list)
    for photo in photos:
        shown_with[photo.event_id].append(photo)
    found: list[Entry] = []
    arrived: datetime | None = None
    for event in events:
        moved = event.source_state != event.target_state
        lay = event.at - arrived if moved and arrived is not None else None
        drawing = shown(event.payload.get("drawing"), photos)
        found.append(_entry(event, lay, shown_with[event.id], drawing))
        if moved:
            arrived = event.at
    return _said_once(found)


def _said_once(found: list[Entry]) -> list[Entry]:
    """Of events written down together only the last one says so."""
    later = [entry.recorded_at for entry in found[1:]] + [None]
    return [
        replace(entry, recorded_at=None)
        if entry.recorded_at and after and after - entry.recorded_at < _LATE
        else entry
        for entry, after in zip(found, later, strict=True)
    ]


def _entry(
    event: TaskEvent,
    lay: timedelta | None,
    photos: list[Photo],
    drawing: ShownDrawing | None,
) -> Entry:
    late = event.recorded_at - event.at > _LATE
    return Entry(
        sequence=event.sequence,
        action=event.action,
        who=event.actor_name,
        roles=event.roles,
        at=event.at,
        recorded_at=event.recorded_at if late else None,
        source_state=event.source_state,
        target_state=event.target_state,
        lay=lay,
        facts=_facts(event),
        photos=tuple(photos),
        drawing=drawing,
    )


def _facts(event: TaskEvent) -> tuple[Fact, ...]:
    """What the event says; the words of a report stand above the time line already."""
    if event.action in (Action.REPORT, Action.REOPEN):
        return ()
    payload = event.payload
    return tuple(
        Fact(key, label, datetime.fromisoformat(payload[key]) if key in _MOMENTS else payload[key])
        for key, label in _SHOWN
        if payload.get(key)
    )

"""Knows how a task stands at one moment: what figures are counted by, as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

#: Name in an event's payload → attribute: what an event moves besides the state.
FACETS = {
    "district": "district_code", "town": "town_code", "community": "community_code",
    "grid": "grid_code", "unit": "unit_id", "category": "category_id", "due": "due_at",
}  # fmt: skip
#: Key of an event's payload under which it says which facets it moved, and to what.
STANDS = "stands"


@dataclass(frozen=True, slots=True)
class Standing:
    """A picture of the columns of a task that a figure depends on."""

    state: str
    source: str
    district_code: str | None = None
    town_code: str | None = None
    community_code: str | None = None
    grid_code: str | None = None
    unit_id: int | None = None
    category_id: int | None = None
    #: 62-bit Morton key, see gis.cells
    cell: int | None = None
    due_at: datetime | None = None
    reported_at: datetime | None = None
    submitted_at: datetime | None = None
    closed_at: datetime | None = None
    closing: str | None = None
    was_overdue: bool = False
    #: of the dispatch that stands, see tasks.proposals
    proposed_month: str | None = None
    proposed_unit_id: int | None = None
    proposal_taken: bool | None = None


def standing_of(row: Any) -> Standing:
    """The picture of a task, or of a row that selects its columns."""
    return Standing(
        state=row.state, source=row.source,
        district_code=row.district_code, town_code=row.town_code,
        community_code=row.community_code, grid_code=row.grid_code,
        unit_id=row.unit_id, category_id=row.category_id, cell=row.cell, due_at=row.due_at,
        reported_at=row.reported_at, submitted_at=row.submitted_at, closed_at=row.closed_at,
        closing=row.closing, was_overdue=bool(row.was_overdue), proposed_month=row.proposed_month,
        proposed_unit_id=row.proposed_unit_id, proposal_taken=row.proposal_taken,
    )  # fmt: skip


def moved(before: Standing | None, after: Standing) -> dict[str, Any]:
    """The facets that differ, as JSON values; of a new task those that it has."""
    changes: dict[str, Any] = {}
    for name, attribute in FACETS.items():
        value = getattr(after, attribute)
        if value != (getattr(before, attribute) if before else None):
            changes[name] = value.isoformat() if isinstance(value, datetime) else value
    return {STANDS: changes} if changes else {}


def before_all(now: Standing, events: Sequence[Any]) -> Standing:
    """From which picture `moved_on` begins to tell a task's events, from how it stands now.

    Events from before facets were written are taken to have stood where the task stands now.
    """
    if any(STANDS in event.payload for event in events):
        return Standing(state="", source=now.source)
    return now


def moved_on(standing: Standing, payload: Mapping[str, Any], state: str) -> Standing:
    """How a task stood after an event, from how it stood before: the inverse of `moved`."""
    changes: dict[str, Any] = {
        FACETS[name]: datetime.fromisoformat(value) if name == "due" and value else value
        for name, value in payload.get(STANDS, {}).items()
    }
    return replace(standing, state=state, **changes)

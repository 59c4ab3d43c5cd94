"""Knows what a person or an import hands to an action, already parsed and typed."""

from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from tracker.tasks.deadlines import Limit
from tracker.tasks.states import Need, Source


@dataclass(frozen=True)
class Place:
    """Where a problem is. Degrees WGS-84 in `lon`, `lat`; the raw pair keeps what was given.

    Without a position a community code or at least an address is known.
    """

    lon: float | None = None
    lat: float | None = None
    raw_x: float | None = None
    raw_y: float | None = None
    coord_sys: str | None = None
    accuracy_m: float | None = None
    #: gps, pin, photo, import, address
    method: str | None = None
    address: str = ""
    community_code: str | None = None
    #: codes of district, town, community and grid when a batch looked them up already
    areas: tuple[str | None, str | None, str | None, str | None] | None = None
    #: and their cell; it says nothing that lon and lat do not
    cell: int | None = field(default=None, repr=False)

    def __bool__(self) -> bool:
        return self.lon is not None or bool(self.community_code) or bool(self.address)


@dataclass(frozen=True)
class Given:
    """Everything an action may ask for; `Need` values are attribute names."""

    place: Place | None = None
    category_id: int | None = None
    title: str = ""
    description: str = ""
    source: Source = Source.INSPECTION
    external_id: str | None = None
    found_at: datetime | None = None
    before_photos: tuple[str, ...] = ()
    after_photos: tuple[str, ...] = ()
    no_photo_reason: str = ""
    is_urgent: bool = False
    #: the closed task that came back
    recurrence_of_id: int | None = None
    #: the inspection point it was found at, and the item that failed there
    point_id: int | None = None
    check_item_id: int | None = None
    reason: str = ""
    text: str = ""
    unit_id: int | None = None
    limit: Limit | None = None
    #: a fixed deadline instead of a limit: imports and leaders' orders
    due_at: datetime | None = None
    assignee_id: int | None = None
    other_number: str = ""
    measures: str = ""
    until: date | None = None
    stars: int | None = None
    reason_code: str = ""
    #: JSON text of a drawing, see tasks.drawing
    drawing: str = ""

    def lacks(self, need: Need) -> bool:
        """Whether what `need` names was not given."""
        if need is Need.LIMIT:
            return self.limit is None and self.due_at is None
        if need in (Need.BEFORE_PHOTO, Need.AFTER_PHOTO):
            return not (getattr(self, need.value) or self.no_photo_reason)
        return not getattr(self, need.value)

    def as_content(self) -> dict[str, Any]:
        """Plain values that identify what was asked, for the receipt's digest."""
        return {f.name: str(getattr(self, f.name)) for f in fields(self) if getattr(self, f.name)}


NOTHING = Given()

"""Tells what changed in areas since a meeting: from the end of its day to the present moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.clock import in_city
from tracker.counters.measures import Measure
from tracker.counters.queries import Days, due_and_late
from tracker.places.models import Area, Level
from tracker.progress.figures import Asked, Figures, of_areas
from tracker.tasks import filters
from tracker.tasks.filters import TaskFilter
from tracker.tasks.queries import COLUMN_OF


@dataclass(frozen=True)
class Since:
    """One area: how it stood at the end of the meeting's day, how it stands, what came between."""

    area: Area
    then: Figures
    now: Figures
    #: overdue now, by a deadline that lay after that day
    newly_overdue: int

    @property
    def found(self) -> int:
        return self.now[Measure.FOUND]

    @property
    def ended(self) -> int:
        return self.now[Measure.ENDED]

    @property
    def reworked(self) -> int:
        return self.now[Measure.REWORK]


def since(
    session: Session,
    actor: Actor,
    areas: Sequence[Area],
    day: date,
    at: datetime,
    wanted: TaskFilter = TaskFilter(),  # noqa: B008 - it is frozen
) -> list[Since]:
    """What changed in each area after `day`, a day before today; in the order of the areas.

    Raises Invalid for a filter that no past day is counted by.
    """
    between = Days(day + timedelta(days=1), in_city(at).date())
    then: dict[str, Figures] = {}
    now: dict[str, Figures] = {}
    late: dict[str, int] = {}
    asked = filters.clauses(wanted, at)
    for level in sorted({Level(area.level) for area in areas}):
        codes = [area.code for area in areas if area.level == level]
        then |= of_areas(session, actor, codes, level, Asked(wanted, between, at, on=day))
        now |= of_areas(session, actor, codes, level, Asked(wanted, between, at))
        late |= due_and_late(session, COLUMN_OF[level], codes, day, at, asked)
    return [Since(area, then[area.code], now[area.code], late.get(area.code, 0)) for area in areas]

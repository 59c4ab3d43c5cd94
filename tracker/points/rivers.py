"""Knows what a river plan (一河一策) shows: its chief, its measures and which of them are late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from tracker import clock
from tracker.access.actor import Actor
from tracker.points.models import InspectionPoint, RiverMeasure, RiverPlan
from tracker.points.queries import visible_clause

#: The site type whose points have a plan.
RIVER = "river"
#: Measures shown in the list of due ones.
MOST_DUE = 500


@dataclass(frozen=True)
class RiverCard:
    """The plan of one river point; `plan` is None as long as nobody wrote one."""

    point: InspectionPoint
    plan: RiverPlan | None
    today: date

    @property
    def measures(self) -> Sequence[RiverMeasure]:
        """All measures in the order of their due days, those still open first."""
        if self.plan is None:
            return ()
        return sorted(self.plan.measures, key=lambda one: (one.done_on is not None, one.due_on))

    @property
    def open_count(self) -> int:
        return sum(one.done_on is None for one in self.measures)

    @property
    def overdue(self) -> Sequence[RiverMeasure]:
        """Measures that are not done and whose day has passed."""
        return [one for one in self.measures if is_overdue(one, self.today)]

    def is_late(self, measure: RiverMeasure) -> bool:
        """Whether a measure of the card is overdue today."""
        return is_overdue(measure, self.today)


def is_overdue(measure: RiverMeasure, on: date) -> bool:
    """Not done, and its due day is over."""
    return measure.done_on is None and measure.due_on < on


def card_for(session: Session, point: InspectionPoint) -> RiverCard | None:
    """What the page of a river point shows besides; None for every other point."""
    if point.site_type_code != RIVER:
        return None
    plan = session.scalar(
        select(RiverPlan)
        .where(RiverPlan.point_id == point.id)
        .options(selectinload(RiverPlan.measures).joinedload(RiverMeasure.unit))
    )
    return RiverCard(point, plan, clock.today())


def due_measures(
    session: Session, actor: Actor, *, within_days: int | None = None
) -> Sequence[RiverMeasure]:
    """Open measures of the points the actor may see, the latest first; at most `MOST_DUE`.

    `within_days` keeps those due so many days from today or earlier; -1 only overdue ones.
    """
    query = (
        select(RiverMeasure)
        .join(RiverMeasure.plan)
        .join(RiverPlan.point)
        .where(RiverMeasure.done_on.is_(None), visible_clause(actor), InspectionPoint.is_active)
        .options(
            contains_eager(RiverMeasure.plan)
            .contains_eager(RiverPlan.point)
            .joinedload(InspectionPoint.community),
            joinedload(RiverMeasure.unit),
        )
        .order_by(RiverMeasure.due_on, RiverMeasure.id)
        .limit(MOST_DUE)
    )
    if within_days is not None:
        query = query.where(RiverMeasure.due_on <= clock.today() + timedelta(days=within_days))
    return session.scalars(query).all()

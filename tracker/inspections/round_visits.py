"""Names the SELECT of the newest visit of each point within a round."""

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.inspections.models import Visit


def newest(session: Session, round_id: int, point_ids: Collection[int]) -> dict[int, Visit]:
    """The newest visit of each of the points that was made for the round, by point."""
    latest = (
        select(func.max(Visit.id))
        .where(Visit.round_id == round_id, Visit.point_id.in_(sorted(point_ids)))
        .group_by(Visit.point_id)
    )
    return {
        visit.point_id: visit
        for visit in session.scalars(select(Visit).where(Visit.id.in_(latest)))
    }

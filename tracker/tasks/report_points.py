"""Knows the inspection point that a report names as the place where it was found."""

from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.errors import Invalid
from tracker.points.models import InspectionPoint
from tracker.points.queries import visible_points
from tracker.texts import N_


def chosen(
    session: Session, code: str | None, actor: Actor, *, missing_ok: bool = False
) -> InspectionPoint | None:
    """The visible point of that code, None without a code.

    Raises Invalid for an unknown and for a foreign one, unless `missing_ok`.
    """
    code = (code or "").strip()[:64].replace("\0", "")
    if not code:
        return None
    point = session.scalar(visible_points(actor).where(InspectionPoint.code == code))
    if point is None and not missing_ok:
        raise Invalid(N_("没有这个点位，或您无权查看。"), field="point_code")
    return point

"""Knows the next free code of a point: the district's code and a running number."""

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from tracker.errors import Invalid
from tracker.places.models import Area, AreaEpoch
from tracker.points.models import InspectionPoint
from tracker.texts import N_

#: Where no district is known.
NOWHERE = "DW"
#: Digits of the running number.
WIDTH = 5


def next_code(
    work: Session,
    district_code: str | None,
    *,
    column: InstrumentedAttribute[str] = InspectionPoint.code,
    mark: str = "",
) -> str:
    """E.g. `440404-00017`. The district's row is locked until the unit of work ends.

    `column` holds the codes that are taken; `mark` goes before every one of them. Raises Invalid
    when the last number is taken: then a code must be given by hand.
    """
    prefix = mark + (district_code or NOWHERE)
    _lock(work, district_code)
    # same length and the same beginning: digits sort alike in every collation
    taken = work.scalars(
        select(column)
        .where(
            column.between(f"{prefix}-{0:0{WIDTH}d}", f"{prefix}-{'9' * WIDTH}"),
            column.like(f"{prefix}-{'_' * WIDTH}"),
        )
        .order_by(column.desc())
        .limit(20)
    )
    last = next((code for code in taken if code[-WIDTH:].isdigit()), None)
    serial = int(last[-WIDTH:]) + 1 if last else 1
    if serial >= 10**WIDTH:
        raise Invalid(N_("自动编号已用完，请手工填写编号。"), field="code")
    return f"{prefix}-{serial:0{WIDTH}d}"


def _lock(work: Session, district_code: str | None) -> None:
    """One at a time: SQLite has one writer anyway, PostgreSQL waits for the row."""
    if district_code:
        work.execute(select(Area.code).where(Area.code == district_code).with_for_update())
    else:
        work.execute(select(AreaEpoch.id).where(AreaEpoch.id == 1).with_for_update())

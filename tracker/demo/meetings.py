"""Two meetings (调度会) of the demo district, so that the time line has something to look back to."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from tracker.clock import in_city
from tracker.demo.jinwan import DISTRICT_CODE
from tracker.progress.models import DispatchMeeting

#: (days before the end of the demo, title)
_HELD = ((20, "第一次调度会（示例）"), (6, "第二次调度会（示例）"))


def load_meetings(work: Session, end: datetime) -> None:
    """Note the meetings, each on the evening of its day."""
    for days, title in _HELD:
        at = end - timedelta(days=days)
        work.add(
            DispatchMeeting(
                area_code=DISTRICT_CODE, held_on=in_city(at).date(), title=title, created_at=at
            )
        )
    work.flush()

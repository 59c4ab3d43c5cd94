"""The page that says what changed since a meeting, with the lists behind."""

from datetime import timedelta

from flask import Blueprint, render_template, request, url_for

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.clock import in_city
from tracker.counters.queries import Days
from tracker.errors import NotFound
from tracker.progress import meetings, timeline
from tracker.progress.models import DispatchMeeting
from tracker.progress.opening import narrowed
from tracker.progress.since import since
from tracker.progress.timeline import MOST_DAYS, Place
from tracker.storage.db import db
from tracker.tasks.filters import TaskFilter
from tracker.texts import N_


@requires(Permission.PROGRESS_VIEW)
def changes() -> str:
    """What changed in an area since the last meeting before today, or since the one asked for."""
    session, actor, at = db.session(), current_actor(), clock.now()
    place = timeline.place_of(session, actor, request.args.get("area", ""))
    if place is None:
        return render_template("progress/timeline_nothing.html")
    today = in_city(at).date()
    earlier = meetings.of_line(
        session, place.area, today - timedelta(days=MOST_DAYS), today - timedelta(days=1)
    )
    meeting = _chosen(place, list(earlier))
    areas = place.shown
    rows = since(session, actor, areas, meeting.held_on, at) if meeting else []
    return render_template(
        "progress/changes.html",
        place=place, meeting=meeting, meetings=earlier[::-1], rows=rows[: len(place.parts)],
        total=rows[-1] if rows else None, today=today, list_args=_list_args,
        days=Days(meeting.held_on + timedelta(days=1), today) if meeting else None,
        back=url_for("progress.timeline", area=place.area.code),
    )  # fmt: skip


def _chosen(place: Place, earlier: list[DispatchMeeting]) -> DispatchMeeting | None:
    """The meeting of the address bar, the last one without. Raises NotFound."""
    wanted = request.args.get("meeting", "")
    if not wanted:
        return earlier[-1] if earlier else None
    for one in earlier:
        if str(one.id) == wanted:
            return one
    raise NotFound(N_("没有这次调度会，或不在您的辖区内。"))


def _list_args(measure: str, code: str, days: Days) -> dict[str, list[str]]:
    """The list behind a figure of an area: what happened in some days, or what stands now."""
    return TaskFilter(area=code, **(narrowed(measure, days) or {})).to_args()


def register(blueprint: Blueprint) -> None:
    """Put the page on the blueprint."""
    blueprint.add_url_rule("/timeline/changes", "timeline_changes", changes)

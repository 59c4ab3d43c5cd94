"""The page that says what changed since a meeting, with the lists behind."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, render_template, request, url_for

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.clock import in_city
from tracker.counters.queries import Days
from tracker.errors import NotFound
from tracker.progress import meetings, timeline
from tracker.progress.chosen import FILTER_ARGS, Chosen
from tracker.progress.models import DispatchMeeting
from tracker.progress.opening import narrowed
from tracker.progress.review_choices import panel
from tracker.progress.since import since
from tracker.progress.timeline import MOST_DAYS, Place
from tracker.storage.db import db
from tracker.texts import N_
from tracker.web.forgiving import forgiving


@requires(Permission.PROGRESS_VIEW)
@forgiving
def changes() -> str:
    """What changed in an area since the last meeting before today, or since the one asked for."""
    session, actor, at = db.session(), current_actor(), clock.now()
    place = timeline.place_of(session, actor, request.args.get("area", ""))
    if place is None:
        return render_template("progress/timeline_nothing.html")
    chosen = timeline.span_of({k: v for k, v in request.args.lists() if k in FILTER_ARGS}, at)
    timeline.counted_kinds(session, chosen.wanted)
    today = in_city(at).date()
    earlier = meetings.of_line(
        session, place.area, today - timedelta(days=MOST_DAYS), today - timedelta(days=1)
    )
    meeting = _chosen(place, list(earlier))
    areas = place.shown
    rows = since(session, actor, areas, meeting.held_on, at, chosen.wanted) if meeting else []
    return render_template(
        "progress/changes.html",
        place=place, meeting=meeting, meetings=earlier[::-1], rows=rows[: len(place.parts)],
        total=rows[-1] if rows else None, today=today, asked=chosen.wanted.to_args(),
        list_args=lambda measure, code, days: _list_args(measure, code, days, chosen),
        choices=panel(session, chosen, lambda one: _address_args(place, meeting, one)),
        days=Days(meeting.held_on + timedelta(days=1), today) if meeting else None,
        back=url_for("progress.timeline", area=place.area.code, **chosen.wanted.to_args()),  # type: ignore[arg-type]
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


def _address_args(place: Place, meeting: DispatchMeeting | None, chosen: Chosen) -> dict[str, Any]:
    found: dict[str, Any] = {"area": place.area.code, **chosen.wanted.to_args()}
    return {**found, "meeting": meeting.id} if meeting else found


def _list_args(measure: str, code: str, days: Days, chosen: Chosen) -> dict[str, list[str]]:
    """The list behind a figure of an area: what happened in some days, or what stands now."""
    return chosen.list_args(code, **(narrowed(measure, days) or {}))


def register(blueprint: Blueprint) -> None:
    """Put the page on the blueprint."""
    blueprint.add_url_rule("/timeline/changes", "timeline_changes", changes)

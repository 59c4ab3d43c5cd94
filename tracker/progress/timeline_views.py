"""The page of the time line: the map of an area on any past day, played by day or week."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.clock import in_city
from tracker.counters.queries import stamps
from tracker.maps import borders
from tracker.places.locating import epoch
from tracker.places.queries import ancestors
from tracker.progress import meetings, past_tasks, timeline, timeline_shades, timeline_words
from tracker.progress.chosen import Chosen
from tracker.progress.models import DispatchMeeting
from tracker.progress.opening import narrowed
from tracker.progress.review_choices import panel
from tracker.progress.timeline import MEASURES, Line, Place
from tracker.storage.db import db
from tracker.tasks.states import OPEN_STATES, STATE_LABELS
from tracker.web import map_answers as answers
from tracker.web.forgiving import forgiving

#: Spans offered beside the slider, days.
SPANS = (30, 90, 365)


@requires(Permission.PROGRESS_VIEW)
@forgiving
def index() -> str:
    """The page; the figures of the day shown stand in it, so that it says them without a script."""
    session, actor, at = db.session(), current_actor(), clock.now()
    place = timeline.place_of(session, actor, request.args.get("area", ""))
    if place is None:
        return render_template("progress/timeline_nothing.html")
    chosen = timeline.span_of(request.args, at)
    found = timeline.lines(session, place.shown, chosen)
    first, last = chosen.days.first, chosen.days.last
    shown = min(max(chosen.on or last, first), last)
    marks = meetings.of_line(session, place.area, first, last)
    today = in_city(at).date()
    return render_template(
        "progress/timeline.html",
        place=place, trail=_trail(place, chosen), chosen=chosen, days=chosen.days, shown=shown,
        today=today, rows=[(area, _figures(found[area.code], shown, chosen)) for area in place.parts],
        total=_figures(found[place.area.code], shown, chosen), marks=marks, states=OPEN_STATES,
        state_labels=STATE_LABELS,
        spans=[(n, today - timedelta(days=n - 1)) for n in SPANS],
        kept=_kept(chosen), note=answers.map_note(),
        choices=panel(session, chosen, lambda one: {"area": place.area.code, **one.to_args()}),
        list_args=lambda code, measure: _list_args(code, measure, chosen),
        frame_url=url_for("progress.timeline_frame", area=place.area.code),
        page_settings=answers.settings_block(_settings(place, chosen, marks, found, today)),
    )  # fmt: skip


def _figures(line: Line, shown: date, chosen: Chosen) -> dict[str, int]:
    found = line.on((shown - chosen.days.first).days)
    return {"open": sum(found[state] for state in OPEN_STATES), "overdue": found["overdue"]}


def _kept(chosen: Chosen, **changed: Any) -> dict[str, Any]:
    """Filter and span in an address, `changed` ones put over; the usual span moves with the calendar."""
    return {**replace(chosen, on=None).to_args(), **changed}


def _list_args(code: str, measure: str, chosen: Chosen) -> dict[str, list[str]]:
    """The list behind a figure of the present moment."""
    return chosen.list_args(code, **(narrowed(measure, chosen.days) or {}))


def _trail(place: Place, chosen: Chosen) -> list[tuple[str, str]]:
    session, actor = db.session(), current_actor()
    above = [
        area for area in ancestors(session, place.area) if timeline.can_open(session, actor, area)
    ]
    links = [
        (area.name, url_for("progress.timeline", area=area.code, **_kept(chosen))) for area in above
    ]
    return [*links, (place.area.name, "")]


def _settings(
    place: Place,
    chosen: Chosen,
    marks: Sequence[DispatchMeeting],
    found: Mapping[str, Line],
    today: date,
) -> dict[str, Any]:
    code, days = place.area.code, chosen.days
    asked: dict[str, Any] = chosen.wanted.to_args()
    span = {"from": days.first.isoformat(), "to": days.last.isoformat()}
    return {
        "lang": str(get_locale()).replace("_", "-"),
        "area": code,
        "first": span["from"],
        "today": today.isoformat(),
        "data": url_for("progress.timeline_json", area=code, **_kept(chosen, **span)),
        "tasks": (
            url_for("progress.timeline_tasks", code=code, **asked) if place.is_community else None
        ),
        "filter": [[name, value] for name, values in asked.items() for value in values],
        "list": url_for("tasks.listing"),
        "task": url_for("tasks.detail", number="NUMBER"),
        "page": url_for("progress.timeline", **_kept(chosen)),
        "open_states": [state.value for state in OPEN_STATES],
        "meetings": [{"on": one.held_on.isoformat(), "title": one.title} for one in marks],
        "texts": timeline_words.page_texts(),
        "classes": {} if place.is_community else _classes(place, chosen, marks, found),
    }


def _classes(
    place: Place, chosen: Chosen, marks: Sequence[DispatchMeeting], found: Mapping[str, Line]
) -> dict[str, Any]:
    first, last = chosen.days.first, chosen.days.last
    meeting_days = sorted((one.held_on - first).days for one in marks)
    lines = [found[area.code] for area in place.parts]
    shades = timeline_shades.classes(lines, (last - first).days + 1, meeting_days)
    return timeline_shades.for_script(shades)


@requires(Permission.PROGRESS_VIEW)
def frame() -> Response:
    """The Folium page inside the frame."""
    session = db.session()
    place = timeline.found_place(session, current_actor(), request.args.get("area", ""))
    return answers.framed_map(
        "area" if place.is_community else "district",
        bounds=borders.bounds_of(session, place.area),
        title=_("%(area)s时间轴", area=place.area.name),
        data_urls={"areas": url_for("progress.timeline_areas", area=place.area.code)},
        options={"texts": timeline_words.frame_texts(), "is_community": place.is_community},
        script="js/progress/timeline_frame.js",
        style="css/map_frame.css",
    )


@requires(Permission.PROGRESS_VIEW)
def areas() -> Response:
    """GeoJSON of the shaded areas; of a community its own border and its grids."""
    session = db.session()
    place = timeline.found_place(session, current_actor(), request.args.get("area", ""))
    known = ("timeline", epoch(session), place.area.code)
    kept = answers.unchanged(*known)
    if kept is not None:
        return kept
    features = (
        borders.features_of(session, place.area)
        if place.is_community
        else borders.shaded(session, place.parts)
    )
    return answers.kept_answer({"type": "FeatureCollection", "features": features}, *known)


@requires(Permission.PROGRESS_VIEW)
def span_json() -> Response:
    """Every day of the span at once: by area the first day's figures and what each day changed."""
    session, at = db.session(), clock.now()
    place = timeline.found_place(session, current_actor(), request.args.get("area", ""))
    chosen = timeline.span_of(request.args, at)
    shown = place.shown
    kinds = timeline.counted_kinds(session, chosen.wanted)
    known = (
        epoch(session), place.area.code, chosen.days, stamps(session, [area.code for area in shown]),
        # which categories a code or a tag means can change without an event
        chosen.wanted.to_args(), sorted(kinds.categories or ()),
        # a deadline passes without an event
        in_city(at).replace(second=0, microsecond=0) if chosen.days.last == in_city(at).date() else "",
    )  # fmt: skip
    kept = answers.unchanged(*known)
    if kept is not None:
        return kept
    found = timeline.lines(session, shown, chosen)
    answer = {
        "first": chosen.days.first.isoformat(),
        "days": (chosen.days.last - chosen.days.first).days + 1,
        "measures": list(MEASURES),
        "areas": {code: line.as_json() for code, line in found.items()},
    }
    return answers.kept_answer(answer, *known)


@requires(Permission.PROGRESS_VIEW)
def tasks_json(code: str) -> Response:
    """The tasks of a community as they stood on the day `on`, today without it, under the filter."""
    session, actor, at = db.session(), current_actor(), clock.now()
    area = timeline.visible_community(session, actor, code)
    chosen = timeline.span_of(request.args, at)
    kinds = timeline.counted_kinds(session, chosen.wanted)
    on = chosen.on or in_city(at).date()
    found = past_tasks.tasks_on(session, actor, area.code, on, at, kinds)
    rows = [[t.number, t.title, t.lon, t.lat, t.state, int(t.is_overdue)] for t in found]
    return answers.json_answer({"on": on.isoformat(), "tasks": rows})


def register(blueprint: Blueprint) -> None:
    """Put the pages on the blueprint."""
    blueprint.add_url_rule("/timeline", "timeline", index)
    blueprint.add_url_rule("/timeline/frame", "timeline_frame", frame)
    blueprint.add_url_rule("/timeline/areas.json", "timeline_areas", areas)
    blueprint.add_url_rule("/timeline.json", "timeline_json", span_json)
    blueprint.add_url_rule("/timeline/<code>/tasks.json", "timeline_tasks", tasks_json)

"""The page of one task: what it is, what happened, what this person may do now."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, render_template
from sqlalchemy import select

from gis.webmap.basemaps import image_sources
from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.access.policy import allows
from tracker.catalogue.data import load_tags
from tracker.evidence.models import Phase, Photo
from tracker.places import queries as places
from tracker.storage.db import db
from tracker.tasks import after_photos, chain, presenting, queries, turn_words, words
from tracker.tasks.action_panels import Typed, panels
from tracker.tasks.hand_overs import around
from tracker.tasks.lifecycle import IN_RETURN_WINDOW
from tracker.tasks.limits.stages import stage_due
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.panel_groups import GROUP_LABELS, grouped
from tracker.tasks.report_choices import basemaps_for
from tracker.tasks.running import one_calendar, work_calendar
from tracker.tasks.states import Action, State
from tracker.tasks.timeline import entries
from tracker.tasks.turns import turns
from tracker.web.basemaps import configured_basemaps
from tracker.web.headers import policy


@requires(Permission.TASK_VIEW)
def detail(number: str) -> Response:
    """One visible task; a foreign one answers 404 as an unknown one does."""
    return page(queries.find(db.session(), number, current_actor()))


def page(task: Task, *, typed: Typed | None = None, status: int = 200) -> Response:
    """The page of a task, with a form that came back when `typed` is given."""
    with one_calendar(db.session()):
        return _page(task, typed, status)


def _page(task: Task, typed: Typed | None, status: int) -> Response:
    actor, session, now = current_actor(), db.session(), clock.now()
    events = session.scalars(
        select(TaskEvent).where(TaskEvent.task_id == task.id).order_by(TaskEvent.sequence)
    ).all()
    photos = _photos(task)
    possible, refused = panels(session, task, actor, at=now, typed=typed)
    actions = {panel.action: panel for panel in possible}
    basemaps = configured_basemaps()
    html = render_template(
        "tasks/detail.html",
        task=task,
        now=now,
        band=presenting.band(task, now),
        stage=stage_due(session, task, events),
        share=presenting.share_used(task, now),
        areas=queries.areas_of(session, task),
        tags=_tags(task),
        evidence=after_photos.checked(session, task, photos, events=events, actor=actor),
        photos={phase: [p for p in photos if p.phase == phase] for phase in Phase},
        history=entries(events, photos),
        held=turns(events, work_calendar(), now=now),
        chain_is_whole=not chain.breaks(task, events),
        panels=possible,
        groups=grouped(possible),
        group_labels=GROUP_LABELS,
        refused=refused,
        return_over=any(offer.refusal == IN_RETURN_WINDOW.otherwise for offer in refused),
        around=around(session, task, events, photos, at=now),
        undo=actions.get(Action.UNDO),
        link_panel=actions.get(Action.LINK_RECURRENCE),
        recurring=_recurring(task, at=now) if Action.LINK_RECURRENCE in actions else [],
        may_reopen=task.state == State.CLOSED and allows(actor, Permission.TASK_REOPEN, task),
        nearby=queries.neighbours(session, task, actor),
        links=links(task),
        basemaps=basemaps_for(basemaps),
    )
    answer = make_response(html, status)
    answer.headers["Content-Security-Policy"] = policy(images=image_sources(basemaps))
    return answer


def _recurring(task: Task, *, at: datetime) -> list[tuple[Task, float]]:
    """Closed tasks that this one may be a recurrence of, with metres."""
    return queries.closed_before(db.session(), task, actor=current_actor(), at=at)


def _photos(task: Task) -> list[Photo]:
    return list(
        db.session.scalars(
            select(Photo).where(Photo.task_id == task.id).order_by(Photo.received_at, Photo.uuid)
        )
    )


def _tags(task: Task) -> list[str]:
    carried = set(task.category.tags) if task.category else set()
    english = words.is_english()
    return [row.name_en if english else row.name for row in load_tags() if row.code in carried]


def links(task: Task) -> dict[str, list[Any]]:
    """Visible tasks tied to this one: it was merged into, merged here, recurs from, recurred as."""
    session = db.session()
    columns = (Task.number, Task.title, Task.state)

    def visible(*clauses: Any) -> list[Any]:
        query = queries.visible_to(current_actor()).with_only_columns(*columns).where(*clauses)
        return list(session.execute(query.order_by(Task.id).limit(20)))

    return {
        "into": visible(Task.id == task.merged_into_id) if task.merged_into_id else [],
        "merged": visible(Task.merged_into_id == task.id),
        "recurs": visible(Task.id == task.recurrence_of_id) if task.recurrence_of_id else [],
        "recurred": visible(Task.recurrence_of_id == task.id),
    }


@requires(Permission.TASK_VIEW)
def place(number: str) -> Response:
    """The pin (lon, lat WGS-84) and the borders around it as GeoJSON features."""
    session = db.session()
    task = queries.find(session, number, current_actor())
    borders = []
    for code in (task.community_code, task.grid_code):
        border = places.boundary_of(session, code) if code else None
        if border is not None:
            borders.append(border.as_feature())
    return jsonify(
        lon=task.lon,
        lat=task.lat,
        accuracy_m=task.accuracy_m,
        state=task.state,
        borders={"type": "FeatureCollection", "features": borders},
    )


def register(blueprint: Blueprint) -> None:
    blueprint.record(lambda state: turn_words.install(state.app))  # type: ignore[arg-type]
    blueprint.add_url_rule("/<number>", view_func=detail)
    blueprint.add_url_rule("/<number>/place.json", view_func=place)

"""Pages to look after the calendar: a year at a glance, stop-work days, office hours, editions."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.calendar import CalendarDay
from tracker.calendar.seed import SEED_SOURCE
from tracker.calendar.storing import (
    EDITION_KIND_LABELS,
    NOTICE,
    ORDER,
    Change,
    Key,
    calendar_in_force,
    edition_in_force,
    entries,
    hours_in_force,
    missing_years,
    plan,
)
from tracker.errors import Conflict, Invalid, NotFound
from tracker.storage.db import db
from tracker.storage.receipts import parse_uuid
from tracker.texts import N_
from tracker.web.forms import show_fault
from tracker.workdays import import_views, queries
from tracker.workdays.deciding import seen_edition, tell_recomputed
from tracker.workdays.forms import HoursForm, RemovalForm, StopForm
from tracker.workdays.operations import change_calendar, removal_change
from tracker.workdays.recomputing import affected, pending

blueprint = Blueprint("workdays", __name__, url_prefix="/admin/calendar")

#: Editions named beside the year.
RECENT = 5

Answer = str | Response | tuple[str, int]


@blueprint.get("")
@requires(Permission.CALENDAR_MANAGE)
def year() -> str:
    """A year of the calendar."""
    return _year_page(StopForm(formdata=None))


@blueprint.post("/stop")
@requires(Permission.CALENDAR_MANAGE)
def stop() -> Answer:
    """Stop-work days: first what they would move, then for good."""
    form = StopForm()
    return _decided(
        form,
        form.change if form.validate_on_submit() else None,
        back=lambda: _year_page(form),
        title=N_("台风停工"),
    )


@blueprint.get("/days/<day>/<layer>/remove")
@requires(Permission.CALENDAR_MANAGE)
def ask_removal(day: str, layer: str) -> str:
    """Which day is to be taken out, and why."""
    return _removal_page(_key(day, layer), RemovalForm(formdata=None))


@blueprint.post("/days/<day>/<layer>/remove")
@requires(Permission.CALENDAR_MANAGE)
def remove(day: str, layer: str) -> Answer:
    """Take a day out: first what it would move, then for good."""
    key, form = _key(day, layer), RemovalForm()
    sound = form.validate_on_submit()
    if not _is_confirmed():
        _kept(key)
    return _decided(
        form,
        (lambda: removal_change(key, form.reason.data or "")) if sound else None,
        back=lambda: _removal_page(key, form),
        title=N_("移除日期"),
    )


@blueprint.get("/hours")
@requires(Permission.CALENDAR_MANAGE)
def ask_hours() -> str:
    """The office hours in a form."""
    said: dict[str, Any] = {}
    for number, period in enumerate(hours_in_force(db.session())[:2], start=1):
        said |= {f"opens_{number}": period.opens, f"closes_{number}": period.closes}
    return _hours_page(HoursForm(formdata=None, data=said))


@blueprint.post("/hours")
@requires(Permission.CALENDAR_MANAGE)
def hours() -> Answer:
    """Other office hours: first what they would move, then for good."""
    form = HoursForm()
    return _decided(
        form,
        form.change if form.validate_on_submit() else None,
        back=lambda: _hours_page(form),
        title=N_("调整工作时间"),
    )


@blueprint.get("/editions")
@requires(Permission.CALENDAR_MANAGE)
def editions() -> str:
    """Who changed what, when, and the version it led to."""
    page = queries.page_of_editions(db.session(), request.args.get("after"))
    return render_template("admin/calendar_editions.html", page=page, kinds=EDITION_KIND_LABELS)


@blueprint.post("/recompute")
@requires(Permission.CALENDAR_MANAGE)
def recompute() -> Answer:
    """Go on recomputing the deadlines of open tasks."""
    tell_recomputed()
    return redirect(url_for("workdays.year"), 303)


def _decided(
    form: FlaskForm,
    make: Callable[[], Change] | None,
    *,
    back: Callable[[], str],
    title: str,
) -> Answer:
    """Preview a change, or carry it out when it was confirmed; a refusal keeps what was typed."""
    if make is None:
        return back(), 422
    try:
        change = make()
        if not _is_confirmed():
            return _proposal_page(change, title)
        done = change_calendar(
            change,
            seen=seen_edition(),
            actor=current_actor(),
            request_uuid=parse_uuid(request.form.get("request_uuid")),
        )
    except (Invalid, Conflict) as fault:
        db.session.rollback()
        show_fault(form, fault)
        return back(), fault.status
    if done.edition:
        flash(_("日历已更新。"), "success")
        tell_recomputed()
    else:
        flash(_("日历里已经是这样，没有变化。"), "info")
    days = [one.day for one in change.put] + [day for day, _layer in change.drop]
    return redirect(url_for("workdays.year", year=days[0].year if days else None), 303)


def _proposal_page(change: Change, title: str) -> str:
    session = db.session()
    planned = plan(session, change)
    return render_template(
        "admin/calendar_change.html",
        title=title,
        change=change,
        planned=planned,
        moved=affected(session, planned.before, planned.after),
        edition=edition_in_force(session),
        again={
            name: value
            for name, value in request.form.items()
            if name not in ("csrf_token", "request_uuid", "confirm", "edition")
        },
        request_uuid=str(uuid4()),
    )


def _year_page(form: StopForm) -> str:
    session, today = db.session(), clock.today()
    found, in_force = entries(session), calendar_in_force(session)
    offered = queries.years_offered(found, today)
    asked = request.args.get("year", "")
    shown = int(asked) if asked in map(str, offered) else today.year
    return render_template(
        "admin/calendar.html",
        shown=queries.year_of(found, in_force, shown),
        years=offered,
        missing=missing_years(in_force, today=today),
        hours=in_force.hours,
        version=in_force.version,
        recent=queries.page_of_editions(session, size=RECENT).rows,
        kinds=EDITION_KIND_LABELS,
        pending=pending(session),
        shipped=SEED_SOURCE,
        today=today,
        form=form,
    )


def _key(day: str, layer: str) -> Key:
    try:
        return date.fromisoformat(day), {NOTICE: NOTICE, ORDER: ORDER}[layer]
    except (KeyError, ValueError):
        raise NotFound(N_("日历中没有这一天，可能已被移除。")) from None


def _kept(key: Key) -> CalendarDay:
    found = entries(db.session()).get(key)
    if found is None:
        raise NotFound(N_("日历中没有这一天，可能已被移除。"))
    return found


def _is_confirmed() -> bool:
    return request.form.get("confirm") == "1"


def _removal_page(key: Key, form: RemovalForm) -> str:
    day = _kept(key)
    return render_template("admin/calendar_remove.html", day=day, layer=key[1], form=form)


def _hours_page(form: HoursForm) -> str:
    return render_template("admin/calendar_hours.html", form=form)


import_views.register(blueprint)

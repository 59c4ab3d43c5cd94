"""Carries out one step on a case of the desk, and lays the next case there in the same answer."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from flask import (
    Blueprint,
    abort,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from tracker import clock
from tracker.access.actor import Actor
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.desk import listing
from tracker.desk.asked import asked_queue, is_script, sent_version
from tracker.desk.case import Case, case_of
from tracker.desk.queues import Queue, queues_for
from tracker.errors import Conflict, Invalid, NotFound
from tracker.evidence import queries as photos
from tracker.storage.db import db
from tracker.storage.receipts import parse_uuid
from tracker.tasks import handed_photos, queries
from tracker.tasks.action_forms import FORMS, WITH_PHOTOS
from tracker.tasks.action_panels import Typed
from tracker.tasks.given import Given
from tracker.tasks.models import Task
from tracker.tasks.operations import Order, StaleVersion, check_possible, perform
from tracker.tasks.states import Action, State
from tracker.tasks.timeline import Entry, entries
from tracker.tasks.words import action_label, state_label
from tracker.web.errors import words
from tracker.web.filters import moment


@dataclass(frozen=True)
class _Desk:
    """One request: who, at which queue, with which case."""

    actor: Actor
    queue: Queue
    number: str
    at: datetime

    def case(self, task: Task, typed: Typed | None = None) -> Case:
        return case_of(db.session(), task, self.queue, self.actor, at=self.at, typed=typed)

    def again(self) -> Task:
        """The task as it is now. Raises NotFound."""
        db.session.rollback()
        return queries.find(db.session(), self.number, self.actor)


@requires(Permission.TASK_VIEW)
def act(number: str, action: str) -> AnyResponse:
    """Carry out a step; 404 foreign, 403 says who can, 409 what changed, 422 what to mend."""
    actor = current_actor()
    mine = queues_for(actor)
    if not mine:
        abort(404)
    desk = _Desk(actor, asked_queue(mine), number, clock.now())
    if action not in {one.value for one in (*desk.queue.actions, Action.DISPATCH, Action.UNDO)}:
        abort(404)
    wanted = Action(action)
    request_uuid = parse_uuid(request.form.get("request_uuid"))
    task, form = queries.find(db.session(), number, actor), FORMS[wanted](wanted, request.form)
    handed = _photos(wanted, form, request_uuid)
    given = replace(form.given(), after_photos=tuple(handed)) if handed else form.given()
    if form.errors:
        check_possible(wanted, task, actor=actor, at=desk.at)
        return _to_mend(desk, form, request_uuid, handed)
    try:
        perform(
            orders_for(wanted, given, then=request.form.get("then", "")), number=number,
            actor=actor, version=sent_version(), request_uuid=request_uuid,
        )  # fmt: skip
    except StaleVersion as stale:
        return _stale(desk, form, request_uuid, handed, words(stale))
    except Invalid as wrong:
        form.blame(wrong.field or "", words(wrong))
        return _to_mend(desk, form, request_uuid, handed)
    except Conflict as refused:
        return _stale(desk, form, request_uuid, handed, words(refused))
    return _done(desk, wanted)


def orders_for(action: Action, given: Given, *, then: str) -> list[Order]:
    """One step, or filing and dispatch in one commit (立案并派遣)."""
    if action is not Action.FILE:
        return [Order(action, given)]
    filing = Order(Action.FILE, Given(category_id=given.category_id))
    if then != Action.DISPATCH:
        return [filing]
    return [filing, Order(Action.DISPATCH, replace(given, category_id=None))]


def _photos(action: Action, form: Any, request_uuid: str) -> list[str]:
    """UUIDs of the photos handed over; what is wrong with a file becomes an error of the form."""
    if action not in WITH_PHOTOS:
        return []
    name = WITH_PHOTOS[action][0]
    found = handed_photos.listed(name)
    try:
        handed_photos.take_files(name, found, request_uuid=request_uuid)
    except Invalid as wrong:
        form.blame(wrong.field or "", words(wrong))
    return found[: handed_photos.MAX_PHOTOS]


def _typed(form: Any, request_uuid: str, handed: list[str]) -> Typed:
    tray = photos.tray(db.session(), handed, owner_id=current_actor().user_id)
    return Typed(form, request_uuid, tray)


def _to_mend(desk: _Desk, form: Any, request_uuid: str, handed: list[str]) -> AnyResponse:
    found = desk.case(desk.again(), _typed(form, request_uuid, handed))
    return _answer(desk, found, status=422)


def _stale(
    desk: _Desk, form: Any, request_uuid: str, handed: list[str], message: str
) -> AnyResponse:
    """The case stays: what happened since it was opened, and the typed words for another try."""
    try:
        task = desk.again()
    except NotFound:
        raise Conflict(message, code="stale") from None
    since = entries(queries.since_version(db.session(), task, sent_version()))
    found = desk.case(task, _typed(form, str(uuid4()), handed))
    return _answer(desk, found, status=409, message=message, since=since)


def _done(desk: _Desk, action: Action) -> AnyResponse:
    """Say what was done, with the way back, and lay the next case on the desk."""
    session = db.session()
    session.rollback()
    try:
        task: Task | None = queries.find(session, desk.number, desk.actor)
    except NotFound:
        task = None
    told = _told(desk.number, task, action)
    stays = action is Action.UNDO and task is not None
    following = task if stays else _next(desk)
    found = desk.case(following) if following is not None else None
    can_undo = (
        task is not None
        and action is not Action.UNDO
        and task.undo_by_id == desk.actor.user_id
        and task.undo_until is not None
    )
    undo = {"task": task, "request_uuid": str(uuid4())} if can_undo else None
    left = not listing.is_in(session, desk.actor, desk.queue, desk.number, at=desk.at)
    return _answer(desk, found, told=told, undo=undo, left=left and not stays)


def _told(number: str, task: Task | None, action: Action) -> str:
    label = action_label(action)
    if task is None:
        return _("已办理“%(action)s”，任务 %(number)s 已转出。", action=label, number=number)
    if action in (Action.FILE, Action.DISPATCH) and task.state == State.DISPATCHED and task.unit:
        return _(
            "%(number)s 已派遣至%(unit)s，截止%(when)s。",
            number=number, unit=task.unit.name, when=moment(task.due_at),
        )  # fmt: skip
    return _(
        "%(number)s 已办理“%(action)s”，现为“%(state)s”。",
        number=number, action=label, state=state_label(task.state),
    )  # fmt: skip


def _next(desk: _Desk) -> Task | None:
    """The case that the page shows next while it still waits, else the first of the queue."""
    session = db.session()
    wanted = request.form.get("next", "")
    if not wanted or not listing.is_in(session, desk.actor, desk.queue, wanted, at=desk.at):
        found = listing.first(session, desk.actor, desk.queue, at=desk.at, besides=desk.number)
        if found is None:
            return None
        wanted = found
    return queries.find(session, wanted, desk.actor)


def _answer(
    desk: _Desk,
    found: Case | None,
    *,
    status: int = 200,
    told: str = "",
    undo: dict[str, Any] | None = None,
    left: bool = False,
    message: str = "",
    since: list[Entry] | None = None,
) -> AnyResponse:
    """For the script the case and what changed around it; for a plain browser a page."""
    if not is_script():
        return _plain(desk, found, status, told or message)
    mine = queues_for(desk.actor)
    counts = listing.counts(db.session(), desk.actor, mine, at=desk.at)
    case = render_template(
        "desk/_case.html", case=found, queue=desk.queue, message=message, since=since or []
    )
    answer = jsonify(
        case=case,
        number=found.task.number if found else None,
        told=render_template("desk/_told.html", told=told, undo=undo, queue=desk.queue)
        if told
        else "",
        left=left,
        counts={key: listing.count_words(number) for key, number in counts.items()},
    )
    answer.status_code = status
    return answer


def _plain(desk: _Desk, found: Case | None, status: int, told: str) -> AnyResponse:
    number = found.task.number if found else None
    if status == 200:
        flash(told, "success")
        return redirect(url_for("desk.office", queue=desk.queue.key, case=number), 303)
    if told:
        flash(told, "error")
    html = render_template("desk/alone.html", case=found, queue=desk.queue)
    return make_response(html, status)


def register(blueprint: Blueprint) -> None:
    blueprint.add_url_rule(
        "/cases/<number>/actions/<action>", view_func=act, methods=["POST"], endpoint="act"
    )

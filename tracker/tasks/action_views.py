"""Carries out one action from its form; whatever is refused comes back with the typed words kept."""

from dataclasses import replace
from typing import Any

from flask import (
    Blueprint,
    Response,
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
from markupsafe import Markup
from sqlalchemy import select

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.access.policy import allows
from tracker.calendar import Limit, LimitReading, LimitUnit
from tracker.catalogue.models import Category
from tracker.errors import Conflict, Invalid, NotFound
from tracker.evidence import queries as photos
from tracker.storage.db import db
from tracker.storage.receipts import Receipt, parse_uuid
from tracker.tasks import detail_views, handed_photos, queries
from tracker.tasks.action_fields import ActionForm
from tracker.tasks.action_forms import FORMS, WITH_PHOTOS, FileForm
from tracker.tasks.action_panels import Typed, deadline, default_limit, panel
from tracker.tasks.given import Given
from tracker.tasks.lifecycle import BY_ACTION
from tracker.tasks.models import Task
from tracker.tasks.offers import ON_PAGES, offers
from tracker.tasks.operations import Order, StaleVersion, check_possible, perform
from tracker.tasks.states import Action, State
from tracker.tasks.suggestions import suggested_unit
from tracker.tasks.timeline import entries
from tracker.tasks.words import action_label, due_words, state_label, suggestion_words
from tracker.texts import N_
from tracker.web.errors import words


@requires(Permission.TASK_VIEW)
def act(number: str, action: str) -> Response:
    """Carry out an action; 404 unknown or foreign, 403 says who can, 409 stale, 422 to mend."""
    if action not in {known.value for known in ON_PAGES}:
        abort(404)
    wanted = Action(action)
    request_uuid = parse_uuid(request.form.get("request_uuid"))
    try:
        task = queries.find(db.session(), number, current_actor())
    except NotFound:
        return _already_done(request_uuid)
    form, was = FORMS[wanted](wanted, formdata=request.form), task.state
    try:
        handed = _photos(wanted, request_uuid)
    except Invalid as wrong:
        form.blame(wrong.field or "", words(wrong))
        handed = []
    given = _given(form, wanted, handed)
    if form.errors:
        check_possible(wanted, task, actor=current_actor(), at=clock.now())
        return _again(task, form, request_uuid, handed, 422)
    try:
        perform(
            _orders(form, given), number=number, actor=current_actor(), version=_version(),
            request_uuid=request_uuid,
        )  # fmt: skip
    except StaleVersion as stale:
        return _stale(number, form, request_uuid, handed, words(stale))
    except Invalid as wrong:
        db.session.rollback()
        form.blame(wrong.field or "", words(wrong))
        return _again(
            queries.find(db.session(), number, current_actor()), form, request_uuid, handed, 422
        )
    return _done(number, wanted, was)


def _given(form: ActionForm, action: Action, handed: list[str]) -> Given:
    given = form.given()
    if action in WITH_PHOTOS:
        given = replace(given, after_photos=tuple(handed))
    return given


def _orders(form: ActionForm, given: Given) -> list[Order]:
    """One step; or filing, linked to an earlier task and dispatched in one commit (立案并派遣)."""
    if not isinstance(form, FileForm):
        return [Order(form.action, given)]
    linked = form.recurrence
    filing = [Order(Action.LINK_RECURRENCE, linked)] if linked else []
    filing.append(Order(Action.FILE, Given(category_id=given.category_id)))
    if request.form.get("then") != Action.DISPATCH:
        return filing
    rest = Given(unit_id=given.unit_id, limit=given.limit, due_at=given.due_at, text=given.text)
    return [*filing, Order(Action.DISPATCH, rest)]


def _version() -> int:
    text = request.form.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid(N_("页面信息不完整，操作没有保存。请刷新页面后重试。"), field="version")
    return int(text)


def _photos(action: Action, request_uuid: str) -> list[str]:
    """UUIDs of the photos handed over; files sent by a browser without scripts are taken first."""
    if action not in WITH_PHOTOS:
        return []
    name, _label = WITH_PHOTOS[action]
    found = handed_photos.listed(name)
    handed_photos.take_files(name, found, request_uuid=request_uuid)
    return found[: handed_photos.MAX_PHOTOS]


def _already_done(request_uuid: str) -> Response:
    """A resend of a step after which the task is not visible to this person any more."""
    kept = db.session.get(Receipt, request_uuid)
    if kept is None or kept.actor_id != current_actor().user_id:
        raise NotFound(N_("没有这项任务，或您无权查看。"))
    return _to_list()


def _again(
    task: Task, form: ActionForm, request_uuid: str, handed: list[str], status: int
) -> Response:
    tray = photos.tray(db.session(), handed, owner_id=current_actor().user_id)
    return detail_views.page(task, typed=Typed(form, request_uuid, tray), status=status)


def _stale(
    number: str, form: ActionForm, request_uuid: str, handed: list[str], message: str
) -> Response:
    """What happened since the page was opened, and the typed words for another try if possible."""
    session, actor, now = db.session(), current_actor(), clock.now()
    session.rollback()
    try:
        task = queries.find(session, number, actor)
    except NotFound:
        raise Conflict(message, code="stale") from None
    offer = next((o for o in offers(task, actor, at=now) if o.action is form.action), None)
    tray = photos.tray(session, handed, owner_id=actor.user_id)
    possible = offer is not None and offer.refusal is None
    html = render_template(
        "tasks/conflict.html",
        task=task,
        message=message,
        action=form.action,
        since=entries(queries.since_version(session, task, _version())),
        panel=panel(session, task, offer, at=now, typed=Typed(form, request_uuid, tray))
        if possible and offer is not None
        else None,
        refusal=offer.refusal if offer else None,
        typed=[item for item in form if isinstance(item.data, str) and item.data.strip()],
    )
    return make_response(html, 409)


def _done(number: str, action: Action, was: str) -> Response:
    session, actor = db.session(), current_actor()
    task = session.scalar(queries.visible_to(actor).where(Task.number == number))
    if task is None:
        label = action_label(action)
        told = _("已办理“%(action)s”，任务 %(number)s 已转出。", action=label, number=number)
        flash(_with_next(told, number, action, was), "success")
        return _to_list()
    is_both = action is Action.FILE and task.state == State.DISPATCHED
    done = _("立案并派遣") if is_both else action_label(action)
    state = state_label(task.state)
    told = _("已办理“%(action)s”，任务现为“%(state)s”。", action=done, state=state)
    flash(told if task.state == was else _with_next(told, number, action, was), "success")
    return redirect(url_for("tasks.detail", number=number), 303)  # type: ignore[return-value]


def _with_next(told: str, number: str, action: Action, was: str) -> str:
    """Lead on to the next task that waits for the same step of this person, if there is one."""
    session, actor = db.session(), current_actor()
    permission = BY_ACTION[action].permission
    waiting = queries.waiting_like(session, was, actor, besides=number)
    other = next((task for task in waiting if allows(actor, permission, task)), None)
    if other is None:
        return told
    label = _("下一件：%(title)s", title=other.title)
    url = url_for("tasks.detail", number=other.number)
    return Markup('{} <a class="alert-link" href="{}">{}</a>').format(told, url, label)


def _to_list() -> Response:
    """Where a person goes whose task went elsewhere."""
    may_list = allows(current_actor(), Permission.MAP_VIEW)
    return redirect(url_for("tasks.listing" if may_list else "home.index"), 303)  # type: ignore[return-value]


@requires(Permission.TASK_VIEW)
def proposal(number: str) -> Response:
    """For a category (`category`, id): the suggested unit with its reason, and the limit."""
    session = db.session()
    task = queries.find(session, number, current_actor())
    given = request.args.get("category", "")
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise Invalid(N_("问题类别不存在或已停用，请重新选择。"), field="category")
    category = session.scalar(select(Category).where(Category.id == int(given)))
    if category is None:
        raise Invalid(N_("问题类别不存在或已停用，请重新选择。"), field="category")
    limit = default_limit(session, task, category)
    suggestion = suggested_unit(session, task, category)
    answer: dict[str, Any] = {
        "limit_value": limit.value,
        "limit_unit": limit.unit.value,
        "limit_reading": limit.reading.value,
        "unit_id": suggestion.unit_id if suggestion else None,
        "suggestion": suggestion_words(suggestion),
    }
    return jsonify(answer)


@requires(Permission.SIGNED_IN)
def due_preview() -> Response:
    """When a limit that starts now would run out: `value`, `unit`, `reading`."""
    try:
        limit = Limit(
            int(request.args.get("value", "")[:6]),
            LimitUnit(request.args.get("unit", "")),
            LimitReading(request.args.get("reading", "")),
        )
    except ValueError:
        raise Invalid(
            N_("时限须为 1 到 3660 的整数；按小时计的时限只能连续计时。"), field="value"
        ) from None
    due = deadline(limit, clock.now())
    return jsonify(due_at=due.isoformat(), words=due_words(due))


def register(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/deadline.json", view_func=due_preview)
    blueprint.add_url_rule("/<number>/proposal.json", view_func=proposal)
    blueprint.add_url_rule("/<number>/actions/<action>", view_func=act, methods=["POST"])

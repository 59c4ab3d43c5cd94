"""The report form: one page for desk and phone, the hints beside it, the borders under its pin."""

from uuid import uuid4

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import select
from wtforms.validators import ValidationError

from gis.webmap.basemaps import image_sources
from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.errors import Conflict, Fault, Invalid
from tracker.evidence import queries as photos
from tracker.places.models import Area
from tracker.storage.db import db
from tracker.storage.receipts import Receipt, parse_uuid
from tracker.tasks import handed_photos, joining, report_borders, report_data_views, report_points
from tracker.tasks.given import Given
from tracker.tasks.handed_photos import MAX_PHOTOS
from tracker.tasks.models import Task
from tracker.tasks.operations import Order, perform
from tracker.tasks.report_checks import Sent, blame, faults, holds_together
from tracker.tasks.report_choices import basemaps_for, category_groups, phrases, tag_chips
from tracker.tasks.report_forms import ReportForm, may_self_handle
from tracker.tasks.states import SOURCE_LABELS, STATE_LABELS, Action
from tracker.tasks.suggestions import Hints, hints
from tracker.texts import N_
from tracker.web.basemaps import configured_basemaps
from tracker.web.errors import words
from tracker.web.headers import policy

#: The report that the browser's draft may be forgotten for; read by static/js/tasks/report.js.
SENT_COOKIE = "report_sent"


@requires(Permission.TASK_REPORT)
def report() -> Response:
    """Show the form, or take the report: everything typed survives every refusal."""
    actor = current_actor()
    form = ReportForm()
    areas = report_borders.communities(db.session(), actor)
    form.offer(actor, [(area.code, area.name) for area in areas])
    if request.method == "GET":
        form.source.data = form.source.default
        _begin_at_point(form)
        return _page(Sent(form, str(uuid4()), [], []), 200)
    sent = Sent(
        form,
        _request_uuid(),
        handed_photos.listed("before_photos"),
        handed_photos.listed("after_photos"),
    )
    try:
        _take_files(sent)
        return _submit(sent)
    except (ValidationError, Fault) as refusal:
        return _refused(sent, refusal)


def _submit(sent: Sent) -> Response:
    form = sent.form
    form.validate()
    if not holds_together(sent):  # every error is told at once
        return _page(sent, 422)
    if form.is_self_handled and not may_self_handle(current_actor()):
        raise Invalid(N_("即时处置只供网格员和社区书记使用，请选择上报。"), field="mode")
    point = report_points.chosen(db.session(), form.point_code.data, current_actor())
    given = form.given(sent.before, sent.after, point_id=point.id if point else None)
    if number := request.form.get("join", "")[:32]:
        return _join(number, given, sent)
    if not form.is_self_handled and not request.form.get("near_seen"):
        _ask_about_near(sent)
    action = Action.SELF_HANDLE if form.is_self_handled else Action.REPORT
    outcome = perform(
        [Order(action, given)],
        number=None,
        actor=current_actor(),
        version=None,
        request_uuid=sent.request_uuid,
    )
    flash(_thanks(outcome["number"]), "success")
    return _on_to(outcome["number"], sent)


def _join(number: str, given: Given, sent: Sent) -> Response:
    """What was typed goes to the open task that the person says it is."""
    outcome = joining.join(
        number, given=given, actor=current_actor(), request_uuid=sent.request_uuid
    )
    flash(_("已补充到 %(number)s，没有另外登记。", number=outcome["number"]), "success")
    return _on_to(outcome["number"], sent)


def _ask_about_near(sent: Sent) -> None:
    """Without scripts nobody has seen the open tasks nearby; the second time is the answer.

    A form that was taken before is not asked again: its own task would be what lies nearby.
    """
    if db.session.get(Receipt, sent.request_uuid) is not None:
        return
    found = _hints_of(sent.form)
    if found is not None and found.near:
        raise Invalid(N_("附近有同类的在办任务，请选择并入其中一件，或作为新问题上报。"))


def _begin_at_point(form: ReportForm) -> None:
    point = report_points.chosen(db.session(), request.args.get("point"), current_actor())
    if point is None:
        return
    form.point_code.data = point.code
    if point.lon is not None:
        form.lon.data, form.lat.data, form.pos_method.data = str(point.lon), str(point.lat), "point"
    form.address.data = point.address or point.name
    form.community_code.data = point.community_code


def _on_to(number: str, sent: Sent) -> Response:
    """To the task's page; the browser's draft may be forgotten."""
    answer = make_response(redirect(url_for("tasks.detail", number=number)))
    answer.set_cookie(
        SENT_COOKIE, sent.request_uuid, path=url_for("tasks.report"), samesite="Lax", max_age=86400
    )
    return answer


def _refused(sent: Sent, refusal: ValidationError | Fault) -> Response:
    db.session.rollback()
    if isinstance(refusal, ValidationError):
        sent.form.form_errors.append(str(refusal))
        return _page(sent, 422)
    named = getattr(refusal, "field", None)
    target = {"place": "lon", "before_photos": "no_photo_reason", "after_photos": "mode"}.get(
        named or "", named
    )
    if target in sent.form:
        blame(sent.form[target], words(refusal))
    else:
        sent.form.form_errors.append(words(refusal))
    if isinstance(refusal, Conflict) and refusal.code == "request_reused":
        sent.request_uuid = str(uuid4())
        sent.form.form_errors.append(_("这份表单已经提交过一次；再次提交会登记为新的一件。"))
    return _page(sent, refusal.status)


def _request_uuid() -> str:
    try:
        return parse_uuid(request.form.get("request_uuid"))
    except Invalid:
        return str(uuid4())


def _take_files(sent: Sent) -> None:
    for name, uuids in (("before_photos", sent.before), ("after_photos", sent.after)):
        handed_photos.take_files(name, uuids, request_uuid=sent.request_uuid)


def _page(sent: Sent, status: int) -> Response:
    actor, session, form = current_actor(), db.session(), sent.form
    basemaps = configured_basemaps()
    html = render_template(
        "tasks/report.html",
        form=form,
        faults=faults(form),
        request_uuid=sent.request_uuid,
        before=photos.tray(session, sent.before, owner_id=actor.user_id),
        after=photos.tray(session, sent.after, owner_id=actor.user_id),
        groups=category_groups(session),
        tags=tag_chips(),
        phrases=phrases(),
        basemaps=basemaps_for(basemaps),
        offers_self_handle=may_self_handle(actor),
        hints=_hints_of(form) if request.method == "POST" else None,
        point=report_points.chosen(session, form.point_code.data, actor, missing_ok=True),
        owner=actor.user_id,
        state_labels=STATE_LABELS,
        source_labels=SOURCE_LABELS,
        max_photos=MAX_PHOTOS,
    )
    answer = make_response(html, status)
    answer.headers["Content-Security-Policy"] = policy(images=image_sources(basemaps))
    return answer


def _hints_of(form: ReportForm) -> Hints | None:
    try:
        position = form.position
    except ValidationError:
        position = None
    return hints(
        db.session(),
        actor=current_actor(),
        at=clock.now(),
        lon=position.lon if position else None,
        lat=position.lat if position else None,
        community_code=form.community_code.data or None,
        category_id=form.chosen_category,
        point=report_points.chosen(
            db.session(), form.point_code.data, current_actor(), missing_ok=True
        ),
    )


def _thanks(number: str) -> Markup:
    """The words after a success: number, community, what happens next, one more."""
    task = db.session.scalars(select(Task).where(Task.number == number)).one()
    area = db.session.get(Area, task.community_code) if task.community_code else None
    where = area.name if area else _("未落入网格")
    if task.self_handled:
        following = _("已即时处置并结案。")
    else:
        following = _("下一步：派遣员受理立案，可在“任务”中查看进展。")
    told = _("已登记 %(number)s，%(where)s。", number=number, where=where)
    return Markup('{} {} <a class="alert-link" href="{}">{}</a>').format(
        told, following, url_for("tasks.report"), _("再报一条")
    )


def register(blueprint: Blueprint) -> None:
    """Put the form's routes on the tasks blueprint."""
    blueprint.add_url_rule("/new", view_func=report, methods=["GET", "POST"])
    report_data_views.register(blueprint)

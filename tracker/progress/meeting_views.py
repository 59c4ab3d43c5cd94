"""The page of meetings (调度会): noted by the office and the leaders, shown on the time line."""

from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField
from wtforms.validators import InputRequired

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.errors import Fault
from tracker.progress import meetings
from tracker.progress.models import TITLE_LENGTH
from tracker.storage.db import db
from tracker.storage.receipts import parse_uuid
from tracker.web.forms import show_fault, without_controls


class MeetingForm(FlaskForm):
    """Which area met, when, under what name."""

    area_code = SelectField(_l("区域"), default="", validate_choice=False)
    held_on = DateField(_l("召开日期"), validators=[InputRequired(_l("请选择日期"))])
    title = StringField(
        _l("名称"), filters=[without_controls],
        validators=[InputRequired(_l("请填写名称，如：第三次调度会。"))],
        render_kw={"maxlength": TITLE_LENGTH},
    )  # fmt: skip


@requires(Permission.PROGRESS_VIEW)
def listing() -> str:
    """Meetings of the person's areas, latest first."""
    form = MeetingForm(formdata=None)
    form.held_on.data = clock.today()
    return _page(form, str(uuid4()))


@requires(Permission.MEETING_MANAGE)
def add() -> ResponseReturnValue:
    """Note a meeting."""
    form, uuid = MeetingForm(), request.form.get("request_uuid", "")
    if not form.validate_on_submit():
        return _page(form, uuid), 422
    try:
        meetings.add(
            form.area_code.data or "", form.held_on.data, form.title.data or "",
            actor=current_actor(), request_uuid=parse_uuid(uuid),
        )  # fmt: skip
    except Fault as fault:
        if fault.status not in (409, 422):
            raise
        db.session.rollback()
        show_fault(form, fault)
        return _page(form, uuid), fault.status
    flash(_("调度会已登记。"), "success")
    return redirect(url_for("progress.meetings"), 303)


@requires(Permission.MEETING_MANAGE)
def remove(meeting_id: int) -> ResponseReturnValue:
    """Take a meeting off the time lines."""
    uuid = parse_uuid(request.form.get("request_uuid"))
    meetings.remove(meeting_id, actor=current_actor(), request_uuid=uuid)
    flash(_("调度会已移除。"), "success")
    return redirect(url_for("progress.meetings"), 303)


def _page(form: MeetingForm, uuid: str) -> str:
    session, actor = db.session(), current_actor()
    managed = meetings.areas_managed(session, actor)
    form.area_code.choices = [(area.code, area.name) for area in managed]
    return render_template(
        "progress/meetings.html",
        form=form, request_uuid=uuid, managed={area.code for area in managed},
        page=meetings.page_of(session, actor, request.args.get("after", "")),
        new_uuid=lambda: str(uuid4()),
    )  # fmt: skip


def register(blueprint: Blueprint) -> None:
    """Put the page on the blueprint."""
    blueprint.add_url_rule("/meetings", "meetings", listing)
    blueprint.add_url_rule("/meetings/add", "meeting_add", add, methods=["POST"])
    blueprint.add_url_rule(
        "/meetings/<int:meeting_id>/remove", "meeting_remove", remove, methods=["POST"]
    )

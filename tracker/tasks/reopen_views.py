"""The form with which a closed problem that came back is reported again (登记复发)."""

from typing import Any
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
from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.errors import Invalid
from tracker.evidence import queries as photos
from tracker.storage.db import db
from tracker.storage.receipts import parse_uuid
from tracker.tasks import handed_photos, queries
from tracker.tasks.action_fields import ActionForm
from tracker.tasks.given import Given, Place
from tracker.tasks.intake import MAX_DESCRIPTION
from tracker.tasks.models import Task
from tracker.tasks.operations import StaleVersion, check_possible, reopen
from tracker.tasks.states import Action, Source
from tracker.web.errors import words

_PHOTOS = "before_photos"


class ReopenForm(ActionForm):
    description = TextAreaField(
        _l("问题描述"), render_kw={"rows": 4, "maxlength": MAX_DESCRIPTION, "required": True}
    )
    no_photo_reason = StringField(_l("没有照片的原因"), render_kw={"maxlength": 200})

    def report(self, task: Task, before: list[str]) -> Given:
        """A report of the same matter at the same place; problems are left as errors."""
        text = (self.description.data or "").strip()
        if len(text) > MAX_DESCRIPTION or "\x00" in text:
            self.blame("description", _("问题描述不能超过 %(max)d 字。", max=MAX_DESCRIPTION))
        return Given(
            place=Place(
                lon=task.lon, lat=task.lat, raw_x=task.raw_x, raw_y=task.raw_y,
                coord_sys=task.coord_sys, accuracy_m=task.accuracy_m, method=task.pos_method,
                address=task.address, community_code=task.community_code,
            ),
            category_id=task.category_id,
            description=text,
            source=Source.INSPECTION,
            before_photos=tuple(before),
            no_photo_reason=self.given().no_photo_reason,
            point_id=task.point_id,
            check_item_id=task.check_item_id,
        )  # fmt: skip


@requires(Permission.TASK_VIEW)
def again(number: str) -> Response:
    """Show the form of a closed task, or take the report; 409 when the task is not closed."""
    task = queries.find(db.session(), number, current_actor())
    check_possible(Action.REOPEN, task, actor=current_actor(), at=clock.now())
    if request.method == "GET":
        return _page(task, ReopenForm(Action.REOPEN), str(uuid4()), [], 200)
    request_uuid = parse_uuid(request.form.get("request_uuid"))
    form, before = ReopenForm(Action.REOPEN, formdata=request.form), handed_photos.listed(_PHOTOS)
    try:
        handed_photos.take_files(_PHOTOS, before, request_uuid=request_uuid)
        given = form.report(task, before)
        if form.errors:
            return _page(task, form, request_uuid, before, 422)
        outcome = _reopen(number, given, request_uuid)
    except Invalid as wrong:
        db.session.rollback()
        form.blame(wrong.field or "", words(wrong))
        task = queries.find(db.session(), number, current_actor())
        return _page(task, form, request_uuid, before, wrong.status)
    except StaleVersion as stale:
        db.session.rollback()
        form.form_errors.append(words(stale))
        task = queries.find(db.session(), number, current_actor())
        return _page(task, form, request_uuid, before, stale.status)
    flash(_("已登记复发 %(number)s，与原任务关联。", number=outcome["number"]), "success")
    return redirect(url_for("tasks.detail", number=outcome["number"]), 303)  # type: ignore[return-value]


def _reopen(number: str, given: Given, request_uuid: str) -> dict[str, Any]:
    return reopen(
        number, actor=current_actor(), given=given, version=_version(), request_uuid=request_uuid
    )


def _version() -> int | None:
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _page(
    task: Task, form: ReopenForm, request_uuid: str, before: list[str], status: int
) -> Response:
    html = render_template(
        "tasks/reopen.html",
        task=task,
        form=form,
        request_uuid=request_uuid,
        before=photos.tray(db.session(), before, owner_id=current_actor().user_id),
        max_photos=handed_photos.MAX_PHOTOS,
    )
    return make_response(html, status)


def register(blueprint: Blueprint) -> None:
    blueprint.add_url_rule(
        "/<number>/reopen", endpoint="reopen", view_func=again, methods=["GET", "POST"]
    )

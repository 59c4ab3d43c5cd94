"""Pages that bring in a yearly notice: choose a file, see what it changes and moves, confirm."""

import io
from collections import Counter
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.calendar.storing import edition_in_force, plan
from tracker.errors import Conflict, Invalid
from tracker.sheets import csv_pieces
from tracker.storage.db import db
from tracker.texts import N_
from tracker.web.forms import show_fault
from tracker.web.kept_files import KeptFile, drop_file, find_file, keep_file, sent_name
from tracker.workdays.deciding import seen_edition, tell_recomputed
from tracker.workdays.forms import NoticeForm
from tracker.workdays.importing import EXAMPLE, HEADINGS, Notice, read_notice
from tracker.workdays.operations import change_calendar, notice_change
from tracker.workdays.recomputing import affected

SUFFIXES = (".xlsx", ".csv")
#: A notice is some dozen rows; more than this is something else.
MAX_FILE = 2 * 1024 * 1024
#: Rows of each list shown on the page.
SHOWN = 200
_ROOM = "holidays"
Answer = str | AnyResponse | tuple[str, int]


@requires(Permission.CALENDAR_MANAGE)
def new_import() -> str:
    """Choose a file."""
    return _form_page(NoticeForm(formdata=None))


@requires(Permission.CALENDAR_MANAGE)
def template() -> Response:
    """A file with the headings and a row of each kind."""
    pieces = csv_pieces(HEADINGS, EXAMPLE)
    headers = {"Content-Disposition": "attachment; filename=holidays.csv"}
    return Response(pieces, mimetype="text/csv", headers=headers)


@requires(Permission.CALENDAR_MANAGE)
def upload() -> Answer:
    """Read the file without writing anything, and lead to the preview."""
    form, actor = NoticeForm(), current_actor()
    if not form.validate_on_submit() or actor.user_id is None:
        return _form_page(form), 422
    try:
        _check(form.file.data)
        kept = keep_file(KeptFile, form.file.data, room=_ROOM, said={}, owner_id=actor.user_id)
        try:
            read_notice(kept.path)
        except Invalid:
            drop_file(kept)
            raise
    except Invalid as fault:
        show_fault(form, fault)
        return _form_page(form), fault.status
    return redirect(url_for("workdays.preview", token=kept.token), 303)


@requires(Permission.CALENDAR_MANAGE)
def preview(token: str) -> Answer:
    """What the notice would change, and which deadlines it would move."""
    kept = _own(token)
    return _preview_page(kept, read_notice(kept.path))


@requires(Permission.CALENDAR_MANAGE)
def confirm(token: str) -> Answer:
    """Bring the notice in; a second confirmation does nothing more."""
    kept = _own(token)
    notice = read_notice(kept.path)
    try:
        change = notice_change(notice, kept.file_name)
        # one file is one act, however often it is confirmed
        done = change_calendar(
            change,
            seen=seen_edition(),
            actor=current_actor(),
            request_uuid=str(uuid5(NAMESPACE_URL, token)),
        )
    except (Invalid, Conflict) as fault:
        db.session.rollback()
        return _preview_page(kept, notice, _(fault.message, **fault.facts)), fault.status
    flash(
        _(
            "已导入放假安排：更新 %(stored)d 天，%(known)d 天已有。",
            stored=done.stored,
            known=done.known,
        ),
        "success",
    )
    tell_recomputed()
    year = Counter(day.day.year for day in notice.days).most_common(1)[0][0]
    return redirect(url_for("workdays.year", year=year), 303)


def register(blueprint: Blueprint) -> None:
    """Give the pages their addresses."""
    for rule, view, method in (
        ("/import", new_import, "GET"),
        ("/import", upload, "POST"),
        ("/import/template.csv", template, "GET"),
        ("/import/<token>", preview, "GET"),
        ("/import/<token>", confirm, "POST"),
    ):
        blueprint.add_url_rule(rule, view.__name__, view, methods=[method])


def _own(token: str) -> KeptFile:
    return find_file(KeptFile, token, room=_ROOM, owner_id=current_actor().user_id)


def _check(sent: FileStorage) -> None:
    if Path(sent_name(sent)).suffix.casefold() not in SUFFIXES:
        raise Invalid(N_("这里只能读 .csv 或 .xlsx 文件。"), field="file")
    size = sent.stream.seek(0, io.SEEK_END)
    sent.stream.seek(0)
    if size > MAX_FILE:
        raise Invalid(N_("文件超过 %(most)d MB。"), field="file", most=MAX_FILE // 2**20)


def _form_page(form: NoticeForm) -> str:
    return render_template("admin/calendar_import.html", form=form, suffixes=SUFFIXES)


def _preview_page(kept: KeptFile, notice: Notice, fault: str = "") -> str:
    session = db.session()
    planned = plan(session, notice_change(Notice(notice.days), kept.file_name))
    years = sorted({one.day.year for one in notice.days})
    return render_template(
        "admin/calendar_preview.html",
        kept=kept,
        notice=notice,
        planned=planned,
        moved=affected(session, planned.before, planned.after),
        predicted=[year for year in years if planned.after.is_predicted(year)],
        edition=edition_in_force(session),
        fault=fault,
        shown=SHOWN,
        may_confirm=bool(notice.days) and not notice.rejections and not planned.is_nothing,
    )

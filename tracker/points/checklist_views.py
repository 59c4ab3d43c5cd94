"""Editions of checklists: what is in force, what each asks, from when to when."""

from datetime import date
from uuid import uuid4

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.errors import Fault
from tracker.points import checklist_import_views, checklist_operations
from tracker.points.checklist_columns import HEADINGS
from tracker.points.checklist_export import as_rows, template
from tracker.points.checklist_forms import LABEL_SETS, BeginForm, EndForm, kind_names
from tracker.points.checklist_listing import (
    COMMON_BLOCK,
    STANDING_LABELS,
    LineFilter,
    Standing,
    category_names,
    grouped,
    listed,
    standing_of,
    types_of,
)
from tracker.points.checklist_models import DIMENSION_LABELS, METHOD_LABELS, EditionKind, LabelSet
from tracker.points.checklist_operations import find_edition
from tracker.points.checklist_storing import lines_of
from tracker.sheets import XLSX, csv_pieces, workbook_pieces
from tracker.storage.db import db
from tracker.storage.receipts import parse_uuid
from tracker.web.forms import show_fault

blueprint = Blueprint("checklists", __name__, url_prefix="/admin/checklists")
checklist_import_views.register(blueprint)

Answer = str | AnyResponse | tuple[str, int]


@blueprint.get("/")
@requires(Permission.CHECKLIST_MANAGE)
def editions() -> str:
    """Every edition by kind."""
    return render_template(
        "checklists/editions.html",
        found=listed(db.session(), on=clock.today()),
        kinds=kind_names(),
        standings=STANDING_LABELS,
        labels=LABEL_SETS,
    )


@blueprint.get("/template.xlsx")
@requires(Permission.CHECKLIST_MANAGE)
def empty_template() -> Response:
    """The table to fill in."""
    return _attached(Response(template(db.session()), mimetype=XLSX), "checklist-template.xlsx")


@blueprint.get("/<code>")
@requires(Permission.CHECKLIST_MANAGE)
def edition(code: str) -> str:
    """One edition with its lines."""
    return _page(code, BeginForm(formdata=None, data={"valid_from": clock.today()}), None)


@blueprint.post("/<code>/begin")
@requires(Permission.CHECKLIST_MANAGE)
def begin(code: str) -> Answer:
    """Put an edition in force from a day on; the one before it ends the day before."""
    form = BeginForm()
    uuid = parse_uuid(request.form.get("request_uuid"))
    if not form.validate_on_submit():
        return _page(code, form, None), 422
    day: date = form.valid_from.data
    try:
        in_force = checklist_operations.put_in_force(
            code, on=day, actor=current_actor(), request_uuid=uuid
        )
    except Fault as fault:
        if fault.status == 404:
            raise
        return _refused(code, form, fault)
    flash(_("已设定从 %(day)s 起生效。", day=day.isoformat()), "success")
    return redirect(url_for("checklists.edition", code=in_force))


@blueprint.post("/<code>/end")
@requires(Permission.CHECKLIST_MANAGE)
def end(code: str) -> Answer:
    """Let an edition be in force for the last time on a day."""
    form = EndForm()
    uuid = parse_uuid(request.form.get("request_uuid"))
    if not form.validate_on_submit():
        return _page(code, None, form), 422
    day: date = form.valid_to.data
    try:
        checklist_operations.end(code, on=day, actor=current_actor(), request_uuid=uuid)
    except Fault as fault:
        if fault.status == 404:
            raise
        return _refused(code, form, fault)
    flash(_("已保存。"), "success")
    return redirect(url_for("checklists.edition", code=code))


@blueprint.get("/<code>.<any(csv, xlsx):ending>")
@requires(Permission.CHECKLIST_MANAGE)
def export(code: str, ending: str) -> Response:
    """All lines of an edition, to change and import as a new one."""
    session = db.session()
    found = find_edition(session, code)
    rows = as_rows(session, lines_of(session, found.id))
    header = list(HEADINGS.values())
    answer = (
        Response(csv_pieces(header, rows), mimetype="text/csv")
        if ending == "csv"
        else Response(workbook_pieces("检查清单", header, rows), mimetype=XLSX)
    )
    return _attached(answer, f"{found.code}.{ending}")


def _attached(answer: Response, name: str) -> Response:
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _refused(code: str, form: FlaskForm, fault: Fault) -> Answer:
    db.session.rollback()
    show_fault(form, fault)
    is_begin = isinstance(form, BeginForm)
    return _page(code, form if is_begin else None, None if is_begin else form), fault.status


def _page(code: str, begin_form: FlaskForm | None, end_form: FlaskForm | None) -> str:
    session, today = db.session(), clock.today()
    found = find_edition(session, code)
    types = types_of(session)
    wanted = LineFilter.of(request.args, {one.code for one in types})
    every = lines_of(session, found.id)
    named = {code for line in every for code in line.site_types}
    start = {"valid_from": today}
    return render_template(
        "checklists/edition.html",
        edition=found,
        standing=standing_of(session, found, on=today),
        standings=STANDING_LABELS,
        Standing=Standing,
        kind_name=kind_names()[EditionKind(found.kind)],
        label_words=LABEL_SETS[LabelSet(found.labels)],
        lines=[line for line in every if wanted.keeps(line)],
        total=len(every),
        wanted=wanted,
        types=grouped([one for one in types if one.code in named]),
        type_by_code={one.code: one for one in types},
        categories=category_names(session),
        common=COMMON_BLOCK,
        dimensions=DIMENSION_LABELS,
        methods=METHOD_LABELS,
        begin_form=begin_form or BeginForm(formdata=None, data=start),
        end_form=end_form or EndForm(formdata=None, data={"valid_to": today}),
        today=today,
        request_uuid=str(uuid4()),
    )

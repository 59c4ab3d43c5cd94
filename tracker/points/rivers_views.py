"""Pages of river plans (一河一策): the plan of a river, its measures, all that is due."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse

from tracker import clock
from tracker.access.gate import current_actor, demand, requires
from tracker.access.permissions import Permission
from tracker.access.policy import allows
from tracker.errors import Conflict, Invalid, NotFound
from tracker.points import rivers_editing
from tracker.points.models import InspectionPoint, RiverMeasure
from tracker.points.rivers import card_for, due_measures
from tracker.points.rivers_editing import PlanGiven, find_river
from tracker.points.rivers_files import MAX_BYTES, check_pdf, keep_plan, plain_name, read_plan
from tracker.points.rivers_forms import DoneForm, MeasureForm, PlanForm
from tracker.storage.db import db
from tracker.storage.receipts import parse_uuid
from tracker.texts import N_
from tracker.web.forms import show_fault

#: What a list of due measures may be narrowed to, days from today.
SPANS = {"": N_("全部未完成"), "late": N_("已超期"), "30": N_("30 天内到期")}
_DAYS = {"": None, "late": -1, "30": 30}

Answer = str | AnyResponse | tuple[str, int]


@requires(Permission.POINT_VIEW)
def river(code: str) -> str:
    """The plan of a river with its measures; forms for whoever manages the point."""
    return _page(code)


@requires(Permission.POINT_MANAGE)
def save_river(code: str) -> Answer:
    """Write the plan, with a new file if one is sent."""
    _managed(code)
    form, uuid = PlanForm(), parse_uuid(request.form.get("request_uuid"))
    typed = request.form.get("version", "")

    def act() -> None:
        name, sha256 = _sent_file(form)
        given = PlanGiven(
            form.river_name.data, form.segment.data or "", form.chief.data or "",
            form.chief_post.data or "", name, sha256,
        )  # fmt: skip
        rivers_editing.save_plan(
            code, given, version=_whole(typed), actor=current_actor(), request_uuid=uuid
        )

    return _carried_out(code, form, act)


@requires(Permission.POINT_MANAGE)
def add_measure(code: str) -> Answer:
    """Add a measure."""
    _managed(code)
    form, uuid = MeasureForm(), parse_uuid(request.form.get("request_uuid"))

    def act() -> None:
        rivers_editing.add_measure(code, form.given(), actor=current_actor(), request_uuid=uuid)

    return _carried_out(code, form, act)


@requires(Permission.POINT_MANAGE)
def edit_measure(code: str, measure_id: int) -> Answer:
    """Change an open measure."""
    _managed(code)
    before = db.session.get(RiverMeasure, measure_id)
    form = MeasureForm(besides=before.unit_id if before else None)
    uuid = parse_uuid(request.form.get("request_uuid"))

    def act() -> None:
        rivers_editing.edit_measure(
            code, measure_id, form.given(), actor=current_actor(), request_uuid=uuid
        )

    return _carried_out(code, form, act, measure_id)


@requires(Permission.POINT_MANAGE)
def finish_measure(code: str, measure_id: int) -> Answer:
    """Mark a measure done."""
    _managed(code)
    form, uuid = DoneForm(), parse_uuid(request.form.get("request_uuid"))

    def act() -> None:
        rivers_editing.finish_measure(
            code,
            measure_id,
            done_on=form.done_on.data,
            note=form.done_note.data or "",
            actor=current_actor(),
            request_uuid=uuid,
        )

    return _carried_out(code, form, act, measure_id)


@requires(Permission.POINT_MANAGE)
def drop_measure(code: str, measure_id: int) -> Answer:
    """Take an open measure out of the plan."""
    _managed(code)
    uuid = parse_uuid(request.form.get("request_uuid"))
    rivers_editing.drop_measure(code, measure_id, actor=current_actor(), request_uuid=uuid)
    flash(_("已删除措施，变更记录里仍可查到。"), "success")
    return redirect(url_for("points.river", code=code))


@requires(Permission.POINT_VIEW)
def river_plan_file(code: str) -> Response:
    """The plan file, to save: a PDF may hold scripts, so it is never shown in the page."""
    point = find_river(db.session(), code, current_actor())
    card = card_for(db.session(), point)
    if card is None or card.plan is None or not card.plan.file_sha256:
        raise NotFound(N_("没有方案文件。"))
    content = read_plan(card.plan.file_sha256, data_dir=_data_dir())
    answer = Response(content, mimetype="application/pdf")
    # a header carries Latin-1 only; RFC 6266 gives other names their own form
    name = quote(card.plan.file_name)
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


@requires(Permission.POINT_LIST)
def river_measures() -> str:
    """Every open measure of one's rivers, the latest first."""
    wanted = request.args.get("due", "")
    wanted = wanted if wanted in SPANS else ""
    return render_template(
        "rivers/due.html",
        measures=due_measures(db.session(), current_actor(), within_days=_DAYS[wanted]),
        wanted=wanted,
        spans=SPANS,
        today=clock.today(),
    )


def register(blueprint: Blueprint) -> None:
    """Give the pages their addresses."""
    one = "/<code>/river/measures/<int:measure_id>"
    for rule, view, method in (
        ("/river-measures", river_measures, "GET"),
        ("/<code>/river", river, "GET"),
        ("/<code>/river", save_river, "POST"),
        ("/<code>/river/plan.pdf", river_plan_file, "GET"),
        ("/<code>/river/measures", add_measure, "POST"),
        (one, edit_measure, "POST"),
        (f"{one}/done", finish_measure, "POST"),
        (f"{one}/drop", drop_measure, "POST"),
    ):
        blueprint.add_url_rule(rule, view.__name__, view, methods=[method])


def _managed(code: str) -> InspectionPoint:
    point = find_river(db.session(), code, current_actor())
    demand(Permission.POINT_MANAGE, point)
    return point


def _carried_out(
    code: str, form: FlaskForm, act: Callable[[], None], measure_id: int | None = None
) -> Answer:
    """Act on a sound form and lead back; else the page again with the typed words and reasons."""
    if not form.validate_on_submit():
        return _page(code, form, measure_id), 422
    try:
        act()
    except (Invalid, Conflict) as fault:
        db.session.rollback()
        show_fault(form, fault)
        return _page(code, form, measure_id), fault.status
    flash(_("已保存。"), "success")
    return redirect(url_for("points.river", code=code))


def _sent_file(form: PlanForm) -> tuple[str, str]:
    """Name and hash of the plan file, kept; empty when none was sent."""
    sent = form.file.data
    if not sent or not sent.filename:
        return "", ""
    content = sent.stream.read(MAX_BYTES + 1)
    check_pdf(content)
    return plain_name(sent.filename), keep_plan(content, data_dir=_data_dir())


def _page(code: str, refused: FlaskForm | None = None, measure_id: int | None = None) -> str:
    actor = current_actor()
    point = find_river(db.session(), code, actor)
    card = card_for(db.session(), point)
    assert card is not None
    is_new = isinstance(refused, MeasureForm) and measure_id is None
    return render_template(
        "rivers/page.html",
        point=point,
        card=card,
        may_manage=allows(actor, Permission.POINT_MANAGE, point),
        plan_form=refused
        if isinstance(refused, PlanForm)
        else PlanForm(formdata=None, obj=card.plan),
        new_form=refused if is_new else MeasureForm(formdata=None),
        forms={one.id: _forms(one, card.today) for one in card.measures if one.done_on is None},
        refused=refused,
        refused_id=measure_id,
        max_mb=MAX_BYTES // 2**20,
        new_uuid=lambda: str(uuid4()),
    )


def _forms(measure: RiverMeasure, today: date) -> tuple[MeasureForm, DoneForm]:
    said = {
        "text": measure.text,
        "due_on": measure.due_on,
        "unit_id": str(measure.unit_id or ""),
    }
    return (
        MeasureForm(formdata=None, data=said, besides=measure.unit_id),
        DoneForm(formdata=None, data={"done_on": today}),
    )


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _data_dir() -> Path:
    folder: Path = current_app.config["SETTINGS"].data_dir
    return folder

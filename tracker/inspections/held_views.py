"""What phones left for the office: a list, a decision, an outbox file brought by hand."""

from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from tracker.access.gate import current_actor, demand, requires
from tracker.access.permissions import Permission
from tracker.errors import Fault, Invalid, NotFound
from tracker.evidence.store import Size
from tracker.inspections import held, held_files, held_presenting, queries
from tracker.inspections.held import CAME_BY_LABELS, STATE_LABELS
from tracker.inspections.held_files import MAX_FILE, Taken
from tracker.inspections.intake_reading import KIND_LABELS, Kind
from tracker.inspections.models import HeldState
from tracker.inspections.visit_joining import NearTasks
from tracker.people.models import User
from tracker.storage.db import db
from tracker.tasks.photo_views import store
from tracker.texts import N_
from tracker.web.errors import words
from tracker.web.forms import without_controls

blueprint = Blueprint("held", __name__, url_prefix="/held")

#: Nothing inside an answered picture may run or load anything.
_SEALED = "sandbox; default-src 'none'"


@blueprint.get("/")
@requires(Permission.HELD_LIST)
def listing() -> str:
    """Items of this office: those that wait, or those decided."""
    state = request.args.get("state", "waiting")
    state = state if state in ("waiting", "decided") else "waiting"
    page = held_presenting.page(
        db.session(),
        current_actor(),
        is_waiting=state == "waiting",
        after=request.args.get("after"),
    )
    return _list_page(page, state)


def _list_page(page: Any, state: str, taken: Taken | None = None, error: str = "") -> str:
    session = db.session()
    return render_template(
        "held/list.html",
        page=page,
        state=state,
        taken=taken,
        error=error,
        cards=held_presenting.cards(session, page.rows),
        kinds=KIND_LABELS,
        came_by=CAME_BY_LABELS,
        states=STATE_LABELS,
        words=words,
    )


@blueprint.get("/<int:held_id>")
@requires(Permission.HELD_DECIDE)
def detail(held_id: int) -> str:
    """One item: what was sent, its photos, the decision."""
    return _page(held_id)


def _page(held_id: int, error: str = "", near: list[Any] | None = None) -> str:
    session, actor = db.session(), current_actor()
    row = queries.find_held(session, held_id, actor)
    demand(Permission.HELD_DECIDE, row)
    decided_by = session.get(User, row.decided_by_id) if row.decided_by_id else None
    return render_template(
        "held/detail.html",
        row=row,
        card=held_presenting.cards(session, [row])[row.id],
        lines=held_presenting.lines(session, row),
        answers=held_presenting.answers(session, row),
        decided_by=decided_by,
        error=error,
        near=near or [],
        kind=KIND_LABELS[Kind(row.kind)],
        came_by=CAME_BY_LABELS,
        states=STATE_LABELS,
        is_waiting=row.state == HeldState.WAITING,
    )


@blueprint.post("/<int:held_id>/accept")
@requires(Permission.HELD_DECIDE)
def accept(held_id: int) -> AnyResponse:
    """Enter it in its person's name."""
    near = {
        name.removeprefix("near-"): value.strip().upper()[:40]
        for name, value in request.form.items()
        if name.startswith("near-") and value
    }
    try:
        done = held.accept(held_id, actor=current_actor(), store=store(), near=near)
    except NearTasks as question:
        db.session.rollback()
        return make_response(_page(held_id, words(question), question.found), 409)
    except NotFound:
        raise
    except Fault as fault:
        db.session.rollback()
        return make_response(_page(held_id, words(fault)), fault.status)
    flash(_accepted(done), "success")
    return redirect(url_for("held.listing"), 303)


def _accepted(done: dict[str, Any]) -> str:
    if "visit_id" in done:
        count = sum(1 for one in done["tasks"] if one["number"])
        return _("已补录为一次检查，形成 %(n)d 件任务。", n=count)
    return _("已补录，任务编号 %(number)s。", number=done["number"])


@blueprint.post("/<int:held_id>/discard")
@requires(Permission.HELD_DECIDE)
def discard(held_id: int) -> AnyResponse:
    """Do not enter it; it is kept with the reason."""
    try:
        reason = without_controls(request.form.get("reason", ""))
        held.discard(held_id, reason=reason, actor=current_actor())
    except Invalid as fault:
        db.session.rollback()
        return make_response(_page(held_id, words(fault)), fault.status)
    flash(_("已记为不予补录，内容和照片仍然保留。"), "success")
    return redirect(url_for("held.listing"), 303)


@blueprint.post("/import")
@requires(Permission.HELD_LIST)
def import_file() -> AnyResponse:
    """Take in an outbox file."""
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise Invalid(N_("请选择手机导出的文件。"), field="file")
        data = sent.stream.read(MAX_FILE + 1)
        taken, error, status = (
            held_files.take_in(data, actor=current_actor(), store=store()),
            "",
            200,
        )
    except Invalid as fault:
        db.session.rollback()
        taken, error, status = None, words(fault), fault.status
    page = held_presenting.page(db.session(), current_actor(), is_waiting=True, after=None)
    return make_response(_list_page(page, "waiting", taken, error), status)


@blueprint.get("/<int:held_id>/photos/<uuid>/<size>")
@requires(Permission.HELD_DECIDE)
def photo(held_id: int, uuid: str, size: str) -> Response:
    """A photo of a held item; never the original."""
    if size not in (Size.THUMB, Size.VIEW):
        abort(404)
    row = queries.find_held(db.session(), held_id, current_actor())
    demand(Permission.HELD_DECIDE, row)
    named = {one["uuid"]: one["sha256"] for one in row.content.get("photos", [])}
    if uuid not in named:
        raise NotFound(N_("没有这张照片，或您无权查看。"))
    response = make_response(store().read(named[uuid], size))
    response.headers["Content-Type"] = "image/jpeg"
    response.headers["Content-Security-Policy"] = _SEALED
    response.headers["Cache-Control"] = "private, no-cache"
    return response

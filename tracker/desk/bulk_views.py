"""Many cases at once: choose, see what will happen to each, do it, read and print what was done."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.desk import listing
from tracker.desk.asked import asked_queue
from tracker.desk.bulk import BULK_LIMIT, KINDS, Kind, Settings, rehearse
from tracker.desk.bulk_forms import BulkForm, packed, seen, too_many, unpacked
from tracker.desk.bulk_run import carry_out, report_of
from tracker.desk.queues import Queue, queues_for
from tracker.errors import Fault, Invalid
from tracker.storage.db import db
from tracker.storage.receipts import parse_uuid
from tracker.tasks import choices as task_choices
from tracker.texts import N_
from tracker.web.errors import words
from tracker.web.filters import moment

blueprint = Blueprint("desk_bulk", __name__, url_prefix="/desk/bulk")


@blueprint.post("/preview")
@requires(Permission.DESK_OFFICE)
def preview() -> AnyResponse:
    """Per row what will happen, or why not; nothing is done yet."""
    queue, kind = _asked()
    numbers, more = _numbers(queue)
    form = BulkForm(request.form)
    if kind.needs_text and "text" not in request.form:
        form.text.data = _("请按时限抓紧整改，并及时反馈。")
    return _page(queue, kind, form, form.settings(kind), numbers, more=more)


def _asked() -> tuple[Queue, Kind]:
    queue = asked_queue(queues_for(current_actor()))
    if request.form.get("kind", "") not in queue.bulk:
        abort(404)
    return queue, KINDS[request.form["kind"]]


def _numbers(queue: Queue) -> tuple[list[str], bool]:
    """The rows chosen, or all of the queue up to the limit, and whether there are more."""
    if request.form.get("all"):
        found = listing.numbers(
            db.session(), current_actor(), queue, at=clock.now(), limit=BULK_LIMIT + 1
        )
        return [number for number, _version in found[:BULK_LIMIT]], len(found) > BULK_LIMIT
    chosen = list(dict.fromkeys(text[:32] for text in request.form.getlist("chosen")))
    if len(chosen) > BULK_LIMIT:
        raise too_many()
    if not chosen or any("\x00" in number for number in chosen):
        raise Invalid(N_("请先在列表中勾选要办理的任务。"), field="chosen")
    return chosen, False


def _page(
    queue: Queue,
    kind: Kind,
    form: BulkForm,
    settings: Settings,
    numbers: list[str],
    *,
    more: bool = False,
    status: int = 200,
) -> AnyResponse:
    session = db.session()
    form.offer(task_choices.units(session))
    lines = rehearse(session, current_actor(), settings, numbers, at=clock.now())
    html = render_template(
        "desk/preview.html",
        queue=queue, kind=kind, form=form, lines=lines, more=more, limit=BULK_LIMIT,
        possible=sum(line.refusal is None for line in lines),
        seen=seen(settings), packed=packed, words=words, request_uuid=str(uuid4()),
    )  # fmt: skip
    return make_response(html, 422 if form.errors else status)


@blueprint.post("/run")
@requires(Permission.DESK_OFFICE)
def run() -> AnyResponse:
    """Carry out what the preview showed; changed settings are previewed again first."""
    queue, kind = _asked()
    batch = parse_uuid(request.form.get("request_uuid"))
    rows = unpacked(request.form.getlist("row"))
    form = BulkForm(request.form)
    settings = form.settings(kind)
    if kind.needs_text and not settings.text and not form.text.errors:
        form.text.errors = [_("请填写：%(need)s。", need=_("内容"))]
    numbers = [choice.number for choice in rows]
    if not rows:
        raise Invalid(N_("请先在列表中勾选要办理的任务。"), field="row")
    if form.errors or request.form.get("seen") != seen(settings):
        if not form.errors:
            form.form_errors.append(_("设置已改动，请核对下面的新预览后再办理。"))
        return _page(queue, kind, form, settings, numbers)
    carry_out(batch, settings, rows, actor=current_actor())
    return redirect(url_for("desk_bulk.report", batch=batch, queue=queue.key), 303)


@blueprint.get("/reports/<batch>")
@requires(Permission.DESK_OFFICE)
def report(batch: str) -> str:
    """What became of each row of one's own batch; for printing too."""
    found = report_of(db.session(), parse_uuid(batch), current_actor())
    rows = sorted(found["rows"], key=lambda row: "refusal" not in row)
    queue = asked_queue(queues_for(current_actor()))
    return render_template(
        "desk/report.html", rows=rows, at=found["at"], kind=KINDS[found["kind"]], queue=queue,
        done=sum("refusal" not in row for row in rows), say=_said, when=_when,
    )  # fmt: skip


def _said(row: dict[str, Any]) -> str:
    """Why a row was refused, in the reader's language."""
    return words(Fault(row["refusal"], **row["facts"]))


def _when(text: str | None) -> str:
    return moment(datetime.fromisoformat(text) if text else None)

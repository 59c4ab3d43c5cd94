"""The office's workbench: a queue on the left, the case on the right, no page reload between cases."""

from datetime import datetime

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from tracker import clock
from tracker.access.actor import Actor
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.desk import listing, office_step_views
from tracker.desk.asked import asked_queue, is_script
from tracker.desk.bulk import BULK_LIMIT, KINDS
from tracker.desk.case import Case, case_of
from tracker.desk.queues import Column, Queue, queues_for
from tracker.errors import Invalid, NotFound
from tracker.storage.db import db
from tracker.tasks import queries
from tracker.texts import N_

blueprint = Blueprint("desk", __name__, url_prefix="/desk")


@blueprint.get("/")
@requires(Permission.DESK_OFFICE)
def office() -> str:
    """A queue and the case that was chosen, else the first one; a plain page for any browser."""
    actor, session, now = current_actor(), db.session(), clock.now()
    mine = queues_for(actor)
    counts = listing.counts(session, actor, mine, at=now)
    queue = asked_queue(mine, counts)
    page = listing.page(session, actor, queue, at=now, after=request.args.get("after"))
    chosen = request.args.get("case", "")
    case = _case(queue, chosen or (page.rows[0].number if page.rows else ""), actor, now)
    return render_template(
        "desk/office.html",
        queues=mine,
        queue=queue,
        counts={key: listing.count_words(number) for key, number in counts.items()},
        page=page,
        chosen=chosen,
        case=case,
        is_gone=bool(chosen) and case is None,
        kinds=[KINDS[key] for key in queue.bulk],
        bulk_limit=BULK_LIMIT,
        Column=Column,
    )


def _case(queue: Queue, number: str, actor: Actor, now: datetime) -> Case | None:
    """The case of a number; None for none and for one that is not this person's to see."""
    session = db.session()
    try:
        task = queries.find(session, number, actor) if number else None
    except NotFound:
        return None
    return case_of(session, task, queue, actor, at=now) if task is not None else None


@blueprint.get("/cases/<number>")
@requires(Permission.TASK_VIEW)
def case(number: str) -> AnyResponse:
    """The case alone, for the page's script; anybody else gets the whole page."""
    actor = current_actor()
    mine = queues_for(actor)
    if not mine:
        raise NotFound(N_("没有这项任务，或您无权查看。"))
    queue = asked_queue(mine)
    if not is_script():
        return redirect(url_for("desk.office", queue=queue.key, case=number))
    session, now = db.session(), clock.now()
    found = case_of(session, queries.find(session, number, actor), queue, actor, at=now)
    return make_response(render_template("desk/_case.html", case=found, queue=queue))


@blueprint.get("/rows")
@requires(Permission.DESK_OFFICE)
def rows() -> AnyResponse:
    """The next rows of a queue, for the page's script."""
    actor = current_actor()
    queue = asked_queue(queues_for(actor))
    after = request.args.get("after")
    if not is_script():
        return redirect(url_for("desk.office", queue=queue.key, after=after))
    if not after:
        raise Invalid(N_("翻页位置无效，请从第一页重新打开列表。"), field="after")
    page = listing.page(db.session(), actor, queue, at=clock.now(), after=after)
    html = render_template(
        "desk/_rows.html", queue=queue, page=page, chosen="", case=None, Column=Column
    )
    return make_response(html)


office_step_views.register(blueprint)

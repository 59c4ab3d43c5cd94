"""The unit's workbench: its tasks by deadline, signed for and assigned in one press."""

from uuid import uuid4

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.access.roles import FOR_UNIT
from tracker.desk import unit
from tracker.desk.asked import sent_version
from tracker.errors import Fault, NotFound
from tracker.storage.db import db
from tracker.storage.receipts import parse_uuid
from tracker.tasks import choices, queries
from tracker.tasks.action_forms import FORMS
from tracker.tasks.operations import Order, perform
from tracker.tasks.states import Action
from tracker.tasks.words import action_label
from tracker.texts import N_
from tracker.web.errors import words

blueprint = Blueprint("desk_unit", __name__, url_prefix="/desk/unit")

#: Steps of one press.
QUICK = (Action.ACKNOWLEDGE, Action.ASSIGN)


@blueprint.get("")
@requires(Permission.DESK_UNIT)
def tasks() -> str:
    """What waits for the unit: reworks and new tasks first, then by deadline."""
    actor, session, now = current_actor(), db.session(), clock.now()
    mine = unit.units_of(session, sorted(actor.units_as(FOR_UNIT)))
    chosen = _chosen([unit_id for unit_id, _name in mine])
    return render_template(
        "desk/unit.html",
        units=mine,
        unit_id=chosen,
        name=dict(mine).get(chosen, ""),
        groups=unit.groups(session, actor, chosen, at=now),
        assigned=unit.assigned_to(session, actor, chosen, at=now),
        people=choices.people_of(session, chosen),
        rows=unit.ROWS,
        fresh_uuid=lambda: str(uuid4()),
    )


def _chosen(ids: list[int]) -> int:
    """The unit of the address, else the first one. Raises NotFound for somebody else's."""
    if not ids:
        raise NotFound(N_("您没有负责的单位。"))
    text = request.args.get("unit", "")
    if not text:
        return ids[0]
    if text not in {str(unit_id) for unit_id in ids}:
        raise NotFound(N_("没有这个单位，或您无权查看。"))
    return int(text)


@blueprint.post("/<number>/<action>")
@requires(Permission.TASK_VIEW)
def act(number: str, action: str) -> AnyResponse:
    """Sign for a task or give it to a person; whatever is refused is said on the page."""
    if action not in {one.value for one in QUICK}:
        abort(404)
    wanted, actor = Action(action), current_actor()
    request_uuid = parse_uuid(request.form.get("request_uuid"))
    task = queries.find(db.session(), number, actor)
    title, unit_id = task.title, task.unit_id
    given = FORMS[wanted](wanted, request.form).given()
    try:
        perform(
            [Order(wanted, given)], number=number, actor=actor, version=sent_version(),
            request_uuid=request_uuid,
        )  # fmt: skip
        said = _("“%(title)s”已办理“%(action)s”。", title=title, action=action_label(action))
        flash(said, "success")
    except Fault as refused:
        db.session.rollback()
        flash(f"{title}{_('：')}{words(refused)}", "error")
    back = unit_id if unit_id in actor.units_as(FOR_UNIT) else None
    return redirect(url_for("desk_unit.tasks", unit=back), 303)

"""Draws the papers of a task for printing: 整改通知书 and 督办单."""

from flask import Blueprint, render_template

from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.desk import papers
from tracker.storage.db import db
from tracker.tasks import queries

blueprint = Blueprint("desk_papers", __name__, url_prefix="/tasks")


@blueprint.get("/<number>/notice")
@requires(Permission.TASK_VIEW)
def notice(number: str) -> str:
    """The notice to rectify, for the unit and the office."""
    task = queries.find(db.session(), number, current_actor())
    return render_template("desk/notice.html", paper=papers.notice(db.session(), task))


@blueprint.get("/<number>/order")
@requires(Permission.TASK_VIEW)
def order(number: str) -> str:
    """The supervision order, once there is one."""
    task = queries.find(db.session(), number, current_actor())
    return render_template("desk/order.html", paper=papers.order(db.session(), task))

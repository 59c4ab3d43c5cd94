"""The page of the responsibility map on which the share of accepted proposals is read."""

from flask import Blueprint, render_template

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.storage.db import db
from tracker.tasks import suggestion_share

blueprint = Blueprint("suggestion_share", __name__, url_prefix="/responsibility")


@blueprint.get("/suggestions")
@requires(Permission.RESPONSIBILITY_LIST)
def overview() -> str:
    """How often dispatchers took the proposed unit, by month and by unit."""
    session, actor, today = db.session(), current_actor(), clock.today()
    return render_template(
        "responsibility/suggestions.html",
        months=suggestion_share.shares(session, actor, today),
        units=suggestion_share.by_unit(session, actor, today),
    )

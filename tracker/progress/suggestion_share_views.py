"""The page of the responsibility map on which the share of accepted proposals is read."""

from flask import Blueprint, render_template

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.progress import suggestion_share
from tracker.storage.db import db

blueprint = Blueprint("suggestion_share", __name__, url_prefix="/responsibility")


@blueprint.get("/suggestions")
@requires(Permission.RESPONSIBILITY_LIST)
def overview() -> str:
    """How often dispatchers took the proposed unit, by month and by unit."""
    session, actor, today = db.session(), current_actor(), clock.today()
    found = suggestion_share.shares(session, actor, today)
    return render_template(
        "responsibility/suggestions.html", months=found.months, units=found.units
    )

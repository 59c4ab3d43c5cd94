"""The first page of each role."""

from flask import Blueprint, render_template

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.access.policy import allows
from tracker.access.roles import LABELS, Role
from tracker.audit import kinds
from tracker.home import cards
from tracker.storage.db import db
from tracker.tasks.states import STATE_LABELS

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@requires(Permission.SIGNED_IN)
def index() -> str:
    """What the person should do now, by role."""
    actor, at = current_actor(), clock.now()
    return render_template(
        "home/index.html",
        sections=cards.sections(db.session(), actor, at=at),
        roles=[LABELS[role] for role in Role if actor.has(role)],
        can_report=allows(actor, Permission.TASK_REPORT),
        state_labels=STATE_LABELS,
        kind_labels=kinds.LABELS,
        draft_owner=actor.user_id,
    )

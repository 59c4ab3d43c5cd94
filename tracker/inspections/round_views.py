"""Rounds: the list, and where the pages of planning, following and 挂点 are put together."""

from flask import Blueprint, render_template, request

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.inspections import (
    liaison_views,
    round_action_views,
    round_map_views,
    round_page_views,
    round_plan_views,
    round_queries,
)
from tracker.inspections.round_queries import RoundFilter
from tracker.inspections.round_rules import days_left, may_plan
from tracker.storage.db import db

blueprint = Blueprint("rounds", __name__, url_prefix="/rounds")


@blueprint.get("/")
@requires(Permission.ROUND_LIST)
def listing() -> str:
    """Rounds that this person may see, the newest first."""
    actor, wanted = current_actor(), RoundFilter.of(request.args)
    return render_template(
        "rounds/list.html",
        page=round_queries.page(db.session(), actor, wanted, request.args.get("after")),
        wanted=wanted,
        kept=wanted.as_args(),
        labels=round_page_views.LABELS,
        may_plan=may_plan(actor),
        days_left=lambda day: days_left(day, clock.now()),
    )


round_plan_views.register(blueprint)
round_page_views.register(blueprint)
round_action_views.register(blueprint)
round_map_views.register(blueprint)
liaison_views.register(blueprint)

"""The board: how the areas of the person who looks stand."""

from flask import Blueprint, render_template, request

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.places.models import Level
from tracker.progress.chosen import from_request
from tracker.progress.figures import Figures, of_areas
from tracker.progress.scope import roots
from tracker.storage.db import db
from tracker.tasks.states import OPEN, State


@requires(Permission.PROGRESS_VIEW)
def index() -> str:
    """Figures of the largest areas that the person sees."""
    session, actor = db.session(), current_actor()
    chosen = from_request(request.args, clock.now())
    areas = roots(session, actor)
    figures: dict[str, Figures] = {}
    for level in Level:
        codes = [area.code for area in areas if area.level == level]
        if codes:
            figures |= of_areas(session, actor, codes, level, chosen.asked())
    return render_template(
        "progress/index.html", areas=areas, figures=figures, chosen=chosen,
        open_states=tuple(state for state in State if state in OPEN),
    )  # fmt: skip


def register(blueprint: Blueprint) -> None:
    """Put the pages on the blueprint."""
    blueprint.add_url_rule("/", "index", index)

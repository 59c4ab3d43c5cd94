"""The page of two areas side by side."""

from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import Actor
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.maps import queries
from tracker.places.models import LEVEL_LABELS, Level
from tracker.places.queries import areas_visible_to
from tracker.progress import comparing, review, review_words
from tracker.progress.review_choices import choices
from tracker.storage.db import db
from tracker.tasks.states import OPEN_STATES
from tracker.tasks.words import is_english

#: Levels that can be chosen; a grid is too small to compare.
_LEVELS = (Level.COMMUNITY, Level.TOWN, Level.DISTRICT)


@requires(Permission.PROGRESS_VIEW)
def page() -> str:
    """Two areas that the person sees, and what differs between them."""
    session, actor = db.session(), current_actor()
    choice = review.read(request.args, clock.now())
    sides: list[comparing.Side] = []
    for name in ("a", "b"):
        code = request.args.get(name, "")
        if code:
            area = queries.visible_area(session, code, actor)
            sides.append(comparing.side(session, actor, area, choice.chosen, english=is_english()))
    is_whole = len(sides) == 2
    return render_template(
        "progress/compare.html",
        sides=sides if is_whole else [],
        chosen_codes=[request.args.get(name, "") for name in ("a", "b")],
        says=comparing.sentences(*sides) if is_whole else [],
        columns=comparing.COLUMNS,
        choice=choice,
        choices=choices(session, choice),
        words=review_words,
        areas=_areas(session, actor),
        open_states=OPEN_STATES,
    )


def _areas(session: Session, actor: Actor) -> list[tuple[str, list[Any]]]:
    """What can be chosen, by level."""
    rows = list(session.scalars(areas_visible_to(actor)))
    found = [
        (LEVEL_LABELS[level], [row for row in rows if row.level == level]) for level in _LEVELS
    ]
    return [(label, members) for label, members in found if members]


def register(blueprint: Blueprint) -> None:
    """Put the page on the blueprint."""
    blueprint.add_url_rule("/compare", "compare", page)

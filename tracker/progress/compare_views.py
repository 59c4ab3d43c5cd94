"""The page of two areas side by side."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import Actor
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.errors import Invalid
from tracker.maps import queries
from tracker.places.models import LEVEL_LABELS, Area, Level
from tracker.places.queries import areas_visible_to
from tracker.progress import comparing, review, review_words
from tracker.progress.choropleths import Choropleth
from tracker.progress.chosen import Chosen
from tracker.progress.comparing import Side
from tracker.progress.review_choices import choices
from tracker.storage.db import db
from tracker.tasks.states import OPEN_STATES
from tracker.tasks.words import is_english
from tracker.texts import N_
from tracker.web.forgiving import forgiving


@requires(Permission.PROGRESS_VIEW)
@forgiving
def page() -> str:
    """Two areas that the person sees, and what differs between them."""
    session, actor = db.session(), current_actor()
    asked = review.read(request.args, clock.now())
    choice = replace(asked, chosen=replace(asked.chosen, on=None))
    codes = [request.args.get(name, "") for name in ("a", "b")]
    if codes[0] and codes[0] == codes[1]:
        raise Invalid(N_("两个区域相同，请另选一个来对比。"), field="b")
    sides = [
        comparing.side(
            session, actor, queries.visible_area(session, code, actor), choice.chosen,
            english=is_english(),
        )
        for code in codes
        if code
    ]  # fmt: skip
    is_whole = len(sides) == len(codes)
    shaded_by = comparing.shaded_by(choice.measure)
    return render_template(
        "progress/compare.html",
        sides=sides if is_whole else [],
        says=comparing.sentences(*sides) if is_whole else [],
        columns=comparing.COLUMNS,
        shaded_by=shaded_by,
        frames=_frames(choice.chosen, shaded_by, sides) if is_whole else [],
        choice=choice,
        choices=choices(session, choice),
        words=review_words,
        areas=_areas(session, actor),
        open_states=OPEN_STATES,
    )


def _frames(chosen: Chosen, shaded_by: Choropleth, sides: list[Side]) -> list[tuple[Side, str]]:
    """Each side with the address of its map; `beside` gives both maps one scale."""
    args: dict[str, Any] = dict(chosen.to_args(), measure=shaded_by.name)
    return [
        (one, url_for("progress.review_frame", code=one.area.code, beside=other.area.code, **args))
        for one, other in zip(sides, sides[::-1], strict=True)
    ]


def _areas(session: Session, actor: Actor) -> list[tuple[str, list[Area]]]:
    """What can be chosen: districts and towns, then the communities of each town. A grid is too small."""
    rows = session.scalars(areas_visible_to(actor).where(Area.level != Level.GRID)).all()
    large = [row for row in rows if row.level in (Level.DISTRICT, Level.TOWN)]
    communities: dict[str, list[Area]] = {}
    for row in rows:
        if row.level == Level.COMMUNITY:
            communities.setdefault(row.parent_code or "", []).append(row)
    names = queries.area_names(session, communities)
    words = _("%(district)s、%(town)s", district=_(LEVEL_LABELS[Level.DISTRICT]), town=_(LEVEL_LABELS[Level.TOWN]))  # fmt: skip
    found = [(words, large)] if large else []
    return found + [(names.get(code, ""), members) for code, members in communities.items()]


def register(blueprint: Blueprint) -> None:
    """Put the page on the blueprint."""
    blueprint.add_url_rule("/compare", "compare", page)

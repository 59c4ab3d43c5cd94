"""Page of the before/after wall."""

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import or_

from tracker import clock
from tracker.access.actor import Actor
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.maps.queries import visible_area
from tracker.places.models import Area, Level
from tracker.places.queries import areas_visible_to
from tracker.points import campaign
from tracker.progress import wall
from tracker.progress.chosen import Chosen, from_request
from tracker.storage.db import db
from tracker.tasks import choices
from tracker.tasks.chips import tag_labels
from tracker.tasks.evidence_checks import LEVEL_LABELS
from tracker.tasks.states import SOURCE_LABELS, Source
from tracker.tasks.words import is_english
from tracker.web.forgiving import forgiving

#: Levels of the select, and how deep each stands in it.
_DEPTHS = {Level.DISTRICT.value: 0, Level.TOWN.value: 1, Level.COMMUNITY.value: 2}


@requires(Permission.PROGRESS_VIEW)
@forgiving
def page() -> str:
    """Rectified tasks of a period as pairs of photos, of all one sees or of one area."""
    session, actor = db.session(), current_actor()
    chosen = from_request(request.args, clock.now())
    code = request.args.get("area", "")
    area = visible_area(session, code, actor) if code else None
    found = wall.page(
        session, actor, area, chosen, after=request.args.get("after"), english=is_english()
    )
    return render_template(
        "progress/wall.html",
        page=found,
        area=area,
        chosen=chosen,
        areas=_areas(actor, area),
        units=choices.units(session),
        majors=choices.categories(session, english=is_english()),
        tags=tag_labels(),
        sources=[(source.value, _(SOURCE_LABELS[source])) for source in Source],
        projects=campaign.choices(english=is_english()),
        weights=LEVEL_LABELS,
        next_url=_address(chosen, area, after=found.next_key),
        first_url=_address(chosen, area) if request.args.get("after") else "",
        is_filtered=area is not None or not chosen.wanted.is_empty or chosen.is_named,
    )


def _areas(actor: Actor, chosen: Area | None) -> list[tuple[str, str, int]]:
    """Code, name and depth of the areas to choose from, and of the grid chosen if it is one."""
    known = chosen.code if chosen else ""
    query = areas_visible_to(actor).where(or_(Area.level.in_(_DEPTHS), Area.code == known))
    columns = query.with_only_columns(Area.code, Area.name, Area.level)
    rows = db.session.execute(columns.order_by(None).order_by(Area.path))
    return [(code, name, _DEPTHS.get(level, 3)) for code, name, level in rows]


def _address(chosen: Chosen, area: Area | None, *, after: str | None = None) -> str:
    args: dict[str, object] = {**chosen.to_args()}
    if area is not None:
        args["area"] = area.code
    if after:
        args["after"] = after
    return url_for("progress.wall", **args)  # type: ignore[arg-type]


def register(blueprint: Blueprint) -> None:
    """Put the page on the blueprint."""
    blueprint.add_url_rule("/wall", "wall", page)

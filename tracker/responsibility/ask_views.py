"""The question page: click anywhere on the map and read who answers, today or on another day."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from sqlalchemy import select

from tracker import clock
from tracker.access.actor import Actor
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.access.policy import allows
from tracker.access.predicates import in_watched_area
from tracker.access.roles import Role
from tracker.places.locating import Located, locate
from tracker.places.models import Area
from tracker.responsibility import filters
from tracker.responsibility.answering import Answer, who_answers
from tracker.responsibility.choices import Matters, matters
from tracker.responsibility.filters import Question
from tracker.responsibility.given import scopes_of
from tracker.responsibility.map_views import day_args
from tracker.responsibility.models import KIND_LABELS, Responsibility
from tracker.responsibility.phones import masked
from tracker.storage.db import db


@dataclass(frozen=True)
class Told:
    """What the panel says of a place; `is_foreign` is a place outside the person's areas."""

    place: tuple[str, ...]
    answers: list[Answer]
    is_foreign: bool


def may_manage() -> bool:
    """Whether the pages offer what changes posts; the policy decides by the place."""
    return current_actor().has(Role.DISPATCHER)


@requires(Permission.RESPONSIBILITY_LIST)
def index() -> str:
    """The map, and who answers at the place in the address bar."""
    session, actor = db.session(), current_actor()
    asked, refused = filters.question(request.args)
    known = matters(session)
    return render_template(
        "responsibility/index.html",
        asked=asked,
        refused=refused,
        told=_told(actor, asked),
        matters=known,
        today=clock.today(),
        kinds=KIND_LABELS,
        may_view=lambda row: allows(actor, Permission.RESPONSIBILITY_VIEW, row),
        masked=masked,
        may_manage=may_manage(),
        frame=url_for("responsibility.frame", **day_args(asked.on)),  # type: ignore[arg-type]
    )


def _told(actor: Actor, asked: Question) -> Told | None:
    """Everything inside the person's own areas; elsewhere only the posts of the person's unit."""
    if asked.lon is None or asked.lat is None:
        return None
    session = db.session()
    place = locate(session, asked.lon, asked.lat)
    found = who_answers(
        session, asked.lon, asked.lat, category=asked.category, site_type=asked.site_type,
        on=asked.on,
    )  # fmt: skip
    is_own = actor.is_system or in_watched_area(actor, place)
    if not is_own:
        found = [one for one in found if allows(actor, Permission.RESPONSIBILITY_VIEW, one.row)]
    return Told(_names(place), found, is_foreign=not is_own and not found)


def _names(place: Located) -> tuple[str, ...]:
    codes = [place.town_code, place.community_code, place.grid_code]
    rows = db.session.execute(
        select(Area.code, Area.name).where(Area.code.in_([code for code in codes if code]))
    )
    names: dict[str, str] = dict(rows.all())
    return tuple(names[code] for code in codes if code in names)


def scope_names(known: Matters, row: Responsibility) -> str:
    """What a stored term answers for, in words."""
    return known.names(scopes_of(row))


def register(blueprint: Blueprint) -> None:
    """Put the question page on the blueprint."""
    blueprint.add_app_template_global(scope_names, "responsibility_scopes")
    blueprint.add_url_rule("/", "index", index)

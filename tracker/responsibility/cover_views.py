"""What is left over: how each community is covered, its ground without anybody, its overlaps."""

from flask import Blueprint, render_template, request, url_for
from sqlalchemy import select

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.places.models import Area, Level
from tracker.places.queries import in_force, visible_areas
from tracker.responsibility import filters, gaps, queries
from tracker.responsibility.ask_views import may_manage
from tracker.responsibility.choices import matters
from tracker.responsibility.map_views import day_args
from tracker.responsibility.models import KIND_LABELS
from tracker.storage.db import db
from tracker.web.paging import Page, pack, unpack

#: Communities of one page: each is reckoned when the map has changed.
SIZE = 25


@requires(Permission.RESPONSIBILITY_LIST)
def communities() -> str:
    """The communities of the person's areas, each with how much of it is answered for."""
    session = db.session()
    asked, refused = filters.question(request.args)
    page = _communities(request.args.get("after"))
    found = gaps.covers(
        session, [area.code for area in page.rows], category=asked.category, on=asked.on
    )
    return render_template(
        "responsibility/communities.html",
        page=page,
        covers=found,
        asked=asked,
        refused=refused,
        matters=matters(session),
        today=clock.today(),
        address=lambda **more: url_for("responsibility.communities", **{**_args(asked), **more}),
        args=_args(asked),
    )


def _args(asked: filters.Question) -> dict[str, str]:
    scope = {"for": asked.scope.token} if asked.scope else {}
    return {**scope, **day_args(asked.on)}


def _communities(after: str | None) -> Page[Area]:
    query = (
        select(Area)
        .where(Area.level == Level.COMMUNITY, in_force(), visible_areas(current_actor()))
        .order_by(Area.is_pilot.desc(), Area.code)
    )
    if after:
        is_pilot, code = unpack(after, size=2)
        later = Area.code > str(code)
        query = query.where(
            (Area.is_pilot.is_(True) & later) | Area.is_pilot.is_(False)
            if is_pilot == 1
            else Area.is_pilot.is_(False) & later
        )
    rows = db.session.scalars(query.limit(SIZE + 1)).all()
    last = rows[SIZE - 1] if len(rows) > SIZE else None
    return Page(rows[:SIZE], pack([int(last.is_pilot), last.code]) if last else None)


@requires(Permission.RESPONSIBILITY_LIST)
def community(area_code: str) -> str:
    """One community: its ground without anybody and its overlaps, listed and drawn."""
    session = db.session()
    area = queries.find_community(session, area_code, current_actor())
    asked, refused = filters.question(request.args)
    cover = gaps.covers(session, [area.code], category=asked.category, on=asked.on).get(area.code)
    return render_template(
        "responsibility/community.html",
        area=area,
        cover=cover,
        asked=asked,
        refused=refused,
        kinds=KIND_LABELS,
        matters=matters(session),
        today=clock.today(),
        may_manage=may_manage(),
        most_pieces=gaps.MOST_PIECES,
        most_overlaps=gaps.MOST_OVERLAPS,
        frame=url_for("responsibility.frame", area=area.code, gaps="1", **_args(asked)),  # type: ignore[arg-type]
        args=_args(asked),
    )


def register(blueprint: Blueprint) -> None:
    """Put the pages of what is left over on the blueprint."""
    blueprint.add_url_rule("/communities", "communities", communities)
    blueprint.add_url_rule("/communities/<area_code>", "community", community)

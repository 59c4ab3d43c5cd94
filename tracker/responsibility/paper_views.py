"""On paper: the card of a post (责任牌) and the responsibility map of a community."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.places.models import Area
from tracker.places.queries import boundary_of
from tracker.responsibility import filters, gaps, listing, phones, queries
from tracker.responsibility.choices import matters
from tracker.responsibility.index import index
from tracker.responsibility.listing import PRINT_CEILING, PostRow
from tracker.responsibility.models import KIND_LABELS
from tracker.storage.db import db

#: Width and height of the drawn plans, units of the picture.
PLAN_SIZE, CARD_SIZE = (1000, 720), (560, 320)


@dataclass(frozen=True)
class Numbered:
    """A post of the printed map with the number that stands on the drawing."""

    number: int
    row: PostRow


@requires(Permission.RESPONSIBILITY_VIEW)
def card(code: str) -> str:
    """One post on half a sheet, to hang at the place."""
    session = db.session()
    post = queries.find(session, code, current_actor())
    border = boundary_of(session, post.community_code) if post.community_code else None
    return render_template(
        "responsibility/card.html",
        post=post,
        phone=phones.masked(post.phone),
        kinds=KIND_LABELS,
        matters=matters(session),
        plan=_plan(border.geometry if border else None, [post.geometry], CARD_SIZE),
        today=clock.today(),
    )


@requires(Permission.RESPONSIBILITY_LIST)
def paper(area_code: str) -> str:
    """The responsibility map of a community: a numbered drawing and the posts beside it."""
    from shapely.geometry import shape

    session, actor = db.session(), current_actor()
    area = queries.find_community(session, area_code, actor)
    asked, refused = filters.question(request.args)
    day = asked.on or clock.today()
    border = boundary_of(session, area.code)
    ids = _terms_of(area, shape(border.geometry) if border else None, asked)
    rows = listing.of_ids(session, ids[:PRINT_CEILING])
    numbered = [Numbered(number, row) for number, row in enumerate(rows, start=1)]
    return render_template(
        "responsibility/paper.html",
        area=area,
        posts=numbered,
        is_cut=len(ids) > PRINT_CEILING,
        ceiling=PRINT_CEILING,
        plan=_plan(border.geometry if border else None, [row.geometry for row in rows], PLAN_SIZE),
        asked=asked,
        refused=refused,
        day=day,
        today=clock.today(),
        kinds=KIND_LABELS,
        matters=matters(session),
    )


def _terms_of(area: Area, polygon: Any, asked: filters.Question) -> list[int]:
    """Ids of the terms that answer somewhere in a community on the day asked about."""
    known, day = index(db.session()), asked.on or clock.today()
    drawn = gaps.within(known, polygon, asked.category, day) if polygon is not None else []
    fallbacks = [one for one in known.fallbacks.get(area.code, []) if one.is_valid(day)]
    return [one.id for one in (*drawn, *fallbacks)]


def _plan(border: Any, geometries: list[Any], size: tuple[int, int]) -> dict[str, Any] | None:
    """What the template draws: the border, then each shape with its number; None without any."""
    from shapely.geometry import shape

    from gis.plan import drawn_plan

    numbers = [number for number, one in enumerate(geometries, start=1) if one]
    shapes = [shape(one) for one in geometries if one]
    framed = ([shape(border)] if border else []) + shapes
    if not framed:
        return None
    plan = drawn_plan(framed, width=size[0], height=size[1])
    own = plan.shapes[1:] if border else plan.shapes
    return {
        "width": size[0],
        "height": size[1],
        "border": plan.shapes[0].path if border else "",
        "shapes": list(zip(numbers, own, strict=True)),
        "bar": _bar(plan.metres),
    }


def _bar(metres: float) -> tuple[int, float]:
    """A round length in metres for the scale, and how long it is in the picture."""
    longest = metres * 180
    for length in (2000, 1000, 500, 200, 100, 50, 20):
        if length <= longest:
            return length, round(length / metres, 1)
    return 10, round(10 / metres, 1)


def register(blueprint: Blueprint) -> None:
    """Put the papers on the blueprint."""
    blueprint.add_url_rule("/posts/<code>/card", "card", card)
    blueprint.add_url_rule("/communities/<area_code>/paper", "paper", paper)

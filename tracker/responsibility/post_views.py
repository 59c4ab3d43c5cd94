"""The posts as a list that is filtered, and one post with its terms and its history."""

from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _

from tracker import clock
from tracker.access.gate import current_actor, demand, requires
from tracker.access.permissions import Permission
from tracker.access.policy import allows
from tracker.points import choices
from tracker.points.choices import AreaChoice, Pairs
from tracker.responsibility import filters, listing, phones, queries
from tracker.responsibility.ask_views import may_manage
from tracker.responsibility.choices import Matters, matters
from tracker.responsibility.filters import STANDING_LABELS, PostFilter
from tracker.responsibility.history import FIELD_LABELS, KIND_OF_CHANGE
from tracker.responsibility.models import KIND_LABELS, Responsibility
from tracker.storage.db import db


@dataclass(frozen=True)
class Names:
    """Choices of the panel, and the names of what a filter holds by code or id."""

    areas: list[AreaChoice]
    units: list[tuple[int, str]]
    matters: Matters

    def area(self, code: str) -> str:
        return next((area.name for area in self.areas if area.code == code), code)

    def unit(self, unit_id: int) -> str:
        return dict(self.units).get(unit_id, str(unit_id))


@requires(Permission.RESPONSIBILITY_LIST)
def posts() -> str:
    """One page of the posts this person may see and asks for."""
    actor, session, today = current_actor(), db.session(), clock.today()
    wanted, refused = filters.from_args(request.args)
    names = Names(
        areas=choices.areas(session, actor, besides=wanted.area),
        units=choices.units(session, besides=wanted.unit_id),
        matters=matters(session),
    )
    return render_template(
        "responsibility/posts.html",
        page=listing.page(session, actor, wanted, today=today, after=request.args.get("after")),
        wanted=wanted,
        refused=refused,
        names=names,
        chips=chips(wanted, names),
        kinds=KIND_LABELS,
        standings=STANDING_LABELS,
        address=address,
        today=today,
        may_manage=may_manage(),
    )


def address(wanted: PostFilter, *, endpoint: str = "responsibility.posts", after: str = "") -> str:
    """The address of a list (or map, or file) with this filter."""
    return url_for(endpoint, **wanted.to_args(), **({"after": after} if after else {}))  # type: ignore[arg-type]


def chips(wanted: PostFilter, names: Names) -> list[tuple[str, PostFilter]]:
    """The filters in force in words, each with the filter that is left without it."""
    said: Pairs = [
        ("q", wanted.text and _("“%(text)s”", text=wanted.text)),
        ("kind", _(KIND_LABELS[wanted.kind]) if wanted.kind else ""),
        ("area", wanted.area and names.area(wanted.area)),
        ("unit", names.unit(wanted.unit_id) if wanted.unit_id else ""),
        ("scope", names.matters.name(wanted.scope) if wanted.scope else ""),
        ("standing", _(STANDING_LABELS[wanted.standing]) if wanted.standing else ""),
    ]
    return [(words, wanted.without(name)) for name, words in said if words]


@requires(Permission.RESPONSIBILITY_VIEW)
def detail(code: str) -> str:
    """One post: who answers, since when, who did before, and what was changed."""
    return _detail(queries.find(db.session(), code, current_actor()))


@requires(Permission.RESPONSIBILITY_PHONE)
def phone(code: str) -> Response:
    """The post with its whole phone number; who read it stands in the audit log."""
    post = queries.find(db.session(), code, current_actor())
    demand(Permission.RESPONSIBILITY_PHONE, post)
    number = phones.reveal(post, actor=current_actor())
    answer = Response(_detail(queries.find(db.session(), code, current_actor()), number))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _detail(post: Responsibility, number: str = "") -> str:
    session, actor = db.session(), current_actor()
    return render_template(
        "responsibility/detail.html",
        post=post,
        phone=number or phones.masked(post.phone),
        is_whole=bool(number),
        may_read_phone=allows(actor, Permission.RESPONSIBILITY_PHONE, post),
        may_manage=allows(actor, Permission.RESPONSIBILITY_MANAGE, post),
        terms=queries.terms(session, post.code),
        history=queries.history(session, post.code),
        fields=FIELD_LABELS,
        kinds_of_change=KIND_OF_CHANGE,
        kinds=KIND_LABELS,
        matters=matters(session),
        today=clock.today(),
        frame=url_for("responsibility.frame", area=post.community_code or "", q=post.code),
    )


def register(blueprint: Blueprint) -> None:
    """Put list and post on the blueprint."""
    blueprint.add_url_rule("/posts", "posts", posts)
    blueprint.add_url_rule("/posts/<code>", "detail", detail)
    blueprint.add_url_rule("/posts/<code>/phone", "phone", phone, methods=["POST"])

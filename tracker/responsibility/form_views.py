"""Pages that make, hand over and correct a post; whatever is refused comes back with the typed words."""

from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask import render_template as render
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from tracker.access.gate import current_actor, demand, requires
from tracker.access.permissions import Permission
from tracker.access.policy import WHO
from tracker.errors import Fault, Invalid, NotPermitted
from tracker.points import choices
from tracker.responsibility import operations, queries
from tracker.responsibility.ask_views import may_manage
from tracker.responsibility.checking import MAX_REACH_M
from tracker.responsibility.choices import matters
from tracker.responsibility.forms import PostForm, as_typed
from tracker.responsibility.history import FIELD_LABELS, KIND_OF_CHANGE
from tracker.responsibility.models import Responsibility, ResponsibilityChange
from tracker.responsibility.operations import StalePost
from tracker.storage.db import db
from tracker.storage.receipts import parse_uuid
from tracker.texts import N_
from tracker.web import map_answers
from tracker.web.forms import show_fault


@requires(Permission.RESPONSIBILITY_MANAGE)
def new_page() -> Response:
    """An empty form, in the community that the address names."""
    _demand_manager()
    start = {"community_code": request.args.get("area", "")[:40]}
    return _page(PostForm(formdata=None, data=start), None)


@requires(Permission.RESPONSIBILITY_MANAGE)
def create() -> AnyResponse:
    """Store a new post."""
    _demand_manager()
    form = PostForm()
    uuid = parse_uuid(request.form.get("request_uuid"))
    if not form.validate_on_submit():
        return _page(form, None, status=422)
    try:
        code = operations.create(form.given(), actor=current_actor(), request_uuid=uuid)
    except (Invalid, NotPermitted) as fault:
        show_fault(form, fault)
        return _page(form, None, status=fault.status)
    flash(_("已登记责任岗位 %(code)s。", code=code), "success")
    return redirect(url_for("responsibility.detail", code=code))


@requires(Permission.RESPONSIBILITY_MANAGE)
def edit_page(code: str) -> Response:
    """A post in its form."""
    post = _managed(code)
    return _page(PostForm(formdata=None, data=as_typed(post)), post)


@requires(Permission.RESPONSIBILITY_MANAGE)
def edit(code: str) -> AnyResponse:
    """Hand over or correct: 404 foreign, 403 says who can, 409 stale, 422 to mend."""
    post = _managed(code)
    form = PostForm()
    uuid, version = parse_uuid(request.form.get("request_uuid")), _version()
    if not form.validate_on_submit():
        return _page(form, post, status=422, version=version)
    try:
        operations.edit(
            code, form.given(), actor=current_actor(), version=version, request_uuid=uuid,
            correct=form.is_correction,
        )  # fmt: skip
    except StalePost as stale:
        show_fault(form, stale)
        post = _managed(code)
        return _page(form, post, status=409, news=_since(post, version))
    except Fault as fault:
        if fault.status not in (403, 422):
            raise
        show_fault(form, fault)
        return _page(form, _managed(code), status=fault.status, version=version)
    flash(_("已保存责任岗位 %(code)s。", code=code), "success")
    return redirect(url_for("responsibility.detail", code=code))


def _demand_manager() -> None:
    """Nobody who manages no area is shown a form whose every answer would be refused."""
    if not may_manage():
        raise NotPermitted(WHO[Permission.RESPONSIBILITY_MANAGE])


def _managed(code: str) -> Responsibility:
    post = queries.find(db.session(), code, current_actor())
    demand(Permission.RESPONSIBILITY_MANAGE, post)
    return post


def _version() -> int:
    text = request.form.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid(N_("页面信息不完整，操作没有保存。请刷新页面后重试。"), field="version")
    return int(text)


def _since(post: Responsibility, version: int) -> list[ResponsibilityChange]:
    """What others changed after the page was opened: one version a change, newest first."""
    return list(
        db.session.scalars(
            select(ResponsibilityChange)
            .where(ResponsibilityChange.code == post.code)
            .order_by(ResponsibilityChange.id.desc())
            .limit(min(max(post.version - version, 1), queries.HISTORY_SHOWN))
        )
    )


def _page(
    form: PostForm,
    post: Responsibility | None,
    *,
    status: int = 200,
    version: int | None = None,
    news: list[ResponsibilityChange] | None = None,
) -> Response:
    session, actor = db.session(), current_actor()
    known = matters(session)
    page: dict[str, Any] = {
        "form": form,
        "post": post,
        "version": version or (post.version if post else 0),
        "news": news or [],
        "fields": FIELD_LABELS,
        "kinds_of_change": KIND_OF_CHANGE,
        "areas": choices.areas(session, actor, besides=form.community_code.data or ""),
        "units": choices.units(session, besides=post.unit_id if post else None),
        "matters": known,
        "max_reach": MAX_REACH_M,
        "basemaps": map_answers.layers(),
        "request_uuid": str(uuid4()),
    }
    return map_answers.with_layers(render("responsibility/form.html", **page), status)


def register(blueprint: Blueprint) -> None:
    """Put the form's pages on the blueprint."""
    blueprint.add_url_rule("/new", "new", new_page)
    blueprint.add_url_rule("/new", "create", create, methods=["POST"])
    blueprint.add_url_rule("/posts/<code>/edit", "edit_page", edit_page)
    blueprint.add_url_rule("/posts/<code>/edit", "edit", edit, methods=["POST"])

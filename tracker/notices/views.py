"""The inbox: what a person was told, unread first to be seen, read when its task is opened."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.sansio.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.errors import Invalid
from tracker.notices import account_views, channel_views, feed_views, operations, queries, telling
from tracker.notices.presenting import shown
from tracker.storage.db import db
from tracker.tasks.listeners import listen
from tracker.texts import N_

blueprint = Blueprint("notices", __name__)


def _bell() -> queries.Bell:
    """The bell of this page, counted once."""
    if "bell" not in g:
        g.bell = queries.bell(current_actor().user_id)
    found: queries.Bell = g.bell
    return found


@blueprint.record
def _install(state: BlueprintSetupState) -> None:
    """Give the frame its bell, and hear of every event of a task."""
    state.app.jinja_env.globals["bell"] = _bell
    listen(telling.tell)


@blueprint.before_app_request
def read_by_opening() -> None:
    """Who opens a task has seen what there was to tell of it."""
    user_id = current_actor().user_id
    if request.endpoint == "tasks.detail" and user_id is not None:
        number = str((request.view_args or {}).get("number", ""))
        operations.mark_task_read(db.session(), number, user_id=user_id)


def _me() -> int:
    user_id = current_actor().user_id
    assert user_id is not None
    return user_id


@blueprint.get("/notices/")
@requires(Permission.SIGNED_IN)
def inbox() -> str:
    """What I was told, the newest first; the unread alone unless all are asked for."""
    show_all = request.args.get("show") == "all"
    page = queries.page(
        db.session(), _me(), only_unread=not show_all, after=request.args.get("after")
    )
    rows = [shown(notice) for notice in page.rows]
    return render_template("notices/inbox.html", page=page, rows=rows, show_all=show_all)


@blueprint.post("/notices/<int:notice_id>/read")
@requires(Permission.SIGNED_IN)
def read_one(notice_id: int) -> ResponseReturnValue:
    """I have seen this one."""
    operations.mark_read(notice_id, user_id=_me())
    return redirect(_back())


@blueprint.post("/notices/read")
@requires(Permission.SIGNED_IN)
def read_all() -> ResponseReturnValue:
    """I have seen all that the page showed when I pressed."""
    text = request.form.get("up_to", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) < 2**31):
        raise Invalid(N_("页面已过期，请刷新后重试。"), field="up_to")
    operations.mark_all_read(user_id=_me(), up_to=int(text))
    return redirect(_back())


def _back() -> str:
    return url_for("notices.inbox", show="all" if request.form.get("show") == "all" else None)


for _part in (account_views, feed_views, channel_views):
    _part.register(blueprint)

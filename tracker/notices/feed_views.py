"""Pages of calendar feeds, and the feed itself."""

from uuid import uuid4

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.errors import Conflict
from tracker.notices import deadline_calendar, feeds
from tracker.notices.account_views import settings_page
from tracker.notices.forms import FeedForm
from tracker.settings import LOCALES
from tracker.storage.db import db
from tracker.web.forms import show_fault


@requires(Permission.SIGNED_IN)
def make() -> ResponseReturnValue:
    """A new address; shown on this answer and never again."""
    form = FeedForm()
    if not form.validate():
        return settings_page(feed_form=form), 422
    try:
        token = feeds.make(
            form.name.data or "",
            actor=current_actor(),
            request_uuid=request.form.get("request_uuid"),
        )
    except Conflict as fault:
        show_fault(form, fault)
        return settings_page(feed_form=form), fault.status
    if token is None:
        flash(_("日历地址已生成过；地址只显示一次，如未记下请停用后重新生成。"), "info")
        return redirect(url_for("notices.settings"))
    address = url_for("notices.calendar", token=token, _external=True)
    return render_template("notices/feed.html", address=address)


@requires(Permission.SIGNED_IN)
def revoke(feed_id: int) -> ResponseReturnValue:
    """End an address at once."""
    feeds.revoke(
        feed_id,
        actor=current_actor(),
        request_uuid=request.form.get("request_uuid") or str(uuid4()),
    )
    flash(_("日历地址已停用。"), "success")
    return redirect(url_for("notices.settings"))


@requires(Permission.PUBLIC)
def calendar(token: str) -> Response:
    """The deadlines of the account behind the token; whoever has the address may read it."""
    user = feeds.holder(db.session(), token)
    actor = user.as_actor()
    g.actor = actor
    with force_locale(user.locale if user.locale in LOCALES else LOCALES[0]):
        lines = deadline_calendar.deadlines(db.session(), actor, now=clock.now())
        content = deadline_calendar.write(
            lines, address=lambda number: url_for("tasks.detail", number=number, _external=True)
        )
    answer = Response(content, content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = 'inline; filename="deadlines.ics"'
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.set_etag(deadline_calendar.etag(content))
    return answer.make_conditional(request)  # type: ignore[return-value]


def register(blueprint: Blueprint) -> None:
    blueprint.add_url_rule(
        "/account/calendar", endpoint="make_feed", view_func=make, methods=["POST"]
    )
    blueprint.add_url_rule(
        "/account/calendar/<int:feed_id>/revoke",
        endpoint="revoke_feed", view_func=revoke, methods=["POST"],
    )  # fmt: skip
    blueprint.add_url_rule("/calendar/<token>.ics", endpoint="calendar", view_func=calendar)

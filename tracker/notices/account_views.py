"""The page on which a person says what is sent to them, and makes addresses for a calendar program."""

from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.notices import channels, feeds, settings_of
from tracker.notices.forms import FeedForm, SettingsForm
from tracker.people import sessions
from tracker.storage.db import db


@requires(Permission.SIGNED_IN)
def settings() -> str:
    """What is sent to me, and my calendar addresses."""
    return settings_page()


@requires(Permission.SIGNED_IN)
def save_settings() -> ResponseReturnValue:
    """Keep what was chosen."""
    form = SettingsForm()
    if not form.validate():
        return settings_page(form=form), 422
    settings_of.save(
        form.wanted(), actor=current_actor(), request_uuid=request.form.get("request_uuid")
    )
    flash(_("通知设置已保存。"), "success")
    return redirect(url_for("notices.settings"))


def settings_page(*, form: SettingsForm | None = None, feed_form: FeedForm | None = None) -> str:
    """The page, with a form that came back when one is given."""
    user = sessions.account()
    session = db.session()
    if form is None:
        kept = settings_of.of(session, user.id)
        form = SettingsForm(
            formdata=None, email=kept.email, kinds=[kind.value for kind in kept.kinds],
            quiet_from=kept.quiet_from, quiet_until=kept.quiet_until,
        )  # fmt: skip
    return render_template(
        "notices/settings.html", form=form, feed_form=feed_form or FeedForm(formdata=None),
        feeds=feeds.of(session, user), has_mail=channels.mail_channel(session) is not None,
        request_uuid=str(uuid4()), feed_uuid=str(uuid4()),
    )  # fmt: skip


def register(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/account/notices", view_func=settings)
    blueprint.add_url_rule("/account/notices", view_func=save_settings, methods=["POST"])

"""Pages of the channels: where digests go out, what did not get through, texts to copy by hand."""

from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.errors import Conflict, Invalid
from tracker.notices import channels
from tracker.notices.channel_kinds import KIND_HINTS, KIND_LABELS, ChannelKind
from tracker.notices.channels import Given
from tracker.notices.forms import ChannelForm, NewChannelForm
from tracker.notices.models import Channel
from tracker.storage.db import db
from tracker.web.forms import show_fault


@requires(Permission.CHANNEL_MANAGE)
def listing() -> str:
    """Every channel, and the messages that need a person."""
    session = db.session()
    return render_template(
        "notices/channels.html", rows=channels.listed(session), kinds=KIND_LABELS,
        page=channels.left_over(session, request.args.get("after")), fresh_uuid=lambda: str(uuid4()),
    )  # fmt: skip


@requires(Permission.CHANNEL_MANAGE)
def new() -> str:
    """An empty form."""
    return _page(NewChannelForm(formdata=None))


@requires(Permission.CHANNEL_MANAGE)
def create() -> ResponseReturnValue:
    """Store a new channel."""
    form = NewChannelForm()
    if not form.validate():
        return _page(form), 422
    try:
        channels.create(
            ChannelKind(form.kind.data), _given(form),
            actor=current_actor(), request_uuid=request.form.get("request_uuid"),
        )  # fmt: skip
    except Invalid as fault:
        show_fault(form, fault)
        return _page(form), fault.status
    return _saved(form)


@requires(Permission.CHANNEL_MANAGE)
def edit(channel_id: int) -> str:
    """One channel in a form; its address stays unseen."""
    channel = channels.find(db.session(), channel_id)
    form = ChannelForm(formdata=None)
    form.fill(channel)
    return _page(form, channel)


@requires(Permission.CHANNEL_MANAGE)
def change(channel_id: int) -> ResponseReturnValue:
    """Change a channel; an address left empty stays."""
    channel, form = channels.find(db.session(), channel_id), ChannelForm()
    if not form.validate():
        return _page(form, channel), 422
    version = request.form.get("version", "")
    try:
        channels.change(
            channel_id, _given(form), version=int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0,
            actor=current_actor(), request_uuid=request.form.get("request_uuid"),
        )  # fmt: skip
    except (Invalid, Conflict) as fault:
        show_fault(form, fault)
        # after a conflict the person has been told: what they send next is meant for this version
        told = isinstance(fault, Conflict)
        return _page(form, channels.find(db.session(), channel_id), newest=told), fault.status
    return _saved(form)


@requires(Permission.CHANNEL_MANAGE)
def test(channel_id: int) -> ResponseReturnValue:
    """Put a test message into the outbox."""
    channels.test(
        channel_id, title=_("网格督办 测试"), body=_("网格督办：这是一条测试消息，收到即表示渠道可用。"),
        actor=current_actor(), request_uuid=request.form.get("request_uuid"),
    )  # fmt: skip
    flash(
        _("测试消息已放入发送队列，请以对方实际收到为准；没有发出的，本页会列出原因。"), "success"
    )
    return redirect(url_for("notices.channels"))


@requires(Permission.CHANNEL_MANAGE)
def retry(message_id: int) -> ResponseReturnValue:
    """Send a message again that was given up."""
    channels.retry(message_id, actor=current_actor(), request_uuid=request.form.get("request_uuid"))
    flash(_("已重新放入发送队列。"), "success")
    return redirect(url_for("notices.channels"))


@requires(Permission.CHANNEL_MANAGE)
def forwarded(message_id: int) -> ResponseReturnValue:
    """A text was passed on by hand."""
    channels.forwarded(
        message_id, actor=current_actor(), request_uuid=request.form.get("request_uuid")
    )
    flash(_("已记为人工转发。"), "success")
    return redirect(url_for("notices.channels"))


def _given(form: ChannelForm) -> Given:
    return Given(
        form.name.data or "", form.organization_id.data or 0, form.per_minute.data or 1,
        bool(form.is_active.data), form.quiet_from.data, form.quiet_until.data,
        form.address.data or "",
    )  # fmt: skip


def _saved(form: ChannelForm) -> ResponseReturnValue:
    flash(_("已保存：%(name)s", name=form.name.data), "success")
    return redirect(url_for("notices.channels"))


def _page(form: ChannelForm, channel: Channel | None = None, *, newest: bool = False) -> str:
    known = channel.version if channel else ""
    return render_template(
        "notices/channel_form.html", form=form, channel=channel, kinds=KIND_LABELS, hints=KIND_HINTS,
        version=known if newest else request.form.get("version") or known, request_uuid=str(uuid4()),
    )  # fmt: skip


def register(blueprint: Blueprint) -> None:
    for rule, endpoint, view, method in (
        ("/admin/channels", "channels", listing, "GET"),
        ("/admin/channels/new", "new_channel", new, "GET"),
        ("/admin/channels/new", "create_channel", create, "POST"),
        ("/admin/channels/<int:channel_id>", "channel", edit, "GET"),
        ("/admin/channels/<int:channel_id>", "change_channel", change, "POST"),
        ("/admin/channels/<int:channel_id>/test", "test_channel", test, "POST"),
        ("/admin/messages/<int:message_id>/retry", "retry_message", retry, "POST"),
        ("/admin/messages/<int:message_id>/forwarded", "forwarded_message", forwarded, "POST"),
    ):
        blueprint.add_url_rule(rule, endpoint=endpoint, view_func=view, methods=[method])

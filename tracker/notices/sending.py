"""Sends messages of the outbox: within the channel's limit a minute, out of quiet hours, with retries."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker import clock
from tracker.jobs.kinds import Later, Payload
from tracker.notices import outside, quiet
from tracker.notices.channel_kinds import ChannelKind
from tracker.notices.channels import DEAD, SENT, WAITING
from tracker.notices.models import Channel, Message, NoticeSetting
from tracker.notices.outside import NotAccepted
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.texts import N_

MINUTE = timedelta(minutes=1)


def send(payload: Payload) -> None:
    """Let one message out. Raises Later for quiet hours and a full minute, NotAccepted when it failed.

    At least once: a worker that dies after the other side took the message leaves it to be sent
    again when its lease ends.
    """
    session: Session = db.session()
    message = session.get(Message, payload["message_id"])
    if message is None or message.state != WAITING:
        return
    channel, now = message.channel, clock.now()
    if not channel.is_active:
        raise NotAccepted(N_("渠道已停用。"))
    setting = session.get(NoticeSetting, message.user_id) if message.user_id else None
    end = _quiet_until(channel, setting, now)
    if end is not None:
        raise Later(end)
    if message.user_id and (setting is None or not setting.email):
        raise NotAccepted(N_("收件人已取消邮件。"))
    kind, url = ChannelKind(channel.kind), channel.address
    title, body, to = message.title, message.body, setting.email if setting else ""
    _take_a_place(channel.id, message.id)
    outside.deliver(kind, url, title=title, body=body, to=to)


def _quiet_until(channel: Channel, setting: NoticeSetting | None, now: datetime) -> datetime | None:
    ends = [quiet.until(now, channel.quiet_from, channel.quiet_until)]
    if setting is not None:
        ends.append(quiet.until(now, setting.quiet_from, setting.quiet_until))
    return max((end for end in ends if end is not None), default=None)


def _take_a_place(channel_id: int, message_id: int) -> None:
    """Count this attempt among the channel's of the last minute, or put it off.

    The channel's row is locked meanwhile: two workers do not take the same last place.
    """
    with unit_of_work() as work:
        channel = work.get_one(Channel, channel_id, with_for_update=True, populate_existing=True)
        now = clock.now()
        tries = work.execute(
            select(func.count(), func.min(Message.tried_at)).where(
                Message.channel_id == channel_id,
                Message.tried_at > now - MINUTE,
                Message.id != message_id,
            )
        ).one()
        count, first = tries
        if count >= channel.per_minute:
            raise Later((first or now) + MINUTE)
        work.get_one(Message, message_id).tried_at = now


def note_sent(session: Session, payload: Payload) -> None:
    """In the transaction that ends the job."""
    message = session.get(Message, payload["message_id"], populate_existing=True)
    if message is not None and message.state == WAITING:
        message.state, message.sent_at, message.reason = SENT, clock.now(), ""
        message.attempts += 1


def note_failure(session: Session, payload: Payload, reason: str, is_last: bool) -> None:
    """Say on the message why it did not go; after the last attempt it is a dead letter."""
    message = session.get(Message, payload["message_id"], populate_existing=True)
    if message is not None and message.state == WAITING:
        message.attempts += 1
        message.reason = reason
        if is_last:
            message.state = DEAD

"""Makes and changes channels, tests them, and takes up again what was given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from tracker import clock
from tracker.access.actor import Actor
from tracker.audit.operations import record
from tracker.errors import Conflict, Invalid, NotFound
from tracker.jobs.queue import enqueue
from tracker.notices.channel_kinds import Address, ChannelKind, parse
from tracker.notices.models import Channel, Message
from tracker.people.operations import once
from tracker.places.models import Organization
from tracker.texts import N_
from tracker.web.paging import PAGE_SIZE, Page, pack, unpack

#: The kind of job that sends one message.
SEND = "message.send"
WAITING, SENT, DEAD, MANUAL = "waiting", "sent", "dead", "manual"


@dataclass(frozen=True)
class Given:
    """What an administrator fills in; `address` empty keeps the one there is."""

    name: str
    organization_id: int
    per_minute: int
    is_active: bool
    quiet_from: int | None
    quiet_until: int | None
    address: str = ""

    def columns(self) -> dict[str, Any]:
        """Everything but the address."""
        kept = dict(self.__dict__)
        del kept["address"]
        return kept


def find(session: Session, channel_id: int) -> Channel:
    """One channel. Raises NotFound."""
    channel = session.get(Channel, channel_id)
    if channel is None:
        raise NotFound(N_("没有这个渠道。"))
    return channel


def listed(session: Session) -> list[tuple[Channel, int]]:
    """Every channel (an office has a few dozen) with the number of messages that wait for it."""
    waiting = (
        select(Message.channel_id, func.count().label("n"))
        .where(Message.state == WAITING)
        .group_by(Message.channel_id)
        .subquery()
    )
    rows = session.execute(
        select(Channel, func.coalesce(waiting.c.n, 0))
        .outerjoin(waiting, waiting.c.channel_id == Channel.id)
        .options(joinedload(Channel.organization))
        .order_by(Channel.name, Channel.id)
    )
    return [(channel, waiting_n) for channel, waiting_n in rows]


def mail_channel(session: Session) -> Channel | None:
    """The way for personal digests: the oldest mail channel in use."""
    return session.scalar(
        select(Channel)
        .where(Channel.kind == ChannelKind.EMAIL, Channel.is_active.is_(True))
        .order_by(Channel.id)
        .limit(1)
    )


def of_unit(session: Session, organization_id: int) -> Sequence[Channel]:
    """The channels in use of a unit."""
    return session.scalars(
        select(Channel)
        .where(Channel.organization_id == organization_id, Channel.is_active.is_(True))
        .order_by(Channel.id)
    ).all()


def left_over(session: Session, after: str | None = None) -> Page[Message]:
    """Messages that did not get out: to be copied by hand, given up, or tried again; newest first."""
    failed_once = and_(Message.state == WAITING, Message.attempts > 0)
    query = (
        select(Message)
        .where(or_(Message.state.in_([DEAD, MANUAL]), failed_once))
        .options(joinedload(Message.channel).joinedload(Channel.organization))
    )
    if after:
        (last,) = unpack(after, size=1)
        query = query.where(Message.id < (last if isinstance(last, int) else 0))
    rows = session.scalars(query.order_by(Message.id.desc()).limit(PAGE_SIZE + 1)).all()
    next_key = pack([rows[PAGE_SIZE - 1].id]) if len(rows) > PAGE_SIZE else None
    return Page(rows[:PAGE_SIZE], next_key)


def dead_count(session: Session) -> int:
    """How many messages were given up."""
    return session.scalar(select(func.count()).where(Message.state == DEAD)) or 0


def create(kind: ChannelKind, given: Given, *, actor: Actor, request_uuid: str | None) -> None:
    """A new channel. Raises Invalid when the address is none of its kind."""
    address = parse(kind, given.address)

    def act(work: Session, acting: Actor) -> dict[str, Any]:
        _check_unit(work, given)
        now = clock.now()
        work.add(
            Channel(
                kind=kind.value, created_at=now, updated_at=now, **given.columns(),
                address=address.url, hint=address.hint,
            )
        )  # fmt: skip
        record("channel.create", actor=acting, object=given.name)
        return {}

    content = {"act": "channel.create", "kind": kind.value, **given.__dict__}
    once(content, act, actor=actor, request_uuid=request_uuid)


def change(
    channel_id: int, given: Given, *, version: int, actor: Actor, request_uuid: str | None
) -> None:
    """Change a channel. Raises NotFound, Invalid, Conflict when somebody changed it meanwhile."""

    def act(work: Session, acting: Actor) -> dict[str, Any]:
        channel = work.get(Channel, channel_id, with_for_update=True, populate_existing=True)
        if channel is None:
            raise NotFound(N_("没有这个渠道。"))
        if channel.version != version:
            raise Conflict(N_("这个渠道刚刚被他人修改，您的修改没有保存。"), code="stale")
        _check_unit(work, given)
        for name, value in given.columns().items():
            setattr(channel, name, value)
        if given.address:
            address: Address = parse(ChannelKind(channel.kind), given.address)
            channel.address, channel.hint = address.url, address.hint
        channel.updated_at = clock.now()
        record("channel.change", actor=acting, object=given.name)
        return {}

    content = {"act": "channel.change", "id": channel_id, **given.__dict__}
    once(content, act, actor=actor, request_uuid=request_uuid)


def _check_unit(work: Session, given: Given) -> None:
    unit = work.get(Organization, given.organization_id)
    if unit is None or not unit.is_active:
        raise Invalid(N_("单位不存在或已停用，请重新选择。"), field="organization_id")


def test(channel_id: int, *, title: str, body: str, actor: Actor, request_uuid: str | None) -> None:
    """Send a test the way every message goes: by the outbox, within the channel's limits."""

    def act(work: Session, acting: Actor) -> dict[str, Any]:
        channel = find(work, channel_id)
        message = put_out(work, channel, title=title, body=body)
        record("message.test", actor=acting, object=channel.name)
        return {"message": message.id}

    once({"act": "message.test", "id": channel_id}, act, actor=actor, request_uuid=request_uuid)


def put_out(
    session: Session, channel: Channel, *, title: str, body: str,
    digest_id: int | None = None, user_id: int | None = None,
) -> Message:  # fmt: skip
    """Write a message and the job that sends it, inside the open unit of work."""
    is_manual = channel.kind == ChannelKind.MANUAL
    message = Message(
        channel_id=channel.id, digest_id=digest_id, user_id=user_id, title=title, body=body,
        state=MANUAL if is_manual else WAITING, created_at=clock.now(),
    )  # fmt: skip
    session.add(message)
    session.flush()
    if not is_manual:
        _ask_to_send(session, message)
    return message


def _ask_to_send(session: Session, message: Message) -> None:
    key = f"{SEND}:{message.id}/{message.attempts}"
    enqueue(session, SEND, {"message_id": message.id}, key=key)


def retry(message_id: int, *, actor: Actor, request_uuid: str | None) -> None:
    """Take a message that was given up into hand again. Raises NotFound, Conflict."""

    def act(work: Session, acting: Actor) -> dict[str, Any]:
        message = _left(work, message_id, DEAD)
        message.state = WAITING
        _ask_to_send(work, message)
        record("message.retry", actor=acting, object=message.channel.name)
        return {}

    content = {"act": "message.retry", "id": message_id}
    once(content, act, actor=actor, request_uuid=request_uuid)


def forwarded(message_id: int, *, actor: Actor, request_uuid: str | None) -> None:
    """A person passed the text on by hand. Raises NotFound, Conflict."""

    def act(work: Session, acting: Actor) -> dict[str, Any]:
        message = _left(work, message_id, DEAD, MANUAL, WAITING)
        message.state, message.sent_at = SENT, clock.now()
        record("message.forward", actor=acting, object=message.channel.name)
        return {}

    content = {"act": "message.forward", "id": message_id}
    once(content, act, actor=actor, request_uuid=request_uuid)


def _left(work: Session, message_id: int, *states: str) -> Message:
    message = work.get(Message, message_id, with_for_update=True, populate_existing=True)
    if message is None:
        raise NotFound(N_("没有这条消息。"))
    if message.state not in states:
        raise Conflict(N_("这条消息已由他人处理，请刷新页面。"))
    return message

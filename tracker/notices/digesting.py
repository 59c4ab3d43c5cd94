"""Makes digests: what an audience is told in half an hour goes out as one message, no line twice or never.

A line belongs to a digest by its mark (`digest_id`), set in the transaction that writes the digest
and its messages. A mark by "everything up to the largest key" would lose the line of a slower
transaction that took a smaller key and commits later.
"""

from datetime import datetime

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tracker import clock
from tracker.jobs.kinds import Payload
from tracker.jobs.queue import enqueue
from tracker.notices import channels
from tracker.notices.channel_kinds import MOST_BYTES, ChannelKind
from tracker.notices.models import Channel, Digest, DigestLine, NoticeSetting
from tracker.notices.presenting import line
from tracker.people.models import User
from tracker.places.models import Organization
from tracker.settings import LOCALES

#: The kind of job that makes the digest of one audience.
DIGEST = "digest.audience"
#: Audiences asked for in one transaction; a district has fewer units and people with e-mail.
AUDIENCES = 1000
#: Lines read for one message; what does not fit is counted.
LINES = 60


def is_due(session: Session, _now: datetime) -> bool:
    """Whether a line waits."""
    waiting = select(DigestLine.id).where(DigestLine.digest_id.is_(None)).limit(1)
    return session.scalar(waiting) is not None


def ask(session: Session, payload: Payload) -> None:
    """One job an audience."""
    slot = payload["slot"]
    audiences = session.scalars(
        select(DigestLine.audience)
        .where(DigestLine.digest_id.is_(None))
        .distinct()
        .order_by(DigestLine.audience)
        .limit(AUDIENCES)
    )
    for audience in audiences:
        asked = {"audience": audience, "slot": slot}
        enqueue(session, DIGEST, asked, key=f"{DIGEST}:{audience}@{slot}")


def make(session: Session, payload: Payload) -> None:
    """The digest of one audience and span, its lines marked, its messages in the outbox; once."""
    audience, slot = payload["audience"], datetime.fromisoformat(payload["slot"])
    digest_id = _new_digest(session, audience, slot)
    if digest_id is None:
        return
    marked = session.execute(
        update(DigestLine)
        .where(DigestLine.audience == audience, DigestLine.digest_id.is_(None))
        .values(digest_id=digest_id)
        .execution_options(synchronize_session=False)
    )
    count = int(marked.rowcount)  # type: ignore[attr-defined]
    what, key = audience.split(":")
    if count and what == "unit":
        _for_unit(session, int(key), digest_id, count)
    elif count:
        _for_person(session, int(key), digest_id, count)


def _new_digest(session: Session, audience: str, slot: datetime) -> int | None:
    """The key of the new digest; None when this span has one."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    made = dialect.insert(Digest).values(audience=audience, slot=slot, made_at=clock.now())
    return session.scalar(
        made.on_conflict_do_nothing(index_elements=[Digest.audience, Digest.slot]).returning(
            Digest.id
        )
    )


def _for_unit(session: Session, unit_id: int, digest_id: int, count: int) -> None:
    unit = session.get_one(Organization, unit_id)
    title, body = written(session, unit.name, digest_id, count)
    for channel in channels.of_unit(session, unit_id):
        if _takes_units(channel):
            channels.put_out(session, channel, title=title, body=body, digest_id=digest_id)


def _takes_units(channel: Channel) -> bool:
    """A mail channel without a recipient serves personal digests alone."""
    return channel.kind != ChannelKind.EMAIL or "to=" in channel.address


def _for_person(session: Session, user_id: int, digest_id: int, count: int) -> None:
    channel, user = channels.mail_channel(session), session.get_one(User, user_id)
    setting = session.get(NoticeSetting, user_id)
    if channel is None or not user.is_active or setting is None or not setting.email:
        return
    title, body = written(session, user.name, digest_id, count)
    channels.put_out(session, channel, title=title, body=body, digest_id=digest_id, user_id=user_id)


def written(session: Session, name: str, digest_id: int, count: int) -> tuple[str, str]:
    """Title and body in Chinese, the body within what the narrowest channel takes."""
    rows = session.execute(
        select(DigestLine.text_key, DigestLine.params)
        .where(DigestLine.digest_id == digest_id)
        .order_by(DigestLine.id)
        .limit(LINES)
    ).all()
    with force_locale(LOCALES[0]):
        title = _("网格督办 %(name)s：%(n)d 项提醒", name=name, n=count)[:120]
        lines = [line(row.text_key, row.params) for row in rows]
        return title, _within(title, lines, count, current_app.config["SETTINGS"].public_url)


def _within(title: str, lines: list[str], count: int, address: str) -> str:
    """As many lines as fit, the number of the others, and where to sign in."""
    end = (
        [_("请登录查看：%(address)s", address=address)] if address else [_("详情请登录系统查看。")]
    )
    for shown in range(len(lines), -1, -1):
        rest = [_("其余 %(n)d 项请登录系统查看。", n=count - shown)] if shown < count else []
        text = "\n".join([title, *lines[:shown], *rest, *end])
        if len(text.encode()) <= MOST_BYTES:
            return text
    return title

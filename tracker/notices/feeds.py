"""Makes, revokes and recognises the addresses under which a calendar program reads deadlines."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import Actor
from tracker.audit.operations import record
from tracker.errors import Conflict, NotFound
from tracker.notices.models import CalendarFeed
from tracker.people.models import User
from tracker.people.operations import once
from tracker.people.sessions import hash_token
from tracker.texts import N_

#: A feed ends after this long and is made anew.
LIFETIME = timedelta(days=366)
#: One for the desk, one for the phone, some to spare.
MOST = 5


def _in_force(now: datetime) -> ColumnElement[bool]:
    return and_(CalendarFeed.revoked_at.is_(None), CalendarFeed.expires_at > now)


def of(session: Session, user: User) -> list[CalendarFeed]:
    """The person's feeds that still answer, the newest first."""
    query = select(CalendarFeed).where(
        CalendarFeed.user_id == user.id,
        CalendarFeed.created_at >= user.password_changed_at,
        _in_force(clock.now()),
    )
    return list(session.scalars(query.order_by(CalendarFeed.id.desc())))


def make(name: str, *, actor: Actor, request_uuid: str | None) -> str | None:
    """A new token, to be shown once; None when a resend was answered. Raises Conflict."""
    token = secrets.token_urlsafe(32)

    def act(work: Session, acting: Actor) -> dict[str, Any]:
        now = clock.now()
        user = work.get_one(User, actor.user_id, with_for_update=True)
        had = work.scalar(
            select(func.count())
            .select_from(CalendarFeed)
            .where(CalendarFeed.user_id == user.id, _in_force(now))
        )
        if (had or 0) >= MOST:
            raise Conflict(N_("最多 %(n)d 个日历地址，请先停用不用的。"), n=MOST)
        work.add(
            CalendarFeed(
                user_id=user.id, name=name, token_hash=hash_token(token), created_at=now,
                expires_at=now + LIFETIME,
            )
        )  # fmt: skip
        record("feed.make", actor=acting, object=user.username, name=name)
        return {}

    content = {"act": "feed.make", "name": name}
    _, now_done = once(content, act, actor=actor, request_uuid=request_uuid)
    return token if now_done else None


def revoke(feed_id: int, *, actor: Actor, request_uuid: str | None) -> None:
    """End one of one's own feeds. Raises NotFound, also for somebody else's."""

    def act(work: Session, acting: Actor) -> dict[str, Any]:
        feed = work.scalar(
            select(CalendarFeed).where(
                CalendarFeed.id == feed_id, CalendarFeed.user_id == actor.user_id
            )
        )
        if feed is None:
            raise NotFound(N_("没有这个日历地址。"))
        feed.revoked_at = feed.revoked_at or clock.now()
        record("feed.revoke", actor=acting, object=acting.name, name=feed.name)
        return {}

    once({"act": "feed.revoke", "id": feed_id}, act, actor=actor, request_uuid=request_uuid)


def holder(session: Session, token: str) -> User:
    """Whose feed it is. Raises NotFound when it ended, was revoked, or the account or password changed.

    A password set anew ends every feed made before: who took the old one has no calendar either.
    """
    feed = session.scalar(
        select(CalendarFeed).where(
            CalendarFeed.token_hash == hash_token(token), _in_force(clock.now())
        )
    )
    if (
        feed is None
        or not feed.user.is_active
        or feed.user.must_change_password
        or feed.created_at < feed.user.password_changed_at
    ):
        raise NotFound(N_("这个日历地址已停用，请在账号页面重新生成。"))
    return feed.user

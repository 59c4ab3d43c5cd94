"""Keeps what a person wants to be sent besides the inbox."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.notices.models import NoticeSetting
from tracker.notices.rules import NoticeKind
from tracker.people.operations import once


@dataclass(frozen=True)
class Wanted:
    """What was chosen; quiet is in hours of the city's day, None for none."""

    email: str = ""
    kinds: tuple[NoticeKind, ...] = ()
    quiet_from: int | None = None
    quiet_until: int | None = None

    @classmethod
    def of(cls, row: NoticeSetting | None) -> "Wanted":
        if row is None:
            return cls()
        kinds = tuple(kind for kind in NoticeKind if kind.value in row.kinds)
        return cls(row.email, kinds, row.quiet_from, row.quiet_until)


def of(session: Session, user_id: int) -> Wanted:
    """What the person chose; nothing goes out to who never chose."""
    return Wanted.of(session.get(NoticeSetting, user_id))


def save(wanted: Wanted, *, actor: Actor, request_uuid: str | None) -> None:
    """Keep it, once."""
    user_id = actor.user_id
    assert user_id is not None
    values = {
        "email": wanted.email, "kinds": [kind.value for kind in wanted.kinds],
        "quiet_from": wanted.quiet_from, "quiet_until": wanted.quiet_until,
    }  # fmt: skip

    def act(work: Session, _acting: Actor) -> dict[str, object]:
        row = work.get(NoticeSetting, user_id, with_for_update=True)
        if row is None:
            work.add(NoticeSetting(user_id=user_id, **values))
        else:
            for name, value in values.items():
                setattr(row, name, value)
        return {}

    once({"act": "notices.settings", **values}, act, actor=actor, request_uuid=request_uuid)

"""Names the SELECTs on the responsibility map; each that a person sees starts from `visible_clause`."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.access.actor import Actor
from tracker.errors import NotFound
from tracker.places.jurisdiction import watched_or_own
from tracker.places.models import Area, Level
from tracker.places.queries import in_force as areas_in_force
from tracker.places.queries import visible_areas
from tracker.responsibility.models import (
    Responsibility,
    ResponsibilityChange,
    ResponsibilityEpoch,
)
from tracker.texts import N_

#: Newest changes and terms that a page shows.
HISTORY_SHOWN = 50


def visible_clause(actor: Actor) -> ColumnElement[bool]:
    """The policy line of responsibility.view as SQL; a test keeps it equal to `policy.allows`."""
    return watched_or_own(actor, Responsibility)


def in_force(on: date) -> ColumnElement[bool]:
    """Terms that answer on a day."""
    return (Responsibility.valid_from <= on) & (
        Responsibility.valid_to.is_(None) | (Responsibility.valid_to >= on)
    )


def find(session: Session, code: str, actor: Actor) -> Responsibility:
    """The newest term of a visible post. Raises NotFound for an unknown and for a foreign one."""
    row = None
    if "\0" not in code:
        row = session.scalar(
            select(Responsibility)
            .where(
                visible_clause(actor),
                Responsibility.code == code,
                Responsibility.is_latest.is_(True),
            )
            .options(
                joinedload(Responsibility.unit),
                joinedload(Responsibility.community),
                selectinload(Responsibility.scopes),
            )
        )
    if row is None:
        raise NotFound(N_("没有这个责任岗位，或您无权查看。"))
    return row


def find_community(session: Session, code: str, actor: Actor) -> Area:
    """A community of the person's areas. Raises NotFound for an unknown and for a foreign one."""
    area = None
    if code.isprintable():
        area = session.scalar(
            select(Area).where(
                Area.code == code,
                Area.level == Level.COMMUNITY,
                areas_in_force(),
                visible_areas(actor),
            )
        )
    if area is None:
        raise NotFound(N_("没有这个社区，或您无权查看。"))
    return area


def terms(session: Session, code: str) -> Sequence[Responsibility]:
    """The terms of a post, newest first, with their units."""
    return session.scalars(
        select(Responsibility)
        .where(Responsibility.code == code)
        .options(joinedload(Responsibility.unit))
        .order_by(Responsibility.term.desc())
        .limit(HISTORY_SHOWN)
    ).all()


def history(session: Session, code: str) -> Sequence[ResponsibilityChange]:
    """The newest changes of a post, newest first."""
    return session.scalars(
        select(ResponsibilityChange)
        .where(ResponsibilityChange.code == code)
        .order_by(ResponsibilityChange.id.desc())
        .limit(HISTORY_SHOWN)
    ).all()


def epoch(session: Session) -> str:
    """A value that is new with every change of the map; empty before the first."""
    query = select(ResponsibilityEpoch.value).where(ResponsibilityEpoch.id == 1)
    return session.scalar(query) or ""

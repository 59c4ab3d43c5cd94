"""Knows the meetings (调度会) of areas: who notes and removes one, which ones an area looks back to."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, or_, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from tracker import clock
from tracker.access.actor import Actor
from tracker.access.permissions import Permission
from tracker.access.policy import WHO, allows
from tracker.audit.operations import record as audit
from tracker.errors import Conflict, Invalid, NotFound, NotPermitted
from tracker.places.locating import of_area
from tracker.places.models import Area, Level
from tracker.places.queries import areas_visible_to
from tracker.places.tree import tree
from tracker.progress.models import TITLE_LENGTH, DispatchMeeting
from tracker.progress.scope import roots
from tracker.storage import receipts
from tracker.storage.unit_of_work import unit_of_work
from tracker.texts import N_
from tracker.web.paging import PAGE_SIZE, Page, pack, unpack

#: Levels whose meetings are noted: those with counters.
LEVELS = (Level.DISTRICT, Level.TOWN, Level.COMMUNITY)
#: Nobody looks back further than this.
FIRST_DAY = date(2000, 1, 1)
#: At most this many meetings stand on a time line.
MOST_MARKS = 60


def may_manage(session: Session, actor: Actor, code: str) -> bool:
    """Whether the actor may note and remove meetings of an area."""
    return allows(actor, Permission.MEETING_MANAGE, of_area(session, code))


def areas_managed(session: Session, actor: Actor) -> list[Area]:
    """The areas whose meetings the actor may note, the largest first."""
    wanted = areas_visible_to(actor).where(Area.level.in_(LEVELS))
    found = [area for area in session.scalars(wanted) if may_manage(session, actor, area.code)]
    return sorted(found, key=lambda area: (LEVELS.index(Level(area.level)), area.code))


def of_line(session: Session, area: Area, first: date, last: date) -> Sequence[DispatchMeeting]:
    """The latest meetings of an area and of those above it between two days, oldest first."""
    found = session.scalars(
        _standing()
        .where(
            DispatchMeeting.area_code.in_(_above(session, area)),
            DispatchMeeting.held_on >= first, DispatchMeeting.held_on <= last,
        )
        .order_by(DispatchMeeting.held_on.desc(), DispatchMeeting.id.desc())
        .limit(MOST_MARKS)
    ).all()  # fmt: skip
    return found[::-1]


def find(session: Session, meeting_id: int, actor: Actor) -> DispatchMeeting:
    """A meeting that stands and that the actor may know of. Raises NotFound."""
    found = session.scalar(
        _standing().where(
            DispatchMeeting.id == min(meeting_id, 2**31 - 1), _known_to(session, actor)
        )
    )
    if found is None:
        raise NotFound(N_("没有这次调度会，或不在您的辖区内。"))
    return found


def page_of(session: Session, actor: Actor, after: str = "") -> Page[DispatchMeeting]:
    """Meetings that the actor may know of, latest first. Raises Invalid for a foreign key."""
    query = (
        _standing()
        .where(_known_to(session, actor))
        .order_by(DispatchMeeting.held_on.desc(), DispatchMeeting.id.desc())
    )
    if after:
        day, last = unpack(after, size=2)
        try:
            beyond = (date.fromisoformat(str(day)), last if isinstance(last, int) else 0)
        except ValueError:
            raise Invalid(N_("翻页位置无效，请从第一页重新打开列表。"), field="after") from None
        query = query.where(tuple_(DispatchMeeting.held_on, DispatchMeeting.id) < beyond)
    rows = session.scalars(query.limit(PAGE_SIZE + 1)).all()
    last_row = rows[PAGE_SIZE - 1] if len(rows) > PAGE_SIZE else None
    next_key = pack([last_row.held_on.isoformat(), last_row.id]) if last_row else None
    return Page(rows[:PAGE_SIZE], next_key)


def add(area_code: str, held_on: date, title: str, *, actor: Actor, request_uuid: str) -> int:
    """Note a meeting; returns the row's id. Idempotent by `request_uuid`.

    Raises Invalid, NotPermitted, and Conflict for a second meeting of an area on one day.
    """
    content = {"area": area_code, "on": held_on, "title": title}
    digest = receipts.digest_of({"meeting": "add", **content})
    try:
        with unit_of_work() as work:
            kept = receipts.earlier(work, request_uuid, actor_id=actor.user_id, digest=digest)
            if kept is not None:
                return int(kept["id"])
            row = put(work, area_code, held_on, title, actor=actor)
            receipts.keep(
                work, request_uuid, actor_id=actor.user_id, digest=digest, outcome={"id": row.id}
            )
            return row.id
    except IntegrityError:
        raise Conflict(_TAKEN) from None


_TAKEN = N_("该区域这一天已登记过调度会。")


def put(
    work: Session, area_code: str, held_on: date, title: str, *, actor: Actor
) -> DispatchMeeting:
    """As `add`, inside the caller's unit of work."""
    area = work.scalar(
        areas_visible_to(actor).where(Area.code == area_code, Area.level.in_(LEVELS))
    )
    if area is None:
        raise Invalid(N_("请选择辖区内的区、镇街或社区。"), field="area_code")
    if not may_manage(work, actor, area.code):
        raise NotPermitted(WHO[Permission.MEETING_MANAGE])
    if not title:
        raise Invalid(N_("请填写名称，如：第三次调度会。"), field="title")
    if len(title) > TITLE_LENGTH:
        raise Invalid(N_("名称不超过 %(most)d 字。"), field="title", most=TITLE_LENGTH)
    if held_on > clock.today():
        raise Invalid(N_("只能登记今天或以前的调度会。"), field="held_on")
    if held_on < FIRST_DAY:
        raise Invalid(N_("日期无效，请写成 2026-01-31 的样子。"), field="held_on")
    same = (DispatchMeeting.area_code == area.code) & (DispatchMeeting.held_on == held_on)
    if work.scalar(_standing().where(same)) is not None:
        raise Conflict(_TAKEN)
    row = DispatchMeeting(
        area_code=area.code, held_on=held_on, title=title,
        created_by=actor.user_id, created_at=clock.now(),
    )  # fmt: skip
    work.add(row)
    work.flush()
    audit("meeting.add", actor=actor, object=title, area_code=area.code, day=str(held_on))
    return row


def remove(meeting_id: int, *, actor: Actor, request_uuid: str) -> None:
    """Take a meeting off the lines; the row stays. Idempotent by `request_uuid`."""
    digest = receipts.digest_of({"meeting": "remove", "id": meeting_id})
    with unit_of_work() as work:
        kept = receipts.earlier(work, request_uuid, actor_id=actor.user_id, digest=digest)
        if kept is not None:
            return
        row = find(work, meeting_id, actor)
        if not may_manage(work, actor, row.area_code):
            raise NotPermitted(WHO[Permission.MEETING_MANAGE])
        row.removed_at = clock.now()
        audit(
            "meeting.remove", actor=actor, object=row.title, area_code=row.area_code,
            day=str(row.held_on),
        )  # fmt: skip
        receipts.keep(work, request_uuid, actor_id=actor.user_id, digest=digest, outcome={})


def _standing() -> Select[DispatchMeeting]:
    return (
        select(DispatchMeeting)
        .where(DispatchMeeting.removed_at.is_(None))
        .options(joinedload(DispatchMeeting.area))
    )


def _above(session: Session, area: Area) -> Collection[str]:
    return tree(session).paths.get(area.code, (area.code,))


def _known_to(session: Session, actor: Actor) -> ColumnElement[bool]:
    """Meetings of the actor's areas, and of the areas that these lie in."""
    known = tree(session).paths
    above = {code for area in roots(session, actor) for code in known.get(area.code, ())}
    within = areas_visible_to(actor).order_by(None).with_only_columns(Area.code)
    return or_(DispatchMeeting.area_code.in_(sorted(above)), DispatchMeeting.area_code.in_(within))

"""Knows how a free report that a phone sent is carried out, with the rules of the desk's form."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import Actor
from tracker.access.permissions import Permission
from tracker.access.policy import WHO, allows
from tracker.errors import Invalid, NotPermitted
from tracker.inspections import intake_reading as read
from tracker.inspections import subjects
from tracker.inspections.intake_photos import check_named
from tracker.inspections.intake_reading import Item
from tracker.inspections.intake_visits import photos_in, position_in
from tracker.inspections.visit_joining import NEW, NearOne, NearTasks
from tracker.places.models import Area
from tracker.points.models import InspectionPoint
from tracker.tasks.given import Given, Place
from tracker.tasks.intake import MAX_DESCRIPTION, whereabouts
from tracker.tasks.joining import join_in
from tracker.tasks.models import Task
from tracker.tasks.operations import apply
from tracker.tasks.queries import near
from tracker.tasks.report_forms import sources_for
from tracker.tasks.states import Action, Source
from tracker.tasks.suggestions import DUPLICATE_WINDOW
from tracker.texts import N_

#: The key of a report's decision.
KEY = "report"


def carry_out(
    session: Session,
    item: Item,
    *,
    actor: Actor,
    accepted_by: Actor | None = None,
    received_at: datetime | None = None,
) -> dict[str, Any]:
    """Report, settle on the spot, or join an open task. Raises NearTasks and what `apply` raises."""
    given, action = given_in(session, item, actor)
    check_named(item.photos, [*given.before_photos, *given.after_photos])
    if accepted_by is not None:
        _check_office(session, given, actor, accepted_by)
        given = _noted(given, accepted_by)
    task = _joined(session, given, actor, item.near.get(KEY, ""), action)
    if task is not None:
        join_in(session, task, given, actor)
    else:
        task = apply(action, None, actor=actor, given=given, uuid=item.uuid).task
    session.flush()
    return {
        "number": task.number,
        "url": f"/tasks/{task.number}",
        "state": task.state,
        "version": task.version,
        "joined": task.uuid != item.uuid,
    }


def given_in(session: Session, item: Item, actor: Actor) -> tuple[Given, Action]:
    """What a report says, and whether it was settled on the spot. Raises Invalid."""
    content = item.content
    handled = content.get("self_handled")
    if handled is not None and not isinstance(handled, dict):
        raise Invalid(N_("“%(name)s”的格式不对。"), field="self_handled", name="self_handled")
    found = read.moment(content, "found_at") if content.get("found_at") else item.made_at
    measures = read.text(handled, "measures", 500) if handled else ""
    if handled and not measures:
        raise Invalid(N_("即时处置须填写整改措施。"), field="measures")
    given = Given(
        place=_place(session, content),
        category_id=read.whole(content, "category_id"),
        description=read.text(content, "description", MAX_DESCRIPTION),
        source=_source(content, actor),
        found_at=min(found, clock.now()),
        before_photos=tuple(photos_in(content, "photos")),
        after_photos=tuple(photos_in(handled, "photos")) if handled else (),
        no_photo_reason=read.text(content, "no_photo_reason", 200),
        is_urgent=read.truth(content, "is_urgent"),
        point_id=_point(session, content, actor),
        measures=measures,
    )
    return given, Action.SELF_HANDLE if handled else Action.REPORT


def _place(session: Session, content: Mapping[str, Any]) -> Place | None:
    position = position_in(content)
    address = read.text(content, "address", 256)
    community = read.text(content, "community_code", 20) or None
    if community is not None and session.get(Area, community) is None:
        raise Invalid(N_("所选社区不存在，请重新选择。"), field="community_code")
    if position is None:
        place = Place(address=address, community_code=community, method="address")
        return place if place else None
    return Place(
        lon=position.lon,
        lat=position.lat,
        raw_x=position.lon,
        raw_y=position.lat,
        coord_sys="wgs84",
        accuracy_m=position.accuracy_m,
        method=position.method,
        address=address,
        community_code=community,
    )


def _source(content: Mapping[str, Any], actor: Actor) -> Source:
    offered = sources_for(actor)
    wanted = read.text(content, "source", 20)
    if not wanted:
        return offered[0]
    if wanted not in offered:
        raise Invalid(N_("您不能使用这个问题来源，请重新选择。"), field="source")
    return Source(wanted)


def _point(session: Session, content: Mapping[str, Any], actor: Actor) -> int | None:
    point_id = read.whole(content, "point_id", required=False)
    if point_id is None:
        return None
    point = session.get(InspectionPoint, point_id)
    if point is None or not allows(actor, Permission.POINT_VIEW, subjects.of_point(session, point)):
        raise Invalid(N_("没有这个点位，或您无权查看。"), field="point_id")
    return point.id


def _joined(
    session: Session, given: Given, actor: Actor, choice: str, action: Action
) -> Task | None:
    """The open task to join, None for a new one. Raises NearTasks when that is not decided."""
    place = given.place
    if choice == NEW or action is Action.SELF_HANDLE or place is None or not given.category_id:
        return None
    if place.lon is None or place.lat is None:
        return None
    found = {
        task.number: NearOne(KEY, task, round(metres))
        for task, metres in near(
            session, place.lon, place.lat, actor=actor, category_id=given.category_id,
            since=clock.now() - DUPLICATE_WINDOW,
        )
    }  # fmt: skip
    if choice in found:
        return session.scalar(
            select(Task)
            .where(Task.id == found[choice].task.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    if found:
        raise NearTasks(list(found.values()))
    return None


class _Spot:
    """Where a report lies, as far as the office's jurisdiction asks."""

    def __init__(self, codes: Any) -> None:
        self.district_code, self.town_code = codes.district_code, codes.town_code
        self.community_code, self.grid_code = codes.community_code, codes.grid_code


def _check_office(session: Session, given: Given, actor: Actor, accepted_by: Actor) -> None:
    """A dispatcher enters what lies in their own area only. Raises NotPermitted."""
    if given.place is None:
        return
    spot = _Spot(whereabouts(session, given.place, actor))
    if not allows(accepted_by, Permission.HELD_DECIDE, spot):
        raise NotPermitted(WHO[Permission.HELD_DECIDE])


def _noted(given: Given, accepted_by: Actor) -> Given:
    return replace(given, text=f"由{accepted_by.name}代为录入")

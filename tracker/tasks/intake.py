"""Knows how a report becomes a row: place, areas, number, whose report it is."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gis.cells import encode
from tracker.access.actor import Actor
from tracker.access.roles import FOR_UNIT
from tracker.errors import Invalid
from tracker.places.locating import Located, locate, of_area
from tracker.places.models import Area, Level
from tracker.tasks.batches import made
from tracker.tasks.given import Given, Place
from tracker.tasks.models import Task
from tracker.tasks.numbers import next_number
from tracker.tasks.states import Closing, Source
from tracker.texts import N_

#: A description longer than this is a report of its own.
MAX_DESCRIPTION = 2000
_TITLE_LENGTH = 40


def new_task(session: Session, *, given: Given, actor: Actor, at: datetime, uuid: str) -> Task:
    """A task not yet added to the session; outside every area it keeps community_code None.

    Raises Invalid when there is no place or the text is too long.
    """
    if not given.place:
        raise Invalid(N_("请在地图上选点、使用定位，或填写详细地址。"), field="place")
    if not given.description.strip():
        raise Invalid(N_("请填写问题描述。"), field="description")
    if len(given.description) > MAX_DESCRIPTION:
        raise Invalid(N_("问题描述不能超过 %(n)d 字。"), field="description", n=MAX_DESCRIPTION)
    found = given.found_at or at
    if found > at:
        raise Invalid(N_("发现时间不能晚于上报时间。"), field="found_at")
    areas = whereabouts(session, given.place, actor)
    description = given.description.strip()
    return made(
        session,
        Task,
        number=next_number(session, at),
        uuid=uuid,
        source=given.source.value,
        external_id=given.external_id,
        state="reported",
        category_id=given.category_id,
        title=(given.title.strip() or description.splitlines()[0])[:_TITLE_LENGTH],
        description=description,
        **position_columns(given.place),
        district_code=areas.district_code,
        town_code=areas.town_code,
        community_code=areas.community_code,
        grid_code=areas.grid_code,
        point_id=given.point_id,
        check_item_id=given.check_item_id,
        recurrence_of_id=given.recurrence_of_id,
        reporter_id=actor.user_id,
        reporter_unit_id=_reporting_unit(given, actor),
        found_at=found,
        reported_at=at,
        updated_at=at,
        is_urgent=given.is_urgent,
        event_count=0,
        head_hash="",
        rework_count=0,
        extension_count=0,
        return_count=0,
        # read by the policy before the first flush gives a row its defaults
        is_endorsed=False,
        is_forced=False,
        rework_to_read=False,
        assist_unit_ids=[],
        joint_unit_ids=[],
    )


def whereabouts(session: Session, place: Place, actor: Actor) -> Located:
    """The areas of a place; outside every area only the district whose queue takes it."""
    if place.areas is not None:
        areas = Located(*place.areas)
    elif place.lon is not None and place.lat is not None:
        areas = locate(session, place.lon, place.lat)
    else:
        areas = Located()
    if areas.community_code is None and place.community_code:
        areas = of_area(session, place.community_code)
    if areas.district_code is None and areas.community_code is None:
        return Located(district_code=_queue_of(session, actor))
    return areas


def _queue_of(session: Session, actor: Actor) -> str | None:
    """The district that sorts out a report from outside every area: the reporter's, or the only one."""
    for grant in actor.grants:
        if grant.area_code:
            return of_area(session, grant.area_code).district_code
    districts = session.scalars(
        select(Area.code).where(Area.level == Level.DISTRICT).limit(2)
    ).all()
    return districts[0] if len(districts) == 1 else None


def position_columns(place: Place) -> dict[str, Any]:
    cell = place.cell
    if cell is None and place.lon is not None and place.lat is not None:
        cell = int(encode(place.lon, place.lat))
    return {
        "address": place.address.strip()[:256],
        "lon": place.lon,
        "lat": place.lat,
        "cell": cell,
        "raw_x": place.raw_x,
        "raw_y": place.raw_y,
        "coord_sys": place.coord_sys,
        "accuracy_m": place.accuracy_m,
        "pos_method": place.method,
    }


def _reporting_unit(given: Given, actor: Actor) -> int | None:
    """Set when a unit reports itself (自查) or a unit's person reports; nobody judges their own."""
    units = actor.units_as(FOR_UNIT)
    if given.source is Source.SELF_INSPECTION or units:
        return actor.organization_id if actor.organization_id in units or not units else min(units)
    return None


def finish_at_once(task: Task, actor: Actor, at: datetime) -> None:
    """A problem settled on the spot (自行处置) is filed, handled and closed by one person."""
    task.self_handled = True
    task.filed_at = task.submitted_at = task.closed_at = at
    task.submitter_id = actor.user_id
    task.closing = Closing.SELF_HANDLED.value

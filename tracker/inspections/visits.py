"""Knows how a visit is recorded: its answers, its score, its tasks, all in the caller's unit of work."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, or_, select, update
from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import Actor
from tracker.access.permissions import Permission
from tracker.access.policy import WHO, allows
from tracker.access.roles import FOR_UNIT
from tracker.errors import Invalid, NotFound, NotPermitted
from tracker.inspections import subjects
from tracker.inspections.models import Answer, Result, Visit
from tracker.inspections.queries import INSPECTING
from tracker.inspections.round_models import Round, RoundKind, RoundPoint
from tracker.inspections.round_rules import counts_for
from tracker.inspections.rounds import mark_visited
from tracker.inspections.scoring import Judged, becomes_task, score
from tracker.inspections.visit_checklist import AnswerGiven, Asked, asked_at, matched
from tracker.inspections.visit_joining import Failure, Scene
from tracker.inspections.visit_photos import keep_with_answer
from tracker.inspections.visit_tasks import MadeTask, make_tasks
from tracker.points.models import InspectionPoint
from tracker.texts import N_

#: A visit that a phone kept longer than this is not taken any more.
MAX_AGE = timedelta(days=60)

ROUND_ENDED = N_("批次已结束或不含这个点位，检查已保存，但不计入批次。")
POINT_RETIRED = N_("点位已停用，检查已保存。")


@dataclass(frozen=True)
class Position:
    """Where the act was done: one position, WGS-84 degrees, accuracy in metres; never a track."""

    lon: float
    lat: float
    accuracy_m: float | None = None
    method: str = "gps"


@dataclass(frozen=True)
class VisitGiven:
    """An inspection as it was sent; photos are UUIDs that lie in the inspector's tray."""

    uuid: str
    point_id: int
    at: datetime
    answers: tuple[AnswerGiven, ...]
    round_id: int | None = None
    note: str = ""
    position: Position | None = None
    #: check item id as text → the number of the open task to join, or NEW
    near: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Recorded:
    """What became of a visit; `notices` are sentences for the inspector."""

    visit: Visit
    tasks: list[MadeTask]
    notices: list[str]


def record(
    session: Session,
    given: VisitGiven,
    *,
    actor: Actor,
    accepted_by: Actor | None = None,
    received_at: datetime | None = None,
) -> Recorded:
    """Write one visit and everything that follows from it; the caller commits or nothing is.

    `accepted_by` enters it for `actor` and is the one whose jurisdiction counts; `received_at` is
    when it reached the office, else now. Raises NotFound for an unknown or foreign point,
    NotPermitted, Invalid with the field, NearTasks when a failure may be an open task, and what
    `tasks.operations.apply` raises.
    """
    now = clock.now()
    at = _moment(given.at, received_at or now)
    point = _point(session, given.point_id, accepted_by or actor)
    notices = [] if point.is_active else [POINT_RETIRED]
    counted = _round(session, given.round_id, point, at, actor)
    if given.round_id is not None and counted is None:
        notices.append(ROUND_ENDED)
    answers = matched(asked_at(session, point, clock.in_city(at).date()), given.answers)
    visit = _visit(given, point, counted, answers, actor=actor, at=at, now=now)
    visit.accepted_by_id = accepted_by.user_id if accepted_by else None
    session.add(visit)
    session.flush()
    tasks = _follow_up(session, given, visit, point, answers, actor, accepted_by)
    _note_on_point(session, visit)
    if counted is not None:
        mark_visited(session, counted.id, point.id, at)
    session.flush()
    return Recorded(visit, tasks, notices)


def _moment(at: datetime, received: datetime) -> datetime:
    """A device's clock is believed, but not beyond the moment of receipt."""
    if at < received - MAX_AGE:
        raise Invalid(
            N_("检查时间距今超过 %(n)d 天，请核对手机时间；确需补录请联系区迎检办。"),
            field="made_at",
            n=MAX_AGE.days,
        )
    return min(at, received)


def _point(session: Session, point_id: int, actor: Actor) -> InspectionPoint:
    """The point, locked: of two visits of a point one comes first."""
    point = session.scalar(
        select(InspectionPoint).where(InspectionPoint.id == point_id).with_for_update()
    )
    subject = subjects.of_point(session, point) if point is not None else None
    if point is None or not allows(actor, Permission.VISIT_MAKE, subject):
        if point is not None and allows(actor, Permission.POINT_VIEW, subject):
            raise NotPermitted(WHO[Permission.VISIT_MAKE])
        raise NotFound(N_("没有这个点位，或您无权检查。"))
    return point


def _round(
    session: Session, round_id: int | None, point: InspectionPoint, at: datetime, actor: Actor
) -> Round | None:
    """The round that the visit counts for: open then, with this point, the inspector's business."""
    row = session.get(RoundPoint, (round_id, point.id)) if round_id is not None else None
    if row is None or not counts_for(row.round, at):
        return None
    return row.round if allows(actor, Permission.ROUND_VIEW, row.round) else None


def _visit(
    given: VisitGiven,
    point: InspectionPoint,
    counted: Round | None,
    answers: list[tuple[Asked, AnswerGiven, Result]],
    *,
    actor: Actor,
    at: datetime,
    now: datetime,
) -> Visit:
    judged = score(
        Judged(result, asked.item.weight, asked.item.is_critical) for asked, _, result in answers
    )
    results = [result for _, _, result in answers]
    position = given.position
    return Visit(
        uuid=given.uuid,
        point_id=point.id,
        round_id=counted.id if counted else None,
        kind=counted.kind if counted else _kind_alone(point, actor),
        editions=list(dict.fromkeys(asked.edition for asked, _, _ in answers)),
        inspector_id=actor.user_id,
        inspector_name=actor.name,
        at=at,
        received_at=now,
        lon=position.lon if position else None,
        lat=position.lat if position else None,
        accuracy_m=position.accuracy_m if position else None,
        note=given.note,
        score=judged.value,
        failed_critically=judged.failed_critically,
        conform_count=results.count(Result.CONFORM),
        basic_count=results.count(Result.BASIC),
        fail_count=results.count(Result.FAIL),
        na_count=results.count(Result.NOT_APPLICABLE),
        district_code=point.district_code,
        town_code=point.town_code,
        community_code=point.community_code,
        grid_code=point.grid_code,
        unit_id=point.unit_id,
    )


def _kind_alone(point: InspectionPoint, actor: Actor) -> str:
    """Without a round: a unit at its own point inspects itself, everybody else for the office."""
    is_own = point.unit_id is not None and point.unit_id in actor.units_as(FOR_UNIT)
    return (RoundKind.SELF if is_own and not actor.areas_as(INSPECTING) else RoundKind.OFFICE).value


def _follow_up(
    session: Session,
    given: VisitGiven,
    visit: Visit,
    point: InspectionPoint,
    answers: list[tuple[Asked, AnswerGiven, Result]],
    actor: Actor,
    accepted_by: Actor | None,
) -> list[MadeTask]:
    """The rows of the answers, a task for each failure, and the photos where they belong."""
    failures, rows = [], []
    for asked, answer, result in answers:
        row = Answer(
            visit_id=visit.id, item_id=answer.item_id, result=result.value, note=answer.note
        )
        session.add(row)
        rows.append((answer, row))
        if becomes_task(result, asked.labels):
            failures.append(Failure(asked, answer, result, row))
    session.flush()
    scene = Scene(visit, point, actor, accepted_by)
    tasks = make_tasks(session, scene, failures, given.near)
    for answer, row in rows:
        keep_with_answer(session, row, answer.photos, owner_id=actor.user_id)
    return tasks


def _note_on_point(session: Session, visit: Visit) -> None:
    """The newest visit stands on the point; its version does not move, nothing was edited."""
    table = cast(Table, InspectionPoint.__table__)
    session.execute(
        update(table)
        .where(
            table.c.id == visit.point_id,
            or_(table.c.last_visit_at.is_(None), table.c.last_visit_at <= visit.at),
        )
        .values(last_visit_at=visit.at, last_score=visit.score)
    )

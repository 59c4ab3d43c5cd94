"""Knows what the demo leaves to judge: photos that prove more or less, items that wait for the office."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.catalogue.models import Category
from tracker.demo.album import Album
from tracker.demo.jinwan import demo_communities
from tracker.demo.pictures import draw
from tracker.inspections.held import FROM_FILE, LOCKED, SIGNED_OUT, hold
from tracker.inspections.intake_reading import Kind, read_item
from tracker.people.models import User
from tracker.tasks.given import Given, Place
from tracker.tasks.models import Task
from tracker.tasks.operations import apply
from tracker.tasks.states import Action, Source

#: The unit whose clerk hands in the photos and left an item: the sample account's.
_UNIT = "区环境卫生管理中心"
#: What all of it is about, and what the photos show.
_CODE, _KIND = "06010", "refuse"
_TROUBLES = (
    "垃圾收集点旁有散落的袋装垃圾", "背街小巷口堆放生活垃圾", "公交站后侧绿地内有成片垃圾",
    "市场后门垃圾满溢未清运", "空地上长期堆放混合垃圾", "停车场角落有成堆的包装垃圾",
)  # fmt: skip
#: Metres of one degree of latitude, near enough for a demonstration.
_DEGREE_M = 111_000


@dataclass(frozen=True)
class _Shot:
    """How a photo was taken; equal seeds look the same."""

    seed: int
    #: against the dispatch; None for minutes before it is handed in
    since_dispatch: timedelta | None = None
    north_m: float = 0.0
    #: as a messenger sends it on, without time and place
    is_bare: bool = False


#: An honest one, one too far away, one of before the work, a forwarded one, the first once more.
_SHOTS = (
    _Shot(11), _Shot(12, north_m=190.0), _Shot(13, since_dispatch=timedelta(days=-2)),
    _Shot(14, is_bare=True), _Shot(11),
)  # fmt: skip
#: The photo of the rectification that was left, and how many tasks all this makes.
_LEFT = _Shot(21)
MADE = len(_SHOTS) + 1


@dataclass(frozen=True)
class _Stage:
    """Who acts, for which unit, and when the demo ends."""

    work: Session
    album: Album
    actors: dict[str, Actor]
    unit_id: int
    end: datetime


def load_doubts(work: Session, units: dict[str, int], album: Album, end: datetime) -> None:
    """Hand in photos of every weight and leave items for the office, in the caller's unit of work.

    `units` are ids of the demo's organizations by name. Makes `MADE` tasks for it.
    """
    people = {user.username: user for user in work.scalars(select(User).order_by(User.id))}
    stage = _Stage(
        work, album, {name: user.as_actor() for name, user in people.items()}, units[_UNIT], end
    )
    for number, shot in enumerate(_SHOTS):
        _hand_in(stage, shot, _handled(stage, number), number)
    _left_rectification(stage, _handled(stage, len(_SHOTS)), people["clerk"])
    _left_reports(stage, people)


def _handled(stage: _Stage, number: int) -> Task:
    """A task that the unit signed for some hours ago, at a place of its own."""
    home = [place for place in demo_communities() if place.is_pilot][number]
    category = _category(stage.work)
    place = Place(
        lon=home.lon, lat=home.lat, raw_x=home.lon, raw_y=home.lat, coord_sys="wgs84",
        method="gps", accuracy_m=8.0, address=home.name,
    )  # fmt: skip
    at = stage.end - timedelta(hours=5) + timedelta(minutes=number)
    before = _uuid(f"doubt before {number}")
    roving, office = stage.actors["inspector3"], stage.actors["dispatcher"]
    seed = (*_SHOTS, _LEFT)[number].seed
    data = draw(_KIND, seed, after=False, taken_at=at, position=(home.lon, home.lat))
    stage.album.taken(stage.work, data, owner_id=roving.user_id, at=at, uuid=before)
    given = Given(
        place=place, category_id=category.id, description=_TROUBLES[number],
        source=Source.INSPECTION, found_at=at, before_photos=(before,),
    )  # fmt: skip
    uuid = _uuid(f"doubt {number}")
    task = apply(Action.REPORT, None, actor=roving, given=given, at=at, uuid=uuid).task
    sent = Given(unit_id=stage.unit_id, limit=category.limit)
    steps = (
        (Action.FILE, office, Given(category_id=category.id)),
        (Action.DISPATCH, office, sent),
        (Action.ACKNOWLEDGE, stage.actors["clerk"], Given()),
    )
    for minutes, (action, actor, words) in enumerate(steps, start=1):
        apply(action, task, actor=actor, given=words, at=at + timedelta(minutes=12 * minutes))
    return task


def _category(work: Session) -> Category:
    """暴露垃圾 of the national classification, else the first there is."""
    query = select(Category).where(Category.is_active).order_by(Category.code != _CODE, Category.id)
    return work.scalars(query.limit(1)).one()


def _hand_in(stage: _Stage, shot: _Shot, task: Task, number: int) -> None:
    at = stage.end - timedelta(minutes=90 - 11 * number)
    uuid, clerk = _uuid(f"doubt after {number}"), stage.actors["clerk"]
    data = _drawn(shot, task, at)
    stage.album.taken(stage.work, data, owner_id=clerk.user_id, at=at, uuid=uuid)
    given = Given(after_photos=(uuid,), measures="已安排人员清理并恢复原状")
    apply(Action.SUBMIT, task, actor=clerk, given=given, at=at)


def _drawn(shot: _Shot, task: Task, at: datetime) -> bytes:
    assert task.lon is not None
    assert task.lat is not None
    if shot.is_bare:
        return draw(_KIND, shot.seed, after=True)
    taken = at - timedelta(minutes=6)
    if shot.since_dispatch is not None and task.dispatched_at is not None:
        taken = task.dispatched_at + shot.since_dispatch
    spot = (task.lon, task.lat + shot.north_m / _DEGREE_M)
    return draw(_KIND, shot.seed, after=True, taken_at=taken, position=spot)


def _left_rectification(stage: _Stage, task: Task, clerk: User) -> None:
    """A rectified task in a file that the clerk exported."""
    made_at = stage.end - timedelta(hours=3)
    photo = _kept(stage.album, _drawn(_LEFT, task, made_at), "left rectification")
    content = {
        "number": task.number, "version": task.version, "measures": "已清理完毕，现场无残留",
        "photos": [photo["uuid"]],
    }  # fmt: skip
    _leave(stage, clerk, Kind.SUBMIT, content, photo, made_at, reason=FROM_FILE)


def _left_reports(stage: _Stage, people: dict[str, User]) -> None:
    """Two reports: from a phone that was signed out, and of an account locked by then."""
    home = next(place for place in demo_communities() if place.is_pilot)
    told = (
        ("inspector", "路边绿化带内有成堆的建筑垃圾，占用人行道约两米", SIGNED_OUT),
        ("gridworker", "楼道口堆放纸箱和旧家具，疑似已在昨天上报过", LOCKED),
    )
    for number, (who, words, reason) in enumerate(told):
        made_at = stage.end - timedelta(hours=5 - number)
        spot = (home.lon, home.lat + 0.004 * (number + 1))
        data = draw(_KIND, 31 + number, after=False, taken_at=made_at, position=spot)
        photo = _kept(stage.album, data, f"left report {number}")
        content = {
            "description": words, "category_id": _category(stage.work).id, "address": home.name,
            "position": {"lon": spot[0], "lat": spot[1], "accuracy_m": 12.0, "method": "gps"},
            "photos": [photo["uuid"]],
        }  # fmt: skip
        _leave(stage, people[who], Kind.REPORT, content, photo, made_at, reason=reason)


def _leave(
    stage: _Stage,
    user: User,
    kind: Kind,
    content: dict[str, object],
    photo: dict[str, str],
    made_at: datetime,
    *,
    reason: str,
) -> None:
    item = read_item(
        {
            "uuid": _uuid(f"held {photo['uuid']}"), "kind": kind.value, "content": content,
            "made_at": made_at.isoformat(), "photos": [photo],
        }
    )  # fmt: skip
    at = made_at + timedelta(minutes=40)
    came_by = "file" if reason == FROM_FILE else "deposit"
    hold(stage.work, item, user=user, reason=reason, came_by=came_by, at=at)


def _kept(album: Album, data: bytes, name: str) -> dict[str, str]:
    return {"uuid": _uuid(name), "sha256": album.keep(data).sha256}


def _uuid(name: str) -> str:
    return str(uuid5(NAMESPACE_OID, f"demo {name}"))

"""Sixty days of the demo district: about two thousand tasks, walked through the real door.

Deterministic for a given end: the same tasks, texts, positions and steps each time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from shapely.geometry import Point
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.access.roles import HEADS
from tracker.catalogue.data import load_phrases
from tracker.catalogue.models import Category
from tracker.clock import CITY_ZONE
from tracker.demo.album import VARIANTS, Album
from tracker.demo.jinwan import demo_areas, demo_communities
from tracker.demo.staff import HONGQI_TOWN, SANZAO_TOWN
from tracker.demo.walk import MEASURES, Walk
from tracker.people.models import User
from tracker.places.models import Organization
from tracker.tasks.given import Given, Place
from tracker.tasks.models import Task
from tracker.tasks.operations import apply
from tracker.tasks.states import Action, Source, State

DAYS = 60
TASKS = 2000
_STREETS = ("依云路", "映月路", "金海岸大道", "机场西路", "金湾路", "湖心路", "藤山一路", "珠海大道", "海澄大道", "虹晖一路", "广安路", "伟民南路")  # fmt: skip
_SPOTS = (
    "路口东侧",
    "公交站旁",
    "小区北门",
    "农贸市场门口",
    "幼儿园对面",
    "停车场出口",
    "文化广场",
    "背街小巷",
    "卫生站旁",
    "篮球场边",
)


@dataclass(frozen=True)
class Cast:
    """Who takes which step in the demo."""

    #: by town
    inspectors: dict[str, Actor]
    roving: Actor
    dispatchers: list[Actor]
    verifier: Actor
    leader: Actor
    by_unit: dict[int, Actor]
    #: heads of units, by unit
    heads: dict[int, Actor]
    workers: list[Actor]


def unfold(
    session: Session, album: Album, *, end: datetime, count: int = TASKS, seed: int = 20260101
) -> Iterator[int]:
    """Make `count` tasks that end at `end`; yields the number made so far after each batch of 100.

    The caller commits: run each batch inside a unit of work.
    """
    random = Random(seed)
    story = Story(session, album, random, end)
    moments = sorted(_by_day(random, end) for _ in range(count))
    for number, moment in enumerate(moments, start=1):
        story.tell(moment)
        if number % 100 == 0 or number == count:
            session.flush()
            yield number


def _by_day(random: Random, end: datetime) -> datetime:
    """A moment of the sixty days, in the hours when people are about."""
    moment = end - timedelta(minutes=random.uniform(20, DAYS * 1440))
    if 8 <= moment.astimezone(CITY_ZONE).hour < 20:
        return moment
    return moment - timedelta(hours=12)


class Story:
    """The state of the telling: who, where, what, in a repeatable order."""

    def __init__(self, session: Session, album: Album, random: Random, end: datetime) -> None:
        self.session, self.album, self.random, self.end = session, album, random, end
        self.shapes = {
            area.code: area.boundary for area in demo_areas() if area.level == "community"
        }
        places = demo_communities()
        self.places = [place.code for place in places for _ in range(9 if place.is_pilot else 1)]
        self.phrases = load_phrases()
        self.categories = {row.code: row for row in session.scalars(select(Category))}
        self.cast = _cast(session)
        #: by community, the latest task that a unit still holds at the end
        self.still_open: dict[str, str] = {}

    def uuid(self) -> str:
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def tell(self, at: datetime) -> None:
        """One problem from its report to wherever it stands at the end."""
        random = self.random
        code = random.choice(self.places)
        phrase = random.choice(self.phrases)
        category = self.categories[phrase.category_code]
        outside = random.random() < 0.004
        lon, lat = self._point(code, outside=outside)
        limit = category.limit
        reporter, source = self._reporter(code)
        place = Place(
            lon=lon, lat=lat, raw_x=lon, raw_y=lat, coord_sys="wgs84", method="gps",
            accuracy_m=round(random.uniform(4, 25), 1),
            address=random.choice(_STREETS) + random.choice(_SPOTS),
        )  # fmt: skip
        variant = random.randrange(VARIANTS)
        before = self.photo(category, variant, reporter, at, after=False)
        given = Given(
            place=place, category_id=category.id, description=phrase.text, source=source,
            found_at=at - timedelta(minutes=random.randint(1, 30)), before_photos=(before,),
            is_urgent=random.random() < 0.03,
        )  # fmt: skip
        # On the spot means on one's own ground: a place outside every area is nobody's.
        if source is Source.GRID_PATROL and not outside and random.random() < 0.25:
            after = self.photo(category, variant, reporter, at, after=True)
            done = replace(given, after_photos=(after,), measures=random.choice(MEASURES))
            apply(Action.SELF_HANDLE, None, actor=reporter, given=done, at=at, uuid=self.uuid())
            return
        event = apply(Action.REPORT, None, actor=reporter, given=given, at=at, uuid=self.uuid())
        task = self.session.get_one(Task, event.task_id)
        Walk(self, task, category, limit, variant, at).on()
        if task.state in (State.DISPATCHED, State.HANDLING) and task.community_code:
            self.still_open[task.community_code] = task.number

    def photo(
        self,
        category: Category,
        variant: int,
        owner: Actor,
        at: datetime,
        *,
        after: bool,
        spot: tuple[float | None, float | None] | None = None,
    ) -> str:
        """A new photo row of the drawn scene, taken at `spot` (lon, lat); returns its UUID."""
        return self.album.photo(
            self.session,
            category.code,
            variant,
            after=after,
            owner_id=owner.user_id,
            at=at,
            spot=spot,
            uuid=self.uuid(),
        )

    def _point(self, code: str, *, outside: bool) -> tuple[float, float]:
        if outside:
            return round(113.62 + self.random.random() * 0.02, 6), round(
                22.3 + self.random.random() * 0.02, 6
            )
        shape = self.shapes[code]
        west, south, east, north = shape.bounds
        # most problems lie around the middle of a community, where people live
        while True:
            lon = self.random.gauss((west + east) / 2, (east - west) / 7)
            lat = self.random.gauss((south + north) / 2, (north - south) / 7)
            if shape.contains(Point(lon, lat)):
                return round(lon, 6), round(lat, 6)

    def _reporter(self, code: str) -> tuple[Actor, Source]:
        workers = [
            w for w in self.cast.workers if code in w.areas_as({grant.role for grant in w.grants})
        ]
        if workers and self.random.random() < 0.3:
            return self.random.choice(workers), Source.GRID_PATROL
        source = self.random.choices(
            [Source.INSPECTION, Source.CITIZEN_SNAP, Source.HOTLINE, Source.LEADER, Source.COVERT],
            weights=[60, 18, 12, 4, 6],
        )[0]
        return self.cast.inspectors.get(code[:9], self.cast.roving), source


def _cast(session: Session) -> Cast:
    users = {user.username: user for user in session.scalars(select(User).order_by(User.id))}
    actors = {name: user.as_actor() for name, user in users.items()}
    by_unit: dict[int, Actor] = {}
    for name, actor in actors.items():
        if name.startswith(("clerk", "lead")):
            for grant in actor.grants:
                if grant.organization_id is not None:
                    by_unit.setdefault(grant.organization_id, actor)
    heads = {
        grant.organization_id: actor
        for _, actor in sorted(actors.items())
        for grant in actor.grants
        if grant.role in HEADS and grant.organization_id is not None
    }
    known = set(session.scalars(select(Organization.id)))
    return Cast(
        inspectors={
            code: actors[name]
            for code, name in ((SANZAO_TOWN, "inspector"), (HONGQI_TOWN, "inspector2"))
        },
        roving=actors["inspector3"],
        dispatchers=[actors["dispatcher"], actors["dispatcher2"]],
        verifier=actors["verifier"],
        leader=actors["leader"],
        by_unit={unit: actor for unit, actor in by_unit.items() if unit in known},
        heads=heads,
        workers=[actors["gridworker"], actors["lead"]],
    )

"""Knows the demo's rounds: one done last month, one half done, one planned, one before a review."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.clock import in_city
from tracker.demo.jinwan import demo_communities
from tracker.demo.staff import DISTRICT, SANZAO_TOWN
from tracker.inspections import liaisons, round_points, rounds
from tracker.inspections.drawing import DrawOptions
from tracker.inspections.models import Result
from tracker.inspections.round_given import RoundGiven
from tracker.inspections.round_models import Draw, Round, RoundKind, RoundPoint
from tracker.inspections.scoring import RESULT_LABELS, becomes_task
from tracker.inspections.visit_checklist import AnswerGiven, Asked, asked_at
from tracker.inspections.visit_joining import NEW
from tracker.inspections.visits import VisitGiven, record
from tracker.people.models import User
from tracker.points.models import InspectionPoint

#: Which unit looks after which pilot community in the demo.
_LOOKED_AFTER = (
    ("区文化广电旅游体育局", "海澄村", "刘科长"),
    ("区文化广电旅游体育局", "金海岸社区", "刘科长"),
    ("区市政园林管理处", "西城社区", "王主任"),
    ("区水务局", "广安社区", "何股长"),
    ("区环境卫生管理中心", "藤山社区", "郑建明"),
)
#: The places that a delegation from the province would be shown.
_SHOWN = ("依云路", "金海岸体育休闲公园", "唐人街市场", "金山公园", "金海岸南北园", "金海岸大道")
#: Of ten points of the round of this month so many are done.
_DONE_OF_TEN = 5


@dataclass(frozen=True)
class _Stage:
    """Who acts, and when the demo ends."""

    work: Session
    actors: dict[str, Actor]
    units: dict[str, int]
    end: datetime
    random: Random

    def plan(self, name: str, given: RoundGiven, at: datetime) -> Round:
        """Plan a round as the dispatcher did at that moment."""
        uuid = str(uuid5(NAMESPACE_OID, f"demo round {name}"))
        made = rounds.plan(self.work, given, actor=self.actors["dispatcher"], uuid=uuid, at=at)
        self.work.flush()
        return made

    def person(self, *names: str) -> tuple[int, ...]:
        return tuple(i for name in names if (i := self.actors[name].user_id) is not None)


def load_rounds(work: Session, units: dict[str, int], end: datetime) -> None:
    """Plan and carry out the demo's rounds inside the caller's unit of work, as of `end`.

    `units` are ids of the demo's organizations by name. Needs its points and its accounts.
    """
    users = work.scalars(select(User).order_by(User.id))
    stage = _Stage(work, {user.username: user.as_actor() for user in users}, units, end, Random(7))
    codes = {place.name: place.code for place in demo_communities()}
    for unit, community, person in _LOOKED_AFTER:
        liaisons.put(
            work, units[unit], codes[community], person=person,
            since=in_city(end - timedelta(days=58)).date(), actor=stage.actors["dispatcher"],
        )  # fmt: skip
    _last_month(stage)
    _this_month(stage)
    _planned(stage)
    _before_a_review(stage)


def _month(at: datetime) -> str:
    return f"{in_city(at):%Y-%m}"


def _last_month(stage: _Stage) -> None:
    """A random draw over the district, nearly all of it visited, closed."""
    last_day = in_city(stage.end).replace(day=1, hour=9) - timedelta(days=1)
    begun = last_day.replace(day=5)
    given = RoundGiven(
        kind=RoundKind.OFFICE, month=_month(last_day), area_code=DISTRICT, due_on=last_day.date(),
        draw=Draw.RANDOM, options=DrawOptions(size=24), seed="jinwan-demo-1",
        inspector_ids=stage.person("inspector", "inspector2", "inspector3"),
    )  # fmt: skip
    made = stage.plan("last", given, begun)
    round_points.split_by_community(stage.work, made)
    rounds.open_round(stage.work, made, now=begun)
    rows = _rows(stage, made)[:-2]
    for number, row in enumerate(rows):
        day = begun + timedelta(days=20 * number // len(rows))
        _visit(stage, made, row, day + timedelta(minutes=30 + 35 * (number % 9)), "inspector3")
    rounds.close_round(stage.work, made, now=last_day + timedelta(hours=9))


def _this_month(stage: _Stage) -> None:
    """A share of every kind in one town, half done the day before, with problems found."""
    given = RoundGiven(
        kind=RoundKind.OFFICE, month=_month(stage.end), area_code=SANZAO_TOWN,
        due_on=in_city(stage.end + timedelta(days=8)).date(), draw=Draw.RANDOM,
        options=DrawOptions(share=60), seed="jinwan-demo-2", inspector_ids=stage.person("inspector", "inspector3"),
        note="重点看公益广告、消防通道和环境卫生；雨天顺延。",
    )  # fmt: skip
    made = stage.plan("this", given, stage.end - timedelta(days=3))
    rounds.open_round(stage.work, made, now=stage.end - timedelta(days=3))
    rows = _rows(stage, made)
    done = rows[: len(rows) * _DONE_OF_TEN // 10]
    morning = in_city(stage.end - timedelta(days=1)).replace(hour=9, minute=5)
    for number, row in enumerate(done):
        at = morning + timedelta(minutes=14 * number)
        _visit(stage, made, row, at, "inspector", failing=number % 6 == 2)


def _planned(stage: _Stage) -> None:
    """What a unit will do in the communities it looks after."""
    given = RoundGiven(
        kind=RoundKind.LIAISON, month=_month(stage.end), area_code=DISTRICT,
        unit_id=stage.units["区文化广电旅游体育局"], due_on=in_city(stage.end + timedelta(days=20)).date(),
        draw=Draw.OVERDUE_FIRST, options=DrawOptions(size=10),
    )  # fmt: skip
    stage.plan("planned", given, stage.end - timedelta(days=1))


def _before_a_review(stage: _Stage) -> None:
    """迎检模式: a list of shown places, frozen two days ago."""
    found = stage.work.execute(select(InspectionPoint.code).where(InspectionPoint.name.in_(_SHOWN)))
    given = RoundGiven(
        kind=RoundKind.REVIEW, month=_month(stage.end), area_code=DISTRICT, name="省督导迎检点位",
        due_on=in_city(stage.end + timedelta(days=10)).date(),
        review_on=in_city(stage.end + timedelta(days=12)).date(), draw=Draw.BY_HAND,
        point_codes=tuple(row[0] for row in found), inspector_ids=stage.person("inspector3", "verifier"),
    )  # fmt: skip
    made = stage.plan("review", given, stage.end - timedelta(days=4))
    rounds.freeze(stage.work, made, now=stage.end - timedelta(days=2))
    rounds.open_round(stage.work, made, now=stage.end - timedelta(days=2))


def _rows(stage: _Stage, made: Round) -> list[RoundPoint]:
    query = select(RoundPoint).where(RoundPoint.round_id == made.id)
    return list(stage.work.scalars(query.order_by(RoundPoint.position)))


def _visit(
    stage: _Stage, made: Round, row: RoundPoint, at: datetime, who: str, *, failing: bool = False
) -> None:
    """One visit through the real recording; `failing` finds one problem, which becomes a task."""
    point = stage.work.get_one(InspectionPoint, row.point_id)
    asked = asked_at(stage.work, point, in_city(at).date())
    if not asked:
        return
    broken = stage.random.randrange(len(asked)) if failing else -1
    answers = tuple(
        AnswerGiven(one.item.id, _answer(stage, one, broken=place == broken))
        for place, one in enumerate(asked)
    )
    given = VisitGiven(
        uuid=str(uuid5(NAMESPACE_OID, f"demo visit {made.uuid} {point.code}")), point_id=point.id,
        at=at, answers=answers, round_id=made.id, near={str(one.item.id): NEW for one in asked},
    )  # fmt: skip
    record(stage.work, given, actor=stage.actors[who], received_at=at)


def _answer(stage: _Stage, asked: Asked, *, broken: bool) -> str:
    """符合 mostly, sometimes 基本符合 or 不适用; only a broken one is what becomes a task."""
    if broken:
        return Result.FAIL.value
    wanted = stage.random.choices((Result.CONFORM, Result.BASIC, Result.NOT_APPLICABLE), (80, 12, 8))[0]  # fmt: skip
    allowed = {result for result in RESULT_LABELS[asked.labels] if not becomes_task(result, asked.labels)}  # fmt: skip
    return (wanted if wanted in allowed else Result.CONFORM).value

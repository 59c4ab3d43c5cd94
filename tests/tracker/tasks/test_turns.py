"""Every minute of a task belongs to exactly one holder or pause, whatever way the task went."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from uuid import uuid4

from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.client import open_session
from tests.factories.steps import alter, step
from tests.factories.world import (
    World,
    given_for,
    given_report,
    make_task,
    make_world,
    task,
)
from tracker import clock
from tracker.clock import CITY_ZONE
from tracker.errors import Fault
from tracker.storage.db import db
from tracker.tasks.lifecycle import leaving
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.operations import apply
from tracker.tasks.running import work_calendar
from tracker.tasks.states import OPEN, Action, State
from tracker.tasks.turns import Holder, Stage, Turn, office_time, turns

PEOPLE = ("clerk", "clerk_police", "head", "dispatcher", "dispatcher_2", "verifier", "leader")
#: Steps that end a task end a walk too; they come up less often than the others.
ENDS = {Action.REJECT, Action.CANCEL, Action.PASS, Action.CLOSE_BY_NOTICE}
LEFT_OUT = {
    Action.MERGE, Action.REOPEN, Action.LINK_RECURRENCE, Action.RATE, Action.RELOCATE, Action.URGE,
    Action.INSTRUCT, Action.SUPERVISE, Action.ADD_ASSIST, Action.ASK_EXTENSION, Action.RECALCULATE,
    Action.APPEAL, Action.UNDO, Action.ASSIGN, Action.DECLINE, Action.DENY_SUSPENSION, Action.OPINE,
}  # fmt: skip
BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=CITY_ZONE)


@dataclass(frozen=True)
class Seen:
    """What the row of the task said after a step: the other side of the comparison."""

    at: datetime
    state: State
    unit_id: int | None
    joint: str | None
    decider_id: int | None

    def holder(self) -> tuple[Holder, int | None] | None:
        if self.state is State.FILED and self.decider_id:
            return Holder.JOINT, None
        return {
            State.REPORTED: (Holder.OFFICE, None), State.FILED: (Holder.OFFICE, None),
            State.DISPATCHED: (Holder.UNIT, self.unit_id), State.HANDLING: (Holder.UNIT, self.unit_id),
            State.SUBMITTED: (Holder.VERIFIER, None), State.SUSPENDED: (Holder.PAUSE, None),
        }.get(self.state)  # fmt: skip


def events_of(number: str) -> list[TaskEvent]:
    found = task(number)
    return list(
        db.session.scalars(
            select(TaskEvent).where(TaskEvent.task_id == found.id).order_by(TaskEvent.sequence)
        )
    )


def turns_of(number: str, now: datetime | None = None) -> list[Turn]:
    return turns(events_of(number), work_calendar(), now=now or clock.now())


def said(found: list[Turn]) -> list[tuple[str, str]]:
    return [(turn.hand.holder.value, turn.hand.stage.value) for turn in found]


class Walk:
    """One task led about by whoever may; nothing is committed."""

    def __init__(self, world: World, session: Session) -> None:
        self.world, self.session = world, session
        self.at, self.events, self.seen = BEGIN, [], []
        self.actors = {who: world.actor(who) for who in PEOPLE}
        self.note(apply(Action.REPORT, None, actor=world.actor("inspector"), given=given_report(), at=BEGIN))  # fmt: skip

    def note(self, event: TaskEvent) -> None:
        self.task = self.session.get_one(Task, event.task_id)
        self.events.append(event)
        self.seen.append(
            Seen(event.at, State(self.task.state), self.task.unit_id, self.task.joint, self.task.joint_decider_id)
        )  # fmt: skip

    def go(self, dice: Random) -> None:
        """Any step that somebody may take, some time later."""
        self.at += timedelta(minutes=dice.choice((0, 1, 3, 3, 47, 4000)))
        unit = self.world.units[dice.choice(("sanitation", "police"))]
        possible = [
            row.action for row in leaving(State(self.task.state)) if row.action not in LEFT_OUT
        ]
        dice.shuffle(possible)
        possible.sort(key=lambda action: action in ENDS and dice.random() < 0.93)
        taken_back = 0.6 if self.task.state not in OPEN else 0.15
        for action in [Action.UNDO] * (dice.random() < taken_back) + possible:
            for actor in self.actors.values():
                more = {} if action is Action.CONVENE else {"unit_id": unit}
                wanted = given_for(
                    self.world, action, text=str(uuid4()), until=self.at.date() + timedelta(days=9), **more
                )  # fmt: skip
                try:
                    with self.session.begin_nested():
                        event = apply(action, self.task, actor=actor, given=wanted, at=self.at)
                except Fault:
                    continue
                self.note(event)
                return

    def was_taken_back(self, end: datetime) -> bool:
        """Whether an ending at this moment was undone later."""
        return any(one.at > end and one.state in OPEN for one in self.seen)


def test_the_turns_of_any_walk_tile_the_life_of_the_task_and_name_who_held_it(app: Flask):
    world, seen_actions = make_world(), set()
    calendar = work_calendar()

    @settings(
        max_examples=60, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.generate),
    )  # fmt: skip
    @given(seed=st.integers(0, 2**40), length=st.integers(0, 40), later=st.integers(0, 20_000), back=st.integers(0, 100))  # fmt: skip
    def any_walk(seed: int, length: int, later: int, back: int) -> None:
        try:
            walk = Walk(world, db.session())
            dice = Random(seed)  # noqa: S311 - a walk, not a secret
            for _ in range(length):
                walk.go(dice)
            now = walk.at + timedelta(minutes=later)
            check_tiled(walk, turns(walk.events, calendar, now=now), now)
            past = BEGIN + (now - BEGIN) * back / 100
            check_past(walk, past, now)
            seen_actions.update(event.action for event in walk.events)
        finally:
            db.session.rollback()

    any_walk()
    assert {"undo", "return", "convene", "decide_joint", "suspend", "resume", "redispatch", "rework"} <= seen_actions  # fmt: skip


def check_tiled(walk: Walk, found: list[Turn], now: datetime) -> None:
    row, calendar = walk.task, work_calendar()
    end = now if row.state in OPEN else row.closed_at
    assert end is not None
    if not found:
        assert end == row.reported_at
        return
    assert (found[0].start, found[-1].end) == (row.reported_at, end)
    assert found[-1].is_open == (row.state in OPEN)
    assert all(one.end == other.start and one.hand != other.hand for one, other in pairwise(found))
    assert all(turn.start < turn.end for turn in found)
    # what each held adds up to the whole, by the clock and by office hours
    held: dict[tuple[Holder, int | None], list[timedelta]] = defaultdict(lambda: [timedelta(), timedelta()])  # fmt: skip
    for turn in found:
        held[turn.hand.holder, turn.hand.unit_id][0] += turn.clock
        held[turn.hand.holder, turn.hand.unit_id][1] += turn.office
    assert sum((one for one, _ in held.values()), timedelta()) == end - row.reported_at
    assert sum((two for _, two in held.values()), timedelta()) == office_time(row.reported_at, end, calendar)  # fmt: skip
    # and every stretch between two steps belongs to whom the row named then
    for here, there in zip(walk.seen, [*walk.seen[1:], None], strict=True):
        until = there.at if there else end
        if here.holder() is None or until <= here.at:
            continue
        holding = [turn for turn in found if turn.start <= here.at and until <= turn.end]
        assert [(t.hand.holder, t.hand.unit_id) for t in holding] == [here.holder()]


def check_past(walk: Walk, past: datetime, now: datetime) -> None:
    """A past day comes out of the same events as it was."""
    then = turns(walk.events, work_calendar(), now=past)
    whole = turns(walk.events, work_calendar(), now=now)
    states = [one.state for one in walk.seen if one.at <= past]
    if states[-1] not in OPEN and walk.was_taken_back(past):
        return
    clipped = [(t.hand, t.start, min(t.end, past)) for t in whole if t.start < past]
    assert [(t.hand, t.start, t.end) for t in then] == clipped


def test_a_task_tells_who_held_it_and_why_it_was_shelved(app: Flask):
    world = make_world()
    number = make_task(world, State.SUSPENDED)
    later = clock.now() + timedelta(days=3)
    last = turns_of(number, later)[-1]
    assert (last.hand.holder, last.hand.reason, last.is_open) == (Holder.PAUSE, "受季节或天气限制", True)  # fmt: skip
    assert last.hand.until == (clock.today() + timedelta(days=30)).isoformat()
    unit = next(turn for turn in turns_of(number, later) if turn.hand.stage is Stage.RECTIFY)
    assert (unit.hand.unit, unit.hand.unit_id) == ("区环卫中心", world.units["sanitation"])


def test_a_problem_settled_on_the_spot_is_one_turn_of_whoever_settled_it(app: Flask):
    world = make_world()
    given_ = given_report(measures="已清理")
    event = apply(Action.SELF_HANDLE, None, actor=world.actor("grid_worker"), given=given_)
    note = apply(
        Action.COMMENT, event.task, actor=world.actor("grid_worker"),
        given=given_for(world, Action.COMMENT), at=event.at + timedelta(days=2),
    )  # fmt: skip
    (only,) = turns([event, note], work_calendar(), now=event.at + timedelta(days=5))
    assert (only.hand.stage, only.hand.unit, only.clock) == (Stage.ON_THE_SPOT, "grid_worker", timedelta())  # fmt: skip


def test_an_import_whose_steps_share_one_moment_shows_only_the_turns_that_lasted(app: Flask):
    number = make_task(make_world(), State.CLOSED)
    events = events_of(number)
    for event in events[:-2]:
        event.at = BEGIN
    for event, days in zip(events[-2:], (2, 3), strict=True):
        event.at = BEGIN + timedelta(days=days)
    found = turns(events, work_calendar(), now=clock.now())
    assert said(found) == [("unit", "rectify"), ("verifier", "check")]
    for event in events:
        event.at = BEGIN
    assert turns(events, work_calendar(), now=clock.now()) == []
    db.session.rollback()


def test_the_page_says_in_words_who_held_the_task_and_how_long(app: Flask):
    world = make_world()
    number = make_task(world, State.SUBMITTED)
    lengths = iter((0, 2, 5, 27, 100))
    moments = [clock.now() - timedelta(hours=120 - next(lengths)) for _ in range(5)]
    alter(number, reported_at=moments[0])
    for event, at in zip(events_of(number), moments, strict=True):
        event.at = at
    db.session.commit()
    page = open_session(app, "dispatcher").get(f"/tasks/{number}").text
    part = page.split('<section class="panel task-turns">')[1].split("</section>")[0]
    assert part.count("<rect class=") == 5 + 3 + 5, "on the bar, of each holder, of each turn"
    assert "style=" not in part
    row = part.split("<tr>")[-1]
    assert all(words in row for words in ("核查人员", "核查", "至今", "20 小时"))
    assert "区环卫中心</strong> 3 天 23 小时" in part
    assert "迎检办</strong> 5 小时" in part


def test_a_step_taken_back_gives_the_task_to_whom_it_was_taken_from(app: Flask):
    world = make_world()
    number = make_task(world, State.FILED)
    step(world, number, Action.DISPATCH, "dispatcher")
    step(world, number, Action.UNDO, "dispatcher")
    assert said(turns_of(number, clock.now() + timedelta(hours=1))) == [
        ("office", "accept"), ("office", "dispatch"), ("unit", "sign"), ("office", "dispatch"),
    ]  # fmt: skip
